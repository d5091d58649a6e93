package embed

import "embed"

// System is what stands on the computer: the commented example configuration.
//
//go:embed system
var System embed.FS
