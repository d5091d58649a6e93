// Package embed holds all that is in the binary and is not Go: pages, styles,
// texts, notices, migrations. It has no behaviour; who needs a file takes the
// tree it stands in.
package embed

import "embed"

// Migrations are the steps of the database, in order; see vault.
//
//go:embed migration/*.sql
var Migrations embed.FS
