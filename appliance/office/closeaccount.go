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
// whoever has it. The letters are the desk's to end; see ClosedWithLetters.
//
// It is closed from then on whatever else goes wrong: there may be an error beside it. The
// errors are Absent for who is no recipient, and Denied; see ChangePassword.
func (o *Office) CloseAccount(ctx context.Context, by access.Owner) (closed bool, err error) {
	return o.closeAccount(ctx, &closing{person: by.Person.ID, by: mail.ActorPerson, may: func(tx Tx, _ mail.Person) error { return still(tx, by) }})
}

// DueAccounts returns the recipients whose account the house wants to be closed; see
// CloseRecipient.
func (o *Office) DueAccounts(ctx context.Context) (due []mail.ID, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		for _, p := range people {
			if o.isDue(p) {
				due = append(due, p.ID)
			}
		}
		return err
	})
	return due, err
}

func (o *Office) isDue(p mail.Person) bool {
	return p.Kind == mail.RecipientPerson && !p.Suspended.IsZero() && !p.Leaves.IsZero() && !o.Clock.Now().Before(p.Leaves)
}

// ClosedWithLetters returns whose account is closed, by whomever, and who has letters still:
// they are about to end, or the machine has stopped before they had. Nobody opens them any
// more, but their senders are to know; see desk.EndOwn.
func (o *Office) ClosedWithLetters(ctx context.Context) (list []mail.ID, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.Kind != mail.RecipientPerson || !p.IsNobody() {
				continue
			}
			n, err := tx.CountHolders(p.ID)
			if err != nil {
				return err
			}
			if n > 0 {
				list = append(list, p.ID)
			}
		}
		return nil
	})
	return list, err
}

// CloseDueAccount closes one of DueAccounts as CloseAccount does. It changes nothing, and closed
// is false, if its owner was let in again meanwhile.
func (o *Office) CloseDueAccount(ctx context.Context, person mail.ID) (closed bool, err error) {
	c := &closing{person: person, by: mail.ActorSystem}
	c.may = func(tx Tx, p mail.Person) error {
		if !o.isDue(p) {
			return errSettled
		}
		reg, err := registrationOf(tx, p.ID)
		c.why = string(reg.Why)
		return err
	}
	closed, err = o.closeAccount(ctx, c)
	if errors.Is(err, errSettled) {
		err = nil
	}
	return closed, err
}

// closing is an account on its way out.
type closing struct {
	person mail.ID
	by     mail.ActorKind
	why    string // for the mail and the journal; "" for one's own wish
	may    func(tx Tx, p mail.Person) error
}

func (o *Office) closeAccount(ctx context.Context, c *closing) (closed bool, err error) {
	var dead []mail.Slot
	replaced := false
	err = o.withMail(func(link mail.Slot) error {
		err := o.Store.Update(ctx, func(tx Tx) (err error) {
			dead, err = o.writeClosed(tx, link, c, func() { replaced = true })
			return err
		})
		closed = err == nil
		if err != nil && replaced { // and not who another press has closed just now
			o.bringBack(c.person)
		}
		return err
	})
	if !closed {
		return false, err
	}
	o.SignOut(c.person)
	return true, errors.Join(err, o.erase(ctx, dead))
}

func (o *Office) writeClosed(tx Tx, link mail.Slot, c *closing, replaced func()) (dead []mail.Slot, err error) {
	p, err := tx.Person(c.person)
	if err != nil {
		return nil, err
	}
	if p.Kind != mail.RecipientPerson || p.IsNobody() {
		return nil, absent()
	}
	if err := c.may(tx, p); err != nil {
		return nil, err
	}
	// Before the row forgets to whom it goes.
	if err := o.post(tx, link, p, mail.Notice{Kind: mail.NoticeClosed, At: tx.Now(), Why: c.why}); err != nil {
		return nil, err
	}
	keys, err := dropSignIn(tx, p.ID, c.by)
	if err != nil {
		return nil, err
	}
	// From this transaction on nothing more is sealed to the key; see Replaced.
	o.replace(p.ID)
	replaced()
	if dead, err = o.retire(tx, p); err != nil {
		return nil, err
	}
	return append(dead, keys...), tx.Note(mail.Event{Kind: journal.AccountClosed, At: tx.Now(), Actor: c.by, Holder: p.ID, Detail: c.why})
}
