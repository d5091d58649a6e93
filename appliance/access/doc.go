// Package access finds out who somebody is: passwords, PINs and the sessions of
// those who are known, and how often anybody may try.
//
// It never opens a letter, and never writes a secret down: sessions with the keys
// that a proof has opened, and PINs, live in memory and die with the process.
//
// On disk stand counters only, under keyed names. A browser at which somebody has
// signed in keeps a mark that says so, and so stays open to them while strangers guess.
//
// # What holds always
//
// A try is counted, durably, before it is compared; so neither a crash nor a race
// gives one back. An account that does not exist costs a stranger as much time, and
// answers in the same words, as one that does.
package access
