// Package vault keeps what was sealed: rows in SQLite, large parts in blob files,
// and the keys that must be forgettable in two slot files. It has one writer and
// several readers, and one moment at which a change is there.
//
// It never sees clear text or a key. It takes mail.Sealed and has no method that
// could take a mail.Draft; a slot's content comes in sealed and goes out sealed.
// It never runs VACUUM, never copies, renames or shortens a slot file, and never
// opens SQLite's files itself: closing such a handle drops SQLite's locks.
//
// # On disk
//
//	DATA/lock           held while a process has the store open
//	DATA/sigill.db      the rows; -wal and -shm beside it are SQLite's
//	DATA/shred.slots    keys of messages, holders, codes and seeds (seal/FORMAT.md, 3)
//	DATA/shred.mirror   the same again
//	DATA/link.slots     keys of the outbox, in no backup
//	DATA/link.mirror    the same again
//	DATA/blobs/7f/…     parts above 64 KiB, named by their id; the directory is its first byte
//	DATA/reserve        zeros: room that is given up when the disk is full
//	DATA/destroyed      what has ended, a line each: kind, id, seconds since 1970
//
// # One moment
//
// Update takes a closure. The writer takes all closures that wait, gives each a
// savepoint of its own, and makes the batch durable in this order: slots and the
// directories of new blobs first, then the commit. So a row never stands without
// its slot and its blob. What a crash leaves before the commit is a slot or blob
// without a row: Open erases those. Waiting on purpose for more company was
// measured and never helped.
//
// A closure that fails, or panics, is rolled back alone. If the disk fails, the
// whole batch does, and nobody is told otherwise. After a failed sync the store
// takes no more changes until it is opened again, because Linux forgets which
// pages were not written. A full disk heals by itself: until there is room again
// the store takes no new content, and the reserve lets people sign in and what is
// due end.
//
// # A slot's life
//
//	free ─Reserve─▶ reserved ─Update─▶ written, named by a row ─EraseSlots─▶ zero, named ─Update─▶ free
//
// A slot is given out again only when it is zero in both files and no committed
// row names it. Otherwise an erasing that is repeated after a crash could hit the
// key of another message.
//
// # What holds always
//
// Update returned nil: the change is there after any crash, with its slots and
// blobs. It returned an error: the change is not there, but for one case: if the
// process ends during a commit whose sync failed, it may be there, whole. EraseSlots
// and EraseBlob returned nil: the bytes are gone as far as erase.Medium says.
package vault
