package office

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// factorReads is what the office reads of second factors.
type factorReads interface {
	Factor(person mail.ID) (mail.Factor, error)
	SignInCodes(person mail.ID) (mail.SignInCodes, error)
	WithSignInCodes() ([]mail.ID, error)
}

// factorWrites is what it writes of them. What was used before is mail.Absent.
type factorWrites interface {
	PutFactor(mail.Factor) error
	UseStep(person mail.ID, step int64) error
	DeleteFactor(person mail.ID) error
	PutSignInCodes(person mail.ID, set mail.SignInCodes) error
	UseSignInCode(person mail.ID, hash [32]byte) error
}

// Factor returns a person's second factor, opened; the zero Factor if there is none.
func (o *Office) Factor(ctx context.Context, person mail.ID) (f access.Factor, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		// Where there is none the decoy's is opened: by how long a wrong code takes, nobody who
		// asks for help learns whether there is anybody, or an app.
		row, err := tx.FactorOr(person, o.decoy.factor)
		if err != nil {
			return err
		}
		secret, err := o.readFactor(row)
		if err != nil {
			return err
		}
		codes, err := tx.SignInCodes(person)
		if row.Person == o.decoy.person.ID {
			return err
		}
		f = access.Factor{Key: access.TOTPKeyOf(secret.TOTP), Phone: secret.Phone, Codes: codes, At: row.At}
		// Nobody of the house sets up a phone alone. Who registered as a recipient has one, and
		// keeps it as one of the house until an app takes its place: a password alone would be
		// less, and so would a passkey beside nothing but a password.
		f.Phoned = f.Key.IsZero() && f.Phone != ""
		return err
	})
	return f, err
}

func (o *Office) openFactor(tx ReadTx, person mail.ID) (mail.Factor, mail.FactorSecret, error) {
	row, err := tx.Factor(person)
	if err != nil {
		return row, mail.FactorSecret{}, err
	}
	secret, err := o.readFactor(row)
	return row, secret, err
}

func (o *Office) readFactor(row mail.Factor) (secret mail.FactorSecret, err error) {
	b, err := o.App.OpenFactor(row.Person, row.Box)
	if err != nil {
		return secret, mail.E(mail.Internal, "error.internal", fmt.Errorf("open a second factor: %w", err))
	}
	return secret, json.Unmarshal(b, &secret)
}

// SetFactor gives a person a second factor: an app that has the key and has shown it by a
// code of this step, and a phone that was proven. The person is told. at is since when it
// is there. The error for people is Denied: if the password is another one by now (see
// ChangePassword), and if there is an app already and this one is not to take its place.
func (o *Office) SetFactor(ctx context.Context, by access.Owner, f access.NewFactor) (at time.Time, err error) {
	return o.changeFactor(ctx, by, "app", func(tx Tx) (mail.FactorSecret, int64, error) {
		_, have, err := o.openFactor(tx, by.Person.ID)
		if err == nil && len(have.TOTP) > 0 && !f.Replaces {
			return mail.FactorSecret{}, 0, overtaken()
		}
		if err != nil && mail.KindOf(err) != mail.Absent {
			return mail.FactorSecret{}, 0, err
		}
		return mail.FactorSecret{TOTP: f.Key.Bytes(), Phone: f.Phone}, f.Step, nil
	})
}

// SetReserve gives a person who has a second factor another reserve phone. at is since
// when it is there. The errors are Absent if there is no factor, and Denied; see
// ChangePassword.
func (o *Office) SetReserve(ctx context.Context, by access.Owner, phone mail.Phone) (at time.Time, err error) {
	return o.changeFactor(ctx, by, "phone", func(tx Tx) (mail.FactorSecret, int64, error) {
		row, secret, err := o.openFactor(tx, by.Person.ID)
		secret.Phone = phone
		return secret, row.Step, err
	})
}

