package embed

import "embed"

// WordLists says whose lists of words these are, each with its version and licence beside
// it.
//
//go:embed wordlist/*/VERSION wordlist/*/LICENSE
var WordLists embed.FS

// KitWords are the 2,048 words in which the recovery kit is written (BIP-39, English),
// sorted, one a line; see keyring.
//
//go:embed wordlist/bip39/english.txt
var KitWords string
