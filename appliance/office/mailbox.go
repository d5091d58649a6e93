package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// mailboxReads is what the office reads of function mailboxes.
type mailboxReads interface {
	FunctionMailboxes() ([]mail.FunctionMailbox, error)
	FunctionMailboxByLookup([32]byte) (mail.FunctionMailbox, error)
	Generations() ([]mail.Generation, error)
	GenerationsOf(mailbox mail.ID) ([]mail.Generation, error)
	GenerationWrap(mailbox, generation, member mail.ID) (mail.GenerationWrap, error)
	GenerationWraps(generation mail.ID) ([]mail.GenerationWrap, error)
	MailboxMembers() ([]mail.MailboxMember, error)
	CountHolders(owner mail.ID) (int, error)
	UnreadBefore(owner mail.ID, before time.Time, n int) ([]mail.Unread, error)
}

// mailboxWrites is what the office writes of them.
type mailboxWrites interface {
	PutFunctionMailbox(mail.FunctionMailbox) error
	SaveFunctionMailbox(mail.FunctionMailbox) error
	DeleteFunctionMailbox(mail.ID) ([]mail.Slot, error)
	PutGeneration(mail.Generation) error
	DeleteGeneration(mail.ID) ([]mail.Slot, error)
	PutGenerationWrap(mail.GenerationWrap) (old mail.Slot, err error)
	DeleteGenerationWraps(mailbox, member mail.ID) ([]mail.Slot, error)
	PutMailboxMember(mail.MailboxMember) error
	DeleteMailboxMember(mailbox, person mail.ID) error
	MoveMailboxPlaces(from, to mail.ID) ([]mail.Slot, error)
	PutAlarm(holder mail.ID, at time.Time) error
}

func (o *Office) loadMailboxes(tx ReadTx, t *org.Tree) error {
	rows, err := tx.FunctionMailboxes()
	if err != nil {
		return err
	}
	generations, err := tx.Generations()
	if err != nil {
		return err
	}
	left := map[mail.ID]bool{}
	for _, g := range generations { // the newest of each comes last
		o.setGeneration(g)
		left[g.Mailbox] = left[g.Mailbox] || wasPersons(g)
	}
	for _, row := range rows {
		m, err := o.openMailbox(row)
		if err != nil {
			return err
		}
		m.Left = left[m.ID]
		t.PutMailbox(m)
	}
	members, err := tx.MailboxMembers()
	if err != nil {
		return err
	}
	for _, m := range members {
		t.PutColleague(m)
	}
	return nil
}

// wasPersons reports whether a generation was the key of a person whose mailbox was handed
// over: then all three have one id.
func wasPersons(g mail.Generation) bool { return g.ID == g.Mailbox }

func (o *Office) openMailbox(row mail.FunctionMailbox) (org.Mailbox, error) {
	m := org.Mailbox{ID: row.ID, Unit: row.Unit, Rules: row.Rules, Alarm: row.Alarm, At: row.At, Ends: row.Ends, Decision: row.Decision, Reminded: row.Reminded}
	b, err := o.App.OpenProfile(row.ID, row.Columns)
	if err != nil {
		return m, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("function mailbox"), err))
	}
	var f mail.Profile
	err = json.Unmarshal(b, &f)
	m.Address, m.Name = f.Address, f.Name
	return m, err
}

func (o *Office) sealMailbox(m org.Mailbox) (mail.FunctionMailbox, error) {
	b, err := json.Marshal(mail.Profile{Address: m.Address, Name: m.Name})
	if err != nil {
		return mail.FunctionMailbox{}, fmt.Errorf("function mailbox: %w", err)
	}
	return mail.FunctionMailbox{
		ID: m.ID, Unit: m.Unit, Lookup: o.App.Lookup(m.Address.Key()), Columns: o.App.SealProfile(m.ID, b),
		Rules: m.Rules, Alarm: m.Alarm, At: m.At, Ends: m.Ends, Decision: m.Decision, Reminded: m.Reminded,
	}, nil
}

// mailboxAt returns the function mailbox at an address.
func (o *Office) mailboxAt(a mail.Address) (r mail.Resident, ok bool) {
	o.Tree(func(t *org.Tree) {
		var m org.Mailbox
		if m, ok = t.MailboxAt(a); ok {
			r = o.ofMailbox(t, m)
		}
	})
	return r, ok
}

func (o *Office) mailbox(id mail.ID) (r mail.Resident, ok bool) {
	o.Tree(func(t *org.Tree) {
		if m, err := t.Mailbox(id); err == nil {
			r, ok = o.ofMailbox(t, m), true
		}
	})
	return r, ok
}

