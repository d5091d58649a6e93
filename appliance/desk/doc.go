// Package desk is the work: the life of a message, a file an act. All doors hand
// to this desk, and no door does what it does.
//
// It knows nothing of HTTP, SMTP or SQL, and it never keeps clear text: a Draft
// comes in and a Sealed goes to the store, an Opened goes to one reader and is
// forgotten.
//
// Nothing of it is on disk; the store that it is given keeps rows, slots and blobs.
//
// # What holds always
//
// An act, its notices and its journal event are one transaction. Whoever may not
// know gets mail.Absent, as for a thing that is not there. What is due is not
// opened, whether or not retention has been there yet. In every end the key goes
// first, the bytes second, the record that both are gone third; each of these may
// be done again after a crash.
package desk
