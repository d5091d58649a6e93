package office

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/outbox"
	"sigill/appliance/seal"
)

// inviteAgain makes a fresh invitation for somebody of the house who was never here;
// the one before is dead then. The errors for people are Invalid: somebody who has
// been here or is suspended, or one for whom letters wait under a key that the server cannot reach.
//
// That key is the point. It is locked for R, for H and under the code of the old
// invitation, and the server opens none of them once that mail has left. So:
//
//   - while the mail still waits, its code opens the seed, which gets a new code;
//   - if nothing was ever sealed to the key, the person gets another one;
//   - else only R or H can help, and nothing is changed.
func (o *Office) inviteAgain(ctx context.Context, by mail.Actor, lookup [32]byte, may func(t *org.Tree) error) error {
	o.trees.acts.Lock() // their places go with them, and nobody may move them meanwhile
	defer o.trees.acts.Unlock()
	var err error
	o.Tree(func(t *org.Tree) { err = may(t) })
	if err != nil {
		return err
	}
	m, err := o.begin()
	if err != nil {
		return err
	}
	a := &again{making: m, by: by}
	err = o.Store.Update(ctx, func(tx Tx) error {
		if err := a.do(ctx, tx, lookup); err != nil {
			return err
		}
		return changed(tx, by, a.p.ID, mail.SettingInvited)
	})
	if err != nil {
		o.bringBack(a.left)
		m.undo()
		return err
	}
	o.Store.Unreserve(m.shred[:a.spare])
	o.Wake()
	if err := o.learnAgain(ctx, a); err != nil {
		return err
	}
	if err := o.erase(ctx, a.dead); err != nil || a.left.IsZero() {
		return err
	}
	// Function mailboxes in which the person reads, and helper pairs, are locked for the old
	// key.
	o.followHelpers(ctx)
	return o.renewMailboxes(ctx)
}

func (o *Office) learnAgain(ctx context.Context, a *again) error {
	if a.left.IsZero() {
		return o.learn(ctx, a.p.ID)
	}
	return o.learnReplaced(ctx, a.left, a.p.ID)
}

// again is one fresh invitation being made.
type again struct {
	*making
	by    mail.Actor
	dead  []mail.Slot // of what locked the seed, and of the old mail
	left  mail.ID     // whose place is taken; zero: nobody's
	spare int         // reserved slots that are not needed
}

func (a *again) do(ctx context.Context, tx Tx, lookup [32]byte) error {
	p, err := tx.PersonByLookup(lookup)
	if err != nil {
		return err
	}
	if p.Active {
		return mail.E(mail.Invalid, "error.known", nil)
	}
	if !p.Suspended.IsZero() {
		return mail.E(mail.Invalid, "error.invite.suspended", nil)
	}
	been, err := restored(tx, p)
	if err != nil {
		return err
	}
	if been {
		return mail.E(mail.Invalid, "error.invite.recovered", nil)
	}
	profile, err := a.o.Profile(p)
	if err != nil {
		return err
	}
	seed, err := a.waiting(tx, p)
	if err != nil {
		return err
	}
	if err := deleteCodes(tx, p.ID); err != nil {
		return err
	}
	n := NewPerson{Profile: profile, Roles: p.Roles, Plan: p.Plan, Invite: true}
	if seed.IsZero() {
		return a.anew(ctx, tx, p, n)
	}
	return a.recode(tx, p, seed, n)
}

// waiting takes the old invitation's mail out of the outbox, and opens the seed with
// the code in it. Without such a mail, or if it is no good any more, the seed is zero.
func (a *again) waiting(tx Tx, p mail.Person) (seed seal.Secret, err error) {
	rows, err := invitationsOf(tx, p.ID)
	if err != nil {
		return seed, err
	}
	for _, row := range rows {
		key, err := a.o.openSlot(tx, row.Slot)
		if err != nil {
			return seed, err
		}
		n, err := outbox.Open(a.o.App, key, row)
		if err != nil {
			return seed, mail.E(mail.Internal, "error.internal", err)
		}
		if code, err := mail.ParseLinkCode(n.Code); err == nil {
			if s, err := a.o.invited(tx, p, a.o.App.Code(code.Secret())); err == nil {
				seed = s
			}
		}
		a.dead = append(a.dead, row.Slot)
		if err := tx.SaveOutgoing(outbox.Emptied(row)); err != nil {
			return seed, err
		}
	}
	return seed, nil
}

// recode locks the same seed under a new code.
func (a *again) recode(tx Tx, p mail.Person, seed seal.Secret, n NewPerson) error {
	a.p, a.seed, a.spare = p, seed, 2
	s, key := a.slot(2)
	if err := a.invite(n, s, key); err != nil {
		return err
	}
	old, err := a.put(tx)
	if err != nil {
		return err
	}
	a.dead = append(a.dead, old...)
	return a.note(tx)
}

