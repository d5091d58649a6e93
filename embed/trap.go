package embed

import "embed"

// Trap is the page of the demo's mail and SMS trap; see trap.
//
//go:embed template/trap static/trap.css static/trap.js
var Trap embed.FS
