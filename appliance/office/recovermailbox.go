package office

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// askMailbox makes a request to the holders of R to open a key of a function mailbox, for
// those who read there and ask for what came before: the newest one that one of them
// does not have. Each key takes a request of its own.
func (o *Office) askMailbox(ctx context.Context, i keyring.Installation, s keyring.Sharing, m org.Mailbox) (r keyring.Request, err error) {
	err = o.Store.Update(ctx, func(tx Tx) error {
		g, err := o.wanted(tx, m.ID)
		if err != nil {
			return err
		}
		if g.ID.IsZero() {
			return invalid("nobody who reads in %s asks for what came before: let an organiser add whoever is to read it, \"from the start\"", m.Address)
		}
		pub, err := seal.ParsePublicKey(g.Public)
		if err != nil {
			return err
		}
		w, sw, err := o.generationForRecovery(tx, g)
		if err != nil {
			return err
		}
		r, err = o.App.NewRequest(keyring.Wanted{
			Installation: i, Sharing: s, Person: g.ID, Address: string(m.Address), Public: pub, Recovery: o.Recovery, Slot: sw, Box: w.Box,
		}, tx.Now())
		if err != nil {
			return fmt.Errorf("the mailbox's key, locked for R: %w", err)
		}
		return tx.Note(mail.Event{Kind: journal.RecoverAsked, At: tx.Now(), Actor: mail.ActorSystem, Part: "recover", Holder: m.ID})
	})
	return r, err
}

// wanted returns the newest generation of a mailbox that somebody asks for who reads
// there; the zero one if there is none.
func (o *Office) wanted(tx Tx, mailbox mail.ID) (newest mail.Generation, err error) {
	for _, c := range o.askers(mailbox) {
		list, err := lacks(tx, mailbox, c.ID)
		if err != nil {
			return newest, err
		}
		if len(list) > 0 && list[0].N > newest.N {
			newest = list[0]
		}
	}
	return newest, nil
}

func (o *Office) askers(mailbox mail.ID) (list []org.Colleague) {
	o.Tree(func(t *org.Tree) {
		list = slices.DeleteFunc(t.Readers(mailbox), func(c org.Colleague) bool { return !c.Asks })
	})
	return list
}

// lacks returns the generations of a mailbox that are not locked for somebody, the newest
// first.
func lacks(tx ReadTx, mailbox, person mail.ID) (list []mail.Generation, err error) {
	all, err := tx.GenerationsOf(mailbox)
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		_, err := tx.GenerationWrap(mailbox, g.ID, person)
		if mail.KindOf(err) == mail.Absent {
			list = append(list, g)
		} else if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (o *Office) generationForRecovery(tx ReadTx, g mail.Generation) (mail.GenerationWrap, seal.Secret, error) {
	wraps, err := tx.GenerationWraps(g.ID)
	if err != nil {
		return mail.GenerationWrap{}, seal.Secret{}, err
	}
	for _, w := range wraps {
		if w.Kind == mail.SeedRecoveryKey {
			sw, err := o.openSlot(tx, w.Slot)
			return w, sw, err
		}
	}
	return mail.GenerationWrap{}, seal.Secret{}, invalid("this mailbox's key is not locked for R: the recovery kit cannot open it")
}

// generationOf finds a generation by its id; ok is false if there is none.
func (o *Office) generationOf(ctx context.Context, id mail.ID) (g mail.Generation, ok bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		all, err := tx.Generations()
		for _, x := range all {
			if x.ID == id {
				g, ok = x, true
			}
		}
		return err
	})
	return g, ok, err
}

// restoreMailbox takes an answer for a key of a function mailbox: all who read there and
// ask for what came before get it, and are told. It is locked for R anew: the answer
// opens nothing after that.
func (o *Office) restoreMailbox(ctx context.Context, g mail.Generation, ans keyring.Answer) (done Restored, err error) {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var m org.Mailbox
	o.Tree(func(t *org.Tree) { m, err = t.Mailbox(g.Mailbox) })
	if err != nil {
		return done, err
	}
	// Who came after the holders of R were asked was not before their eyes.
	asking := slices.DeleteFunc(o.askers(m.ID), func(c org.Colleague) bool { return c.Since.Truncate(time.Second).After(ans.Made) })
	locks, err := o.newLocks(len(asking) + 1)
	if err != nil {
		return done, err
	}
	r := &restoringMailbox{seedLocks: locks, m: m, g: g, answer: ans, asking: asking}
	err = o.withMails(len(asking), func(link []mail.Slot) (int, error) {
		err := o.Store.Update(ctx, func(tx Tx) error { return r.do(tx, link) })
		return r.posted, err
	})
	if err != nil {
		r.undo()
		return done, err
	}
	r.spare()
	o.tellTree(func(t *org.Tree) {
		for _, s := range r.seats {
			t.PutColleague(s)
		}
	})
	return r.done, o.erase(ctx, r.dead)
}

