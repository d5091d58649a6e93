package office

import (
	"context"
	"errors"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// signOnReads is what the office reads of whom the sign-on means. What is not there is
// mail.Absent.
type signOnReads interface {
	SignOn(person mail.ID) (mail.SignOn, error)
	SignOnOf(subject [32]byte) (mail.SignOn, error)
}

// signOnWrites is what it writes of that.
type signOnWrites interface {
	PutSignOn(mail.SignOn) error
	DeleteSignOn(person mail.ID) error
}

// Identity is somebody as the organisation's sign-on names them.
type Identity struct {
	Issuer, Subject string
	Address         mail.Address
	Name            string
}

// SignedOn finds whom the sign-on means: who is bound to its subject, or else who has the
// address, and is bound from now on. Addresses are given to others in time, and subjects
// never (OpenID Connect Core 1.0, 5.7); so the subject counts as soon as it is known.
//
// The errors for people are Absent: nobody is there yet, and the address is the house's,
// so that they may come in; Invalid, for the address of a registered recipient's account; and
// Denied, for an address of elsewhere, for that of a function mailbox, and for one that is
// bound to another subject.
func (o *Office) SignedOn(ctx context.Context, who Identity) (p mail.Person, err error) {
	subject := o.App.Subject(who.Issuer, who.Subject)
	err = o.Store.View(ctx, func(tx ReadTx) error {
		b, err := tx.SignOnOf(subject)
		if err != nil {
			return err
		}
		p, err = tx.Person(b.Person)
		return err
	})
	if err == nil {
		return p, in(p)
	}
	if mail.KindOf(err) != mail.Absent {
		return p, err
	}
	if !o.ours(who.Address) {
		return mail.Person{}, mail.E(mail.Denied, "error.signon.stranger", nil)
	}
	if _, is := o.mailboxAt(who.Address); is {
		return mail.Person{}, mail.E(mail.Denied, "error.signon.mailbox", nil)
	}
	if p, err = o.find(ctx, o.App.Lookup(who.Address.Key())); err != nil {
		return p, err
	}
	if p.Kind == mail.RecipientPerson { // their domain has become the house's since
		// Whose the account is the sign-on cannot say: who made it may have had the address
		// before. Its owner takes it along by its own means; see Join.
		if err := o.makeRoom(ctx, p); err != nil {
			return mail.Person{}, err
		}
		return mail.Person{}, mail.E(mail.Invalid, "error.signon.recipient", nil)
	}
	if err := in(p); err != nil {
		return mail.Person{}, err
	}
	return p, o.bind(ctx, p, subject)
}

// in refuses who is suspended. The sign-on has shown who they are, so they may know.
func in(p mail.Person) error {
	if !p.Suspended.IsZero() {
		return mail.E(mail.Denied, "error.signon.account", nil)
	}
	return nil
}

func (o *Office) bind(ctx context.Context, p mail.Person, subject [32]byte) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		now, err := tx.Person(p.ID)
		if err != nil {
			return err
		}
		if now.IsNobody() { // the account was closed meanwhile: as whom nobody has met
			return absent()
		}
		_, err = tx.SignOn(p.ID)
		if err == nil {
			return mail.E(mail.Denied, "error.signon.bound", nil)
		}
		if mail.KindOf(err) != mail.Absent {
			return err
		}
		if _, err := tx.SignOnOf(subject); mail.KindOf(err) != mail.Absent {
			return errors.Join(err, overtaken())
		}
		if err := tx.PutSignOn(mail.SignOn{Person: p.ID, Subject: subject, At: tx.Now()}); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.SignOnBound, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: p.ID})
	})
}

// Arrive makes somebody whom the sign-on has named and nobody has met yet, with the
// password that is to open their key; where the server holds the keys, none is needed. The
// errors are Invalid for a password that will not do, and those of SignedOn.
func (o *Office) Arrive(ctx context.Context, who Identity, lang, password string) (mail.Person, error) {
	profile := mail.Profile{Address: who.Address, Name: who.Name, Lang: lang}
	if o.ServerHeld {
		password = ""
	} else if err := o.CheckPassword(password, profile); err != nil {
		return mail.Person{}, err
	}
	if !o.ours(who.Address) {
		return mail.Person{}, mail.E(mail.Denied, "error.signon.stranger", nil)
	}
	if _, err := o.Make(ctx, NewPerson{Profile: profile, Password: password}); err != nil {
		return mail.Person{}, err
	}
	return o.SignedOn(ctx, who)
}

// IsOurs reports whether a person has an address of the house's own domains: whom the
// sign-on can name.
func (o *Office) IsOurs(person mail.ID) (is bool) {
	o.Tree(func(t *org.Tree) {
		p, err := t.Person(person)
		is = err == nil && o.ours(p.Address)
	})
	return is
}

// IsBound reports whether the sign-on has ever named a person.
func (o *Office) IsBound(ctx context.Context, person mail.ID) (is bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		_, err := tx.SignOn(person)
		is = err == nil
		if mail.KindOf(err) == mail.Absent {
			return nil
		}
		return err
	})
	return is, err
}

// Unbind forgets whom the sign-on means by a person, such as when their account there was
// made anew: the next one that has their address is bound. Their sessions end: it may have
// been somebody else. The errors are Absent for whom by may not organise, and Invalid for
// who is not bound and for oneself.
func (o *Office) Unbind(ctx context.Context, by mail.Actor, person mail.ID) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var err error
	o.Tree(func(t *org.Tree) { err = organisesPerson(t, by, person) })
	if err != nil {
		return err
	}
	if by.ID == person {
		return mail.E(mail.Invalid, "error.signon.own", nil)
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		err := tx.DeleteSignOn(person)
		if mail.KindOf(err) == mail.Absent {
			return mail.E(mail.Invalid, "error.signon.none", nil)
		}
		if err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.SignOnFreed, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Holder: person})
	})
	if err == nil {
		o.SignOut(person)
	}
	return err
}
