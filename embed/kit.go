package embed

import "embed"

// Kit are the two writings of the recovery kit: to print, and plain. They bring their
// style with them and fetch nothing, for they are opened as files.
//
//go:embed kit
var Kit embed.FS
