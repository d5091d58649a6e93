package office

import (
	"context"
	"slices"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// JoinMailbox lets somebody read in a function mailbox, from now on: it gets another
// key, of which the new one has a part. With older they also ask for what came before,
// which only a colleague who has it can give, or another organiser; see GiveOlder and
// GiveOlderByHelp. All who read there are told.
//
// Who reads there already and asks for what came before, asks. The errors are Absent, and
// Invalid for people.
func (o *Office) JoinMailbox(ctx context.Context, by mail.Actor, mailbox, person mail.ID, older bool) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var readers []org.Colleague
	var m org.Mailbox
	var err error
	again := false // by counts as who asks, and who did does not
	o.Tree(func(t *org.Tree) {
		if err = o.maySeat(t, by, mailbox, person); err != nil {
			return
		}
		m, _ = t.Mailbox(mailbox)
		readers = t.Readers(mailbox)
		for _, c := range readers {
			again = again || c.ID == person && o.trusted(t, by.ID, m.Unit) && !o.trusted(t, c.Asker, m.Unit)
		}
	})
	if err != nil {
		return err
	}
	seat := mail.MailboxMember{Mailbox: mailbox, Person: person, Role: mail.MailboxReader, Asks: older, Since: o.Clock.Now()}
	if older {
		seat.Asker = by.ID
	}
	for _, c := range readers {
		if c.ID != person {
			continue
		}
		if c.Asks && !again || !older {
			return nil // as it is asked to be
		}
		seat.Since = c.Since
		return o.seat(ctx, by, m, seat, false)
	}
	return o.seat(ctx, by, m, seat, true)
}

// maySeat is the right to give somebody a place in a function mailbox. Nobody from
// outside gets one.
func (o *Office) maySeat(t *org.Tree, by mail.Actor, mailbox, person mail.ID) error {
	if err := organisesMailbox(t, by, mailbox); err != nil {
		return err
	}
	p, err := t.Person(person)
	if err != nil || by.Kind != mail.ActorSystem && !t.Sees(by.ID, person) {
		return mail.E(mail.Invalid, "error.nobody", nil) // nor is it said whether there is somebody
	}
	if !o.ours(p.Address) {
		return mail.E(mail.Invalid, "error.mailbox.outside", nil)
	}
	return t.MayJoin(mailbox, person)
}

// seat writes the place of somebody who is to read, and tells the others. Who joins makes
// it take another key.
func (o *Office) seat(ctx context.Context, by mail.Actor, m org.Mailbox, s mail.MailboxMember, joins bool) error {
	kind := mail.NoticeJoined
	if s.Asks {
		kind = mail.NoticeAsked
	}
	readers, err := o.readersOf(ctx, m.ID, s.Person, mail.ID{})
	if err != nil {
		return err
	}
	name := ""
	o.Tree(func(t *org.Tree) {
		if p, err := t.Person(s.Person); err == nil {
			name = p.Title()
		}
	})
	told := slices.DeleteFunc(slices.Clone(readers), func(p mail.Person) bool { return !p.Suspended.IsZero() })
	var dead []mail.Slot
	err = o.withMails(len(told), func(link []mail.Slot) (int, error) {
		write := func(tx Tx) error {
			if err := tx.PutMailboxMember(s); err != nil {
				return err
			}
			for i, p := range told {
				if err := o.post(tx, link[i], p, mail.Notice{Kind: kind, At: tx.Now(), Mailbox: m.Name, Person: name}); err != nil {
					return err
				}
			}
			return o.noteSeat(tx, by, journal.MailboxJoined, s)
		}
		if !joins {
			return len(told), o.Store.Update(ctx, write)
		}
		var err error
		dead, err = o.turn(ctx, m.ID, readers, write)
		return len(told), err
	})
	if err != nil {
		return err
	}
	o.tellTree(func(t *org.Tree) { t.PutColleague(s) })
	return o.erase(ctx, dead)
}

func (o *Office) noteSeat(tx Tx, by mail.Actor, kind string, s mail.MailboxMember) error {
	return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Holder: s.Person, Detail: s.Mailbox.String()})
}

func (o *Office) tellTree(f func(t *org.Tree)) {
	o.trees.mu.Lock()
	defer o.trees.mu.Unlock()
	f(o.trees.tree)
}

