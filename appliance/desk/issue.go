package desk

import (
	"cmp"
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/seal"
)

// issuing is a code being made for a message that is there already.
type issuing struct {
	*sealing
	house House
}

// reopen begins with a message whose content key somebody has just opened.
func (d *Desk) reopen(ctx context.Context, l loaded, cek seal.Secret) (*issuing, error) {
	if err := d.sure(); err != nil {
		return nil, err
	}
	house, err := d.House(ctx)
	if err != nil {
		return nil, err
	}
	s := &sealing{d: d, cek: cek, skm: l.skm}
	s.sealed.Message = l.m
	s.sealed.Message.At = d.Clock.Now() // of the notice; the row is not written again
	if err := s.reserve(2, 1); err != nil {
		s.undo(ctx)
		return nil, err
	}
	return &issuing{s, house}, nil
}

// letter makes the code, its wrap and the notice for a guest.
func (s *issuing) letter(h *sealedHolder, cols mail.Columns) error {
	expires := s.sealed.Message.LastDay
	if expires.Before(h.Due()) {
		expires = h.Due()
	}
	code := s.wrapForCode(h, mail.CodeGuest, expires)
	n := letterNotice(cols, code, s.sealed.Message.Owner, h.Level, h.Due())
	n.Lang = cmp.Or(n.Lang, s.house.Lang)
	return s.letterNotice(h.ID, n, h.Due())
}

// commit runs the act and adds what was made, or gives everything back.
func (s *issuing) commit(ctx context.Context, act func(tx Tx) error) error {
	err := s.d.Store.Update(ctx, func(tx Tx) error {
		if err := act(tx); err != nil {
			return err
		}
		if err := tx.AddSealed(&s.sealed); err != nil {
			return err
		}
		return tx.EnqueueAll(s.outbox)
	})
	if err != nil {
		s.undo(ctx)
		return err
	}
	s.d.Store.Unreserve(append(s.shred, s.link...))
	s.d.Wake()
	return nil
}

// NewCode gives a recipient a fresh code in a fresh notice and ends the old one. It
// takes the sender's own key: the server alone could not open the letter for it.
func (d *Desk) NewCode(ctx context.Context, r Reader, holder mail.ID) error {
	var old loaded
	var cek seal.Secret
	var cols mail.Columns
	err := d.Store.View(ctx, func(tx ReadTx) error {
		var err error
		if old, err = d.owned(tx, r, holder); err != nil {
			return err
		}
		if old.h.Kind != mail.HolderGuest || old.h.Hold != mail.HoldNone {
			return mail.E(mail.Invalid, "error.notguest", nil)
		}
		if cols, err = d.columns(old); err != nil {
			return err
		}
		cek, err = d.ownersKey(tx, r, old.m.ID)
		return err
	})
	if err != nil {
		return err
	}
	s, err := d.reopen(ctx, old, cek)
	if err != nil {
		return err
	}
	h, err := s.holder(mail.HolderGuest, mail.ID{}, cols)
	if err == nil {
		h.Level, h.Channel = old.h.Level, old.h.Channel
		h.OpenBy, h.ReadFor, h.ReadUntil = old.h.OpenBy, old.h.ReadFor, old.h.ReadUntil
		h.Opened, h.Seen = old.h.Opened, old.h.Seen
		s.keep(h)
		err = s.letter(h, cols)
	}
	if err != nil {
		s.undo(ctx)
		return err
	}
	return s.commit(ctx, func(tx Tx) error {
		l, err := d.owned(tx, r, holder)
		if err != nil {
			return err
		}
		if err := d.step(tx, l, mail.StepNewCode, journal.NewCode, r.Actor, ""); err != nil {
			return err
		}
		return d.end(tx, l.h, mail.EndReplaced, r.Actor) // not the last holder: the message lives on
	})
}

// ownersKey opens a message's content key by the owner's own copy.
func (d *Desk) ownersKey(tx ReadTx, r Reader, message mail.ID) (seal.Secret, error) {
	own, err := d.houseHolder(tx, r, message)
	if err != nil {
		return seal.Secret{}, err
	}
	return d.contentKey(tx, r, own)
}

