package embed

import "embed"

// Notices are the mails and SMS that we send: layout.html, and a folder for each
// language. A new language is a new folder; see notify.
//
//go:embed notice
var Notices embed.FS
