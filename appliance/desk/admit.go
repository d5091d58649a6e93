package desk

import (
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// MaxWrong is how many wrong PINs close a reader's letter, in all its life. With six
// digits a guesser opens one letter in 40,000 (2-security, 2.5): 25 / 10⁶ = 2.5·10⁻⁵.
const MaxWrong = 25

// CountTry counts a try at a PIN before it is compared, at the letter and at the phone,
// durably: a crash between count and comparison must not give a try back. Locked when there
// are none left.
func (d *Desk) CountTry(ctx context.Context, holder mail.ID) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		h, err := tx.Holder(holder)
		if err != nil {
			return err
		}
		if h.Locked || h.Wrong >= MaxWrong {
			return mail.E(mail.Locked, "error.locked", nil)
		}
		h.Wrong++
		if err := tx.SaveHolder(h); err != nil {
			return err
		}
		return d.atPhone(tx, h, func(name []byte) error {
			_, err := tx.Count(name, tx.Now(), phoneWindow)
			return err
		})
	})
}

// TryWasRight takes back the one try that was no wrong one.
func (d *Desk) TryWasRight(ctx context.Context, holder mail.ID) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		h, err := tx.Holder(holder)
		if err != nil {
			return err
		}
		h.Wrong = max(0, h.Wrong-1)
		if err := tx.SaveHolder(h); err != nil {
			return err
		}
		return d.atPhone(tx, h, func(name []byte) error { return tx.Uncount(name, tx.Now()) })
	})
}

// atPhone counts at the phone of a letter's reader. Once the letter has ended nobody knows
// its phone, and no PIN opens it.
func (d *Desk) atPhone(tx Tx, h mail.Holder, count func(name []byte) error) error {
	l, err := d.loadHolder(tx, h)
	if mail.KindOf(err) == mail.Gone {
		return nil
	}
	if err != nil {
		return err
	}
	name, err := d.phoneCounter(l)
	if err != nil {
		return err
	}
	return count(name)
}

// TryWasWrong closes the letter if that was the last try, and tells the sender, who
// alone may open it again.
func (d *Desk) TryWasWrong(ctx context.Context, holder mail.ID) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	return d.tell(ctx, 1, func(tx Tx, post poster) error {
		l, err := d.load(tx, holder)
		if err != nil {
			return err
		}
		if l.h.Locked || l.h.Wrong < MaxWrong {
			return nil
		}
		l.h.Locked = true
		if err := tx.SaveHolder(l.h); err != nil {
			return err
		}
		if err := d.step(tx, l, mail.StepLocked, journal.Locked, mail.Actor{Kind: mail.ActorGuest, ID: holder}, ""); err != nil {
			return err
		}
		return d.postOwner(ctx, tx, post, l, house, mail.NoticeLocked, mail.StepLocked, "")
	})
}

// Who guesses at many letters to one phone is stopped there too: 50 wrong PINs in 30
// days are at most 5·10⁻⁵ a phone and month (2-security, 2.5). No SMS goes there then; PINs
// that are out by that moment keep their tries, five a day of five (access.SMSLimits), so
// that it is 7.5·10⁻⁵ where somebody has as many letters open at once.
const (
	maxPhoneWrong = 50
	phoneWindow   = 30 * 24 * time.Hour
)

func (d *Desk) phoneCounter(l loaded) ([]byte, error) {
	cols, err := d.columns(l)
	return d.App.Tag("pin.phone", string(cols.Phone)), err
}

// PhoneOpen reports, by Locked, that a letter's phone has had too many wrong PINs in
// 30 days. No SMS goes to it until a sender has said that the number is right.
func (d *Desk) PhoneOpen(ctx context.Context, holder mail.ID) error {
	return d.Store.View(ctx, func(tx ReadTx) error {
		l, err := d.load(tx, holder)
		if err != nil {
			return err
		}
		name, err := d.phoneCounter(l)
		if err != nil {
			return err
		}
		n, err := tx.Counter(name, tx.Now())
		if err == nil && n >= maxPhoneWrong {
			err = mail.E(mail.Locked, "error.sms.phone", nil)
		}
		return err
	})
}

// seenAgain is how long a second look counts as the same visit.
const seenAgain = 30 * time.Minute

