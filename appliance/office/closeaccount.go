package office

import (
	"context"
	"errors"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// CloseAccount closes a registered recipient's account, at their own wish: every lock of
// their key is erased, here and within a day in every backup, with all that they sign in by,
// and every session ends. What was sealed to the key opens for nobody any more. The row
// stays as nobody's, and the address may register again, as somebody new. A mail tells
// whoever has it.
//
// It is closed from then on whatever else goes wrong: there may be an error beside it. The
// errors are Absent for who is no recipient, and Denied; see ChangePassword.
func (o *Office) CloseAccount(ctx context.Context, by access.Owner) (closed bool, err error) {
	var dead []mail.Slot
	replaced := false
	err = o.withMail(func(link mail.Slot) error {
		err := o.Store.Update(ctx, func(tx Tx) (err error) {
			dead, err = o.closeAccount(tx, link, by, func() { replaced = true })
			return err
		})
		closed = err == nil
		if err != nil && replaced { // and not who another press has closed just now
			o.bringBack(by.Person.ID)
		}
		return err
	})
	if !closed {
		return false, err
	}
	o.SignOut(by.Person.ID)
	return true, errors.Join(err, o.erase(ctx, dead))
}

func (o *Office) closeAccount(tx Tx, link mail.Slot, by access.Owner, replaced func()) (dead []mail.Slot, err error) {
	p, err := tx.Person(by.Person.ID)
	if err != nil {
		return nil, err
	}
	if p.Kind != mail.RecipientPerson {
		return nil, absent()
	}
	if err := still(tx, by); err != nil {
		return nil, err
	}
	// Before the row forgets to whom it goes.
	if err := o.post(tx, link, p, mail.Notice{Kind: mail.NoticeClosed, From: o.Sign, At: tx.Now()}); err != nil {
		return nil, err
	}
	if err := tx.DeleteFactor(p.ID); err != nil && mail.KindOf(err) != mail.Absent {
		return nil, err
	}
	keys, err := dropPasskeys(tx, p.ID, mail.ActorPerson)
	if err != nil {
		return nil, err
	}
	if err := dropAppPasswords(tx, p.ID, mail.ActorPerson); err != nil {
		return nil, err
	}
	// From this transaction on nothing more is sealed to the key; see Replaced.
	o.replace(p.ID)
	replaced()
	if dead, err = o.retire(tx, p); err != nil {
		return nil, err
	}
	return append(dead, keys...), note(tx, journal.AccountClosed, p, "")
}