// ofMailbox is a function mailbox as it stands now.
func (o *Office) ofMailbox(t *org.Tree, m org.Mailbox) mail.Resident {
	g := o.generation(m.ID)
	r := mail.Resident{ID: m.ID, Key: g.ID, Public: g.Public, Shared: true, Left: m.Left, Profile: mail.Profile{Address: m.Address, Name: m.Name, Lang: o.Lang}}
	for _, c := range told(t, m) {
		p := mail.Profile{Address: c.Address, Name: c.Name, Lang: c.Lang}
		r.Tell = append(r.Tell, p)
		if c.Shared == mail.ToldEach {
			r.Each = append(r.Each, p)
		}
	}
	return r
}

// told are those who are told of a function mailbox; nobody where its own address is. Who is
// suspended cannot look. With nobody left it goes to the mailbox's own address.
func told(t *org.Tree, m org.Mailbox) []org.Colleague {
	if m.Rules&mail.TellAddress != 0 {
		return nil
	}
	readers := slices.DeleteFunc(t.Readers(m.ID), func(c org.Colleague) bool { return c.Out() })
	if len(readers) > maxTold {
		return nil
	}
	return readers
}

// maxTold is how many people get a mail for each letter that comes to a mailbox. With
// more of them it goes to the mailbox's own address, as if that were its rule.
const maxTold = 50

func (o *Office) generation(mailbox mail.ID) mail.Generation {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.generations[mailbox]
}

func (o *Office) setGeneration(g mail.Generation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.generations[g.Mailbox] = g
}

func (o *Office) forgetGeneration(mailbox mail.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.generations, mailbox)
}

// MailboxesOf returns the function mailboxes in which a person reads at this moment.
func (o *Office) MailboxesOf(person mail.ID) (ids []mail.ID) {
	o.Tree(func(t *org.Tree) {
		for _, m := range t.MailboxesOf(person) {
			ids = append(ids, m.ID)
		}
	})
	return ids
}

// Readers returns those who read the letters of an owner at this moment: the person, or
// who has a place in the function mailbox. Who is suspended is not among them.
func (o *Office) Readers(ctx context.Context, owner mail.ID) (list []mail.Profile, err error) {
	r, err := o.Owner(ctx, owner)
	if err != nil {
		return nil, err
	}
	if !r.Shared {
		if !r.Out {
			list = append(list, r.Profile)
		}
		return list, nil
	}
	o.Tree(func(t *org.Tree) {
		for _, c := range t.Readers(owner) {
			if !c.Out() {
				list = append(list, mail.Profile{Address: c.Address, Name: c.Name, Lang: c.Lang})
			}
		}
	})
	return list, nil
}

// Followers returns who gets answers to a letter beside its owner, by the mailboxes'
// rules: who wrote it in a mailbox's name, and the mailboxes that follow what is written
// at a department.
func (o *Office) Followers(ctx context.Context, owner, writer mail.ID) (list []mail.Resident, err error) {
	tell := false
	o.Tree(func(t *org.Tree) {
		if m, err := t.Mailbox(owner); err == nil {
			tell = m.Rules&mail.AnswersToWriter != 0 && t.Reads(writer, owner)
			return
		}
		for _, m := range t.Mailboxes(t.Home(owner)) {
			if m.Rules&mail.AnswersFromUnit != 0 {
				list = append(list, o.ofMailbox(t, m))
			}
		}
	})
	if tell {
		var r mail.Resident
		if r, err = o.Owner(ctx, writer); err == nil {
			list = append(list, r)
		}
	}
	return list, err
}

// AddMailbox makes a function mailbox of a department, with nobody in it yet, and
// returns its id. The errors for people are Invalid: an address that is not the house's,
// or that somebody has.
func (o *Office) AddMailbox(ctx context.Context, by mail.Actor, m org.Mailbox) (mail.ID, error) {
	m, err := m.Clean()
	if err != nil {
		return mail.ID{}, err
	}
	m.ID, m.At = mail.NewID(), o.Clock.Now()
	if !o.ours(m.Address) {
		return m.ID, mail.E(mail.Invalid, "error.notours", nil)
	}
	g, err := o.newGeneration(ctx, m.ID, m.Unit, 1, nil)
	if err != nil {
		return m.ID, err
	}
	var ghost mail.Person
	var dead []mail.Slot
	err = o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organises(t, by, m.Unit); err != nil {
				return err
			}
			if err := mayFollow(t, by, org.Mailbox{}, m); err != nil {
				return err
			}
			if p, known := t.PersonAt(m.Address); known && t.Placed(p.ID) {
				return mail.E(mail.Invalid, "error.mailbox.person", nil)
			}
			return t.MayPutMailbox(m)
		},
		write: func(tx Tx) (err error) {
			if ghost, dead, err = o.clear(tx, m.Address); err != nil {
				return err
			}
			row, err := o.sealMailbox(m)
			if err != nil {
				return err
			}
			if err := tx.PutFunctionMailbox(row); err != nil {
				return err
			}
			return g.write(tx)
		},
		done: func(t *org.Tree) {
			t.DropPerson(ghost.ID)
			t.PutMailbox(m)
			o.setGeneration(g.row)
		},
		note: mail.Event{Kind: journal.MailboxMade, Holder: m.ID, Detail: m.Unit.String()},
	})
	if err != nil {
		o.bringBack(ghost.ID)
		g.undo()
		return m.ID, err
	}
	return m.ID, o.erase(ctx, dead)
}

