// Package config is what `sigill serve` reads at start: one struct, from one
// file, with the environment on top.
//
// It never guesses: a key that it does not know, a value that cannot be and a
// file that others can read are faults, and all faults are told at once, each
// with its key and with what to do. No secret stands in the file: it names files
// in which they stand, and what was read from them prints as [secret].
//
// On disk it is TOML, /etc/sigill/sigill.toml by default, at most 64 KiB. The
// commented example in embed/system is the documentation and parses to Default.
// A variable named after a key, SIGILL_WEB_LISTEN for web.listen, takes its
// place; lists are separated by commas; tables of a list, and tables of names, are set in the file only.
//
// Always: what Load returned can be used as it is. Nobody but package appliance
// holds the whole; each part gets its few values in its own Config. The page that shows the
// settings gets them as text.
package config
