package embed

import "embed"

// Handbook is the help that the pages show: LANG/BOOK/NN-chapter.md, and the pictures that
// the chapters name, picture/LANG/NAME.png; see handbook, and handbook/README.md for how
// they are made.
//
//go:embed handbook/*/*/*.md handbook/picture/*/*.png
var Handbook embed.FS