// Admit gives a guest who has shown the code and the proof his keys, and writes the
// opening down. Only access calls it, after the proof; proof names it ("sms").
func (d *Desk) Admit(ctx context.Context, l Letter, proof string) (Reader, error) {
	house, err := d.House(ctx)
	if err != nil {
		return Reader{}, err
	}
	r := Reader{Actor: mail.Actor{Kind: mail.ActorGuest, ID: l.Holder}}
	var pair *mail.Pair
	err = d.Store.View(ctx, func(tx ReadTx) error {
		c, err := tx.Code(l.Code)
		if err != nil {
			return err
		}
		sg, err := d.openSlot(tx, c.Slot)
		if err != nil {
			return err
		}
		guest := keyring.NewGuest(c.ID, l.Secret, sg)
		r.Key = guest
		x, err := d.load(tx, l.Holder)
		if err != nil {
			return err
		}
		if _, err := d.contentKey(tx, r, x); err != nil {
			return err
		}
		pair, err = newPair(tx, guest, x, c.ID)
		return err
	})
	if err != nil {
		return Reader{}, err
	}
	return r, d.tell(ctx, 1, func(tx Tx, post poster) error { return d.writeOpening(ctx, tx, post, l, r, house, pair, proof) })
}

// newPair makes the guest's key pair for the thread if this code has none yet.
func newPair(tx ReadTx, guest *keyring.Guest, x loaded, code mail.ID) (*mail.Pair, error) {
	pairs, err := tx.PairsOfThread(x.m.Thread)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		if p.Code == code {
			return nil, nil
		}
	}
	p := mail.Pair{ID: mail.NewID(), Thread: x.m.Thread, Code: code}
	pub, box := guest.NewPair(p.ID)
	p.Public, p.Seed = pub.Bytes(), box
	return &p, nil
}

func (d *Desk) writeOpening(ctx context.Context, tx Tx, post poster, l Letter, r Reader, house House, pair *mail.Pair, proof string) error {
	x, err := d.load(tx, l.Holder)
	if err != nil {
		return err
	}
	if x.h.Locked {
		return mail.E(mail.Locked, "error.locked", nil)
	}
	if pair != nil {
		if err := tx.PutPair(*pair); err != nil {
			return err
		}
	}
	if l.Level != mail.Letter {
		if err := d.numberWorked(tx, x, l.Picked); err != nil {
			return err
		}
	}
	return d.markOpened(ctx, tx, post, x, r.Actor, house, proof)
}

// markOpened sets the times of an opening, and tells the sender of the first one if
// he asked for that.
func (d *Desk) markOpened(ctx context.Context, tx Tx, post poster, x loaded, actor mail.Actor, house House, proof string) error {
	now := tx.Now()
	first := x.h.Opened.IsZero()
	again := !first && now.Sub(x.h.Seen) >= seenAgain
	x.h.Seen, x.h.Mark = now, mail.MarkNone
	if first {
		x.h.Opened = now
		if x.h.ReadUntil.IsZero() && x.h.ReadFor > 0 {
			x.h.ReadUntil = house.Rules.ReadUntil(x.h.ReadFor, now)
		}
	}
	if err := tx.SaveHolder(x.h); err != nil {
		return err
	}
	switch {
	case first:
		if err := d.step(tx, x, mail.StepOpened, journal.Opened, actor, proof); err != nil {
			return err
		}
	case again:
		return d.step(tx, x, mail.StepSeen, journal.Seen, actor, proof)
	}
	if !first {
		return nil
	}
	return d.receipt(ctx, tx, post, x, house)
}

// numberWorked notes that a PIN to this number was right, and in which language whoever has
// the phone wants to be told: the next letter's notice is in that.
func (d *Desk) numberWorked(tx Tx, x loaded, picked string) error {
	cols, err := d.columns(x)
	if err != nil {
		return err
	}
	have, c, err := d.remembered(tx, cols.Address)
	if mail.KindOf(err) == mail.Absent || err == nil && have.Phone != cols.Phone {
		return nil
	}
	if err != nil {
		return err
	}
	if picked != "" && picked != have.Lang {
		at := c.At
		if c, err = d.contact(mail.Columns{Address: have.Address, Phone: have.Phone, Lang: picked}, at); err != nil {
			return err
		}
	}
	c.Worked = tx.Now()
	return tx.PutContact(c)
}

// step writes what happened to a recipient, for the sender's list and the journal.
func (d *Desk) step(tx Tx, l loaded, k mail.StepKind, event string, actor mail.Actor, detail string) error {
	if err := tx.PutStep(mail.Step{Holder: l.h.ID, Kind: k, At: tx.Now(), Detail: detail}); err != nil {
		return err
	}
	return tx.Note(d.event(event, actor, l.m, l.h.ID, l.skm, detail))
}
