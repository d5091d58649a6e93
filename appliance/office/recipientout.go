package office

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// outFor is how long a recipient's account is suspended before the house may close it: so
// long its owner has for saying that it is a mistake, and for taking their letters out once
// it is mended.
const outFor = 14 * 24 * time.Hour

// SuspendedRecipient is a registered recipient whose account the house has suspended.
type SuspendedRecipient struct {
	ID      mail.ID
	Address mail.Address
	Why     mail.SuspendedFor
	Since   time.Time
	Closes  time.Time // from when on it may be closed
	May     bool      // be closed, by now, by who asks
	Ending  bool      // it is closed within minutes
}

// SuspendRecipient suspends the account of the registered recipient at an address: every
// session ends, nobody signs in, and new letters are as to a guest. What is in it is kept. A
// mail tells whoever has the address, with the reason.
//
// Administrators may, and who has invited the recipient. For everybody else, and where there
// is no account, the error is Absent; and Invalid for a reason that is none.
func (o *Office) SuspendRecipient(ctx context.Context, by mail.Actor, a mail.Address, why mail.SuspendedFor) error {
	if !slices.Contains(mail.SuspendedForAll, why) {
		return mail.E(mail.Invalid, "error.recipient.why", nil)
	}
	id, err := o.changeRecipient(ctx, by, recipientChange{
		find: func(tx ReadTx) (mail.Person, error) { return tx.PersonByLookup(o.App.Lookup(a.Key())) },
		may: func(p mail.Person) error {
			if !p.Active {
				return absent() // an invitation is taken back
			}
			if !p.Suspended.IsZero() {
				return mail.E(mail.Invalid, "error.recipient.out", nil)
			}
			return nil
		},
		change: func(tx Tx, p *mail.Person, r *mail.Registration) {
			p.Suspended, p.OutBy, p.Leaves, r.Why = tx.Now(), by.ID, time.Time{}, why
		},
		tell: mail.Notice{Kind: mail.NoticeOut, Why: string(why)},
		note: mail.Event{Kind: journal.RecipientOut, Detail: string(why)},
	})
	if err == nil {
		o.SignOut(id)
	}
	return err
}

// ResumeRecipient lets a suspended recipient in again, who is told. The error is Absent for
// who is not suspended, and for whom by may not.
func (o *Office) ResumeRecipient(ctx context.Context, by mail.Actor, person mail.ID) error {
	_, err := o.changeRecipient(ctx, by, recipientChange{
		find: func(tx ReadTx) (mail.Person, error) { return tx.Person(person) },
		may:  isOut,
		change: func(_ Tx, p *mail.Person, r *mail.Registration) {
			p.Suspended, p.OutBy, p.Leaves, r.Why = time.Time{}, mail.ID{}, time.Time{}, ""
		},
		tell: mail.Notice{Kind: mail.NoticeResumed},
		note: mail.Event{Kind: journal.RecipientIn},
	})
	return err
}

// CloseRecipient says that a suspended recipient's account is to be closed, as CloseAccount
// does, with the letters in it; CloseDueAccount does it within minutes, and tells them.
// Administrators alone may, who type the address once more: who has invited the recipient
// would erase letters of all others who write to them. The errors are those of
// ResumeRecipient, and Invalid for another address, and before it was suspended for two weeks.
func (o *Office) CloseRecipient(ctx context.Context, by mail.Actor, person mail.ID, typed string) error {
	if err := o.administers(by); err != nil {
		return err
	}
	_, err := o.changeRecipient(ctx, by, recipientChange{
		find: func(tx ReadTx) (mail.Person, error) { return tx.Person(person) },
		may: func(p mail.Person) error {
			if err := isOut(p); err != nil {
				return err
			}
			f, err := o.Profile(p)
			if err != nil {
				return err
			}
			if a, err := mail.ParseAddress(typed); err != nil || a.Key() != f.Address.Key() {
				return mail.E(mail.Invalid, "error.recipient.typed", nil)
			}
			if o.Clock.Now().Before(p.Suspended.Add(outFor)) {
				return mail.E(mail.Invalid, "error.recipient.soon", nil)
			}
			return nil
		},
		change: func(tx Tx, p *mail.Person, r *mail.Registration) { p.Leaves = tx.Now() },
		note:   mail.Event{Kind: journal.RecipientEnds},
	})
	return err
}

func isOut(p mail.Person) error {
	if p.Suspended.IsZero() {
		return absent()
	}
	return nil
}

// SuspendedRecipients lists the suspended recipients whom somebody may let in again.
func (o *Office) SuspendedRecipients(ctx context.Context, by mail.Actor) (list []SuspendedRecipient, err error) {
	sees, closing := o.seesInvited(by), o.administers(by) == nil
	err = o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.Kind != mail.RecipientPerson || p.Suspended.IsZero() {
				continue
			}
			f, err := o.Profile(p)
			if err != nil {
				return err
			}
			reg, err := registrationOf(tx, p.ID)
			if err != nil {
				return err
			}
			if sees(f) {
				closes := p.Suspended.Add(outFor)
				list = append(list, SuspendedRecipient{
					ID: p.ID, Address: f.Address, Why: reg.Why, Since: p.Suspended, Closes: closes,
					May: closing && !o.Clock.Now().Before(closes), Ending: !p.Leaves.IsZero(),
				})
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b SuspendedRecipient) int { return cmp.Compare(a.Address.Key(), b.Address.Key()) })
	return list, err
}

// recipientChange is what the house does with a recipient's account.
type recipientChange struct {
	find   func(ReadTx) (mail.Person, error)
	may    func(mail.Person) error
	change func(Tx, *mail.Person, *mail.Registration)
	tell   mail.Notice // the zero value: nobody is told
	note   mail.Event
}

func (o *Office) changeRecipient(ctx context.Context, by mail.Actor, c recipientChange) (id mail.ID, err error) {
	sees := o.seesInvited(by)
	err = o.withMails(1, func(link []mail.Slot) (used int, err error) {
		err = o.Store.Update(ctx, func(tx Tx) error {
			used = 0
			p, err := c.find(tx)
			if err != nil {
				return err
			}
			if p.Kind != mail.RecipientPerson || p.IsNobody() {
				return absent()
			}
			f, err := o.Profile(p)
			if err != nil {
				return err
			}
			if !sees(f) {
				return absent()
			}
			if err := c.may(p); err != nil {
				return err
			}
			reg, err := registrationOf(tx, p.ID)
			if err != nil {
				return err
			}
			c.change(tx, &p, &reg)
			if err := tx.SavePerson(p); err != nil {
				return err
			}
			if err := tx.PutRegistration(reg); err != nil {
				return err
			}
			id = p.ID
			if c.tell.Kind != "" {
				used, c.tell.At = 1, tx.Now()
				if err := o.post(tx, link[0], p, c.tell); err != nil {
					return err
				}
			}
			c.note.At, c.note.Actor, c.note.Who, c.note.Holder = tx.Now(), by.Kind, o.App.Who(by.ID), p.ID
			return tx.Note(c.note)
		})
		return used, err
	})
	return id, err
}
