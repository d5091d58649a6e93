package office

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// act is one change of the organisation. The tree is asked, the store is written, and
// then the tree is told; nobody else changes anything meanwhile.
//
// Whoever may not see a unit or person gets Absent, as if there were none.
type act struct {
	may   func(t *org.Tree) error
	write func(tx Tx) error
	done  func(t *org.Tree)
	learn mail.ID    // instead of done: whose row was written, which the tree reads anew
	note  mail.Event // At and Actor are filled in
	// It changes who organises what; helper pairs follow.
	organisers bool
}

// errSettled says that it is already as it is asked to be: nothing is written, and it
// went well.
var errSettled = errors.New("as it is")

func (o *Office) do(ctx context.Context, by mail.Actor, a act) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	return o.perform(ctx, by, a)
}

// perform is do of who holds acts.
func (o *Office) perform(ctx context.Context, by mail.Actor, a act) error {
	var err error
	o.Tree(func(t *org.Tree) { err = a.may(t) })
	if errors.Is(err, errSettled) {
		return nil
	}
	if err != nil {
		return err
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		if err := a.write(tx); err != nil {
			return err
		}
		e := a.note
		e.At, e.Actor, e.Who = tx.Now(), by.Kind, o.App.Who(by.ID)
		return tx.Note(e)
	})
	if err != nil {
		return err
	}
	if err := o.told(ctx, a); err != nil || !a.organisers {
		return err
	}
	o.followHelpers(ctx)
	return nil
}

// told tells the tree of an act.
func (o *Office) told(ctx context.Context, a act) error {
	if !a.learn.IsZero() {
		return o.learn(ctx, a.learn)
	}
	o.tellTree(a.done)
	return nil
}

func absent() error { return mail.E(mail.Absent, "error.absent", nil) }

// organises is the right without which nothing in a unit is changed. The machine itself
// has it: the demo's town, and what comes from a directory.
func organises(t *org.Tree, by mail.Actor, unit mail.ID) error {
	if by.Kind == mail.ActorSystem || t.Organises(by.ID, unit) {
		return nil
	}
	return absent()
}

func organisesPerson(t *org.Tree, by mail.Actor, person mail.ID) error {
	if by.Kind == mail.ActorSystem || t.OrganisesPerson(by.ID, person) {
		return nil
	}
	return absent()
}

// AddUnit makes a department or a group below another and returns its id. The errors
// for people are Invalid: a name that will not do, or a place where it cannot stand.
func (o *Office) AddUnit(ctx context.Context, by mail.Actor, u org.Unit) (mail.ID, error) {
	u.ID, u.At = mail.NewID(), o.Clock.Now()
	if err := cleanUnit(&u); err != nil {
		return mail.ID{}, err
	}
	return u.ID, o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organises(t, by, u.Parent); err != nil {
				return err
			}
			if err := mayList(t, by, u); err != nil {
				return err
			}
			return t.MayAdd(u)
		},
		write: func(tx Tx) error { return o.writeUnit(u, tx.PutUnit) },
		done:  func(t *org.Tree) { t.PutUnit(u) },
		note:  mail.Event{Kind: journal.UnitMade, Holder: u.ID, Detail: u.Parent.String()},
	})
}

// ChangeUnit changes what a unit is called, when a group begins and ends, and who pays.
// Kind, place and age stay.
func (o *Office) ChangeUnit(ctx context.Context, by mail.Actor, u org.Unit) error {
	if err := cleanUnit(&u); err != nil {
		return err
	}
	var names []string
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organises(t, by, u.ID); err != nil {
				return err
			}
			old, err := t.Unit(u.ID)
			if err != nil {
				return err
			}
			u.Parent, u.At = old.Parent, old.At
			names = unitChanges(old, u)
			if old.TwoHelp && !u.TwoHelp && u.ID != mail.RootUnit && organises(t, by, u.Parent) != nil {
				return mail.E(mail.Invalid, "error.unit.two", nil) // one of the two could say so
			}
			if old.Listing != u.Listing {
				if err := mayList(t, by, u); err != nil {
					return err
				}
			}
			if old.Plan != u.Plan && !mayRaise(t, by, u) && (u.Plan == mail.PlanNone || u.Plan > t.PlanOf(u.ID)) {
				return mail.E(mail.Invalid, "error.unit.plan", nil)
			}
			return t.MayChange(u)
		},
		write: func(tx Tx) error {
			if err := changed(tx, by, u.ID, names...); err != nil {
				return err
			}
			return o.writeUnit(u, tx.SaveUnit)
		},
		done: func(t *org.Tree) { t.PutUnit(u) },
		note: mail.Event{Kind: journal.UnitChanged, Holder: u.ID, Detail: "plan " + u.Plan.String()},
	})
}

