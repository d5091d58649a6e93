package admin

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// imports are the tables that were read and wait for a word, and the one that is being
// carried out. They live in memory only: a table is full of names.
type imports struct {
	reading sync.Mutex // one table at a time

	mu      sync.Mutex
	waiting map[mail.ID]*waiting // by who has sent it
	running *running             // the last one; nil before the first
}

// waiting is a table that was found good.
type waiting struct {
	at    mail.ID
	rows  []org.Row
	until time.Time
}

const (
	waitsFor    = 30 * time.Minute
	mostWaiting = 4 // tables in memory; then the one that has waited longest goes
)

// running is an import on its way, or the last that was.
type running struct {
	at    mail.ID
	total int64
	done  atomic.Int64
	over  atomic.Bool
	err   error // once it is over
}

// wait keeps a table for its sender, in the place of the one before.
func (i *imports) wait(by mail.ID, w *waiting, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.expire(now)
	if i.waiting == nil {
		i.waiting = map[mail.ID]*waiting{}
	}
	i.waiting[by] = w
	if len(i.waiting) > mostWaiting {
		delete(i.waiting, i.oldest())
	}
}

func (i *imports) expire(now time.Time) {
	maps.DeleteFunc(i.waiting, func(_ mail.ID, w *waiting) bool { return now.After(w.until) })
}

func (i *imports) oldest() (by mail.ID) {
	var first *waiting
	for id, w := range i.waiting {
		if first == nil || w.until.Before(first.until) {
			by, first = id, w
		}
	}
	return by
}

// ready returns what waits for a word from somebody for a unit; nil for nothing.
func (i *imports) ready(by, at mail.ID) *waiting {
	i.mu.Lock()
	defer i.mu.Unlock()
	if w := i.waiting[by]; w != nil && w.at == at {
		return w
	}
	return nil
}

// drop takes a table away.
func (i *imports) drop(by mail.ID, w *waiting) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.waiting[by] == w {
		delete(i.waiting, by)
	}
}

// begin makes an import the running one, and takes its table. The errors are Busy while
// another runs, which the table outlives, and Invalid if it is not there any more.
func (i *imports) begin(by mail.ID, w *waiting, r *running) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.running != nil && !i.running.over.Load() {
		return mail.E(mail.Busy, "error.import.busy", nil)
	}
	if i.waiting[by] != w {
		return mail.E(mail.Invalid, "page.import.again", nil)
	}
	delete(i.waiting, by)
	i.running = r
	return nil
}

// of returns the last import into a unit, if it was the last of all. Tables that have
// waited too long go.
func (i *imports) of(at mail.ID, now time.Time) *running {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.expire(now)
	if i.running == nil || i.running.at != at {
		return nil
	}
	return i.running
}
