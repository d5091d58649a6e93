// Package updater puts a newer program in the place of the one that runs, and goes back by
// itself when the newer one does not work here.
//
// # Who signs what
//
// A release is one file, a bundle (FORMAT.md): a manifest, signatures of it, and the program.
// Three people each have a minisign key; a bundle counts when at least two of their keys have
// signed its manifest, and the trusted comment of each of those signatures names the same
// version and platform as the manifest. The manifest names the program by its SHA-256 and
// size. Nothing of the manifest is read before two signatures hold, and no byte of the
// program is run before its sum does. Whose keys count is built into the program that runs,
// or named in its configuration: a new set of keys comes with a release that two of the old
// ones have signed, and whose successors ask by min_from that nobody has passed it by.
//
// # What an attacker might try
//
// Who has the source of updates, or sits on the way to it, but has no two keys:
//
//   - A program of their own (forgery): two signatures are missing.
//   - An old release with a known hole (downgrade): a version that is not above the one that
//     runs is refused.
//   - An old manifest of a version that is still newer (replay): Seen keeps, for each key,
//     the highest version and the latest day of issue that it has signed, in the database and
//     in a file outside of the data; below either is refused. Restoring one of the two, as a
//     backup does, lowers nothing, for the higher of both counts.
//   - Silence, or the same manifest for ever (freeze): each manifest ends. One that is over is
//     told, and is not taken unless an administrator says so by itself. A clock that has leapt
//     ends nothing: while it is not believed, no end is judged.
//   - The manifest of one release with the program of another (mix-and-match): it is one file,
//     one sum, one signature over both.
//   - A program for other machines: the platform is signed.
//   - A huge or endless file: every part is bounded before it is read.
//
// Who has the account of the service but not the computer can ask for an update, and nothing
// else: on a computer with a service manager the program is root's, and the service only lays
// the bundle ready. The step before each start, which runs as root with no network and may
// write to the program's directory only, checks all of it anew with keys and a record of its
// own, which the service cannot write.
//
// # The order of an update, and the one moment that decides
//
//	stage      the bundle is written beside the data, checked while it is written
//	shut       the doors are closed, what has begun is finished, the store is closed
//	snapshot   the pages of the database are copied; the slots of keys never are
//	try        the new program opens the data where it lies, migrates it, and opens its doors
//	           where nobody can come in; the old one waits, for a bounded time, to hear that all is well
//	swap       the program's name is given to the new file by one rename
//	start      the new program finds that it is the one that was tried, and drops the snapshot
//	           just before its doors open
//
// Until the rename the old program stands: whatever ends the update before it, an error, a
// crash, kill -9, a power cut, leaves a program that at its next start finds that it is the
// old one, and copies the snapshot back. After the rename the new program stands, with data
// that it has migrated and opened already. Nobody's letter is taken in between, since no door
// is open from the first step to the last, so going back loses nothing: mail servers try
// again by themselves. Three starts of the new program that do not come as far as opening
// their doors bring the old one back, too.
//
// Once the new program's doors are open there is no way back for the data, since letters have
// come. Return puts the program before it in its place by hand, and only where the data are
// still of a form that it knows.
//
// # What was erased stays erased
//
// A copy of the keys' slots would bring back letters that end meanwhile. So they are not
// copied: they stay where they are, and what is erased is erased in the one place there is.
// The trial erases nothing at all: what a broken migration has forgotten is counted, and then
// the trial has failed. The snapshot holds rows whose content is sealed under those keys; it
// is copied back in place, and overwritten when it is of no use any more.
//
// On disk: below the directory that it is given, bundle, trial, snapshot-NAME and journal;
// below the keeper's, previous and record.
//
// What holds always: at every moment there is one program under the program's name, it is one
// whose signatures were checked or the one that was there before, and the data are such as it
// can open, or can be made so at its next start.
package updater
