package office

import (
	"context"
	"slices"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// HandOver hands the mailbox of somebody who has left over to their department. It becomes
// a function mailbox of the same id and address, so that letters, threads and answers hang
// together as before; who takes over reads what comes from now on, and asks for what came
// before. Of the person nothing is left: no way in, no place and no right. They are told, at
// the address that they had.
//
// It takes nobody's key. The person's own becomes the first of the mailbox' generations, as
// it stands locked for the recovery kit and for the helper pair; all that the person could
// open it by is erased. Whoever organises there cannot read a line by this: what came before
// is given as in every function mailbox, see GiveOlderByHelp and "sigill recover".
//
// Where it takes two to help somebody it takes two here: who has suspended the person, or
// set their last day, does not hand their mailbox over as well.
//
// The errors are Absent for who may not organise the person or does not see who takes over,
// and Invalid for people: somebody who is not suspended or from outside, a home that is a
// group, who takes over and may not read there, and a second person who is missing.
func (o *Office) HandOver(ctx context.Context, by mail.Actor, person, to mail.ID) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	h, err := o.beginHandOver(ctx, by, person, to)
	if err != nil {
		return err
	}
	if err := o.leaveAll(ctx, by, person); err != nil {
		h.next.undo()
		return err
	}
	if err := o.withMails(2, func(link []mail.Slot) (int, error) {
		return len(link), o.Store.Update(ctx, func(tx Tx) error { return h.do(tx, link) })
	}); err != nil {
		h.next.undo()
		return err
	}
	h.learn()
	o.SignOut(person) // who is suspended has no session; this is for one that was just opened
	if h.organised {
		o.followHelpers(ctx)
	}
	return o.erase(ctx, h.dead)
}

// leaveAll ends a person's reading in every function mailbox, each of which gets another
// key. If it fails in the middle, the rest is done when it is tried again.
func (o *Office) leaveAll(ctx context.Context, by mail.Actor, person mail.ID) error {
	var boxes []org.Mailbox
	o.Tree(func(t *org.Tree) { boxes = t.MailboxesOf(person) })
	for _, m := range boxes {
		if err := o.unseat(ctx, by, m, mail.MailboxMember{Mailbox: m.ID, Person: person}); err != nil {
			return err
		}
	}
	return nil
}

// handOver is a mailbox on its way from who has left to who takes over.
type handOver struct {
	o         *Office
	by        mail.Actor
	lookup    [32]byte // of the person who left
	organised bool     // they had a right over some branch
	box       org.Mailbox
	seat      mail.MailboxMember // of who takes over
	reader    string             // what they are called
	organiser string             // what who does it is called; "" for the machine itself
	next      *nextGeneration
	dead      []mail.Slot
}

func (o *Office) beginHandOver(ctx context.Context, by mail.Actor, person, to mail.ID) (*handOver, error) {
	h := &handOver{o: o, by: by}
	h.seat = mail.MailboxMember{Mailbox: person, Person: to, Role: mail.MailboxReader, Asks: true, Asker: by.ID, Since: o.Clock.Now()}
	var err error
	o.Tree(func(t *org.Tree) {
		h.organised = len(t.Organised(person)) > 0
		h.box, err = o.mayHandOver(t, by, person, to)
		if p, err := t.Person(to); err == nil {
			h.reader = p.Title()
		}
		if p, err := t.Person(by.ID); err == nil {
			h.organiser = p.Title()
		}
	})
	if err != nil {
		return nil, err
	}
	reader, err := o.person(ctx, to)
	if err != nil {
		return nil, err
	}
	h.next, err = o.newGeneration(ctx, person, h.box.Unit, 2, []mail.Person{reader})
	return h, err
}

// mayHandOver is the right to hand somebody's mailbox over, and how it will stand.
func (o *Office) mayHandOver(t *org.Tree, by mail.Actor, person, to mail.ID) (box org.Mailbox, err error) {
	if err := organisesPerson(t, by, person); err != nil {
		return box, err
	}
	p, err := t.Person(person)
	if err != nil {
		return box, err
	}
	if !p.Out() {
		return box, mail.E(mail.Invalid, "error.handover.in", nil)
	}
	if t.TwoHelp(person) && p.OutBy == by.ID && by.Kind != mail.ActorSystem {
		return box, mail.E(mail.Invalid, "error.handover.two", nil)
	}
	if !o.ours(p.Address) {
		return box, mail.E(mail.Invalid, "error.handover.outside", nil)
	}
	box = org.Mailbox{ID: person, Unit: t.Home(person), Address: p.Address, Name: cut(p.Title(), org.MaxName), At: o.Clock.Now(), Left: true}
	if err := t.MayPutMailbox(box); err != nil {
		return box, err
	}
	q, err := t.Person(to)
	if err != nil || to == person || q.Out() || by.Kind != mail.ActorSystem && !t.Sees(by.ID, to) {
		return box, mail.E(mail.Invalid, "error.nobody", nil)
	}
	if !o.ours(q.Address) {
		return box, mail.E(mail.Invalid, "error.mailbox.outside", nil)
	}
	return box, nil
}