func (o *Office) changeFactor(ctx context.Context, by access.Owner, what string, change func(Tx) (mail.FactorSecret, int64, error)) (at time.Time, err error) {
	p := by.Person
	err = o.tell(ctx, p, mail.Notice{Kind: mail.NoticeFactor, At: o.Clock.Now()}, func(tx Tx) error {
		if err := still(tx, by); err != nil {
			return err
		}
		secret, step, err := change(tx)
		if err != nil {
			return err
		}
		b, err := json.Marshal(secret)
		if err != nil {
			return fmt.Errorf("factor: %w", err)
		}
		at = tx.Now()
		if err := tx.PutFactor(mail.Factor{Person: p.ID, Box: o.App.SealFactor(p.ID, b), Step: step, At: at}); err != nil {
			return err
		}
		// A PIN to the phone was right just now, also to one that takes another's place.
		if err := reregister(tx, p.ID, func(r *mail.Registration) { r.Phone = at }); err != nil {
			return err
		}
		return note(tx, journal.FactorMade, p, what)
	})
	return at, err
}

// DropFactor takes a person's second factor away, with the printed codes and the passkeys.
// The person is told. The errors are Absent for who has none, and Denied; see ChangePassword.
func (o *Office) DropFactor(ctx context.Context, by access.Owner) error {
	p := by.Person
	var dead []mail.Slot
	err := o.tell(ctx, p, mail.Notice{Kind: mail.NoticeFactorOff, At: o.Clock.Now()}, func(tx Tx) (err error) {
		if err := still(tx, by); err != nil {
			return err
		}
		if err := tx.DeleteFactor(p.ID); err != nil {
			return err
		}
		// Passkeys hang on it: without one no organiser could take a lost one away.
		if dead, err = dropPasskeys(tx, p.ID, mail.ActorPerson); err != nil {
			return err
		}
		return note(tx, journal.FactorRemoved, p, "")
	})
	if err != nil {
		return err
	}
	return o.erase(ctx, dead)
}

// dropSignIn takes all away by which somebody signs in beside the password: the second
// factor, if there is one, the app passwords and the passkeys. It returns what is to be
// erased.
func dropSignIn(tx Tx, person mail.ID, by mail.ActorKind) (dead []mail.Slot, err error) {
	if err := tx.DeleteFactor(person); err != nil && mail.KindOf(err) != mail.Absent {
		return nil, err
	}
	if err := dropAppPasswords(tx, person, by); err != nil {
		return nil, err
	}
	return dropPasskeys(tx, person, by)
}

// ResetFactor takes another's second factor away, with the printed codes, the app passwords
// and the passkeys: the phone is lost, and there is neither a code nor a reserve. The password is still needed. The
// person is told. Who calls it ends their sessions, which the lost phone may have.
//
// The errors are Absent for whom by may not organise, and Invalid for who has none and
// for one's own, which takes a code.
func (o *Office) ResetFactor(ctx context.Context, by mail.Actor, person mail.ID) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var err error
	o.Tree(func(t *org.Tree) { err = organisesPerson(t, by, person) })
	if err != nil {
		return err
	}
	if by.ID == person {
		return mail.E(mail.Invalid, "error.factor.own", nil)
	}
	p, err := o.person(ctx, person)
	if err != nil {
		return err
	}
	var dead []mail.Slot
	err = o.tell(ctx, p, mail.Notice{Kind: mail.NoticeFactorReset, At: o.Clock.Now()}, func(tx Tx) error {
		err := tx.DeleteFactor(person)
		if mail.KindOf(err) == mail.Absent {
			return mail.E(mail.Invalid, "error.factor.none", nil)
		}
		if err != nil {
			return err
		}
		if err := dropAppPasswords(tx, person, by.Kind); err != nil {
			return err // of a mail program on that phone
		}
		if dead, err = dropPasskeys(tx, person, by.Kind); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.FactorReset, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Holder: person})
	})
	if err != nil {
		return err
	}
	o.SignOut(person) // whatever the disk says now, the factor is gone
	return o.erase(ctx, dead)
}

