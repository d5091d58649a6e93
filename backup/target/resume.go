package target

import (
	"context"
	"fmt"
	"io"
	"time"
)

// opening opens an object from a byte on. What it returns is read until a fault, and then
// opened again from there. Abort ends a Read that is under way.
type opening func(ctx context.Context, from int64) (r io.ReadCloser, abort func(), err error)

// resumed reads an object to its end over lines that may be lost in between: a restore that
// has come far does not begin anew because of one. Objects never change, so the bytes before
// a cut and those behind it belong together; who reads compares the sum all the same.
type resumed struct {
	ctx   context.Context
	name  string
	open  opening
	size  int64 // bytes that there are in all
	stall time.Duration

	at    int64
	tries int // since the last byte that came
	r     io.ReadCloser
	abort func()
}

// lines is how often a line may be lost without a byte in between.
const lines = 4

func (r *resumed) Read(b []byte) (int, error) {
	for {
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		if r.at == r.size {
			return 0, io.EOF
		}
		n, err := r.once(b)
		if n > 0 {
			r.at, r.tries = r.at+int64(n), 0
			return n, nil
		}
		if r.tries++; r.tries >= lines {
			return 0, fmt.Errorf("read %s at byte %d of %d: %w", r.name, r.at, r.size, err)
		}
		if err := r.reopen(); err != nil {
			return 0, err
		}
	}
}

// once reads what comes next from the line that there is.
func (r *resumed) once(b []byte) (n int, err error) {
	if int64(len(b)) > r.size-r.at {
		b = b[:r.size-r.at] // a server that sends more than it has told of is not listened to
	}
	stop := context.AfterFunc(r.ctx, r.abort)
	defer stop()
	timer := time.AfterFunc(r.stall, r.abort)
	defer timer.Stop()
	n, err = r.r.Read(b)
	if n == 0 && (err == nil || err == io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (r *resumed) reopen() (err error) {
	r.r.Close()
	r.r = io.NopCloser(nothing{})
	r.abort = func() {}
	next, abort, err := r.open(r.ctx, r.at)
	if err != nil {
		return fmt.Errorf("read %s from byte %d of %d on: %w", r.name, r.at, r.size, err)
	}
	r.r, r.abort = next, abort
	return nil
}

// Close may be called at any time, and twice.
func (r *resumed) Close() error { return r.r.Close() }

// nothing has no byte.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }
