package office

import (
	"context"
	"slices"
	"strings"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// InvitedRecipient is who was invited to register, and has not come yet.
type InvitedRecipient struct {
	ID      mail.ID
	Address mail.Address
	Tail    string    // of the phone
	Until   time.Time // the last moment at which the invitation is good
	Waits   bool      // its mail has not left yet
	Tried   bool      // and was not taken: the mail server refuses it, or has not proven who it is
	again   NewRecipient
}

// InviteRecipient invites somebody from outside to register as a recipient: a mail with a
// code goes to the address, and whoever comes with it shows by a PIN that the phone is
// theirs. The phone is the inviter's word, as a letter's number is its sender's: an inbox
// alone is not enough, and a phone of a stranger's choice neither. Until they have come,
// letters go to them as to anybody. Who was invited before by the same one is invited
// again; the code of before is dead then.
//
// Organisers and administrators invite; to everybody else it is Absent. The error for
// people is Invalid for an address of the house, for one that somebody has, and while
// another number is known of it and the phone not confirmed (SayNumber).
func (o *Office) InviteRecipient(ctx context.Context, by mail.Actor, n NewRecipient) error {
	if !o.invites(by) {
		return absent()
	}
	if o.taken(n.Address) {
		return mail.E(mail.Invalid, "error.recipient.taken", nil)
	}
	m, err := o.begin()
	if err != nil {
		return err
	}
	r := &registering{making: m, n: n, taken: "error.recipient.taken", may: o.seesInvited(by)}
	r.kind, r.actor = journal.RecipientInvited, by
	if err := r.base(mail.Profile{Address: n.Address, Lang: n.Lang, By: by.ID}); err != nil {
		m.undo()
		return err
	}
	s, key := r.slot(len(r.wraps))
	if err := r.invite(NewPerson{Profile: mail.Profile{Address: n.Address, Lang: n.Lang, Phone: n.Phone}, Invite: true}, s, key); err != nil {
		m.undo()
		return err
	}
	return r.store(ctx)
}

// invites reports whether somebody may invite recipients.
func (o *Office) invites(by mail.Actor) bool {
	return by.Kind == mail.ActorSystem || o.Roles(by.ID)&(mail.RoleOrganiser|mail.RoleAdmin) != 0
}

// seesInvited returns which invitations are for somebody to see and to undo: those that they
// have sent, and for administrators all. The right is asked here and not for each: who holds
// a reader of the store must not wait for the organisation, which waits for a reader when it
// is told something.
func (o *Office) seesInvited(by mail.Actor) func(mail.Profile) bool {
	all := by.Kind == mail.ActorSystem || o.Roles(by.ID)&mail.RoleAdmin != 0
	own := o.invites(by)
	return func(f mail.Profile) bool { return all || own && !f.By.IsZero() && f.By == by.ID }
}

// InvitedRecipients lists the recipients that somebody has invited, administrators those of
// everybody, as far as they have not come yet.
func (o *Office) InvitedRecipients(ctx context.Context, by mail.Actor) (list []InvitedRecipient, err error) {
	sees := o.seesInvited(by)
	err = o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			i, ok, err := o.invitedRecipient(tx, sees, p)
			if err != nil {
				return err
			}
			if ok {
				list = append(list, i)
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b InvitedRecipient) int { return strings.Compare(a.Address.Key(), b.Address.Key()) })
	return list, err
}

func (o *Office) invitedRecipient(tx ReadTx, sees func(mail.Profile) bool, p mail.Person) (i InvitedRecipient, ok bool, err error) {
	if p.Kind != mail.RecipientPerson || p.Active || p.IsNobody() {
		return i, false, nil
	}
	f, err := o.Profile(p)
	if err != nil || !sees(f) {
		return i, false, err
	}
	if been, err := restored(tx, p); been || err != nil {
		return i, false, err // they have letters, and no invitation that could be undone
	}
	_, secret, err := o.openFactor(tx, p.ID)
	if err != nil {
		return i, false, err
	}
	v, err := o.Invitation(tx, p.ID)
	again := NewRecipient{Address: f.Address, Lang: f.Lang, Phone: secret.Phone}
	return InvitedRecipient{p.ID, f.Address, secret.Phone.Tail(), v.Until, v.Waits, v.Tried, again}, true, err
}

