package embed

import _ "embed"

// ReleaseKeys says whose signatures of a release count: lines with # are comments, each other
// one is a public key of minisign; see updater.
//
//go:embed release/keys.txt
var ReleaseKeys string
