// Package trace keeps what the door has seen of each mail, taken or not, so that who helps
// people can say what became of it.
//
// It never keeps what a mail says, its subject or the names of its files. Of a mail that was
// taken it keeps no address: its letters know them, and when they end nobody does.
//
// On disk are rows sealed under a key of their day. When the days are over for which they
// are kept, that key is erased first, and the rows after it. Addresses, Message-IDs and
// letters are found by keyed hashes that hang on the same key: a letter's own key would be
// of no use to a mail that has become none, and a hash under a key that stays could be tried
// against a list of addresses for as long as somebody has an old copy of the rows.
//
// What holds always: no mail waits for its trace. It is handed over in memory and written a
// moment later, together with the others and with whatever is committed then; a crash loses
// the trace of a moment, and no letter. Strangers cannot fill the disk: a day has room for
// so many mails of theirs, and what comes beyond is counted.
package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Store keeps the rows; the vault does.
type Store interface {
	Update(ctx context.Context, do func(Tx) error) error
	View(ctx context.Context, do func(ReadTx) error) error
	Reserve(file mail.SlotFile, n int) ([]mail.Slot, error)
	Unreserve([]mail.Slot)
	EraseSlots(ctx context.Context, list []mail.Slot) error
}

// ReadTx is what is read. What is not there is mail.Absent.
type ReadTx interface {
	SlotValue(mail.Slot) (mail.SlotValue, error)
	ArrivalDays(first, last int64) ([]mail.ArrivalDay, error)
	Arrival(mail.ID) (mail.ArrivalRow, error)
	ArrivalsTagged(day int64, tag [16]byte, n int) ([]mail.ArrivalRow, error)
}

// Tx is what is written.
type Tx interface {
	ReadTx
	PutSlots([]mail.SlotWrite) error
	PutArrivalDay(mail.ArrivalDay) error
	PutArrival(mail.ArrivalRow) error
	ForgetArrivals(day int64, n int) (done bool, err error)
}

// Config is what a trace needs. Nothing may be nil.
type Config struct {
	Store Store
	App   *keyring.App
	Clock mail.Clock
	Log   *slog.Logger
	Days  int // for which a mail is kept behind its own; at least 1
}

// Bounds of a day. A row has about 400 bytes, one of a stranger with twenty recipients 2 kB:
// 2,000 of them on each of 30 days are 120 MB at the very most.
const (
	maxHouse     = 50_000
	maxStrangers = 2_000
)

// maxWaiting is how many mails wait to be written: more than one commit can be behind.
const maxWaiting = 4096

// gather is how long mails are gathered before they are written: a commit of its own for each
// would be a second wait for the disk. Who looks for one does not wait for that.
const gather = 250 * time.Millisecond

// Trace keeps mails as the door saw them.
type Trace struct {
	Config
	wake chan struct{}

	mu      sync.Mutex
	waiting []mail.Arrival
	lost    int64 // that found no room among them

	writing sync.Mutex
	today   dayKey // of the day that was written to last; guarded by writing
}

// dayKey is the key of a day.
type dayKey struct {
	day int64
	key seal.Secret
}

// New returns a trace. What Run does not write, Flush does.
func New(c Config) *Trace { return &Trace{Config: c, wake: make(chan struct{}, 1)} }