// InviteRecipientAgain makes a fresh invitation for somebody in that list, to the same
// phone; confirmed is that of NewRecipient. Everybody else is Absent.
func (o *Office) InviteRecipientAgain(ctx context.Context, by mail.Actor, person mail.ID, confirmed bool) error {
	var n NewRecipient
	sees := o.seesInvited(by)
	err := o.Store.View(ctx, func(tx ReadTx) error {
		p, err := tx.Person(person)
		if err != nil {
			return err
		}
		i, ok, err := o.invitedRecipient(tx, sees, p)
		if err != nil || !ok {
			return orAbsent(err)
		}
		n = i.again
		n.Confirmed = confirmed
		return nil
	})
	if err != nil {
		return err
	}
	return o.InviteRecipient(ctx, by, n)
}

func orAbsent(err error) error {
	if err == nil {
		err = absent()
	}
	return err
}

// WithdrawRecipient takes an invitation back: its code opens nothing any more, and nothing
// of who was invited is kept. Who is not in that list is Absent.
func (o *Office) WithdrawRecipient(ctx context.Context, by mail.Actor, person mail.ID) error {
	var dead []mail.Slot
	sees := o.seesInvited(by)
	err := o.Store.Update(ctx, func(tx Tx) error {
		p, err := tx.Person(person)
		if err != nil {
			return err
		}
		if _, ok, err := o.invitedRecipient(tx, sees, p); err != nil || !ok {
			return orAbsent(err)
		}
		if dead, err = o.uninvite(tx, p); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.RecipientWithdrawn, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Holder: person})
	})
	if err != nil {
		return err
	}
	return o.erase(ctx, dead)
}

// uninvite takes all away that an invited recipient has, to whom nothing was ever sealed.
func (o *Office) uninvite(tx Tx, p mail.Person) (dead []mail.Slot, err error) {
	keys, err := dropSignIn(tx, p.ID, mail.ActorSystem)
	if err != nil {
		return nil, err
	}
	dead, err = o.retire(tx, p)
	return append(dead, keys...), err
}

// Invitee is an invited recipient who has not come in yet.
type Invitee struct {
	ID      mail.ID
	Address mail.Address
	Phone   mail.Phone // that the inviter has named: the PIN goes there
}

// Invitee returns the invited recipient of this id; ok is false for everybody else.
func (o *Office) Invitee(ctx context.Context, person mail.ID) (i Invitee, ok bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		p, err := tx.Person(person)
		if err != nil || p.Kind != mail.RecipientPerson || p.Active || p.IsNobody() {
			return err
		}
		f, err := o.Profile(p)
		if err != nil {
			return err
		}
		_, secret, err := o.openFactor(tx, p.ID)
		i, ok = Invitee{p.ID, f.Address, secret.Phone}, err == nil
		return err
	})
	return i, ok, err
}

// ActivateRecipient is Activate of an invited recipient, who has proven this phone.
func (o *Office) ActivateRecipient(ctx context.Context, code mail.ID, secret keyring.CodeSecret, proven mail.Phone, password string) (mail.Person, error) {
	p, _, err := o.activate(ctx, code, secret, password, func(tx ReadTx, p mail.Person) error {
		if p.Kind != mail.RecipientPerson || p.IsNobody() {
			return absent()
		}
		_, factor, err := o.openFactor(tx, p.ID)
		if err == nil && (proven == "" || factor.Phone != proven) {
			err = absent()
		}
		return err
	})
	return p, err
}
