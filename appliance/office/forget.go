package office

import (
	"context"

	"sigill/appliance/mail"
)

// ForgetInvitations erases what the codes of invitations open whose 90 days are over,
// and the codes with it, and returns how many it were. From then on not even who
// finds such a mail and has the whole machine comes to the key.
func (o *Office) ForgetInvitations(ctx context.Context) (int, error) {
	var late []mail.ID
	err := o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			over, err := o.isOver(tx, p)
			if err != nil {
				return err
			}
			if over {
				late = append(late, p.ID)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for i, id := range late {
		if err := o.forgetInvitation(ctx, id); err != nil {
			return i, err
		}
	}
	return len(late), nil
}

// isOver reports whether a person has an invitation, and none that is still good. Who
// has been here has none: Activate erases it.
func (o *Office) isOver(tx ReadTx, p mail.Person) (bool, error) {
	if p.Active || p.IsNobody() {
		return false, nil
	}
	i, err := o.Invitation(tx, p.ID)
	if err != nil || !i.Until.IsZero() {
		return false, err
	}
	_, has, err := wrapOf(tx, p.ID, mail.SeedInvitation)
	return has, err
}

func (o *Office) forgetInvitation(ctx context.Context, person mail.ID) error {
	var dead []mail.Slot
	err := o.Store.Update(ctx, func(tx Tx) error {
		p, err := tx.Person(person)
		if err != nil {
			return err
		}
		if over, err := o.isOver(tx, p); err != nil || !over {
			return err // invited again, or come in, meanwhile
		}
		been, err := restored(tx, p)
		if err != nil {
			return err
		}
		if p.Kind == mail.RecipientPerson && !been { // nothing of a citizen who never came is kept
			dead, err = o.uninvite(tx, p)
			return err
		}
		one, err := dropInvitation(tx, person)
		dead = []mail.Slot{one}
		return err
	})
	if err != nil {
		return err
	}
	return o.erase(ctx, dead)
}

// dropInvitation takes away what an invitation opens, if there is one, and its codes. It
// returns what is to be erased.
func dropInvitation(tx Tx, person mail.ID) (dead mail.Slot, err error) {
	if err := deleteCodes(tx, person); err != nil {
		return dead, err
	}
	dead, err = tx.DeleteSeedWrap(person, mail.SeedInvitation)
	if mail.KindOf(err) == mail.Absent {
		return dead, nil
	}
	return dead, err
}

// deleteCodes takes away the codes of all invitations that a person has had.
func deleteCodes(tx Tx, person mail.ID) error {
	codes, err := tx.CodesOf(person)
	if err != nil {
		return err
	}
	for _, c := range codes {
		if err := tx.DeleteCode(c.ID); err != nil {
			return err
		}
	}
	return nil
}
