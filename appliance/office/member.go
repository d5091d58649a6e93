package office

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// AddPerson makes somebody of the house at home in a unit and sends an invitation. Who
// is there already becomes a member of the unit, and stays at home where they are.
//
// A department takes people at the house's own domains; a sponsored group takes
// anybody. The errors for people are Invalid.
func (o *Office) AddPerson(ctx context.Context, by mail.Actor, unit mail.ID, n NewPerson) (mail.ID, error) {
	have, known, err := o.addPerson(ctx, by, unit, n)
	if err != nil || !known {
		return have, err
	}
	return have, o.Place(ctx, by, have, unit, false)
}

// addPerson makes the person, unless there is one at the address: then known is true.
func (o *Office) addPerson(ctx context.Context, by mail.Actor, unit mail.ID, n NewPerson) (id mail.ID, known bool, err error) {
	o.trees.acts.Lock() // the unit must not go meanwhile
	defer o.trees.acts.Unlock()
	var u org.Unit
	o.Tree(func(t *org.Tree) {
		if err = organises(t, by, unit); err != nil {
			return
		}
		u, err = t.Unit(unit)
		var p org.Person
		p, known = t.PersonAt(n.Profile.Address)
		id = p.ID
		if _, shared := t.MailboxAt(n.Profile.Address); err == nil && shared {
			err = mail.E(mail.Invalid, "error.mailbox.taken", nil)
		}
	})
	if err != nil || known {
		return id, known, err
	}
	if err := o.fits(u, n.Profile.Address, true); err != nil {
		return id, false, err
	}
	if n.Profile.Name, err = cleanName(n.Profile.Name); err != nil {
		return id, false, err
	}
	n.Roles, n.Unit, n.Invite, n.By = 0, unit, n.Password == "", by.ID
	p, err := o.Make(ctx, n)
	if err == nil {
		// Somebody else may have been quicker, such as a letter to that address.
		o.Tree(func(t *org.Tree) { known = t.Home(p.ID) != unit })
	}
	return p.ID, known, err
}

// fits holds an address against a unit: those who work in the house are at home in
// departments, those from outside in groups; and nobody from outside is a member of a
// department.
func (o *Office) fits(u org.Unit, a mail.Address, home bool) error {
	switch ours := o.ours(a); {
	case u.Kind == mail.Department && !ours:
		return mail.E(mail.Invalid, "error.notours", nil)
	case u.Kind == mail.Group && ours && home:
		return mail.E(mail.Invalid, "error.home", nil)
	}
	return nil
}

// cleanName is a name as people may have one: none is allowed too.
func cleanName(name string) (string, error) {
	if strings.TrimSpace(name) == "" {
		return "", nil
	}
	l, err := org.Label{Name: name}.Clean()
	return l.Name, err
}

// Place makes a person a member of a unit, or moves their home there. Keys, mail and
// what is recorded stay with the person. Moving takes the right over both homes.
func (o *Office) Place(ctx context.Context, by mail.Actor, person, unit mail.ID, home bool) error {
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organises(t, by, unit); err != nil {
				return err
			}
			p, err := t.Person(person)
			if err != nil {
				return err
			}
			u, err := t.Unit(unit)
			if err != nil {
				return err
			}
			if err := o.fits(u, p.Address, home); err != nil {
				return err
			}
			if !home && t.Belongs(person, unit) {
				return errSettled
			}
			if !home {
				return nil
			}
			return organisesPerson(t, by, person)
		},
		write: func(tx Tx) error {
			return tx.PutMembership(mail.Membership{Person: person, Unit: unit, Home: home, Since: tx.Now()})
		},
		done: func(t *org.Tree) { t.Place(person, unit, home) },
		note: mail.Event{Kind: journal.Placed, Holder: person, Detail: unit.String()},
	})
}

// Unplace ends a membership. The home of an employee cannot be left, only moved; who is
// from outside leaves the group, and gets letters like any stranger from then on.
func (o *Office) Unplace(ctx context.Context, by mail.Actor, person, unit mail.ID) error {
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organises(t, by, unit); err != nil {
				return err
			}
			p, err := t.Person(person)
			u, _ := t.Unit(unit) // organised, so it is there
			// Whose domain has become the house's since may still be at home in a group.
			if err == nil && t.Home(person) == unit && o.ours(p.Address) && u.Kind != mail.Group {
				err = mail.E(mail.Invalid, "error.home.left", nil)
			}
			return err
		},
		write: func(tx Tx) error { return tx.DeleteMembership(person, unit) },
		done:  func(t *org.Tree) { t.Unplace(person, unit) },
		note:  mail.Event{Kind: journal.Unplaced, Holder: person, Detail: unit.String()},
	})
}

