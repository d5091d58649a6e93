package embed

import "embed"

// Templates are the pages: layout, parts, and one folder a door; see door/web.
//
//go:embed template
var Templates embed.FS

// Static are styles, scripts and pictures, each of ours or a package's with its
// version and licence beside it.
//
//go:embed static
var Static embed.FS

// Locale are the catalogues, one file a language; see locale.
//
//go:embed locale/*.json
var Locale embed.FS
