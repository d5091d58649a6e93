package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/outbox"
	"sigill/appliance/seal"
)

// NewPerson says who is to be made.
type NewPerson struct {
	Profile  mail.Profile
	Roles    mail.Roles
	Plan     mail.Plan // of their own
	Invite   bool      // send the code by which the key is taken over
	Password string    // set at once, for the demo's people; empty: by invitation
	Unit     mail.ID   // their home; zero: RootUnit
	By       mail.ID   // who invites; zero: the machine, such as for a letter to them
}

// Make makes a person: a key, locked for R and H, and for an invitation or a
// password. Who is there already stays as it is and is returned, also if somebody else
// was quicker. Of a registered recipient the error is Invalid; if the address is the house's
// by now, a mail asks them whether they will be one of the house.
func (o *Office) Make(ctx context.Context, n NewPerson) (mail.Person, error) {
	p, err := o.find(ctx, o.App.Lookup(n.Profile.Address.Key()))
	if err == nil && p.Kind == mail.RecipientPerson {
		if !o.ours(n.Profile.Address) {
			return p, mail.E(mail.Invalid, "error.person.recipient", nil)
		}
		if err = o.makeRoom(ctx, p); err == nil {
			return p, errors.Join(o.offer(ctx, p.ID), errOffered)
		}
	}
	if mail.KindOf(err) != mail.Absent {
		return p, err // a password is dear to lock with
	}
	return o.add(ctx, n)
}

// add makes somebody whom a look has just not found. If somebody else was quicker, that
// one is returned.
func (o *Office) add(ctx context.Context, n NewPerson) (mail.Person, error) {
	m, err := o.begin()
	if err != nil {
		return mail.Person{}, err
	}
	if err := m.newKey(n); err != nil {
		m.undo()
		return m.p, err
	}
	if err := m.locks(ctx, n); err != nil {
		m.undo()
		return m.p, err
	}
	if err := m.hold(n); err != nil {
		m.undo()
		return m.p, err
	}
	return m.store(ctx)
}

// making is a person being made.
type making struct {
	o        *Office
	at       time.Time
	p        mail.Person
	unit     mail.ID // their home; zero: none is written
	by       mail.ID // who invites, if somebody is
	invited  bool
	seed     seal.Secret
	shred    []mail.Slot
	link     []mail.Slot
	slots    []mail.SlotWrite
	wraps    []mail.SeedWrap
	codes    []mail.Code
	outgoing []mail.Outgoing
	held     mail.HeldSeed // the zero value: the server does not hold the key
}

func (o *Office) begin() (*making, error) {
	m := &making{o: o, at: o.Clock.Now()}
	var err error
	if m.shred, err = o.Store.Reserve(mail.Shred, 3); err != nil {
		return nil, err
	}
	if m.link, err = o.Store.Reserve(mail.Link, 1); err != nil {
		m.undo()
		return nil, err
	}
	return m, nil
}

func (m *making) undo() { m.o.Store.Unreserve(append(append([]mail.Slot{}, m.shred...), m.link...)) }

// newKey makes the person's row, with a key that is nowhere else yet.
func (m *making) newKey(n NewPerson) error {
	p := mail.Person{ID: mail.NewID(), Lookup: m.o.App.Lookup(n.Profile.Address.Key()), Roles: n.Roles, Plan: n.Plan, At: m.at}
	profile, err := json.Marshal(n.Profile)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	p.Columns = m.o.App.SealProfile(p.ID, profile)
	m.seed = seal.NewSecret()
	p.Public = seal.PrivateKeyOf(m.seed).Public().Bytes()
	m.p, m.unit, m.by, m.invited = p, n.Unit, n.By, n.Invite
	return nil
}

// slot fills the i-th shred slot with a fresh S_w.
func (m *making) slot(i int) (mail.Slot, seal.Secret) {
	s, key := m.shred[i], seal.NewSecret()
	m.slots = append(m.slots, m.o.sealSlot(s, key))
	return s, key
}