// mayList is the right to let a unit be listed as it says. Else who organises a group of
// outsiders could open the house's lists to them.
func mayList(t *org.Tree, by mail.Actor, u org.Unit) error {
	if over := t.ListingOver(u); over != u.ID && organises(t, by, over) != nil {
		return mail.E(mail.Invalid, "error.unit.listing", nil)
	}
	return nil
}

// mayRaise is the right to give a unit's people more than they have: of who organises the
// one above, and of an administrator. Else an organiser could lift what limits the own
// branch.
func mayRaise(t *org.Tree, by mail.Actor, u org.Unit) bool {
	if by.Kind == mail.ActorSystem || t.Roles(by.ID)&mail.RoleAdmin != 0 {
		return true
	}
	return u.ID != mail.RootUnit && t.Organises(by.ID, u.Parent)
}

// MoveUnit hangs a unit with all below it under another. People, their keys, their mail
// and what is recorded of them stay as they are. It takes the right over both places.
func (o *Office) MoveUnit(ctx context.Context, by mail.Actor, id, to mail.ID) error {
	var u org.Unit
	return o.do(ctx, by, act{
		may: func(t *org.Tree) (err error) {
			if u, err = t.Unit(id); err != nil {
				return err
			}
			for _, place := range []mail.ID{u.Parent, to} {
				if err := organises(t, by, place); err != nil {
					return err
				}
			}
			u.Parent = to
			return t.MayMove(id, to)
		},
		write: func(tx Tx) error { return o.writeUnit(u, tx.SaveUnit) },
		done:  func(t *org.Tree) { t.PutUnit(u) },
		note:  mail.Event{Kind: journal.UnitMoved, Holder: id, Detail: to.String()},

		organisers: true,
	})
}

// RemoveUnit takes an empty unit away.
func (o *Office) RemoveUnit(ctx context.Context, by mail.Actor, id mail.ID) error {
	var parent mail.ID
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			u, err := t.Unit(id)
			if err != nil {
				return err
			}
			if err := organises(t, by, u.Parent); err != nil && id != mail.RootUnit {
				return err
			}
			parent = u.Parent
			return t.MayRemove(id)
		},
		write: func(tx Tx) error {
			if list, err := tx.ListedIn(id); err != nil {
				return err
			} else if len(list) > 0 {
				return mail.E(mail.Invalid, "error.unit.inuse", nil)
			}
			// Who was at home there may not have signed in since, and is still helped by them.
			if err := tx.MoveHelpers(id, parent); err != nil {
				return err
			}
			if err := dropTexts(tx, id); err != nil {
				return err
			}
			if err := tx.DropSettingChanges(id); err != nil {
				return err
			}
			return tx.DeleteUnit(id)
		},
		done: func(t *org.Tree) { t.DropUnit(id) },
		note: mail.Event{Kind: journal.UnitRemoved, Holder: id},

		organisers: true,
	})
}

func cleanUnit(u *org.Unit) (err error) {
	if u.Label, err = u.Label.Clean(); err != nil {
		return err
	}
	if u.Plan >= mail.PlanApplication {
		return mail.E(mail.Invalid, "error.plan", nil) // a program is one, not a department
	}
	if u.Listing > mail.ListedNowhere {
		return mail.E(mail.Invalid, "error.listing", nil)
	}
	if u.Links > mail.LinksLeftOut {
		return mail.E(mail.Invalid, "error.links", nil)
	}
	if u.Kind == mail.Department {
		u.Starts, u.Ends = time.Time{}, time.Time{}
	}
	return nil
}

func (o *Office) writeUnit(u org.Unit, write func(mail.Unit) error) error {
	row, err := o.sealUnit(u)
	if err != nil {
		return err
	}
	return write(row)
}
