package office

import (
	"context"
	"encoding/json"
	"fmt"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// ChangePassword locks the key of who is signed in under another password, and erases the
// old lock: the old password opens nothing any more, here and within a day in every
// backup. The person is told. The error for people is Invalid for one that will not do.
func (o *Office) ChangePassword(ctx context.Context, p mail.Person, key *keyring.Person, password string) error {
	profile, err := o.Profile(p)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, profile); err != nil {
		return err
	}
	p.Active = true
	n := mail.Notice{Kind: mail.NoticePassword, At: o.Clock.Now()}
	return o.withMail(func(slot mail.Slot) error {
		return o.setPassword(ctx, p, password, key.Seed(), func(tx Tx) ([]mail.Slot, error) {
			if err := note(tx, journal.PasswordChanged, p, ""); err != nil {
				return nil, err
			}
			return nil, o.post(tx, slot, p, n)
		})
	})
}

// SetLanguage keeps the language in which a person is spoken to.
func (o *Office) SetLanguage(ctx context.Context, person mail.ID, lang string) error {
	var p mail.Person
	err := o.Store.Update(ctx, func(tx Tx) error {
		var err error
		if p, err = tx.Person(person); err != nil {
			return err
		}
		f, err := o.Profile(p)
		if err != nil {
			return err
		}
		f.Lang = lang
		b, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		p.Columns = o.App.SealProfile(p.ID, b)
		return tx.SavePerson(p)
	})
	if err != nil {
		return err
	}
	o.remember(p)
	return o.learn(ctx, person)
}