// clear frees an address for a function mailbox. A letter to it, or one from it, may have
// made a person of it before; that is nobody as long as nothing was sealed to the key, the
// invitation not taken up, and no organiser has given them a place. Else it is Invalid. See
// bringBack for an act that comes to nothing after it.
func (o *Office) clear(tx Tx, a mail.Address) (p mail.Person, dead []mail.Slot, err error) {
	p, err = tx.PersonByLookup(o.App.Lookup(a.Key()))
	if mail.KindOf(err) == mail.Absent {
		return mail.Person{}, nil, nil
	}
	if err != nil {
		return mail.Person{}, nil, err
	}
	some, err := tx.EverHeld(p.ID)
	if err != nil {
		return mail.Person{}, nil, err
	}
	if some || p.Active || p.Roles != 0 {
		return mail.Person{}, nil, mail.E(mail.Invalid, "error.mailbox.person", nil)
	}
	o.replace(p.ID)
	dead, err = o.retire(tx, p)
	return p, dead, err
}

// ChangeMailbox changes what a function mailbox is called, what it does by itself, and
// whose it is. The address stays. Moving it takes the right over both departments.
func (o *Office) ChangeMailbox(ctx context.Context, by mail.Actor, m org.Mailbox) error {
	m, err := m.Clean()
	if err != nil {
		return err
	}
	var names []string
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organisesMailbox(t, by, m.ID); err != nil {
				return err
			}
			if err := organises(t, by, m.Unit); err != nil {
				return err
			}
			old, err := t.Mailbox(m.ID)
			if err != nil {
				return err
			}
			m.Address, m.At, m.Ends, m.Decision, m.Reminded, m.Left = old.Address, old.At, old.Ends, old.Decision, old.Reminded, old.Left
			names = mailboxChanges(old, m)
			if err := mayFollow(t, by, old, m); err != nil {
				return err
			}
			return t.MayPutMailbox(m)
		},
		write: func(tx Tx) error {
			row, err := o.sealMailbox(m)
			if err != nil {
				return err
			}
			if err := changed(tx, by, m.ID, names...); err != nil {
				return err
			}
			return tx.SaveFunctionMailbox(row)
		},
		done: func(t *org.Tree) { t.PutMailbox(m) },
		note: mail.Event{Kind: journal.MailboxChanged, Holder: m.ID, Detail: m.Unit.String()},
	})
}

// mayFollow is the right to have the answers to what people write in their own name come
// to a mailbox: an administrator's. An organiser could else seat themself there, and read
// what citizens answer to somebody else. Those who write are shown where answers go.
func mayFollow(t *org.Tree, by mail.Actor, old, m org.Mailbox) error {
	follows, did := m.Rules&mail.AnswersFromUnit != 0, old.Rules&mail.AnswersFromUnit != 0
	if !follows || did && old.Unit == m.Unit || by.Kind == mail.ActorSystem || t.Roles(by.ID)&mail.RoleAdmin != 0 {
		return nil
	}
	return mail.E(mail.Invalid, "error.mailbox.follow", nil)
}

// RemoveMailbox takes away a function mailbox in which nothing is, nor was. The error is
// Invalid else: letters are not forgotten by the way, and a citizen may still answer one
// whose copy here has ended.
func (o *Office) RemoveMailbox(ctx context.Context, by mail.Actor, id mail.ID) error {
	var dead []mail.Slot
	var closed []mail.ID // to which nothing may be sealed any more
	err := o.do(ctx, by, act{
		may: func(t *org.Tree) error { return organisesMailbox(t, by, id) },
		write: func(tx Tx) (err error) {
			some, err := tx.EverHeld(id)
			if err != nil {
				return err
			}
			if some {
				return mail.E(mail.Invalid, "error.mailbox.letters", nil)
			}
			closed = []mail.ID{id, o.generation(id).ID}
			for _, c := range closed {
				o.replace(c)
			}
			if err := tx.DropSettingChanges(id); err != nil {
				return err
			}
			dead, err = tx.DeleteFunctionMailbox(id)
			return err
		},
		done: func(t *org.Tree) {
			t.DropMailbox(id)
			o.forgetGeneration(id)
		},
		note: mail.Event{Kind: journal.MailboxRemoved, Holder: id},
	})
	if err != nil {
		for _, c := range closed {
			o.bringBack(c)
		}
		return err
	}
	return o.erase(ctx, dead)
}

// organisesMailbox is the right over a function mailbox.
func organisesMailbox(t *org.Tree, by mail.Actor, id mail.ID) error {
	if _, err := t.Mailbox(id); err == nil && (by.Kind == mail.ActorSystem || t.OrganisesMailbox(by.ID, id)) {
		return nil
	}
	return absent()
}