func (h *handOver) do(tx Tx, link []mail.Slot) error {
	p, err := tx.Person(h.box.ID)
	if err != nil {
		return err
	}
	h.lookup = p.Lookup
	// Whoever has really left does not mind. Whose mailbox is taken from them learns it.
	if err := h.o.post(tx, link[0], p, mail.Notice{Kind: mail.NoticeHandedOff, At: tx.Now(), Mailbox: h.box.Name, Person: h.reader, Helper: h.organiser}); err != nil {
		return err
	}
	if err := h.makeMailbox(tx, p); err != nil {
		return err
	}
	if err := h.endPerson(tx, p); err != nil {
		return err
	}
	if err := tx.PutMailboxMember(h.seat); err != nil {
		return err
	}
	if err := h.o.noteSeat(tx, h.by, journal.MailboxJoined, h.seat); err != nil {
		return err
	}
	if err := tx.Note(mail.Event{Kind: journal.HandedOver, At: tx.Now(), Actor: h.by.Kind, Who: h.o.App.Who(h.by.ID), Holder: p.ID}); err != nil {
		return err
	}
	return h.o.post(tx, link[1], mail.Person{ID: h.seat.Person}, mail.Notice{Kind: mail.NoticeHandedOver, At: tx.Now(), Mailbox: h.box.Name})
}

// makeMailbox makes the function mailbox. The person's key is its first generation; what
// comes from now on is sealed to the second, which nobody has ever used to write a letter.
func (h *handOver) makeMailbox(tx Tx, p mail.Person) error {
	row, err := h.o.sealMailbox(h.box)
	if err != nil {
		return err
	}
	if err := tx.PutFunctionMailbox(row); err != nil {
		return err
	}
	if err := tx.PutGeneration(mail.Generation{ID: p.ID, Mailbox: p.ID, N: 1, Public: p.Public, At: p.At}); err != nil {
		return err
	}
	wraps, err := tx.SeedWraps(p.ID)
	if err != nil {
		return err
	}
	for _, w := range wraps {
		if w.Kind != mail.SeedRecoveryKey && w.Kind != mail.SeedHelper {
			continue
		}
		// The same slot: it is not erased, its row moves.
		if _, err := tx.DeleteSeedWrap(p.ID, w.Kind); err != nil {
			return err
		}
		if _, err := tx.PutGenerationWrap(mail.GenerationWrap{Generation: p.ID, Kind: w.Kind, Slot: w.Slot, Box: w.Box, Helper: w.Helper}); err != nil {
			return err
		}
	}
	return h.next.write(tx)
}

// endPerson leaves nothing of the person but a row that is nobody's.
func (h *handOver) endPerson(tx Tx, p mail.Person) error {
	keys, err := dropSignIn(tx, p.ID, h.by.Kind)
	if err != nil {
		return err
	}
	if err := tx.DropPlaces(p.ID); err != nil {
		return err
	}
	if err := endSeats(tx, p.ID); err != nil {
		return err
	}
	if err := tx.DeleteSignature(p.ID); err != nil {
		return err
	}
	// The links in mails about what they sent open that without signing in.
	repairs, err := tx.DropRepairCodes(p.ID)
	if err != nil {
		return err
	}
	rest, err := h.o.retire(tx, p)
	h.dead = slices.Concat(keys, repairs, rest)
	return err
}

// endSeats ends a person's places as a substitute. To read somewhere has ended before.
func endSeats(tx Tx, person mail.ID) error {
	all, err := tx.MailboxMembers()
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Person != person {
			continue
		}
		if err := tx.DeleteMailboxMember(m.Mailbox, person); err != nil {
			return err
		}
	}
	return nil
}

func (h *handOver) learn() {
	h.o.forgetKnown(h.lookup)
	h.o.setGeneration(h.next.row)
	h.o.tellTree(func(t *org.Tree) {
		t.DropPerson(h.box.ID)
		t.PutMailbox(h.box)
		t.PutColleague(h.seat)
	})
}

// forgetKnown forgets whose address this was. Whoever asks finds the mailbox first.
func (o *Office) forgetKnown(lookup [32]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.known, lookup)
}

// cut shortens a text to so many characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