// FactorParts are what goes with a person's second factor when it is taken away.
type FactorParts struct {
	App          bool // that shows codes
	Phone        bool // of reserve, or the factor itself
	Codes        int  // printed, and not used yet
	Passkeys     int
	AppPasswords int
}

// FactorParts counts them.
func (o *Office) FactorParts(ctx context.Context, person mail.ID) (p FactorParts, err error) {
	f, err := o.Factor(ctx, person)
	if err != nil || !f.On() {
		return p, err
	}
	keys, err := o.Passkeys(ctx, person)
	if err != nil {
		return p, err
	}
	apps, err := o.AppPasswords(ctx, person)
	return FactorParts{!f.Key.IsZero(), f.Phone != "", len(f.Codes.Hashes), len(keys), len(apps)}, err
}

// HasFactor reports whether a person has a second factor.
func (o *Office) HasFactor(ctx context.Context, person mail.ID) (bool, error) {
	f, err := o.Factor(ctx, person)
	return f.On(), err
}

// FactorFrom returns from when on a person must have a second factor; ok is false for who
// need not.
func (o *Office) FactorFrom(person mail.ID) (from time.Time, ok bool) {
	o.Tree(func(t *org.Tree) { from, ok = t.FactorFrom(person) })
	return from, ok
}

// MakeCodes makes ten printed sign-in codes for a person who has a second factor; those
// from before are no good any more. They are returned this once. The errors are Absent for
// who has none, and Denied; see ChangePassword. Who calls has counted it
// (access.SignIn.SpendCodes).
func (o *Office) MakeCodes(ctx context.Context, by access.Owner) ([]access.SignInCode, error) {
	p := by.Person
	codes, keep, err := access.NewSignInCodes(ctx, o.App, o.Stretch, p.ID)
	if err != nil {
		return nil, err
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		if err := still(tx, by); err != nil {
			return err
		}
		if _, err := tx.Factor(p.ID); err != nil {
			return err
		}
		keep.At = tx.Now()
		if err := tx.PutSignInCodes(p.ID, keep); err != nil {
			return err
		}
		return note(tx, journal.CodesMade, p, "")
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// EndCodes makes everybody's printed codes no good any more, after a restore: the rows do not
// know which of them were used since. Their owners are told, and make new ones. It returns how
// many people had some; what it has not come to it does the next time.
func (o *Office) EndCodes(ctx context.Context) (n int, err error) {
	var people []mail.ID
	if err := o.Store.View(ctx, func(tx ReadTx) (err error) {
		people, err = tx.WithSignInCodes()
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range people {
		p := mail.Person{ID: id}
		err := o.tell(ctx, p, mail.Notice{Kind: mail.NoticeCodesOff, At: o.Clock.Now()}, func(tx Tx) error {
			if err := tx.PutSignInCodes(id, mail.SignInCodes{}); err != nil {
				return err
			}
			return note(tx, journal.CodesEnded, p, "")
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// UseStep uses a step of a person's app up; false if it was used before.
func (o *Office) UseStep(ctx context.Context, person mail.ID, step int64) (bool, error) {
	return used(o.Store.Update(ctx, func(tx Tx) error { return tx.UseStep(person, step) }))
}

// UseCode uses a printed code up; false if it was used before.
func (o *Office) UseCode(ctx context.Context, person mail.ID, hash [32]byte) (bool, error) {
	return used(o.Store.Update(ctx, func(tx Tx) error {
		if err := tx.UseSignInCode(person, hash); err != nil {
			return err
		}
		return note(tx, journal.CodeUsed, mail.Person{ID: person}, "")
	}))
}

func used(err error) (bool, error) {
	if mail.KindOf(err) == mail.Absent && err != nil {
		return false, nil
	}
	return err == nil, err
}

// note writes into the journal what a person has done with their own account.
func note(tx Tx, kind string, p mail.Person, detail string) error {
	return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: mail.ActorPerson, Holder: p.ID, Detail: detail})
}
