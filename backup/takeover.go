package backup

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// ErrAlive says that the appliance which this one was restored from goes on writing.
var ErrAlive = errors.New("the appliance that this one was restored from goes on writing to this target: one of the two must stop")

// takeOver goes on where the appliance has stopped that this one was restored from: in the
// order of its numbers, with a whole set and a generation of slots of its own. From then on
// the other finds that somebody else writes. A target without a mark, or that another
// installation wrote to, is left for claim to judge.
func (b *Backup) takeOver(ctx context.Context) error {
	ours := b.mark()
	found, err := ReadMark(ctx, b.c.Target)
	if errors.Is(err, ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	ours.Writer = found.Writer
	if found != ours {
		return nil
	}
	c, err := ReadCatalogue(ctx, b.c.Target, Verifier{b.c.Sign.verifier})
	if err != nil {
		return err
	}
	if !b.c.Over && c.newest().After(b.c.Restored) {
		return ErrAlive
	}
	if n := len(c.Sets); n > 0 {
		b.state.Set.Number, b.state.Set.After = c.Sets[n-1].Number, c.Sets[n-1].Signed
	}
	for g, copies := range c.Slots {
		if g >= b.state.Slots.Generation {
			last := copies[len(copies)-1]
			// It began at no time, so that the next copy begins another.
			b.state.Slots = slotsEnd{Generation: g, Number: last.Number, After: last.Signed, Live: last.Live, Ended: last.Ended}
		}
	}
	// The mark first: without what is remembered it is taken over once more.
	if err := b.putMark(ctx, b.mark()); err != nil {
		return err
	}
	return b.state.save(b.c.State)
}

// newest is when somebody last wrote a set or slots.
func (c *Catalogue) newest() (at time.Time) {
	for _, s := range slices.Concat(slices.Collect(maps.Values(c.Slots))...) {
		at = later(at, s.At)
	}
	for _, s := range c.Sets {
		at = later(at, s.At)
	}
	return at
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
