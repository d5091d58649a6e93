package backup

import (
	"context"

	"sigill/appliance/erase"
	"sigill/backup/target"
)

// Target is where backups go (FORMAT.md, 1).
type Target = target.Place

// Object is what a target tells of one.
type Object = target.Object

// ErrAbsent says that there is no such object.
var ErrAbsent = target.ErrAbsent

// ErrKept says that a target keeps old versions of what is removed, and is refused for it.
var ErrKept = target.ErrKept

// ErrFull says that a target has no room.
var ErrFull = target.ErrFull

// Dir is a target in a directory.
type Dir = target.Dir

// OpenDir returns the target in a directory, which must be there.
func OpenDir(path string, disk erase.Disk) (*Dir, error) { return target.OpenDir(path, disk) }

// TryTarget tries whether a target does what one must: it writes, replaces, reads, lists and
// removes, and looks for versions that are kept. The error is a mail.Error that says in words
// what is to be done. What it writes stands below "try/" and is gone afterwards.
func TryTarget(ctx context.Context, t Target) error { return target.Try(ctx, t) }
