package courier

import "time"

// pauses are how long a smarthost that cannot be used is left alone.
var pauses = [...]time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}

// breaker keeps a smarthost that is down from being asked by every notice. While
// it is open nothing is tried; then one notice is, alone.
type breaker struct {
	fails int
	until time.Time
}

// room is how many notices may be under way.
func (b *breaker) room(now time.Time, all int) int {
	switch {
	case b.fails == 0:
		return all
	case b.pause(now) > 0:
		return 0
	}
	return 1
}

// pause is how long to wait, zero if not at all. A pause longer than there is any
// means that the clock was set back; it must not hold up the mail.
func (b *breaker) pause(now time.Time) time.Duration {
	d := b.until.Sub(now)
	if b.fails == 0 || d < 0 || d > pauses[len(pauses)-1] {
		return 0
	}
	return d
}

// fail opens it. It reports whether it was closed before.
func (b *breaker) fail(now time.Time) bool {
	if b.pause(now) > 0 {
		return false // another worker has seen the same fault
	}
	b.until = now.Add(pauses[min(b.fails, len(pauses)-1)])
	b.fails++
	return b.fails == 1
}

// succeed closes it. It reports whether it was open.
func (b *breaker) succeed() bool {
	was := b.fails > 0
	*b = breaker{}
	return was
}

// poke lets the next notice try at once.
func (b *breaker) poke() { b.until = time.Time{} }
