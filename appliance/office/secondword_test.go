package office_test

import (
	"encoding/json"
	"testing"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/vault"
)

// remembers keeps a number of an address; worked tells whether a PIN to it was right.
func (x *town) remembers(a mail.Address, phone mail.Phone, worked bool) {
	x.t.Helper()
	b, err := json.Marshal(mail.Columns{Address: a, Phone: phone})
	fine(x.t, err)
	lookup := x.app.Lookup(a.Key())
	c := mail.Contact{Lookup: lookup, Columns: x.app.SealContact(lookup, b), At: x.clock.Now()}
	if worked {
		c.Worked = x.clock.Now()
	}
	fine(x.t, x.db.Update(ctx, func(tx *vault.Tx) error { return tx.PutContact(c) }))
}

// invitedTo is what the journal holds of the last invitation.
func (x *town) invitedTo() (detail string) {
	x.view(func(tx *vault.ReadTx) error {
		list, err := tx.JournalSince(0, 1000)
		for _, e := range list {
			if e.Kind == journal.RecipientInvited {
				detail = e.Detail
			}
		}
		return err
	})
	return detail
}

func TestAnInvitationToAnotherPhone(t *testing.T) {
	const other = mail.Phone("+46709998877")
	boss := mail.SystemActor("test")
	n := office.NewRecipient{Address: citizen, Lang: "sv", Phone: citizenPhone}
	sure := n
	sure.Confirmed = true
	t.Run("takes a second word where another number has worked, and the journal has it", func(t *testing.T) {
		x := newTown(t)
		x.remembers(citizen, other, true)
		err := x.InviteRecipient(ctx, boss, n)
		want(t, err, mail.Invalid)
		if list, _ := x.InvitedRecipients(ctx, boss); len(list) != 0 || len(x.notices()) != 0 {
			t.Error("invited all the same")
		}
		fine(t, x.InviteRecipient(ctx, boss, sure))
		if d := x.invitedTo(); d != "phone 67 confirmed" {
			t.Errorf("%q", d)
		}
	})
	t.Run("also when it is sent again", func(t *testing.T) {
		x := newTown(t)
		fine(t, x.InviteRecipient(ctx, boss, sure)) // more than was asked
		if d := x.invitedTo(); d != "phone 67" {
			t.Errorf("%q", d)
		}
		x.remembers(citizen, other, true) // a letter, meanwhile
		list, err := x.InvitedRecipients(ctx, boss)
		fine(t, err)
		want(t, x.InviteRecipientAgain(ctx, boss, list[0].ID, false), mail.Invalid)
		x.invited(citizen) // that of before is good
		fine(t, x.InviteRecipientAgain(ctx, boss, list[0].ID, true))
		if d := x.invitedTo(); d != "phone 67 confirmed" {
			t.Errorf("%q", d)
		}
	})
	t.Run("and none for the number that has worked", func(t *testing.T) {
		x := newTown(t)
		x.remembers(citizen, citizenPhone, true)
		fine(t, x.InviteRecipient(ctx, boss, n))
	})
	t.Run("or where another was only given", func(t *testing.T) {
		x := newTown(t)
		x.remembers(citizen, other, false)
		fine(t, x.InviteRecipient(ctx, boss, n))
	})
}

func TestAnInvitationThatCannotLeave(t *testing.T) {
	x := newTown(t)
	boss := mail.SystemActor("test")
	fine(t, x.InviteRecipient(ctx, boss, office.NewRecipient{Address: citizen, Lang: "sv", Phone: citizenPhone}))
	row := func() (o mail.Outgoing) {
		list, err := x.InvitedRecipients(ctx, boss)
		fine(t, err)
		x.view(func(tx *vault.ReadTx) error {
			rows, err := tx.OutgoingOf(list[0].ID)
			o = rows[0]
			return err
		})
		return o
	}
	t.Run("is tried as long as its code is good", func(t *testing.T) {
		if o := row(); o.Expires.Sub(o.At) < 89*24*time.Hour {
			t.Errorf("%v", o.Expires.Sub(o.At))
		}
	})
	t.Run("and its inviter sees that it was not taken", func(t *testing.T) {
		list, err := x.InvitedRecipients(ctx, boss)
		fine(t, err)
		if !list[0].Waits || list[0].Tried {
			t.Errorf("%+v", list[0])
		}
		o := row()
		o.Tries = 1
		fine(t, x.db.Update(ctx, func(tx *vault.Tx) error { return tx.SaveOutgoing(o) }))
		list, err = x.InvitedRecipients(ctx, boss)
		fine(t, err)
		if !list[0].Waits || !list[0].Tried {
			t.Errorf("%+v", list[0])
		}
	})
}