// AppointSubstitute has somebody told what lies unread in a function mailbox, and that
// they will be. They get no key. Who reads there is told anyway: that is Invalid.
func (o *Office) AppointSubstitute(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error {
	return o.withMails(1, func(link []mail.Slot) (used int, err error) {
		err = o.do(ctx, by, o.substitution(by, mailbox, person, func(tx Tx, name string) error {
			used = 1
			return o.post(tx, link[0], mail.Person{ID: person}, mail.Notice{Kind: mail.NoticeSubstitute, At: tx.Now(), Mailbox: name})
		}))
		return used, err
	})
}

func (o *Office) substitution(by mail.Actor, mailbox, person mail.ID, tell func(tx Tx, name string) error) act {
	s := mail.MailboxMember{Mailbox: mailbox, Person: person, Role: mail.MailboxSubstitute, Since: o.Clock.Now()}
	name := ""
	return act{
		may: func(t *org.Tree) error {
			if err := o.maySeat(t, by, mailbox, person); err != nil {
				return err
			}
			if t.Reads(person, mailbox) {
				return mail.E(mail.Invalid, "error.mailbox.reads", nil)
			}
			for _, c := range t.Staff(mailbox) {
				if c.ID == person {
					return errSettled
				}
			}
			m, err := t.Mailbox(mailbox)
			name = m.Name
			return err
		},
		write: func(tx Tx) error {
			if err := tx.PutMailboxMember(s); err != nil {
				return err
			}
			return tell(tx, name)
		},
		done: func(t *org.Tree) { t.PutColleague(s) },
		note: mail.Event{Kind: journal.MailboxJoined, Holder: person, Detail: mailbox.String()},
	}
}

// LeaveMailbox ends somebody's place in a function mailbox, at their own wish or an
// organiser's: their part in every key of it is erased, and those who stay get another
// key. They and the others need not be signed in.
func (o *Office) LeaveMailbox(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var m org.Mailbox
	reads := false
	err := absent()
	o.Tree(func(t *org.Tree) {
		if by.ID != person && organisesMailbox(t, by, mailbox) != nil {
			return
		}
		m, _ = t.Mailbox(mailbox)
		for _, c := range t.Staff(mailbox) {
			if c.ID == person {
				reads, err = c.Role == mail.MailboxReader, nil
			}
		}
	})
	if err != nil {
		return err
	}
	if reads {
		return o.unseat(ctx, by, m, mail.MailboxMember{Mailbox: mailbox, Person: person})
	}
	return o.perform(ctx, by, act{
		may:   func(*org.Tree) error { return nil },
		write: func(tx Tx) error { return tx.DeleteMailboxMember(mailbox, person) },
		done:  func(t *org.Tree) { t.DropColleague(mailbox, person) },
		note:  mail.Event{Kind: journal.MailboxLeft, Holder: person, Detail: mailbox.String()},
	})
}

// unseat is the end of who read in a mailbox.
func (o *Office) unseat(ctx context.Context, by mail.Actor, m org.Mailbox, s mail.MailboxMember) error {
	readers, err := o.readersOf(ctx, m.ID, mail.ID{}, s.Person)
	if err != nil {
		return err
	}
	left, err := o.person(ctx, s.Person)
	if err != nil {
		return err
	}
	var dead []mail.Slot
	err = o.withMail(func(link mail.Slot) error {
		unused, err := o.turn(ctx, m.ID, readers, func(tx Tx) (err error) {
			if dead, err = tx.DeleteGenerationWraps(m.ID, s.Person); err != nil {
				return err
			}
			if err := tx.DeleteMailboxMember(m.ID, s.Person); err != nil {
				return err
			}
			if err := o.noteSeat(tx, by, journal.MailboxLeft, s); err != nil {
				return err
			}
			return o.post(tx, link, left, mail.Notice{Kind: mail.NoticeLeft, At: tx.Now(), Mailbox: m.Name})
		})
		dead = append(dead, unused...)
		return err
	})
	if err != nil {
		return err
	}
	// It stands: from here on they are out, whatever becomes of the rest.
	o.tellTree(func(t *org.Tree) { t.DropColleague(m.ID, s.Person) })
	return o.erase(ctx, dead)
}

// withMails gives an act the slots of up to n mails; it returns how many it has posted.
func (o *Office) withMails(n int, act func([]mail.Slot) (int, error)) error {
	var slots []mail.Slot
	var err error
	if n > 0 {
		if slots, err = o.Store.Reserve(mail.Link, n); err != nil {
			return err
		}
	}
	used, err := act(slots)
	if err != nil {
		o.Store.Unreserve(slots)
		return err
	}
	o.Store.Unreserve(slots[used:])
	if used > 0 {
		o.Wake()
	}
	return nil
}
