package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sigill/appliance/vault"
)

// GenerationFor is how long copies of the slots go into one generation. A target has two at
// most, so what was erased is in no file of it after twice as long.
const GenerationFor = 12 * time.Hour

// A copy that would lose more than one slot in lostPart, and more than perEnded for each thing
// that the ledger says has ended, is refused: nothing ends so many, but somebody who encrypts
// disks, a wrong restore, or a fault of ours.
const (
	lostPart = 20
	perEnded = 16
	lostFew  = 64 // that may be gone without a word: codes, seeds, sign-in codes
)

// ErrSlotsLost says that so many slots are empty, without anything having ended, that the
// copy at the target is left as it is.
var ErrSlotsLost = errors.New("many keys are gone, and nothing has ended that they were of: the copy of them is left as it is")

// errUnsure says that the log could not be read.
var errUnsure = errors.New("what has changed is not known")

// Keep writes the slots that have changed since the newest copy, if any have, and begins a
// new generation when it is time. It is called once a minute.
func (b *Backup) Keep(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.claim(ctx); err != nil {
		return err
	}
	if err := errors.Join(b.copySlots(ctx), b.state.save(b.c.State)); err != nil {
		return err
	}
	b.tell(b.now())
	return nil
}

// keepEvery is how old a copy of the slots may get while they change.
const keepEvery = time.Minute

// keepUp keeps the slots while a long set is written, once there is a set to which they
// belong.
func (b *Backup) keepUp(ctx context.Context) error {
	if b.state.Set.Number == 0 || b.now().Sub(b.state.Slots.At).Abs() < keepEvery {
		return nil
	}
	return b.copySlots(ctx)
}

func (b *Backup) copySlots(ctx context.Context) (err error) {
	now := b.now()
	if err := b.adoptSlots(ctx); err != nil {
		return err
	}
	next := b.state.Slots
	kind := Changes
	if b.slots == nil {
		kind = Whole
		if b.slots, err = b.c.Store.Changes(ctx); err != nil {
			return err
		}
	}
	fresh := next.Generation == 0 || now.Sub(next.Since).Abs() >= GenerationFor
	if fresh {
		kind, next.Generation, next.Since, next.Number, next.After = Whole, next.Generation+1, now, 0, Sum{}
	}
	next.Number++
	cut := b.slots.Slots()
	if kind == Changes && len(cut.Changed) == 0 {
		return nil
	}
	defer func() {
		if err != nil && kind == Whole {
			b.forgetSlots()
		}
	}()
	st := Statement{
		Series: Slots, Name: copied(next.Generation, next.Number), At: now, Number: next.Number,
		Kind: kind, After: next.After, Live: cut.Live,
	}
	var ledger tail
	st, err = b.w.container(ctx, st, func(c *container) (err error) {
		if err := writeSlots(c, cut, kind); err != nil {
			return err
		}
		ledger, err = c.tail("destroyed", b.state.Set.Ledger, func(from int64, w io.Writer) (int64, error) {
			return b.c.Store.CopyDestroyed(ctx, from, w)
		})
		return err
	})
	if err != nil {
		return err
	}
	next.Live, next.Ended = cut.Live, ledger.Lines
	if lost := b.state.Slots.Live - cut.Live; lost > lostFew && lost > b.state.Slots.Live/lostPart && lost > perEnded*(next.Ended-b.state.Slots.Ended) {
		return errors.Join(ErrSlotsLost, b.c.Target.Remove(ctx, st.Name, true))
	}
	st.Ended = ledger.Lines
	if next.After, err = b.w.state(ctx, st); err != nil {
		return err
	}
	b.slots.SlotsKept()
	next.At = now
	b.state.Slots = next
	if fresh {
		return b.endGenerations(ctx)
	}
	return nil
}

// copied is the name of a copy of the slots.
func copied(generation, number int) string {
	return fmt.Sprintf("%s/%08d/%06d%s", Slots, generation, number, ending)
}

// adoptSlots is adopt for the copies of the slots. There may be several of which nobody has
// heard: one run writes more than one.
func (b *Backup) adoptSlots(ctx context.Context) error {
	for {
		end := &b.state.Slots
		s, err := b.found(ctx, copied(end.Generation, end.Number+1))
		if err == nil && s.Name == "" {
			if s, err = b.found(ctx, copied(end.Generation+1, 1)); s.Name != "" {
				end.Generation, end.Since = end.Generation+1, s.At
			}
		}
		if err != nil || s.Name == "" {
			return err
		}
		end.Number, end.After, end.Live, end.Ended, end.At = s.Number, s.Signed, s.Live, s.Ended, s.At
		if err := b.state.save(b.c.State); err != nil {
			return err
		}
	}
}

func writeSlots(c *container, cut *vault.SlotCut, kind Kind) error {
	ns := cut.Changed
	if kind == Whole {
		ns = make([]uint32, cut.Count)
		for i := range ns {
			ns[i] = uint32(i)
		}
	}
	run := &run{c: c, dir: "slots"}
	page := make([]byte, vault.PageSize)
	for _, n := range ns {
		if err := cut.Page(n, page); err != nil {
			return err
		}
		if err := run.add(n, page); err != nil {
			return err
		}
	}
	return run.end()
}

// endGenerations overwrites and removes all generations but this one and the one before. So
// what was erased while the one before was written is gone within a day.
func (b *Backup) endGenerations(ctx context.Context) error {
	var old []string
	for o, err := range b.c.Target.List(ctx, string(Slots)+"/") {
		if err != nil {
			return err
		}
		var generation, number int
		if _, err := fmt.Sscanf(o.Name, string(Slots)+"/%d/%d", &generation, &number); err == nil && generation < b.state.Slots.Generation-1 {
			old = append(old, o.Name)
		}
	}
	slices.Reverse(old) // statements first: ".txt" sorts behind ".tar.age"
	for _, name := range old {
		if err := b.c.Target.Remove(ctx, name, strings.HasSuffix(name, ending)); err != nil {
			return err
		}
	}
	return nil
}
