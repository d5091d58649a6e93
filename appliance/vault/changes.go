package vault

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"sigill/appliance/mail"
)

// Changes remembers what has changed since a backup has last taken it (Cut), so that the
// next one costs what changed and not what is there. Each target has its own. It lives as
// long as the process: who opens a store knows nothing of what changed before.
type Changes struct {
	db *DB

	mu sync.Mutex
	// What a cut has handed out stays, and is in the next one as well, until it is kept.
	now, out           changed
	slotsNow, slotsOut bitset // pages of shred.slots, by number from 0 on
}

// changed is what has changed between two cuts.
type changed struct {
	pages  bitset    // by number
	unsure bool      // the log could not be read
	blobs  []mail.ID // that parts refer to since then
}

// remembering is who remembers.
type remembering struct {
	mu   sync.Mutex
	list []*Changes
}

func (r *remembering) all() []*Changes {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

func (r *remembering) add(c *Changes) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, c)
}

func (r *remembering) remove(c *Changes) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = slices.DeleteFunc(r.list, func(x *Changes) bool { return x == c })
}

// slots tells all that these slots of shred.slots have other bytes now.
func (r *remembering) slots(ns []uint32) {
	for _, c := range r.all() {
		c.addSlots(ns)
	}
}

// Changes begins to remember, from now on, until Stop. The errors are Update's.
func (db *DB) Changes(ctx context.Context) (*Changes, error) {
	c := &Changes{db: db}
	return c, db.between(ctx, func() error {
		if err := db.writer.remember(); err != nil { // what came before is the others'
			return err
		}
		db.remembering.add(c)
		return nil
	})
}

// Stop forgets.
func (c *Changes) Stop() { c.db.remembering.remove(c) }

// Kept says that what the newest Cut handed out is durable elsewhere: the next one begins
// behind it.
func (c *Changes) Kept() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = changed{}
}

// SlotsKept is Kept for Slots.
func (c *Changes) SlotsKept() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slotsOut = nil
}

// take hands out what is remembered.
func (c *Changes) take() changed {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.pages = c.out.pages.with(c.now.pages)
	c.out.blobs = append(c.out.blobs, c.now.blobs...)
	c.out.unsure = c.out.unsure || c.now.unsure
	c.now = changed{}
	return c.out
}

func (c *Changes) takeSlots() bitset {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slotsOut = c.slotsOut.with(c.slotsNow)
	c.slotsNow = nil
	return c.slotsOut
}

func (c *Changes) addPages(ns []uint32, unsure bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range ns {
		c.now.pages = c.now.pages.grown(n + 1)
		c.now.pages.set(n)
	}
	c.now.unsure = c.now.unsure || unsure
}

func (c *Changes) addBlobs(ids []mail.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.blobs = append(c.now.blobs, ids...)
}

// addSlots remembers the pages in which slots are.
func (c *Changes) addSlots(ns []uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range ns {
		c.slotsNow = c.slotsNow.grown(n/slotsPerPage + 1)
		c.slotsNow.set(n / slotsPerPage)
	}
}

// remember tells all who remember which pages the log has that it had not when they were
// told last. It comes before each checkpoint: behind one, the log may begin anew.
func (w *writer) remember() error {
	pages, err := w.logged()
	for _, c := range w.db.remembering.all() {
		c.addPages(pages, err != nil)
	}
	return err
}

// logged returns which pages the log has that it had not the last time.
func (w *writer) logged() ([]uint32, error) {
	w.c.dead = nil
	defer func() { w.c.dead = nil }()
	c, err := one(w.c, scanCheckpoint, `PRAGMA wal_checkpoint(NOOP)`)
	if err != nil {
		return nil, fmt.Errorf("length of the log: %w", err)
	}
	return w.log.pages(c.log)
}

// with returns a set that has what both have; b may be part of it.
func (b bitset) with(more bitset) bitset {
	b = b.grown(uint32(len(more) * 64))
	for i, w := range more {
		b[i] |= w
	}
	return b
}

// list returns the numbers in the set, in ascending order.
func (b bitset) list() (ns []uint32) {
	for i := range uint32(len(b) * 64) {
		if b.has(i) {
			ns = append(ns, i)
		}
	}
	return ns
}
