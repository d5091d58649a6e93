package office

import (
	"context"
	"errors"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// SignatureFor returns what stands below a writer's letters: a person's own if there is
// one, else that of the nearest unit that has one; "" if none has.
func (o *Office) SignatureFor(ctx context.Context, w org.Writer) (text string, err error) {
	var owners []mail.ID
	if w.Mailbox.IsZero() {
		owners = append(owners, w.Person)
	}
	for _, u := range o.unitsOf(w) {
		owners = append(owners, u.ID)
	}
	err = o.Store.View(ctx, func(tx ReadTx) error {
		for _, id := range owners {
			if text, err = o.signature(tx, id); err != nil || text != "" {
				return err
			}
		}
		return nil
	})
	return text, err
}

// OwnSignature returns a person's own; "" if there is none.
func (o *Office) OwnSignature(ctx context.Context, person mail.ID) (text string, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		text, err = o.signature(tx, person)
		return err
	})
	return text, err
}

// UnitSignature returns a unit's own to who organises the unit; else the error is Absent.
func (o *Office) UnitSignature(ctx context.Context, by mail.Actor, unit mail.ID) (string, error) {
	if _, err := o.organised(by, unit); err != nil {
		return "", err
	}
	return o.OwnSignature(ctx, unit)
}

func (o *Office) signature(tx ReadTx, owner mail.ID) (string, error) {
	row, err := tx.Signature(owner)
	if mail.KindOf(err) == mail.Absent {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	b, err := o.App.OpenSignature(owner, row.Box)
	if err != nil {
		return "", mail.E(mail.Internal, "error.internal", errors.Join(errors.New("signature"), err))
	}
	return string(b), nil
}

// SetOwnSignature keeps what is to stand below a person's own letters; "" for what the unit
// says. The error for people is Invalid.
func (o *Office) SetOwnSignature(ctx context.Context, person mail.ID, text string) error {
	by := mail.Actor{Kind: mail.ActorPerson, ID: person}
	return o.setSignature(ctx, by, person, text, func(*org.Tree) error { return nil })
}

// SetUnitSignature keeps what is to stand below letters of a unit's people, and of those
// below it that have none of their own; "" for what the unit above says. The errors are
// Absent for who does not organise the unit, and Invalid.
func (o *Office) SetUnitSignature(ctx context.Context, by mail.Actor, unit mail.ID, text string) error {
	return o.setSignature(ctx, by, unit, text, func(t *org.Tree) error { return organises(t, by, unit) })
}

func (o *Office) setSignature(ctx context.Context, by mail.Actor, owner mail.ID, text string, may func(*org.Tree) error) error {
	text, err := org.CleanSignature(text)
	if err != nil {
		return err
	}
	return o.do(ctx, by, act{
		may: may,
		write: func(tx Tx) error {
			if owner != by.ID { // one's own is nobody else's to ask about
				if err := changed(tx, by, owner, mail.SettingSignature); err != nil {
					return err
				}
			}
			if text == "" {
				return tx.DeleteSignature(owner)
			}
			return tx.PutSignature(mail.Signature{Owner: owner, Box: o.App.SealSignature(owner, []byte(text)), At: tx.Now()})
		},
		done: func(*org.Tree) {},
		note: mail.Event{Kind: journal.SignatureSet, Holder: owner},
	})
}
