package office

import (
	"context"
	"errors"
	"slices"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// CameIn writes a sign-in down, and does what only somebody's own key can do: it is locked
// for those who organise them now, and what helper pairs they have a part in is locked for
// colleagues who have come since.
func (o *Office) CameIn(ctx context.Context, by access.Owner, how access.How) error {
	if err := o.firstTime(ctx, by, how); err != nil {
		return err
	}
	if by.Person.Kind == mail.RecipientPerson {
		return nil // nobody organises them, and so nobody's helpers have their key
	}
	if err := o.holdSignedOn(ctx, by, how); err != nil {
		return err
	}
	if err := o.followHelper(ctx, by); err != nil {
		return err
	}
	return o.ShareHelpers(ctx, by.Key)
}

// SignedOut writes down that a person has.
func (o *Office) SignedOut(ctx context.Context, person mail.ID) error {
	return o.Store.Update(ctx, func(tx Tx) error { return note(tx, journal.SignedOut, mail.Person{ID: person}, "") })
}

// firstTime writes a sign-in down. Who has come by the sign-on, and was never here, has no
// use for an invitation any more, which also opens the key.
func (o *Office) firstTime(ctx context.Context, by access.Owner, how access.How) error {
	var dead []mail.Slot
	first := false
	err := o.Store.Update(ctx, func(tx Tx) error {
		dead, first = nil, false
		p, err := tx.Person(by.Person.ID)
		if err != nil {
			return err
		}
		if first = !p.Active; first {
			if dead, err = activated(tx, p); err != nil {
				return err
			}
		}
		return note(tx, journal.SignedIn, p, how.String())
	})
	if err != nil || !first {
		return err
	}
	return errors.Join(o.learn(ctx, by.Person.ID), o.erase(ctx, dead))
}

func activated(tx Tx, p mail.Person) (dead []mail.Slot, err error) {
	old, err := dropInvitation(tx, p.ID)
	if err != nil {
		return nil, err
	}
	p.Active = true
	if err := tx.SavePerson(p); err != nil {
		return nil, err
	}
	return []mail.Slot{old}, note(tx, journal.Activated, p, "")
}

// followHelper locks a seed for the helper pair of who organises the person now, in the
// place of the one for which it was locked.
func (o *Office) followHelper(ctx context.Context, by access.Owner) error {
	h, err := o.helperPair(ctx, func(t *org.Tree) mail.ID { return t.HelperUnit(by.Person.ID) })
	if err != nil {
		return err
	}
	fits := false
	err = o.Store.View(ctx, func(tx ReadTx) error {
		w, ok, err := wrapOf(tx, by.Person.ID, mail.SeedHelper)
		fits = ok && w.Helper == h.id
		return err
	})
	if err != nil || fits {
		return err
	}
	slots, err := o.Store.Reserve(mail.Shred, 1)
	if err != nil {
		return err
	}
	key := seal.NewSecret()
	box, err := keyring.SealSeedTo(keyring.SeedByHelper, h.pub, by.Person.ID, key, by.Key.Seed())
	if err != nil {
		o.Store.Unreserve(slots)
		return err
	}
	var old mail.Slot
	err = o.Store.Update(ctx, func(tx Tx) (err error) {
		if err := tx.PutSlots([]mail.SlotWrite{o.sealSlot(slots[0], key)}); err != nil {
			return err
		}
		old, err = tx.PutSeedWrap(mail.SeedWrap{Person: by.Person.ID, Kind: mail.SeedHelper, Slot: slots[0], Box: box, Helper: h.id})
		return err
	})
	if err != nil {
		o.Store.Unreserve(slots)
		return err
	}
	return o.erase(ctx, []mail.Slot{old})
}

// ShareHelpers locks the helper pairs in which somebody has a part for those who may
// organise there, too, and have none: who has become an organiser helps also those who
// have not signed in since. While somebody changes the organisation it is left for the
// next sign-in.
func (o *Office) ShareHelpers(ctx context.Context, key *keyring.Person) error {
	if o.Roles(mail.ID(key.ID))&mail.RoleOrganiser == 0 {
		return nil // no part in any
	}
	if !o.trees.acts.TryLock() {
		return nil // somebody reads a long table in; a sign-in does not wait for that
	}
	defer o.trees.acts.Unlock()
	lacks, err := o.lackingHelpers(ctx, mail.ID(key.ID))
	if err != nil || len(lacks) == 0 {
		return err
	}
	given, err := o.newLocks(len(lacks))
	if err != nil {
		return err
	}
	err = o.Store.View(ctx, func(tx ReadTx) error { return given.shareHelpers(tx, key, lacks) })
	if err == nil {
		err = o.Store.Update(ctx, func(tx Tx) error {
			_, err := given.writeHelpers(tx)
			return err
		})
	}
	if err != nil {
		given.undo()
	}
	return err
}

// lackingHelper is somebody who may organise a unit and has no part in a pair of it.
type lackingHelper struct {
	helper mail.ID
	person mail.Person
}

// lackingHelpers returns who lacks a part in the pairs in which somebody has one. The
// organisation is asked between the looks into the store, as by keepingHelpers.
func (o *Office) lackingHelpers(ctx context.Context, by mail.ID) (list []lackingHelper, err error) {
	rows, members, err := o.helperRows(ctx)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(h mail.Helper) bool { return !slices.Contains(members[h.ID], by) })
	over := make([][]mail.ID, len(rows))
	o.Tree(func(t *org.Tree) {
		for i, row := range rows {
			over[i] = t.HelpersOver(row.Unit)
		}
	})
	for i, row := range rows {
		lack := slices.DeleteFunc(over[i], func(id mail.ID) bool { return slices.Contains(members[row.ID], id) })
		people, err := o.peopleOf(ctx, lack)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			list = append(list, lackingHelper{row.ID, p})
		}
	}
	return list, nil
}

func (l *seedLocks) shareHelpers(tx ReadTx, key *keyring.Person, lacks []lackingHelper) error {
	for _, x := range lacks {
		pair, err := l.o.openHelper(tx, key, x.helper)
		if err != nil {
			return err
		}
		if err := l.lockFor(x.helper, x.person, pair.Seed()); err != nil {
			return err
		}
	}
	return nil
}

// openHelper opens a helper pair with the key of somebody who has a part in it. The error
// is Absent for who has none.
func (o *Office) openHelper(tx ReadTx, key *keyring.Person, helper mail.ID) (*keyring.Person, error) {
	w, err := tx.HelperWrap(helper, mail.ID(key.ID))
	if err != nil {
		return nil, err
	}
	sw, err := o.openSlot(tx, w.Slot)
	if err != nil {
		return nil, err
	}
	pair, err := key.Generation(helper, sw, w.Box)
	if err != nil {
		return nil, mail.E(mail.Internal, "error.internal", err)
	}
	return pair, nil
}
