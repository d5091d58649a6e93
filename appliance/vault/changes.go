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

	mu  sync.Mutex
	now changed
}

// changed is what has changed between two cuts.
type changed struct {
	pages  bitset    // by number
	blobs  []mail.ID // that parts refer to since then
	unsure bool      // the log could not be read
}

// Changes begins to remember, from now on, until Stop. The errors are Update's.
func (db *DB) Changes(ctx context.Context) (*Changes, error) {
	c := &Changes{db: db}
	return c, db.between(ctx, func() error {
		w := db.writer
		w.remember() // what came before is the others'
		if len(w.remembered) == 0 {
			if _, err := w.logged(); err != nil {
				return err
			}
		}
		w.remembered = append(w.remembered, c)
		return nil
	})
}

// Stop forgets.
func (c *Changes) Stop(ctx context.Context) error {
	return c.db.between(ctx, func() error {
		w := c.db.writer
		w.remembered = slices.DeleteFunc(w.remembered, func(x *Changes) bool { return x == c })
		return nil
	})
}

// take hands out what is remembered and begins anew. back gives it back when the backup has
// come to nothing.
func (c *Changes) take() changed {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.now
	c.now = changed{}
	return was
}

func (c *Changes) back(was changed) {
	c.addPages(was.pages.list(), was.unsure)
	c.addBlobs(was.blobs)
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

// remember tells all who remember what the log has that it had not when they were told last.
// It comes before each checkpoint: behind one, the log may begin anew.
func (w *writer) remember() {
	if len(w.remembered) == 0 {
		return
	}
	pages, err := w.logged()
	if err != nil {
		w.db.cfg.Log.Error("the log cannot be read: the next backup reads the whole database", "part", "vault", "err", err)
	}
	for _, c := range w.remembered {
		c.addPages(pages, err != nil)
	}
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

// list returns the numbers in the set, in ascending order.
func (b bitset) list() (ns []uint32) {
	for i := range uint32(len(b) * 64) {
		if b.has(i) {
			ns = append(ns, i)
		}
	}
	return ns
}
