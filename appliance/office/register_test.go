package office_test

import (
	"errors"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/vault"
)

func TestRegisterStands(t *testing.T) {
	t.Run("nobody is made if the letter that proves it has ended by then, and nothing is kept of it", func(t *testing.T) {
		x := newTown(t)
		before := len(x.store.slots)
		_, err := x.Register(ctx, office.NewRecipient{Address: citizen, Phone: citizenPhone, Password: citizenWord}, func(tx office.ReadTx) error {
			return mail.E(mail.Gone, "error.ended", nil)
		})
		want(t, err, mail.Gone)
		if found, _ := x.Recipients(ctx, []mail.Address{citizen}); len(found) != 0 || len(x.kinds(citizen)) != 0 || len(x.store.slots) != before {
			t.Errorf("%d found, %d slots set aside", len(found), len(x.store.slots)-before)
		}
		_, err = x.registers(citizen)
		fine(t, err)
	})
	t.Run("who was invited before stays so", func(t *testing.T) {
		x := newTown(t)
		x.invites(citizen)
		_, err := x.Register(ctx, office.NewRecipient{Address: citizen, Phone: citizenPhone, Password: citizenWord}, func(office.ReadTx) error {
			return mail.E(mail.Denied, "error.absent", nil)
		})
		want(t, err, mail.Denied)
		list, err := x.InvitedRecipients(ctx, mail.SystemActor("test"))
		fine(t, err)
		if len(list) != 1 {
			t.Errorf("%d invitations", len(list))
		}
	})
}

func TestWhoIsRegisteredIsSoThoughTheDiskFailsAtErasing(t *testing.T) {
	x := newTown(t)
	x.invites(citizen)
	var dead mail.Slot
	x.view(func(tx *vault.ReadTx) error {
		p, err := tx.PersonByLookup(x.app.Lookup(citizen.Key()))
		if err != nil {
			return err
		}
		list, err := tx.SeedWraps(p.ID)
		dead = list[0].Slot
		return err
	})
	x.store.eraser = errors.New("the disk failed")
	p, err := x.registers(citizen)
	fine(t, err)
	x.store.eraser = nil
	t.Run("they are there, and sign in", func(t *testing.T) {
		found, err := x.Recipients(ctx, []mail.Address{citizen})
		fine(t, err)
		if found[citizen.Key()].ID != p.ID {
			t.Errorf("%+v", found)
		}
		x.key(p, citizenWord)
	})
	t.Run("the next start erases what the invitation has opened", func(t *testing.T) {
		fine(t, x.db.Close())
		db, err := vault.Open(ctx, vault.Config{Dir: x.dir, Clock: x.clock, Log: quiet})
		fine(t, err)
		defer db.Close()
		fine(t, db.View(ctx, func(tx *vault.ReadTx) error {
			if _, err := tx.SlotValue(dead); mail.KindOf(err) != mail.Gone {
				t.Errorf("it is there: %v", err)
			}
			return nil
		}))
	})
}

// invites invites a recipient.
func (x *town) invites(a mail.Address) {
	x.t.Helper()
	fine(x.t, x.InviteRecipient(ctx, mail.SystemActor("test"), office.NewRecipient{Address: a, Lang: "sv", Phone: citizenPhone}))
}
