package office

import (
	"context"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// inviteRest is how old the first administrator's invitation is before a start of the
// process makes another one: a service that starts over and over must neither fill a
// mailbox nor kill the code that is just being read.
const inviteRest = 10 * time.Minute

// FirstAdmin makes the person at an address an administrator and invites him, unless
// an administrator has been here already. It is called at each start: an invitation
// that was lost is made again, and if the address was wrong, the one that is named
// now takes the place of the one before.
func (o *Office) FirstAdmin(ctx context.Context, a mail.Address) error {
	some := false
	err := o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		for _, p := range people {
			if p.Roles&mail.RoleAdmin == 0 {
				continue
			}
			been, err := restored(tx, p)
			if err != nil {
				return err
			}
			some = some || p.Active || been
		}
		return err
	})
	if err != nil || some {
		return err
	}
	n := NewPerson{Profile: mail.Profile{Address: a, Lang: o.Lang}, Roles: mail.RoleAdmin, Invite: true}
	if _, shared := o.mailboxAt(a); shared {
		o.Log.Error("house.admin names a function mailbox, which cannot be an administrator: name a person's address", "part", "office", "to", a.Masked())
		return nil
	}
	p, err := o.Make(ctx, n)
	if err != nil && mail.KindOf(err) == mail.Invalid {
		o.Log.Error("house.admin names a registered recipient, who cannot be an administrator: name an address of the house", "part", "office", "to", a.Masked())
		return nil
	}
	if err != nil {
		return err
	}
	if p, err = o.makeAdmin(ctx, p, n.Roles); err != nil || p.Active {
		return err
	}
	err = o.refreshInvitation(ctx, p)
	if mail.KindOf(err) == mail.Invalid {
		o.Log.Error("the administrator's invitation was lost, and letters wait under a key that only the recovery kit opens: name another address in house.admin", "part", "office", "to", a.Masked())
		return nil
	}
	return err
}

// makeAdmin gives a person the roles, and takes them from everybody else: none of them
// has ever been here, and one may be a stranger at a mistyped address.
func (o *Office) makeAdmin(ctx context.Context, admin mail.Person, roles mail.Roles) (mail.Person, error) {
	var changed []mail.Person
	err := o.Store.Update(ctx, func(tx Tx) error {
		changed = nil
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			want := p.Roles &^ mail.RoleAdmin
			if p.ID == admin.ID {
				want = p.Roles | roles
			}
			if want == p.Roles {
				continue
			}
			p.Roles = want
			changed = append(changed, p)
			if err := tx.SavePerson(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return admin, err
	}
	for _, p := range changed {
		if err := o.learn(ctx, p.ID); err != nil {
			return admin, err
		}
		if p.ID == admin.ID {
			admin = p
		}
	}
	return admin, nil
}

// refreshInvitation makes a fresh invitation if the last one has left some time ago,
// or there is none.
func (o *Office) refreshInvitation(ctx context.Context, p mail.Person) error {
	var i Invitation
	err := o.Store.View(ctx, func(tx ReadTx) (err error) {
		i, err = o.Invitation(tx, p.ID)
		return err
	})
	if err != nil || i.Waits {
		return err
	}
	made := i.Until.AddDate(0, 0, -inviteDays)
	if !i.Until.IsZero() && o.Clock.Now().Sub(made).Abs() < inviteRest {
		return nil
	}
	return o.inviteAgain(ctx, mail.Actor{Kind: mail.ActorSystem}, p.Lookup, func(*org.Tree) error { return nil })
}
