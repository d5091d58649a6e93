package office

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// registrationReads is what the office reads of what recipients have shown. What is not
// there is mail.Absent.
type registrationReads interface {
	Registration(person mail.ID) (mail.Registration, error)
	Contact(lookup [32]byte) (mail.Contact, error)
}

// registrationWrites is what it writes of that.
type registrationWrites interface {
	PutRegistration(mail.Registration) error
	DeleteRegistration(person mail.ID) error
}

// provenFor is for how long a registered recipient's account is of use for new letters
// after they have shown that the inbox, and the phone, are theirs. An employer closes the
// inbox of who leaves, a provider the one that nobody uses, and both, like the number of a
// subscription that has ended, are given to somebody else in time; who has the account then
// need not be who has the address. 400 days, so that whoever hears from the house once a
// year keeps it up by reading that one letter. From then on new letters are as to a guest.
const provenFor = 400 * 24 * time.Hour

// proofLife is how old the mail may be whose link shows the inbox: so long a letter waits
// to be opened, at least by the house's defaults, with some to spare.
const proofLife = 90 * 24 * time.Hour

// proofAhead is how far the mail's time may be ahead of now, as after a small leap of the
// clock that was mended.
const proofAhead = 24 * time.Hour

// isPast reports whether a time is there and over at now. What is written with a later one was
// so while the clock had leapt ahead, and would count for as long as it had.
func isPast(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// stillShown reports whether what was shown at a time counts at now.
func stillShown(at, now time.Time) bool { return isPast(at, now) && now.Sub(at) < provenFor }

// inboxShown reports whether the inbox is known to be theirs. A mail that came back makes all
// worthless that was mailed before it.
func inboxShown(r mail.Registration, now time.Time) bool {
	return stillShown(r.Inbox, now) && (r.Inbox.After(r.Lost) || !isPast(r.Lost, now))
}

// phoneShownAt is when a PIN to a registered recipient's phone was last right: of the
// account, or of a letter that went to the same number.
func (o *Office) phoneShownAt(tx ReadTx, reg mail.Registration, lookup [32]byte, phone mail.Phone) (time.Time, error) {
	row, err := tx.Contact(lookup)
	if mail.KindOf(err) == mail.Absent {
		return reg.Phone, nil
	}
	if err != nil {
		return reg.Phone, err
	}
	b, err := o.App.OpenContact(lookup, row.Columns)
	if err != nil {
		return reg.Phone, mail.E(mail.Internal, "error.internal", fmt.Errorf("open a contact: %w", err))
	}
	var c mail.Columns
	if err := json.Unmarshal(b, &c); err != nil {
		return reg.Phone, err
	}
	now := o.Clock.Now()
	if c.Phone == phone && isPast(row.Worked, now) && (row.Worked.After(reg.Phone) || !isPast(reg.Phone, now)) {
		return row.Worked, nil
	}
	return reg.Phone, nil
}

// registrationOf is what a recipient has shown; of whom nothing is written, nothing.
func registrationOf(tx ReadTx, person mail.ID) (mail.Registration, error) {
	r, err := tx.Registration(person)
	if mail.KindOf(err) == mail.Absent {
		return mail.Registration{Person: person}, nil
	}
	return r, err
}

// reregister writes down anew what a recipient has shown. Of whom nothing is written, who is
// no recipient, nothing is.
func reregister(tx Tx, person mail.ID, with func(*mail.Registration)) error {
	r, err := tx.Registration(person)
	if err != nil {
		if mail.KindOf(err) == mail.Absent {
			return nil
		}
		return err
	}
	with(&r)
	return tx.PutRegistration(r)
}

// shownAtActivation writes down what a recipient has shown who chooses a first password: they
// have typed a PIN; and have come by the mail, unless it was the kit that restored access.
func shownAtActivation(tx Tx, person mail.ID) error {
	p, err := tx.Person(person)
	if err != nil {
		return err
	}
	been, err := restored(tx, p)
	if err != nil {
		return err
	}
	return reregister(tx, person, func(r *mail.Registration) {
		if r.Phone = tx.Now(); !been {
			r.Inbox = tx.Now()
		}
	})
}

// PhoneShown says that a PIN to somebody's own phone was right, at the second step. Of who
// is no registered recipient nothing is kept of it, nor while the clock is not believed.
func (o *Office) PhoneShown(ctx context.Context, person mail.ID) error {
	if !o.believes() {
		return nil
	}
	return o.Store.Update(ctx, func(tx Tx) error {
		return reregister(tx, person, func(r *mail.Registration) { r.Phone = tx.Now() })
	})
}

// InboxShown says that a registered recipient, who is signed in, has opened the link of a
// mail to their address. What counts is when the mail was made: who has the inbox since is
// not known. Nothing is kept while the clock is not believed. The error is Absent for a link
// that is none, or too old, or of a time to come.
func (o *Office) InboxShown(ctx context.Context, person mail.ID, proof string) error {
	at, err := o.readProof(mail.ProofLetter, person, proof)
	if err != nil || !o.believes() {
		return err
	}
	return o.Store.Update(ctx, func(tx Tx) error {
		later := false
		if at.After(tx.Now()) {
			at = tx.Now() // the mail was there before now, by whatever clock
		}
		err := reregister(tx, person, func(r *mail.Registration) {
			if later = at.After(r.Inbox) || !isPast(r.Inbox, tx.Now()); later {
				r.Inbox = at
			}
		})
		if err != nil || !later {
			return err
		}
		return note(tx, journal.InboxShown, mail.Person{ID: person}, "")
	})
}

func (o *Office) readProof(purpose string, person mail.ID, proof string) (time.Time, error) {
	at, ok := o.App.ReadInboxProof(purpose, person, proof)
	if age := o.Clock.Now().Sub(at); !ok || age > proofLife || age < -proofAhead {
		return at, absent()
	}
	return at, nil
}

// believes reports whether the clock may be believed for what is kept of its time.
func (o *Office) believes() bool { return o.Believed == nil || o.Believed() }