func (m *making) locks(ctx context.Context, n NewPerson) error {
	h, err := m.o.helperPair(ctx, func(t *org.Tree) mail.ID { return helperUnit(t, n) })
	if err != nil {
		return err
	}
	if err := m.lockTo(mail.SeedRecoveryKey, m.o.Recovery, mail.ID{}); err != nil {
		return err
	}
	if err := m.lockTo(mail.SeedHelper, h.pub, h.id); err != nil {
		return err
	}
	if n.Password != "" {
		return m.lockByPassword(ctx, n.Password)
	}
	s, key := m.slot(len(m.wraps))
	return m.invite(n, s, key)
}

// lockTo locks the seed under a public key, of the recovery kit or of a helper pair.
func (m *making) lockTo(kind mail.SeedKind, pub seal.PublicKey, helper mail.ID) error {
	s, key := m.slot(len(m.wraps))
	box, err := keyring.SealSeedTo(keyring.SeedKind(kind), pub, m.p.ID, key, m.seed)
	if err != nil {
		return fmt.Errorf("lock a seed: %w", err)
	}
	m.wraps = append(m.wraps, mail.SeedWrap{Person: m.p.ID, Kind: kind, Slot: s, Box: box, Helper: helper})
	return nil
}

// lockByPassword locks the seed under a password: they are here from now on.
func (m *making) lockByPassword(ctx context.Context, password string) error {
	s, key := m.slot(len(m.wraps))
	box, err := m.o.Stretch.SealSeedByPassword(ctx, m.p.ID, []byte(password), key, m.seed)
	if err != nil {
		return err
	}
	m.p.Active = true
	m.wraps = append(m.wraps, mail.SeedWrap{Person: m.p.ID, Kind: mail.SeedPassword, Slot: s, Box: box})
	return nil
}

// hold locks the seed for the server, if an administrator wants that, for whom the sign-on
// can name and who has no password.
func (m *making) hold(n NewPerson) error {
	if !m.o.ServerHeld || n.Password != "" || !m.o.ours(n.Profile.Address) {
		return nil
	}
	more, err := m.o.Store.Reserve(mail.Shred, 1)
	if err != nil {
		return err
	}
	m.shred = append(m.shred, more...)
	s, key := m.slot(len(m.shred) - 1)
	m.held = mail.HeldSeed{Person: m.p.ID, Slot: s, Box: m.o.App.SealHeld(m.p.ID, key, m.seed), At: m.at}
	return nil
}

// helperUnit is the unit whose organisers are to help somebody who is being made, maybe in
// the place of who is at the address now.
func helperUnit(t *org.Tree, n NewPerson) mail.ID {
	if p, known := t.PersonAt(n.Profile.Address); known {
		return t.HelperUnit(p.ID)
	}
	if n.Roles != 0 || n.Unit.IsZero() {
		return t.HelperUnitOf(mail.RootUnit)
	}
	return t.HelperUnitOf(n.Unit)
}

// inviteDays is how long an invitation is good.
const inviteDays = 90

