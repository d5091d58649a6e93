package appliance

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/vault"
)

// The wires below join parts whose contracts were written by their users: each sees
// of the vault what it needs and no more.

// deskStore is the vault as the desk sees it. replaced reports whether somebody has got
// another row and key meanwhile; see office.Replaced.
type deskStore struct {
	*vault.DB
	replaced func(person mail.ID) bool
}

func (s deskStore) Update(ctx context.Context, f func(desk.Tx) error) error {
	return s.DB.Update(ctx, func(tx *vault.Tx) error { return f(deskTx{tx, s.replaced}) })
}

// deskTx takes no letter that was sealed to a key which nobody has any more. Keys are
// replaced in a transaction, too, so that there is no moment in between.
type deskTx struct {
	*vault.Tx
	replaced func(person mail.ID) bool
}

// PutSealed puts a message unless one of its owners was replaced: that is Again.
func (t deskTx) PutSealed(m *mail.Sealed) error {
	if err := t.current(m); err != nil {
		return err
	}
	return t.Tx.PutSealed(m)
}

// AddSealed adds holders under the same condition.
func (t deskTx) AddSealed(m *mail.Sealed) error {
	if err := t.current(m); err != nil {
		return err
	}
	return t.Tx.AddSealed(m)
}

func (t deskTx) current(m *mail.Sealed) error {
	gone := false
	for _, h := range m.Holders {
		gone = gone || t.replaced(h.Owner)
	}
	for _, e := range m.Epochs {
		gone = gone || t.replaced(e.Owner)
	}
	if gone {
		return mail.E(mail.Again, "error.again", errors.New("a recipient has got another key meanwhile"))
	}
	return nil
}

func (s deskStore) View(ctx context.Context, f func(desk.ReadTx) error) error {
	return s.DB.View(ctx, func(tx *vault.ReadTx) error { return f(tx) })
}

func (s deskStore) OpenBlob(id mail.ID) (desk.Blob, int64, error) { return s.DB.OpenBlob(id) }

// officeStore is the vault as the office sees it.
type officeStore struct{ *vault.DB }

func (s officeStore) Update(ctx context.Context, f func(office.Tx) error) error {
	return s.DB.Update(ctx, func(tx *vault.Tx) error { return f(tx) })
}

func (s officeStore) View(ctx context.Context, f func(office.ReadTx) error) error {
	return s.DB.View(ctx, func(tx *vault.ReadTx) error { return f(tx) })
}

// outboxOf is the desk's outbox as the courier sees it.
type outboxOf struct {
	*desk.Desk
	wake chan struct{}
}

func (o outboxOf) Next(ctx context.Context, now time.Time, n int) ([]courier.Job, error) {
	due, err := o.Desk.Next(ctx, now, n)
	var jobs []courier.Job
	for _, d := range due {
		jobs = append(jobs, courier.Job{ID: d.ID, Notice: d.Notice, Tries: d.Tries, At: d.At, Expires: d.Expires, Bounce: d.Bounce})
	}
	return jobs, err
}

func (o outboxOf) Wake() <-chan struct{} { return o.wake }

// poke wakes a channel of one without waiting.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
