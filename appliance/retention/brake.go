// Package retention says when the end of letters may go on and when it must wait,
// because the clock cannot be believed.
//
// It is pure: it reads no clock and no disk, and ends nothing itself; the desk does.
//
// What it must remember over a restart is one time, which the appliance keeps as a
// setting.
//
// What holds always: a clock that leaps more than two days ahead ends no letter, and
// one that was set back more than two days begins none, until it is mended or an
// administrator has said that it is right. A restart changes nothing in that.
package retention

import (
	"sync"
	"time"
)

// Leap is how far the wall may run ahead of the clock that nobody sets.
const Leap = 48 * time.Hour

// Brake compares the wall with a clock that nobody sets, since both were last
// believed.
type Brake struct {
	mu      sync.Mutex
	wall    time.Time
	running time.Duration
}

// NewBrake starts at now. seen is the last time that was believed, kept from the
// run before; zero on the first start.
func NewBrake(now time.Time, running time.Duration, seen time.Time) *Brake {
	if off := now.Sub(seen); !seen.IsZero() && (off > Leap || off < -Leap) {
		// The machine was off for days, or its clock is or was wrong: nothing here can tell.
		return &Brake{wall: seen, running: running}
	}
	return &Brake{wall: now, running: running}
}

// Check reports whether letters may end at now. Small leaps add up, and a clock that
// is mended needs nobody's word.
func (b *Brake) Check(now time.Time, running time.Duration) bool {
	return b.Ahead(now, running) <= Leap
}

// Behind reports whether the wall has been set back so far that what begins now would
// be over as soon as it is mended.
func (b *Brake) Behind(now time.Time, running time.Duration) bool {
	return b.Ahead(now, running) < -Leap
}

// Ahead returns how far the wall has run ahead since it was believed; negative if it
// was set back.
func (b *Brake) Ahead(now time.Time, running time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return now.Sub(b.wall) - (running - b.running)
}

// Release believes the wall: an administrator has looked.
func (b *Brake) Release(now time.Time, running time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wall, b.running = now, running
}
