package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"time"
)

// Place is a target (backup/FORMAT.md, 1). Names are paths with "/" and have no "..". All of
// it may be called by several at once.
type Place interface {
	// Put writes an object as write does it. It is there, durably, when Put has returned nil;
	// before it is not there under this name, and after an error neither, but where the line
	// was lost before the last answer. One that is there already is replaced.
	Put(ctx context.Context, name string, write func(io.Writer) error) error
	// Get opens an object. The error is ErrAbsent if there is none. Reading fails when ctx has
	// ended.
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

// ErrKept says that the target keeps old versions of what is replaced or removed. What was
// erased would stay readable in it, so nothing is written there.
var ErrKept = errors.New("the target keeps old versions of what is removed (versioning or object lock): what was erased would stay readable there")

// ErrFull says that the target has no room for what was written. What was there stays.
var ErrFull = errors.New("the target is full")

// partial is what names of objects that are being written end in. What a crash leaves of
// them is removed by the next Put of the same name, or by Sweep.
const partial = ".partial"

// named holds a name against the rules: a path with "/" that leads nowhere else. What ends as
// half written objects do is none.
func named(name string) error {
	if !fs.ValidPath(name) || name == "." || len(name) > 200 || isPartial(name) {
		return fmt.Errorf("%q is no name of an object", name)
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f || r == '\\' {
			return fmt.Errorf("%q is no name of an object", name)
		}
	}
	return nil
}

func isPartial(name string) bool {
	return len(name) >= len(partial) && name[len(name)-len(partial):] == partial
}

// until is a writer that fails when ctx has ended.
type until struct {
	ctx context.Context
	w   io.Writer
}

func (u until) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}

// reading is a reader that fails when ctx has ended.
type reading struct {
	ctx context.Context
	io.ReadCloser
}

func (r *reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.ReadCloser.Read(b)
}
