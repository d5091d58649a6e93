package embed

import "embed"

// Licences are the texts of the licences under which the parts of the binary stand,
// each named by its SPDX id, and modules.json, which says whose work is what.
//
//go:embed licence
var Licences embed.FS
