package appliance

import (
	"sync"
	"time"
)

// Wall is the machine's clock.
type Wall struct{ started time.Time }

// NewWall returns the machine's clock.
func NewWall() *Wall { return &Wall{time.Now()} }

// Now is the wall's time in UTC.
func (w *Wall) Now() time.Time { return time.Now().UTC() }

// Running is the time since the start, by the clock that nobody sets: time.Since
// uses the monotonic reading.
func (w *Wall) Running() time.Duration { return time.Since(w.started) }

// Turned is a clock that can be turned forward, for the demo and the tests. Wall and
// running time are turned together, as if the time had really gone by.
type Turned struct {
	base *Wall
	mu   sync.Mutex
	by   time.Duration
	skew time.Duration // of the wall alone: a clock that somebody has set wrong
}

// NewTurned returns a clock that shows the machine's time until it is turned.
func NewTurned() *Turned { return &Turned{base: NewWall()} }

// Turn lets d go by. Time does not go back.
func (t *Turned) Turn(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.by += max(d, 0)
}

// Ahead is how far the clock was turned in all.
func (t *Turned) Ahead() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.by
}

// Set puts the wall alone off by d, as a broken time server would.
func (t *Turned) Set(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.skew = d
}

// Now is the wall's time in UTC.
func (t *Turned) Now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.base.Now().Add(t.by + t.skew)
}

// Running is the time that has gone by since the start.
func (t *Turned) Running() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.base.Running() + t.by
}
