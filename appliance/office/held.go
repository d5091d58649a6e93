package office

import (
	"context"
	"errors"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// heldReads is what the office reads of seeds that the server can open. What is not there
// is mail.Absent.
type heldReads interface {
	HeldSeed(person mail.ID) (mail.HeldSeed, error)
	HeldSeeds() (int, error)
}

// heldWrites is what it writes of them.
type heldWrites interface {
	PutHeldSeed(mail.HeldSeed) error
	DeleteHeldSeed(person mail.ID) (mail.Slot, error)
	DeleteSpareHeldSeeds() ([]mail.Slot, error)
}

// Held returns of how many people the server can open the key by itself.
func (o *Office) Held(ctx context.Context) (n int, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		n, err = tx.HeldSeeds()
		return err
	})
	return n, err
}

// HoldsKeys reports whether an administrator wants the server to hold the keys of who comes
// by the organisation's sign-on.
func (o *Office) HoldsKeys() bool { return o.ServerHeld }

// Holds reports whether the server can open a person's key by itself.
func (o *Office) Holds(ctx context.Context, person mail.ID) (holds bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		_, err := tx.HeldSeed(person)
		holds = err == nil
		if mail.KindOf(err) == mail.Absent {
			return nil
		}
		return err
	})
	return holds, err
}

// OpenHeld opens a person's key, for access.SignIn, once the organisation's sign-on has
// said who they are.
func (o *Office) OpenHeld(ctx context.Context, person mail.ID) (p mail.Person, seed seal.Secret, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		h, err := tx.HeldSeed(person)
		if err != nil {
			return err
		}
		if p, err = tx.Person(person); err != nil {
			return err
		}
		if !p.Suspended.IsZero() {
			return seal.ErrOpen
		}
		key, err := o.openSlot(tx, h.Slot)
		if err != nil {
			return err
		}
		seed, err = o.App.OpenHeld(p.ID, key, h.Box)
		return err
	})
	return p, seed, deniedIfClosed(err)
}

// deniedIfClosed makes Denied of what is not there, or is locked with something else.
func deniedIfClosed(err error) error {
	if err != nil && (mail.KindOf(err) == mail.Absent || errors.Is(err, seal.ErrOpen)) {
		return mail.E(mail.Denied, "error.signin", nil)
	}
	return err
}

// hold locks a person's seed for the server, if an administrator wants that and it is not
// done yet.
func (o *Office) hold(ctx context.Context, p mail.Person, seed seal.Secret) error {
	if !o.ServerHeld {
		return nil
	}
	if has, err := o.Holds(ctx, p.ID); has || err != nil {
		return err
	}
	slots, err := o.Store.Reserve(mail.Shred, 1)
	if err != nil {
		return err
	}
	key := seal.NewSecret()
	h := mail.HeldSeed{Person: p.ID, Slot: slots[0], Box: o.App.SealHeld(p.ID, key, seed)}
	err = o.Store.Update(ctx, func(tx Tx) error {
		if _, err := tx.HeldSeed(p.ID); mail.KindOf(err) != mail.Absent {
			return errors.Join(err, overtaken()) // another sign-in was quicker
		}
		if err := tx.PutSlots([]mail.SlotWrite{o.sealSlot(slots[0], key)}); err != nil {
			return err
		}
		h.At = tx.Now()
		if err := tx.PutHeldSeed(h); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.SeedHeld, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: p.ID})
	})
	if err != nil {
		o.Store.Unreserve(slots)
	}
	if mail.KindOf(err) == mail.Denied {
		return nil
	}
	return err
}

// holdSignedOn is hold for who has come in by the sign-on.
func (o *Office) holdSignedOn(ctx context.Context, by access.Owner, how access.How) error {
	if how != access.BySignOn {
		return nil
	}
	return o.hold(ctx, by.Person, by.Key.Seed())
}

// LetGo takes from the server what it could open by itself, if no administrator wants that
// any more. It is done at each start, before anybody comes in. Whose key opens by nothing
// else keeps it until they have chosen a password, which is asked of them at once.
func (o *Office) LetGo(ctx context.Context) error {
	if o.ServerHeld {
		return nil
	}
	if n, err := o.Held(ctx); n == 0 || err != nil {
		return err
	}
	var dead []mail.Slot
	err := o.Store.Update(ctx, func(tx Tx) (err error) {
		if dead, err = tx.DeleteSpareHeldSeeds(); err != nil || len(dead) == 0 {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.SeedsLetGo, At: tx.Now(), Actor: mail.ActorSystem, Part: "office"})
	})
	if err != nil {
		return err
	}
	return o.erase(ctx, dead)
}