// Waiting is a recipient that waits for what is missing.
type Waiting struct {
	Holder  mail.ID
	Address mail.Address
	Given   string
	Name    string
	Why     mail.Hold
	Until   time.Time
	Number  bool // one was given
}

// Repair lets whoever has the hold mail mend it, without signing in, for seven days.
// That mail goes over verified TLS to the house only (FORMAT.md, 4, kind 5).
func (d *Desk) Repair(ctx context.Context, l Letter) (Reader, []Waiting, error) {
	var list []Waiting
	var writer mail.ID
	r := Reader{}
	err := d.Store.View(ctx, func(tx ReadTx) error {
		if l.Kind != mail.CodeRepair {
			return absent()
		}
		c, err := tx.Code(l.Code)
		if err != nil {
			return err
		}
		sg, err := d.openSlot(tx, c.Slot)
		if err != nil {
			return err
		}
		x, err := d.load(tx, l.Holder)
		if err != nil {
			return err
		}
		r = Reader{Actor: mail.Actor{Kind: mail.ActorSender, ID: x.m.Owner}, Key: keyring.NewGuest(c.ID, l.Secret, sg)}
		if _, err := d.contentKey(tx, r, x); err != nil {
			return err
		}
		env, err := d.envelope(x)
		if err != nil {
			return err
		}
		writer = env.Writer
		list, err = d.waiting(tx, x.m.ID)
		return err
	})
	if err != nil {
		return r, nil, err
	}
	if err := d.maySend(ctx, r.ID); err != nil || writer.IsZero() {
		return r, list, err
	}
	return r, list, d.mayMend(ctx, writer)
}

// mayMend refuses what was written in a function mailbox' name to a link that went to
// somebody who is suspended, or has left: then there is nobody, or their own mailbox is a
// function mailbox by now.
func (d *Desk) mayMend(ctx context.Context, writer mail.ID) error {
	r, err := d.Directory.Owner(ctx, writer)
	if mail.KindOf(err) == mail.Absent || err == nil && (r.Out || r.Shared) {
		return mail.E(mail.Denied, "error.sender.out", nil)
	}
	return err
}

// maySend refuses to send on what waits of somebody who is suspended, by a link from
// before. It waits on, and goes once they may sign in again.
func (d *Desk) maySend(ctx context.Context, owner mail.ID) error {
	r, err := d.Directory.Owner(ctx, owner)
	if err == nil && r.Out {
		return mail.E(mail.Denied, "error.sender.out", nil)
	}
	return err
}

// waiting lists the recipients of a message that are held.
func (d *Desk) waiting(tx ReadTx, message mail.ID) ([]Waiting, error) {
	holders, err := tx.Holders(message)
	if err != nil {
		return nil, err
	}
	var list []Waiting
	for _, h := range holders {
		if h.Hold == mail.HoldNone || h.State != mail.Active {
			continue
		}
		l, err := d.loadHolder(tx, h)
		if mail.KindOf(err) == mail.Gone {
			continue
		}
		if err != nil {
			return nil, err
		}
		c, err := d.columns(l)
		if err != nil {
			return nil, err
		}
		list = append(list, Waiting{h.ID, c.Address, c.Given, c.Name, h.Hold, h.Due(), c.Phone != ""})
	}
	return list, nil
}

