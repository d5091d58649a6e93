package office

import (
	"bytes"
	"context"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// ChangePassword locks the key of who is signed in under another password, and erases the
// old lock: the old password opens nothing any more, here and within a day in every
// backup. The person is told. The errors for people are Invalid for one that will not do,
// and Denied if the password is another one by now than when it was given last: of two
// changes at once the first one stands.
//
// lock is what the act of this session that follows is held against. It is returned when
// the new password stands, and only then; there may be an error beside it.
func (o *Office) ChangePassword(ctx context.Context, by access.Owner, password string) (lock mail.Box, err error) {
	p := by.Person
	done, err := o.choosePassword(ctx, p, password, by.Key.Seed(), mail.NoticePassword, func(tx Tx) ([]mail.Slot, error) {
		if err := still(tx, by); err != nil {
			return nil, err
		}
		if o.ServerHeld {
			return nil, note(tx, journal.PasswordChanged, p, "")
		}
		held, err := tx.DeleteHeldSeed(p.ID) // the server holds it no longer than it must; see LetGo
		if err != nil {
			return nil, err
		}
		return []mail.Slot{held}, note(tx, journal.PasswordChanged, p, "")
	})
	if err != nil {
		return nil, err
	}
	return done.box, o.erase(ctx, done.dead)
}

// still refuses an act of somebody whose password is another one by now than when it was
// given last, or is none: a change, a recovery or an administrator was quicker. The box
// tells it, and not its slot, which is given out again in time. It is asked in the
// transaction of the act.
func still(tx ReadTx, by access.Owner) error {
	w, ok, err := wrapOf(tx, by.Person.ID, mail.SeedPassword)
	if err != nil {
		return err
	}
	if !ok && by.Lock == nil { // who never had a password; the server holds the key, or nobody acts for them
		_, err := tx.HeldSeed(by.Person.ID)
		if mail.KindOf(err) == mail.Absent {
			return overtaken()
		}
		return err
	}
	if !ok || !bytes.Equal(w.Box, by.Lock) {
		return overtaken()
	}
	return nil
}

func overtaken() error { return mail.E(mail.Denied, "error.overtaken", nil) }

// SetLanguage keeps the language in which a person is spoken to.
func (o *Office) SetLanguage(ctx context.Context, person mail.ID, lang string) error {
	err := o.Store.Update(ctx, func(tx Tx) error {
		return o.rewrite(tx, person, func(_ *mail.Person, f *mail.Profile) { f.Lang = lang })
	})
	if err != nil {
		return err
	}
	return o.learn(ctx, person)
}
