// Package backup copies the store to a target, so that a machine can burn, and so that what
// has ended does not come back with it: FORMAT.md says what is written, in bytes.
//
// Blobs are written once, rows by the pages that changed, and slots by themselves, within a
// minute and for a day at most. All of it is age files to keys that are not on the machine,
// but for the drill's.
package backup