// invite locks the seed under a code that goes out once, to the person's own mailbox.
func (m *making) invite(n NewPerson, s mail.Slot, key seal.Secret) error {
	code := mail.NewLinkCode()
	secret := m.o.App.Code(code.Secret())
	m.wraps = append(m.wraps, mail.SeedWrap{
		Person: m.p.ID, Kind: mail.SeedInvitation, Slot: s,
		Box: keyring.SealSeed(keyring.SeedByInvitation, m.p.ID, secret.L, key, m.seed),
	})
	expires := m.at.AddDate(0, 0, inviteDays)
	m.codes = append(m.codes, mail.Code{ID: mail.NewID(), Kind: mail.CodeInvitation, Locator: secret.Locator, Holder: m.p.ID, Expires: expires})
	if !n.Invite {
		return nil
	}
	notice := mail.Notice{
		Kind: mail.NoticeInvitation, To: n.Profile.Address, ToName: n.Profile.Name, Lang: n.Profile.Lang,
		Code: code.Text(), Until: expires, MustTLS: true,
	}
	if m.p.Kind == mail.RecipientPerson {
		// Its code opens nothing by itself: the phone is asked for too, as of a letter. But
		// that phone is the inviter's word, so who only listens must not have the rest.
		notice.Kind, notice.Tail, notice.NoLink = mail.NoticeInvited, n.Profile.Phone.Tail(), m.o.LinkFree(mail.ID{})
	}
	row, w, err := outbox.Seal(m.o.App, m.link[0], notice, outbox.About{Holder: m.p.ID, Expires: expires}, m.at)
	if err != nil {
		return err
	}
	m.slots = append(m.slots, w)
	m.outgoing = append(m.outgoing, row)
	return nil
}

// store writes the person, unless there is one at that address by now.
func (m *making) store(ctx context.Context) (mail.Person, error) {
	p := m.p
	made := false
	err := m.o.Store.Update(ctx, func(tx Tx) error {
		made = false
		have, err := tx.PersonByLookup(p.Lookup)
		if err == nil {
			p = have
			if p.Kind == mail.RecipientPerson {
				return mail.E(mail.Again, "error.again", errors.New("they have registered as a recipient just now"))
			}
			return nil
		}
		if mail.KindOf(err) != mail.Absent {
			return err
		}
		// Just now somebody may have made a function mailbox of the address: then a letter
		// to a person there would be nobody's. Who comes again finds the mailbox.
		if _, err := tx.FunctionMailboxByLookup(p.Lookup); mail.KindOf(err) != mail.Absent {
			return errors.Join(err, mail.E(mail.Again, "error.again", errors.New("the address is a function mailbox's")))
		}
		made = true
		return m.write(tx)
	})
	if err != nil || !made {
		m.undo()
		return p, err
	}
	m.o.Store.Unreserve(m.link[len(m.outgoing):])
	if len(m.outgoing) > 0 {
		m.o.Wake()
	}
	return p, m.o.learnNew(ctx, p.ID, m.unit)
}

func (m *making) write(tx Tx) error {
	if err := tx.PutPerson(m.p); err != nil {
		return err
	}
	if m.invited {
		if err := changed(tx, mail.Actor{ID: m.by}, m.p.ID, mail.SettingInvited); err != nil {
			return err
		}
	}
	if _, err := m.put(tx); err != nil {
		return err
	}
	if !m.unit.IsZero() {
		if err := tx.PutMembership(mail.Membership{Person: m.p.ID, Unit: m.unit, Home: true, Since: m.at}); err != nil {
			return err
		}
	}
	return tx.Note(mail.Event{Kind: journal.PersonMade, At: tx.Now(), Actor: mail.ActorSystem, Part: "office"})
}

// put writes what stands beside the person's row. It returns the slots of locks that
// were replaced.
func (m *making) put(tx Tx) (old []mail.Slot, err error) {
	if err := tx.PutSlots(m.slots); err != nil {
		return nil, err
	}
	for _, w := range m.wraps {
		s, err := tx.PutSeedWrap(w)
		if err != nil {
			return nil, err
		}
		old = append(old, s)
	}
	if !m.held.Person.IsZero() {
		if err := tx.PutHeldSeed(m.held); err != nil {
			return nil, err
		}
		if err := tx.Note(mail.Event{Kind: journal.SeedHeld, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: m.p.ID}); err != nil {
			return nil, err
		}
	}
	for _, c := range m.codes {
		if err := tx.PutCode(c); err != nil {
			return nil, err
		}
	}
	for _, row := range m.outgoing {
		if err := tx.Enqueue(row); err != nil {
			return nil, err
		}
	}
	return old, nil
}
