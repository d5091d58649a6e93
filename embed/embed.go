// Package embed holds all that is in the binary and is not Go: pages, styles,
// texts, notices, migrations, licences. It has no behaviour; who needs a file takes the
// tree it stands in.
package embed

import "embed"

// Migrations are the steps of the database, in order; see vault.
//
//go:embed migration/*.sql
var Migrations embed.FS

// Schema is where all migrations lead, made by a test of vault and meant to be read.
//
//go:embed schema.sql
var Schema string
