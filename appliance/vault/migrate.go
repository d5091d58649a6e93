package vault

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"sigill/embed"
)

// migrate brings the database to this binary's version, each step in a
// transaction, and returns which that is. There is no way down: a backup is.
func migrate(ctx context.Context, db *sql.DB) (version int64, err error) {
	steps, err := fs.Sub(embed.Migrations, "migration")
	if err != nil {
		return 0, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, spoilt(steps), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return 0, err
	}
	// goose would leave a newer database alone, and rows of a newer version would be
	// read by code that does not know them.
	if have > want {
		return 0, fmt.Errorf("the data is of version %d, this program knows %d", have, want)
	}
	_, err = p.Up(ctx)
	return want, err
}
