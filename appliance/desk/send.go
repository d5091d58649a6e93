package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/seal"
)

// Forecast is what would become of one recipient, shown before a letter is sent.
type Forecast struct {
	policy.Verdict
	Address mail.Address
	Name    string
	Nobody  bool       // an address of the house that nobody has: to send makes a person of it
	First   bool       // nothing was ever sent to this address
	Known   mail.Phone // the number last used, if another was given now; never that of an account
	// Of the number last used, if that is Known or the one that the letter goes to because
	// none was given: when it was given, and when a code to it last worked.
	Given, Worked time.Time
}

// Life is how long a letter lives; see policy.
type Life = policy.Life

// Plan tells who would get what of an owner's letter, and until when, without doing
// anything. The errors are those that sending it would give.
func (d *Desk) Plan(ctx context.Context, owner mail.ID, dr *mail.Draft) ([]Forecast, Life, error) {
	house, err := d.House(ctx)
	if err != nil {
		return nil, Life{}, err
	}
	if _, err := d.allow(ctx, owner, dr.To); err != nil {
		return nil, Life{}, err
	}
	parties, err := d.partiesBy(ctx, dr.To, func(ctx context.Context, a mail.Address, _ string) (mail.Resident, bool, error) {
		return d.Directory.WouldBe(ctx, a)
	})
	if err != nil {
		return nil, Life{}, err
	}
	dec, err := policy.Decide(dr, known(parties), house.Rules, d.Clock.Now())
	if err != nil {
		return nil, Life{}, err
	}
	var list []Forecast
	for i, v := range dec.Recipients {
		f := Forecast{Verdict: v, Address: dr.To[i].Address, Name: dr.To[i].Name}
		p := parties[i]
		f.Nobody = p.inside && p.resident.ID.IsZero()
		f.First = !p.inside && p.phone == "" && p.registered == ""
		if p.registered == "" && p.phone != "" && dr.To[i].Phone != "" && p.phone != dr.To[i].Phone {
			f.Known = p.phone
		}
		if f.Known != "" || v.Remembered {
			f.Given, f.Worked = p.given, p.worked
		}
		list = append(list, f)
	}
	return list, dec.Life, nil
}

// SendDraft sends a draft of r's: its content stays as it is sealed, and holders,
// codes and notices are added in one transaction. dr has what the form says, checked. seen
// is the State of the draft that dr was read of; if it is another by now, a text would go
// to those whom another text was meant for, or a file that nobody has looked at: nothing is
// sent, and the error is Busy with ErrOtherWindow. "" is whatever lies there.
func (d *Desk) SendDraft(ctx context.Context, r Reader, holder mail.ID, dr *mail.Draft, seen string) error {
	if err := d.sure(); err != nil {
		return err
	}
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	var x unsent
	err = d.Store.View(ctx, func(tx ReadTx) (err error) {
		if x, err = d.draft(tx, r, holder); err != nil {
			return err
		}
		if seen != "" && seen != x.state() {
			return errChanged()
		}
		return x.whole()
	})
	if err != nil {
		return err
	}
	sender, writer, err := d.writing(ctx, r, x.m.Owner)
	if err != nil {
		return err
	}
	if !d.Directory.MayWrite(r.ID) {
		return mail.E(mail.Invalid, "error.write.over", nil)
	}
	dr.From, dr.FromName = x.head.From, x.head.FromName
	spend, err := d.allow(ctx, x.m.Owner, dr.To)
	if err != nil {
		return err
	}
	parties, err := d.parties(ctx, dr.To)
	if err != nil {
		return err
	}
	now := d.Clock.Now()
	dec, err := policy.Decide(dr, known(parties), house.Rules, now)
	if err != nil {
		return err
	}
	tell, err := mails(parties)
	if err != nil {
		return err
	}
	s := &sealing{d: d, cek: x.cek, skm: x.skm}
	s.sealed.Message = x.m
	if err := s.reserve(2*len(dr.To)+2, tell+1); err != nil {
		s.undo(ctx)
		return err
	}
	a := &acceptance{sealing: s, house: house, draft: dr, sender: sender, dec: dec, parties: parties, signedIn: true, tell: writer.Profile}
	if sender.Shared {
		a.writer = writer.ID
	}
	box, err := a.complete(x.head, now)
	if err != nil {
		s.undo(ctx)
		return err
	}
	return a.post(ctx, r, holder, x.box, box, spend)
}

// writing returns in whose name r writes, and who r is.
func (d *Desk) writing(ctx context.Context, r Reader, owner mail.ID) (sender, writer mail.Resident, err error) {
	if sender, err = d.Directory.Owner(ctx, owner); err != nil || owner == r.ID {
		return sender, sender, err
	}
	writer, err = d.Directory.Owner(ctx, r.ID)
	return sender, writer, err
}

// complete makes what a draft lacks to be a letter, and its head anew.
func (a *acceptance) complete(head mail.Head, now time.Time) (mail.Box, error) {
	m := &a.sealed.Message
	m.State, m.At, m.Way = mail.Active, now, wayOf(a.parties)
	m.Receipt, m.LastDay, m.Level = a.draft.Ask.Receipt, a.dec.Life.LastDay, highest(a.dec)
	if err := a.envelope(mail.Envelope{Sender: a.draft.From, SenderName: a.draft.FromName, Case: a.draft.Ask.Case, Writer: a.writer}); err != nil {
		return nil, err
	}
	if err := a.recipients(); err != nil {
		return nil, err
	}
	head.Subject, head.To = a.draft.Subject, nil
	for _, to := range a.draft.To {
		head.To = append(head.To, mail.Named{Name: to.Name, Address: to.Address})
	}
	b, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	return seal.Head(a.cek, m.ID, b), nil
}

// post writes the letter over its draft, if nobody has changed that since saved: a file
// that came meanwhile would be in no letter and in no draft, and a text would go to
// those whom another text was meant for.
func (a *acceptance) post(ctx context.Context, r Reader, holder mail.ID, saved, head mail.Box, spend spending) error {
	is := &issuing{sealing: a.sealing, house: a.house}
	return is.commit(ctx, func(tx Tx) error {
		x, err := a.d.draft(tx, r, holder)
		if err != nil {
			return err // sent or dropped meanwhile
		}
		if !bytes.Equal(x.box, saved) {
			return errChanged()
		}
		if err := x.whole(); err != nil {
			return err
		}
		if err := spend.take(tx); err != nil {
			return err
		}
		if err := tx.SaveMessage(a.sealed.Message); err != nil {
			return err
		}
		if err := tx.SaveHead(x.m.ID, head); err != nil {
			return err
		}
		if _, err := tx.DeletePart(x.m.ID, mail.PartForm); err != nil {
			return err
		}
		x.h.Folder, x.h.ReadUntil = mail.Sent, a.sealed.Message.LastDay
		if err := tx.SaveHolder(x.h); err != nil {
			return err
		}
		for _, c := range a.contacts {
			if err := a.d.putContact(tx, c); err != nil {
				return err
			}
		}
		return tx.Note(a.d.event(journal.Accepted, r.Actor, a.sealed.Message, mail.ID{}, a.skm, "portal"))
	})
}
