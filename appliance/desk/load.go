package desk

import (
	"encoding/json"
	"errors"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// loaded is a holder with its message and the two slot keys, for one act.
type loaded struct {
	m        mail.Message
	h        mail.Holder
	skm, skh seal.Secret
	by       *keyring.Person // what of a person's keys has opened it; nil before unlock, and for a guest
}

// load reads a holder that has not ended. One whose slots are gone is Gone.
func (d *Desk) load(tx LetterReads, holder mail.ID) (loaded, error) {
	var l loaded
	var err error
	if l.h, err = tx.Holder(holder); err != nil {
		return l, err
	}
	return d.loadHolder(tx, l.h)
}

// loadFor is load for somebody who names a holder. Of an end only those are told
// whose access it was; to everybody else it looks as if it had never been.
func (d *Desk) loadFor(tx ReadTx, holder mail.ID, his func(l loaded) bool) (loaded, error) {
	l, err := d.load(tx, holder)
	if mail.KindOf(err) == mail.Gone && !his(l) {
		return l, absent()
	}
	return l, err
}

func (d *Desk) loadHolder(tx LetterReads, h mail.Holder) (loaded, error) {
	l := loaded{h: h}
	var err error
	if l.m, err = tx.Message(h.Message); err != nil {
		return l, err
	}
	if !alive(l, d.Clock.Now()) {
		return l, gone(l.h)
	}
	if l.skm, err = d.openSlot(tx, l.m.Slot); err != nil {
		return l, err
	}
	l.skh, err = d.openSlot(tx, l.h.Slot)
	return l, err
}

// alive reports whether a holder may still open. What is due is over, whether or
// not retention has been there.
func alive(l loaded, now time.Time) bool {
	if l.m.State > mail.Active || l.h.State > mail.Active {
		return false
	}
	due := l.h.Due()
	return due.IsZero() || now.Before(due)
}

// gone tells when and how an access ended. It is said only to who holds the code or
// the copy.
func gone(h mail.Holder) error {
	at, why := readableTo(h, h.Ended), h.Why
	if h.Ended.IsZero() {
		at, why = h.Due(), mail.EndUnopened
	}
	return ended(at, why)
}

func ended(at time.Time, why mail.End) error {
	e := mail.E(mail.Gone, "error.ended", nil)
	switch why {
	case mail.EndReplaced:
		e = mail.E(mail.Gone, "error.replaced", nil)
	case mail.EndMoved:
		e = mail.E(mail.Gone, "error.moved", nil)
	}
	return e.Tell("At", at.UTC().Format(time.RFC3339))
}

// columns opens what is known of a recipient.
func (d *Desk) columns(l loaded) (mail.Columns, error) {
	var c mail.Columns
	b, err := seal.OpenColumns(l.skh, d.App.Meta(), l.m.ID, l.h.ID, l.h.Columns)
	if err != nil {
		return c, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("columns"), err))
	}
	return c, json.Unmarshal(b, &c)
}

// loadKnown is load, with what is known of the recipient.
func (d *Desk) loadKnown(tx LetterReads, holder mail.ID) (loaded, mail.Columns, error) {
	l, err := d.load(tx, holder)
	if err != nil {
		return l, mail.Columns{}, err
	}
	c, err := d.columns(l)
	return l, c, err
}

// envelope opens who sent a message.
func (d *Desk) envelope(l loaded) (mail.Envelope, error) {
	var e mail.Envelope
	b, err := seal.OpenEnvelope(l.skm, d.App.Meta(), l.m.ID, l.m.Envelope)
	if err != nil {
		return e, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("envelope"), err))
	}
	return e, json.Unmarshal(b, &e)
}

// contentKey opens the holder's wrap with the reader's keys. Absent if none of the
// wraps is the reader's: a holder of somebody else looks like none at all.
func (d *Desk) contentKey(tx ReadTx, r Reader, l loaded) (seal.Secret, error) {
	cek, _, err := d.contentKeyBy(tx, r, l)
	return cek, err
}

// contentKeyBy is contentKey, with what of a person's keys has opened the wrap.
func (d *Desk) contentKeyBy(tx ReadTx, r Reader, l loaded) (seal.Secret, *keyring.Person, error) {
	wraps, err := tx.Wraps(l.h.ID)
	if err != nil {
		return seal.Secret{}, nil, err
	}
	return d.unwrap(tx, r, l, wraps)
}

func (d *Desk) unwrap(tx ReadTx, r Reader, l loaded, wraps []mail.Wrap) (seal.Secret, *keyring.Person, error) {
	for _, w := range wraps {
		cek, by, err := d.tryWrap(tx, r, l, w)
		if err == nil {
			return cek, by, nil
		}
		if !errors.Is(err, seal.ErrOpen) && mail.KindOf(err) != mail.Absent {
			return seal.Secret{}, nil, err
		}
	}
	return seal.Secret{}, nil, absent()
}

func (d *Desk) tryWrap(tx ReadTx, r Reader, l loaded, w mail.Wrap) (cek seal.Secret, by *keyring.Person, err error) {
	lock := seal.Lock{Kind: seal.WrapKind(w.Kind), Message: l.m.ID, Holder: l.h.ID, Ref: w.Ref, SKm: l.skm, SKh: l.skh}
	switch key := r.Key.(type) {
	case *keyring.Person:
		if !r.owns(l.h.Owner) {
			return cek, nil, seal.ErrOpen
		}
		if by, lock.Inner, err = d.keyFor(tx, key, l.h.Owner, w); err != nil {
			return cek, nil, err
		}
		cek, err = lock.Unwrap(w.Box)
		return cek, by, err
	case *keyring.Guest:
		cek, err = tryGuest(tx, key, lock, w)
		return cek, nil, err
	}
	return cek, nil, seal.ErrOpen
}

func tryGuest(tx ReadTx, key *keyring.Guest, lock seal.Lock, w mail.Wrap) (seal.Secret, error) {
	switch w.Kind {
	case mail.WrapGuest, mail.WrapRepair:
		if w.Ref != mail.ID(key.Code) {
			return seal.Secret{}, seal.ErrOpen
		}
		lock.Inner = key.Inner()
		return lock.Unwrap(w.Box)
	case mail.WrapPair:
		p, err := tx.Pair(w.Ref)
		if err != nil {
			return seal.Secret{}, err
		}
		if p.Code != mail.ID(key.Code) {
			return seal.Secret{}, seal.ErrOpen
		}
		priv, err := key.Pair(p.ID, p.Seed)
		if err != nil {
			return seal.Secret{}, err
		}
		return lock.UnwrapByPair(priv, w.Box)
	}
	return seal.Secret{}, seal.ErrOpen
}

// readHead reads a message's head and opens it.
func readHead(tx ReadTx, cek seal.Secret, m mail.ID) (mail.Head, error) {
	box, err := tx.Head(m)
	if err != nil {
		return mail.Head{}, err
	}
	return openHead(cek, m, box)
}

// openHead opens a head.
func openHead(cek seal.Secret, m mail.ID, box mail.Box) (mail.Head, error) {
	var h mail.Head
	b, err := seal.OpenHead(cek, m, box)
	if err != nil {
		return h, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("head"), err))
	}
	return h, json.Unmarshal(b, &h)
}