// Mend gives a waiting recipient what was missing: the address as it was meant and
// the number. If it is that of a registered recipient, the letter goes to their key; so it
// does without any number, if that is what it waits for (HoldRegistered). The reader is the owner, signed in, or who has the hold mail; via is
// then the repair letter's holder, else zero.
func (d *Desk) Mend(ctx context.Context, r Reader, via, holder mail.ID, a mail.Address, phone mail.Phone) error {
	var l loaded
	var cek seal.Secret
	var cols mail.Columns
	err := d.Store.View(ctx, func(tx ReadTx) error {
		var err error
		if l, err = d.loadFor(tx, holder, func(l loaded) bool { return mends(tx, r, via, l) }); err != nil {
			return err
		}
		if l.h.Hold == mail.HoldNone || phone == "" && l.h.Hold != mail.HoldRegistered {
			return absent()
		}
		if cek, err = d.mendersKey(tx, r, via, l); err != nil {
			return err
		}
		cols, err = d.columns(l)
		return err
	})
	if err == nil {
		err = d.maySend(ctx, l.m.Owner)
	}
	if err != nil {
		return err
	}
	if a != "" && a.Key() != cols.Address.Key() && d.Directory.Allowance(l.m.Owner).Met {
		if err := d.met(ctx, l.m.Owner, a); err != nil {
			return err
		}
	}
	if a != "" {
		cols.Address = a
	}
	cols.Phone = phone
	to, err := d.recipientWith(ctx, cols, l.h.Level)
	if err == nil && phone == "" && to.ID.IsZero() {
		err = mail.E(mail.Invalid, "error.mend.account", nil) // closed since
	}
	if err != nil {
		return err
	}
	s, err := d.reopen(ctx, l, cek)
	if err != nil {
		return err
	}
	h := &sealedHolder{Holder: l.h, skh: l.skh}
	s.live(h)
	if h.Columns, err = d.sealColumns(l.skh, l.m.ID, l.h.ID, cols); err == nil {
		err = s.mended(h, cols, to)
	}
	if err != nil {
		s.undo(ctx)
		return err
	}
	return s.commit(ctx, func(tx Tx) error {
		now, err := d.load(tx, holder)
		if err != nil {
			return err
		}
		if now.h.Hold == mail.HoldNone {
			return absent() // somebody else was quicker
		}
		if err := tx.SaveHolder(h.Holder); err != nil {
			return err
		}
		if cols.Phone != "" {
			if err := d.putContact(tx, cols); err != nil {
				return err
			}
		}
		return d.step(tx, now, mail.StepMended, journal.Mended, r.Actor, "")
	})
}

// recipientWith returns the registered recipient with this address and number, if one was
// given; the zero Resident if there is none, or they have not shown what the level takes, or
// not for too long.
func (d *Desk) recipientWith(ctx context.Context, c mail.Columns, level mail.Level) (mail.Resident, error) {
	if !policy.InAccount(level) {
		return mail.Resident{}, nil
	}
	found, err := d.Directory.Recipients(ctx, []mail.Address{c.Address})
	if r := found[c.Address.Key()]; err == nil && r.Shown && (c.Phone == "" || c.Phone == r.Phone) {
		return r.Resident, nil
	}
	return mail.Resident{}, err
}

// mended locks a letter for a recipient who does not wait any more, and tells them.
func (s *issuing) mended(h *sealedHolder, cols mail.Columns, to mail.Resident) error {
	if to.ID.IsZero() {
		return s.letter(h, cols)
	}
	h.Kind, h.Owner, h.Channel = mail.HolderPerson, to.ID, mail.ChannelRecipient
	if err := s.wrapFor(h, to); err != nil {
		return err
	}
	return s.letterNotice(h.ID, s.recipientNotice(to, s.sealed.Message.Owner, h.Due()), h.Due())
}

// live gives a mended recipient the lifetime that the letter would have had.
func (s *issuing) live(h *sealedHolder) {
	m := s.sealed.Message
	life := s.house.Rules.Default(m.At)
	h.Hold = mail.HoldNone
	h.OpenBy, h.ReadFor = life.OpenBy, life.ReadFor
	if h.OpenBy.After(m.LastDay) {
		h.OpenBy, h.ReadUntil, h.ReadFor = m.LastDay, m.LastDay, 0
	}
}

// mends reports whether a recipient is one of a letter that r may mend.
func mends(tx ReadTx, r Reader, via mail.ID, l loaded) bool {
	if via.IsZero() {
		return r.owns(l.m.Owner)
	}
	repair, err := tx.Holder(via)
	return err == nil && repair.Message == l.m.ID
}

// mendersKey opens the content key for who may mend: the owner by the house's copy,
// the bearer of the hold mail by the repair holder of the same message.
func (d *Desk) mendersKey(tx ReadTx, r Reader, via mail.ID, l loaded) (seal.Secret, error) {
	if via.IsZero() {
		return d.ownersKey(tx, r, l.m.ID)
	}
	rep, err := d.load(tx, via)
	if err != nil {
		return seal.Secret{}, err
	}
	if rep.h.Kind != mail.HolderRepair || rep.m.ID != l.m.ID {
		return seal.Secret{}, absent()
	}
	return d.contentKey(tx, r, rep)
}