// anew gives a person to whom nothing was ever sealed another key.
//
// It is another row, for somebody may just now be sealing a letter to the key of the
// old one: that letter then finds its owner gone and is refused for later, see
// Replaced. The old row stays without a key, an address or a role.
func (a *again) anew(ctx context.Context, tx Tx, p mail.Person, n NewPerson) error {
	some, err := tx.EverHeld(p.ID)
	if err == nil && !some {
		some, err = a.o.readsAlone(tx, p.ID)
	}
	if err != nil {
		return err
	}
	if some {
		return mail.E(mail.Invalid, "error.invite.letters", nil)
	}
	a.o.replace(p.ID)
	dead, err := a.o.retire(tx, p)
	if err != nil {
		return err
	}
	a.left, a.dead = p.ID, append(a.dead, dead...)
	at := p.At
	if err := a.newKey(n); err != nil {
		return err
	}
	a.p.At = at // in the list they stand where they stood
	if err := a.locks(ctx, n); err != nil {
		return err
	}
	if err := a.hold(n); err != nil {
		return err
	}
	if err := a.write(tx); err != nil {
		return err
	}
	if err := tx.MovePlaces(p.ID, a.p.ID); err != nil {
		return err
	}
	if dead, err = tx.MoveMailboxPlaces(p.ID, a.p.ID); err != nil {
		return err
	}
	a.dead = append(a.dead, dead...)
	return a.note(tx)
}

// readsAlone reports whether a person is the only one who reads in a function mailbox in
// which there are letters: they would be lost with the key.
func (o *Office) readsAlone(tx Tx, person mail.ID) (alone bool, err error) {
	var boxes []mail.ID
	o.Tree(func(t *org.Tree) {
		for _, m := range t.MailboxesOf(person) {
			if len(t.Readers(m.ID)) == 1 {
				boxes = append(boxes, m.ID)
			}
		}
	})
	for _, b := range boxes {
		if alone, err = tx.EverHeld(b); alone || err != nil {
			return alone, err
		}
	}
	return false, nil
}

// retire takes the key, the address, the roles and the invitation from somebody. The row
// stays, as nobody's. It returns what is to be erased.
//
// Either nothing was ever sealed to the key, and nothing may be any more; see replace, and
// MoveMailboxPlaces for their part in function mailboxes. Or it is a function mailbox's by
// now; see HandOver. Or a recipient's account is closed, and the letters end with it.
func (o *Office) retire(tx Tx, p mail.Person) (dead []mail.Slot, err error) {
	wraps, err := tx.SeedWraps(p.ID)
	if err != nil {
		return nil, err
	}
	held, err := tx.DeleteHeldSeed(p.ID)
	if err != nil {
		return nil, err
	}
	dead = append(dead, held)
	// Whom the sign-on has named is to be found at the new row.
	if err := tx.DeleteSignOn(p.ID); err != nil && mail.KindOf(err) != mail.Absent {
		return nil, err
	}
	if err := tx.DeleteRegistration(p.ID); err != nil {
		return nil, err
	}
	for _, w := range wraps {
		old, err := tx.DeleteSeedWrap(p.ID, w.Kind)
		if err != nil {
			return nil, err
		}
		dead = append(dead, old)
	}
	if err := deleteCodes(tx, p.ID); err != nil {
		return nil, err
	}
	rows, err := invitationsOf(tx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		dead = append(dead, row.Slot)
		if err := tx.SaveOutgoing(outbox.Emptied(row)); err != nil {
			return nil, err
		}
	}
	ghost := mail.Person{ID: p.ID, At: p.At, Kind: p.Kind}
	rand.Read(ghost.Lookup[:])
	return dead, tx.SavePerson(ghost)
}

func (a *again) note(tx Tx) error {
	return tx.Note(mail.Event{Kind: journal.Invited, At: tx.Now(), Actor: a.by.Kind, Part: "office", Holder: a.p.ID, Who: a.o.App.Who(a.by.ID)})
}

// invitationsOf returns the invitations of a person that have not left yet.
func invitationsOf(tx ReadTx, person mail.ID) ([]mail.Outgoing, error) {
	rows, err := tx.OutgoingOf(person)
	var list []mail.Outgoing
	for _, o := range rows {
		if o.Kind.Invites() && !o.Slot.IsZero() {
			list = append(list, o)
		}
	}
	return list, err
}

// Replaced reports whether a person, or a generation of a function mailbox, has got
// another key since this process began, or is gone. A letter to them must not be stored
// any more; its sender tries again and finds the new key.
func (o *Office) Replaced(id mail.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.replaced[id]
}

func (o *Office) replace(id mail.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.replaced[id] = true
}

// bringBack takes a replace back that came to nothing.
func (o *Office) bringBack(id mail.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.replaced, id)
}

// Invitation is how it stands with a person's invitation.
type Invitation struct {
	Until time.Time // the last moment at which it is good; zero: there is none
	Waits bool      // its mail has not left yet
	Tried bool      // and was not taken
}

// InvitationOf is Invitation in a look of its own.
func (o *Office) InvitationOf(ctx context.Context, person mail.ID) (i Invitation, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		i, err = o.Invitation(tx, person)
		return err
	})
	return i, err
}

// Invitation tells how it stands with the invitation of somebody who was never here.
func (o *Office) Invitation(tx ReadTx, person mail.ID) (i Invitation, err error) {
	codes, err := tx.CodesOf(person)
	if err != nil {
		return i, err
	}
	for _, c := range codes {
		if c.Kind == mail.CodeInvitation && o.Clock.Now().Before(c.Expires) {
			i.Until = c.Expires
		}
	}
	if i.Until.IsZero() {
		return i, nil
	}
	rows, err := invitationsOf(tx, person)
	i.Waits = len(rows) > 0
	i.Tried = slices.ContainsFunc(rows, func(o mail.Outgoing) bool { return o.Tries > 0 })
	return i, err
}
