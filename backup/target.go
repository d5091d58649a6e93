package backup

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Target is where backups go (FORMAT.md, 1). Names are paths with "/" and have no "..". It is
// used from one goroutine at a time, and for as long as the appliance runs: one that has lost
// its server says so, and tries to reach it anew when it is called next.
type Target interface {
	// Put writes an object as write does it. It is there, durably, when Put has returned nil;
	// before, or after an error, it is not there under this name. One that is there already
	// is replaced.
	Put(ctx context.Context, name string, write func(io.Writer) error) error
	// Get opens an object. The error is ErrAbsent if there is none.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// List returns the objects whose names begin with prefix, in order of the names.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]
	// Remove takes an object away. If overwrite is true its bytes are overwritten before,
	// where the target can do that. One that is not there is no error.
	Remove(ctx context.Context, name string, overwrite bool) error
	// Close gives back what the target holds open.
	Close() error
}

// Object is what a target tells of one.
type Object struct {
	Name string
	Size int64 // bytes
	At   time.Time
}

// ErrAbsent says that there is no such object.
var ErrAbsent = errors.New("no such object")