// Mail hands over what the door has seen. It never waits.
func (t *Trace) Mail(a mail.Arrival) {
	t.mu.Lock()
	if len(t.waiting) < maxWaiting {
		t.waiting = append(t.waiting, a)
	} else {
		t.lost++
	}
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Run writes what is handed over until ctx ends, and what is left then.
func (t *Trace) Run(ctx context.Context) error {
	together := time.NewTimer(gather)
	defer together.Stop()
	for {
		select {
		case <-ctx.Done():
			return t.Flush(context.WithoutCancel(ctx))
		case <-t.wake:
		}
		together.Reset(gather)
		select {
		case <-ctx.Done():
		case <-together.C:
		}
		if err := t.Flush(context.WithoutCancel(ctx)); err != nil {
			// Nobody's letter hangs on it, and the store says what is wrong with it itself.
			t.Log.Warn("mails at the door could not be written down", "part", "trace", "err", err)
		}
	}
}

// dayOf is the day of a moment, in UTC: whose day it is in the house changes nothing of when
// it may be forgotten, but by hours.
func dayOf(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// Flush writes what waits. What cannot be written is lost, and counted with what comes next.
func (t *Trace) Flush(ctx context.Context) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	t.mu.Lock()
	list, lost := t.waiting, t.lost
	t.waiting, t.lost = nil, 0
	t.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	byDay := map[int64][]mail.Arrival{}
	for _, a := range list {
		byDay[dayOf(a.At)] = append(byDay[dayOf(a.At)], a)
	}
	var all error
	for day, list := range byDay {
		if err := t.write(ctx, day, list, lost); err != nil {
			all = errors.Join(all, err)
			t.mu.Lock()
			t.lost += int64(len(list)) + lost
			t.mu.Unlock()
		}
		lost = 0
	}
	return all
}

// write writes mails of one day. beyond are some more that are only counted.
func (t *Trace) write(ctx context.Context, day int64, list []mail.Arrival, beyond int64) error {
	key, fresh, err := t.dayKey(ctx, day)
	if err != nil {
		return err
	}
	count := mail.ArrivalDay{Day: day}
	var slots []mail.SlotWrite
	if !fresh.IsZero() {
		count.Slot = fresh
		slots = []mail.SlotWrite{{Slot: fresh, Value: t.App.SealSlot(byte(fresh.File), fresh.N, key)}}
	}
	rows := make([]mail.ArrivalRow, len(list))
	for i, a := range list {
		if rows[i], err = t.row(key, day, a); err != nil {
			break
		}
	}
	if err == nil {
		err = t.Store.Update(ctx, func(tx Tx) error {
			have, err := tx.ArrivalDays(day, day)
			if err != nil {
				return err
			}
			if err := tx.PutSlots(slots); err != nil {
				return err
			}
			d, kept := room(count, have, list, beyond)
			if err := tx.PutArrivalDay(d); err != nil {
				return err
			}
			for _, i := range kept {
				if err := tx.PutArrival(rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		if !fresh.IsZero() {
			t.Store.Unreserve([]mail.Slot{fresh})
		}
		return err
	}
	t.today = dayKey{day, key}
	return nil
}

// room says which of some mails have room on their day, and what the day counts then.
func room(d mail.ArrivalDay, have []mail.ArrivalDay, list []mail.Arrival, beyond int64) (_ mail.ArrivalDay, kept []int) {
	var was mail.ArrivalDay
	if len(have) > 0 {
		was = have[0]
	}
	d.Beyond = beyond
	for i, a := range list {
		switch {
		case a.Friend && was.House+d.House < maxHouse:
			d.House++
		case !a.Friend && was.Strangers+d.Strangers < maxStrangers:
			d.Strangers++
		default:
			d.Beyond++
			continue
		}
		kept = append(kept, i)
	}
	return d, kept
}

// dayKey returns the key of a day, and the slot that it is to be put into if it is a new one.
func (t *Trace) dayKey(ctx context.Context, day int64) (key seal.Secret, fresh mail.Slot, err error) {
	if t.today.day == day && !t.today.key.IsZero() {
		return t.today.key, fresh, nil
	}
	found := false
	err = t.Store.View(ctx, func(tx ReadTx) error {
		days, err := tx.ArrivalDays(day, day)
		if err != nil || len(days) == 0 {
			return err
		}
		found = true
		key, err = t.open(tx, days[0])
		return err
	})
	if err != nil || found {
		return key, fresh, err
	}
	slots, err := t.Store.Reserve(mail.Shred, 1)
	if err != nil {
		return key, fresh, err
	}
	return seal.NewSecret(), slots[0], nil
}

// open returns the key of a day. The error is Gone once that is erased.
func (t *Trace) open(tx ReadTx, d mail.ArrivalDay) (seal.Secret, error) {
	v, err := tx.SlotValue(d.Slot)
	if err != nil {
		return seal.Secret{}, err
	}
	key, err := t.App.OpenSlot(byte(d.Slot.File), d.Slot.N, v)
	if err != nil {
		return key, mail.E(mail.Internal, "error.internal", fmt.Errorf("open the key of day %d: %w", d.Day, err))
	}
	return key, nil
}

// row seals a mail. Of one that was taken no address is kept.
func (t *Trace) row(key seal.Secret, day int64, a mail.Arrival) (mail.ArrivalRow, error) {
	r := mail.ArrivalRow{ID: a.ID, Day: day}
	tag := func(purpose, value string) { r.Tags = append(r.Tags, t.App.ArrivalTag(key, purpose, value)) }
	if a.Taken() {
		a.From, a.To = "", nil
	}
	if a.From != "" {
		tag(byAddress, a.From.Key())
	}
	a.To = a.To[:min(len(a.To), mail.MaxArrivalTo)]
	for _, to := range a.To {
		tag(byAddress, to.Address.Key())
	}
	a.Letters = a.Letters[:min(len(a.Letters), mail.MaxArrivalLetters)]
	for _, l := range a.Letters {
		tag(byLetter, string(l[:]))
	}
	if a.MessageID != "" {
		tag(byMessageID, a.MessageID)
	}
	b, err := json.Marshal(a)
	if err != nil {
		return r, fmt.Errorf("mail at the door: %w", err)
	}
	r.Box = t.App.SealArrival(key, a.ID, b)
	return r, nil
}
