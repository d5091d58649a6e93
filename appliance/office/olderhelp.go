package office

import (
	"context"
	"slices"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// GiveOlderByHelp is GiveOlder by somebody who organises the mailbox, with the helper pair:
// when nobody who reads there has what came before, as when who had it has left. All who
// read there are told, and so is who asked.
//
// It takes two (2-security.md, 2.3): one organiser asks that somebody gets it, and another
// gives it. Neither gives it to themself, and both have had a right of their own for a week:
// one who could make a second on the spot would be alone. So an administrator, who can make
// another one, is not enough by that.
//
// The errors are Absent for who does not organise the mailbox, or without a question, and
// Invalid for people: who asked themself, is too new, or has no part in the pair.
func (o *Office) GiveOlderByHelp(ctx context.Context, by mail.Actor, key *keyring.Person, mailbox, person mail.ID) error {
	g := &giving{o: o, by: by, mailbox: mailbox, kind: journal.MailboxOpened, nothing: "error.mailbox.helpkey"}
	var readers []org.Colleague
	helper, asked := "", ""
	g.may = func(t *org.Tree) error {
		readers = t.Readers(mailbox)
		if p, err := t.Person(by.ID); err == nil {
			helper = p.Title()
		}
		if p, err := t.Person(person); err == nil {
			asked = p.Title()
		}
		return o.mayGiveByHelp(t, by.ID, g.m, g.seat)
	}
	g.open = func(tx ReadTx, of mail.Generation) (seal.Secret, bool, error) { return o.helperSeed(tx, key, of) }
	g.told = func() (ids []mail.ID, n mail.Notice) {
		ids = append(ids, g.asker)
		for _, c := range readers {
			if !c.Out() && !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
		return ids, mail.Notice{Kind: mail.NoticeOpened, Mailbox: g.m.Name, Person: asked, Helper: helper}
	}
	return g.give(ctx, person)
}

// mayGiveByHelp is the right to give what came before with the helper pair.
func (o *Office) mayGiveByHelp(t *org.Tree, by mail.ID, m org.Mailbox, seat mail.MailboxMember) error {
	if !o.trusted(t, by, m.Unit) {
		return mail.E(mail.Invalid, "error.mailbox.help.new", nil)
	}
	if seat.Person == by {
		return mail.E(mail.Invalid, "error.mailbox.help.own", nil)
	}
	if seat.Asker == by {
		return mail.E(mail.Invalid, "error.mailbox.help.asked", nil)
	}
	if !o.trusted(t, seat.Asker, m.Unit) {
		return mail.E(mail.Invalid, "error.mailbox.help.asker", nil)
	}
	return nil
}

// trusted reports whether somebody has had a right over a unit for so long that they count
// for one of two.
func (o *Office) trusted(t *org.Tree, person, unit mail.ID) bool {
	since, has := t.RightOver(person, unit)
	return has && o.Clock.Now().Sub(since) >= vouchAge
}

// helperSeed opens a key of a function mailbox with the helper pair for which it is locked;
// ok is false for who has no part in that.
func (o *Office) helperSeed(tx ReadTx, key *keyring.Person, g mail.Generation) (seed seal.Secret, ok bool, err error) {
	wraps, err := tx.GenerationWraps(g.ID)
	if err != nil {
		return seed, false, err
	}
	for _, w := range wraps {
		if w.Kind == mail.SeedHelper && !w.Helper.IsZero() {
			return o.openByHelper(tx, key, helpLock{w.Helper, g.ID, g.Public, w.Slot, w.Box})
		}
	}
	return seed, false, nil // with the recovery kit
}