// Appoint gives an employee the right to organise a unit and all below it.
func (o *Office) Appoint(ctx context.Context, by mail.Actor, person, unit mail.ID) error {
	now := o.Clock.Now()
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organises(t, by, unit); err != nil {
				return err
			}
			p, err := t.Person(person)
			if err == nil && by.Kind != mail.ActorSystem && !t.Sees(by.ID, person) {
				return mail.E(mail.Invalid, "error.nobody", nil) // nor is it said whether there is somebody
			}
			if err == nil && !o.ours(p.Address) {
				err = mail.E(mail.Invalid, "error.organiser.outside", nil)
			}
			return err
		},
		write: func(tx Tx) error {
			return tx.PutOrganising(mail.Organising{Person: person, Unit: unit, Since: now})
		},
		done: func(t *org.Tree) { t.Appoint(person, unit, now) },
		note: mail.Event{Kind: journal.OrganiserMade, Holder: person, Detail: unit.String()},

		organisers: true,
	})
}

// Dismiss takes the right back.
func (o *Office) Dismiss(ctx context.Context, by mail.Actor, person, unit mail.ID) error {
	return o.do(ctx, by, act{
		may:   func(t *org.Tree) error { return organises(t, by, unit) },
		write: func(tx Tx) error { return tx.DeleteOrganising(person, unit) },
		done:  func(t *org.Tree) { t.Dismiss(person, unit) },
		note:  mail.Event{Kind: journal.OrganiserRemoved, Holder: person, Detail: unit.String()},

		organisers: true,
	})
}

// SetRoles gives a person the house's roles; only an administrator may. The last
// administrator cannot lay the role down.
func (o *Office) SetRoles(ctx context.Context, by mail.Actor, person mail.ID, to mail.Roles) error {
	to &= mail.RoleAdmin | mail.RoleAuditor | mail.RoleHelpDesk
	a := act{
		may: func(t *org.Tree) error {
			if by.Kind != mail.ActorSystem && t.Roles(by.ID)&mail.RoleAdmin == 0 {
				return absent()
			}
			p, err := t.Person(person)
			if err == nil && to != 0 && !o.ours(p.Address) {
				return mail.E(mail.Invalid, "error.organiser.outside", nil)
			}
			return t.MaySetRoles(person, to)
		},
		note: mail.Event{Kind: journal.RolesChanged, Holder: person, Detail: fmt.Sprintf("roles %d", to)},
	}
	a.write = func(tx Tx) error {
		other := false
		err := o.rewrite(tx, person, func(p *mail.Person, _ *mail.Profile) { other, p.Roles = p.Roles != to, to })
		if err != nil || !other {
			return err
		}
		return changed(tx, by, person, mail.SettingRoles)
	}
	a.learn = person
	return o.do(ctx, by, a)
}

// SetName changes what a person is called.
func (o *Office) SetName(ctx context.Context, by mail.Actor, person mail.ID, name string) error {
	l, err := org.Label{Name: name}.Clean()
	if err != nil {
		return err
	}
	return o.change(ctx, by, person, act{
		may:  func(t *org.Tree) error { return organisesPerson(t, by, person) },
		note: mail.Event{Kind: journal.ProfileChanged, Holder: person},
	}, func(_ *mail.Person, f *mail.Profile) { f.Name = l.Name })
}

// change is an act that writes a person's row anew, as it stands at that moment.
func (o *Office) change(ctx context.Context, by mail.Actor, person mail.ID, a act, with func(*mail.Person, *mail.Profile)) error {
	a.write = func(tx Tx) error { return o.rewrite(tx, person, with) }
	a.learn = person
	return o.do(ctx, by, a)
}

// rewrite writes a person's row anew, as it stands in the transaction.
func (o *Office) rewrite(tx Tx, person mail.ID, with func(*mail.Person, *mail.Profile)) error {
	p, err := tx.Person(person)
	if err != nil {
		return err
	}
	f, err := o.Profile(p)
	if err != nil {
		return err
	}
	with(&p, &f)
	b, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	p.Columns = o.App.SealProfile(p.ID, b)
	return tx.SavePerson(p)
}

// InviteAgain makes a fresh invitation for somebody who was never here.
func (o *Office) InviteAgain(ctx context.Context, by mail.Actor, person mail.ID) error {
	p, err := o.person(ctx, person)
	if err != nil {
		return err
	}
	return o.inviteAgain(ctx, by, p.Lookup, func(t *org.Tree) error { return organisesPerson(t, by, person) })
}
