// Package backup copies the store to a target, so that a machine can burn, and so that what
// has ended does not come back with it: FORMAT.md says what is written, in bytes.
//
// Blobs are written once, rows by the pages that changed, and slots by themselves, within a
// minute and for a day at most. All of it is age files to keys that are not on the machine,
// but for the drill's.
//
// A machine that stands by copies a target as it is, each minute (Follow), and needs no key
// for it. It takes over as any machine does, by a restore from what it has copied, with the
// recovery kit. So there is one format and one way back; with sets each minute it is at most
// a minute behind.
package backup