// restoringMailbox is an answer for a mailbox being taken.
type restoringMailbox struct {
	*seedLocks
	m      org.Mailbox
	g      mail.Generation
	answer keyring.Answer
	asking []org.Colleague
	seats  []mail.MailboxMember
	dead   []mail.Slot
	posted int
	done   Restored
}

func (r *restoringMailbox) do(tx Tx, link []mail.Slot) error {
	r.fill, r.made, r.seats, r.dead, r.posted = nil, nil, nil, nil, 0
	seed, err := r.open(tx)
	if err != nil {
		return err
	}
	lack, err := r.lacking(tx)
	if err != nil {
		return err
	}
	if len(lack) == 0 {
		return invalid("nobody who reads in %s asks for this any more", r.m.Address)
	}
	if err := r.lockForR(r.g.ID, seed); err != nil {
		return err
	}
	r.done = Restored{Person: r.g.ID, Address: r.m.Address}
	for i, c := range lack {
		if err := r.give(tx, link[i], c, seed); err != nil {
			return err
		}
		r.done.Readers = append(r.done.Readers, c.Address)
	}
	r.posted = len(lack)
	if r.dead, err = r.writeGenerations(tx); err != nil {
		return err
	}
	return r.settle(tx)
}

func (r *restoringMailbox) open(tx Tx) (seal.Secret, error) {
	if err := fresh(tx, r.answer); err != nil {
		return seal.Secret{}, err
	}
	// The same lock was a person's until their mailbox was handed over. What the holders of R
	// gave for that person is for nobody else. Requests know whole seconds.
	if r.answer.Made.Before(r.m.At.Truncate(time.Second)) {
		return seal.Secret{}, invalid("the answer was made for the person who had %s before: make another request", r.m.Address)
	}
	_, sw, err := r.o.generationForRecovery(tx, r.g)
	if err != nil {
		return seal.Secret{}, err
	}
	pub, err := seal.ParsePublicKey(r.g.Public)
	if err != nil {
		return seal.Secret{}, err
	}
	return r.o.openAnswer(r.answer, sw, pub)
}

func (r *restoringMailbox) give(tx Tx, link mail.Slot, c org.Colleague, seed seal.Secret) error {
	p, err := tx.Person(c.ID)
	if err != nil {
		return err
	}
	if err := r.lockFor(r.g.ID, p, seed); err != nil {
		return err
	}
	if err := tx.Note(mail.Event{Kind: journal.MailboxGiven, At: tx.Now(), Actor: mail.ActorSystem, Part: "recover", Holder: c.ID, Detail: r.m.ID.String()}); err != nil {
		return err
	}
	return r.o.post(tx, link, p, mail.Notice{Kind: mail.NoticeRestored, At: tx.Now(), Mailbox: r.m.Name})
}

// lacking returns those who ask and for whom this generation is not locked.
func (r *restoringMailbox) lacking(tx Tx) (list []org.Colleague, err error) {
	for _, c := range r.asking {
		lacked, err := lacks(tx, r.m.ID, c.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(lacked, func(g mail.Generation) bool { return g.ID == r.g.ID }) {
			list = append(list, c)
		}
	}
	return list, nil
}

// settle takes the question off the table for those who have everything now.
func (r *restoringMailbox) settle(tx Tx) error {
	for _, c := range r.asking {
		lacked, err := lacks(tx, r.m.ID, c.ID)
		if err != nil {
			return err
		}
		more := len(lacked) > 0
		r.done.More = r.done.More || more
		s := mail.MailboxMember{Mailbox: r.m.ID, Person: c.ID, Role: c.Role, Asks: more, Since: c.Since}
		if more {
			s.Asker = c.Asker
		}
		r.seats = append(r.seats, s)
		if err := tx.PutMailboxMember(s); err != nil {
			return err
		}
	}
	return nil
}
