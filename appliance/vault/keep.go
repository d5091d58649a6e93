package vault

import (
	"context"
	"database/sql"
	"fmt"
)

// counts are questions of how much there is of what no migration may lose.
var counts = [...]struct{ what, ask string }{
	{"letters", `SELECT COUNT(*) FROM message`},
	{"parts of letters", `SELECT COUNT(*) FROM part`},
	{"recipients of letters", `SELECT COUNT(*) FROM holder`},
	{"ways to open a letter", `SELECT COUNT(*) FROM wrap`},
	{"people", `SELECT COUNT(*) FROM person`},
	{"keys of people", `SELECT COUNT(*) FROM seed_wrap`},
	{"entries of the journal", `SELECT COUNT(*) FROM journal`},
}

// migrateKeeping is migrate for who only tries: the error says what there is less of then.
func migrateKeeping(ctx context.Context, db *sql.DB) (version int64, err error) {
	var before [len(counts)]int64
	for i, c := range counts {
		// A table that is not there yet has nothing to lose.
		_ = db.QueryRowContext(ctx, c.ask).Scan(&before[i])
	}
	if version, err = migrate(ctx, db); err != nil {
		return 0, err
	}
	for i, c := range counts {
		var n int64
		if err := db.QueryRowContext(ctx, c.ask).Scan(&n); err != nil {
			return 0, err
		}
		if n < before[i] {
			return 0, fmt.Errorf("%d %s would be lost", before[i]-n, c.what)
		}
	}
	return version, nil
}
