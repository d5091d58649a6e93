package desk

import (
	"cmp"
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

// RepairDays is how long a recipient waits for what is missing.
const RepairDays = 7

// Accept takes a draft for all its recipients. Nil means that it is durable for
// each of them: sent, or held with the sender told what is missing.
//
// The sender is d.From, whom the door has proven. The errors are those of policy,
// Denied if the sender is nobody of the house, and those of the store.
func (d *Desk) Accept(ctx context.Context, actor mail.Actor, dr *mail.Draft) error {
	_, err := d.accept(ctx, actor, dr)
	return err
}

func (d *Desk) accept(ctx context.Context, actor mail.Actor, dr *mail.Draft) (mail.ID, error) {
	house, err := d.House(ctx)
	if err != nil {
		return mail.ID{}, err
	}
	sender, ok, err := d.Directory.Resident(ctx, dr.From, dr.FromName)
	if err != nil {
		return mail.ID{}, err
	}
	if !ok {
		return mail.ID{}, mail.E(mail.Denied, "error.sender", nil)
	}
	if sender.Out || sender.Left { // whoever proves the address, such as the house's own mail server
		return mail.ID{}, mail.E(mail.Denied, "error.sender.out", nil)
	}
	if dr.FromName == "" {
		dr.FromName = sender.Name
	}
	if actor.ID.IsZero() {
		actor.ID = sender.ID
	}
	// Before anybody is looked up: what is refused makes nobody a person of the house.
	spend, err := d.allow(ctx, sender.ID, dr.To)
	if err != nil {
		return mail.ID{}, err
	}
	parties, err := d.parties(ctx, dr.To)
	if err != nil {
		return mail.ID{}, err
	}
	now := d.Clock.Now()
	dec, err := policy.Decide(dr, known(parties), house.Rules, now)
	if err != nil {
		return mail.ID{}, err
	}
	tell, err := mails(parties)
	if err != nil {
		return mail.ID{}, err
	}
	// A slot for each holder and each code, the house's own copy, and a repair holder
	// with its code; a notice for each and a report.
	s, err := d.newSealing(wayOf(parties), sender.ID, mail.ID{}, now, 2*len(dr.To)+3, tell+1)
	if err != nil {
		return mail.ID{}, err
	}
	a := acceptance{sealing: s, house: house, draft: dr, sender: sender, dec: dec, parties: parties, tell: mail.Profile{Address: dr.From, Name: dr.FromName, Lang: sender.Lang}}
	if err := a.build(ctx, actor); err != nil {
		s.undo(ctx)
		return mail.ID{}, err
	}
	return s.sealed.Message.ID, s.store(ctx, func(tx Tx) error {
		if err := taken(tx, dr); err != nil {
			return err
		}
		return spend.take(tx)
	})
}

// acceptance is one draft being accepted.
type acceptance struct {
	*sealing
	house    House
	draft    *mail.Draft
	sender   mail.Resident
	tell     mail.Profile // who gets the report: the sender, or who wrote in a mailbox's name
	writer   mail.ID      // that one; zero if nobody wrote in a mailbox's name
	dec      policy.Decision
	parties  []party
	outcomes []mail.Outcome
	own      mail.ID // the house's copy
	signedIn bool    // the sender sees the outcomes on a page; only a hold needs a mail
}

func (a *acceptance) build(ctx context.Context, actor mail.Actor) error {
	m := &a.sealed.Message
	m.Receipt, m.LastDay = a.draft.Ask.Receipt, a.dec.Life.LastDay
	if !a.draft.Ask.ReceiptSet {
		m.Receipt = a.sender.Receipt
	}
	m.Level = highest(a.dec)
	if err := a.envelope(mail.Envelope{Sender: a.draft.From, SenderName: a.draft.FromName, Case: a.draft.Ask.Case}); err != nil {
		return err
	}
	if err := a.houseCopy(); err != nil {
		return err
	}
	if err := a.recipients(); err != nil {
		return err
	}
	a.note(journal.Accepted, actor, mail.ID{}, "")
	return a.content(ctx, a.draft)
}

// recipients makes a holder for each, with a code and a notice for who does not wait,
// and tells the sender.
func (a *acceptance) recipients() error {
	held := false
	for i := range a.draft.To {
		if err := a.recipient(i); err != nil {
			return err
		}
		held = held || a.dec.Recipients[i].Hold != mail.HoldNone
	}
	if a.signedIn && !held {
		return nil
	}
	return a.tellSender(held)
}

// houseCopy is the copy that belongs to the house: the sender's, to the letter's own
// last day, whatever readers delete.
func (a *acceptance) houseCopy() error {
	h, err := a.holder(mail.HolderPerson, a.sender.ID, mail.Columns{Address: a.draft.From, Name: a.draft.FromName})
	if err != nil {
		return err
	}
	a.own = h.ID
	h.House, h.Folder, h.ReadUntil = true, mail.Sent, a.sealed.Message.LastDay
	h.Opened, h.Seen = a.sealed.Message.At, a.sealed.Message.At // who wrote it has read it
	a.keep(h)
	return a.wrapFor(h, a.sender)
}

func (a *acceptance) recipient(i int) error {
	to, v, p := a.draft.To[i], a.dec.Recipients[i], a.parties[i]
	kind, owner := mail.HolderGuest, mail.ID{}
	if v.Channel != mail.ChannelPortal {
		kind, owner = mail.HolderPerson, p.resident.ID
	}
	cols := mail.Columns{Address: to.Address, Given: to.Given, Name: to.Name, Phone: v.Phone, Lang: p.lang(a.draft.Ask.Lang)}
	h, err := a.holder(kind, owner, cols)
	if err != nil {
		return err
	}
	life := a.dec.Life
	h.Level, h.Channel, h.Hold = v.Level, v.Channel, v.Hold
	h.OpenBy, h.ReadFor, h.ReadUntil = life.OpenBy, life.ReadFor, life.End
	a.outcomes = append(a.outcomes, outcome(to, v, life.OpenBy))
	defer func() { a.keep(h) }()
	switch {
	case v.Hold != mail.HoldNone:
		h.OpenBy = a.repairBy()
		h.ReadUntil = time.Time{}
		return nil // the repair holder opens for it until something is mended
	case v.Channel == mail.ChannelRecipient:
		if err := a.wrapFor(h, p.resident); err != nil {
			return err
		}
		return a.letterNotice(h.ID, a.recipientNotice(p.resident, a.sender.ID, life.OpenBy), life.OpenBy)
	case kind == mail.HolderPerson:
		if err := a.wrapFor(h, p.resident); err != nil {
			return err
		}
		n := mail.Notice{Kind: mail.NoticeInternal, To: to.Address, ToName: to.Name, Lang: cmp.Or(cols.Lang, a.house.Lang), Owner: a.sender.ID, Until: life.OpenBy}
		return a.tellResident(h.ID, p.resident, n, life.OpenBy)
	}
	code := a.wrapForCode(h, mail.CodeGuest, life.LastDay)
	a.remember(cols, v, p)
	n := letterNotice(cols, code, a.sender.ID, v.Level, life.OpenBy)
	n.Lang = cmp.Or(n.Lang, a.house.Lang)
	return a.letterNotice(h.ID, n, life.OpenBy)
}

// given is how often the date is written at which a sender has given, or confirmed, a
// number that is remembered.
const given = 30 * 24 * time.Hour

// remember keeps the number that a letter goes to, unless it was only remembered.
func (a *acceptance) remember(c mail.Columns, v policy.Verdict, p party) {
	confirmed := !v.Remembered || v.Doubt != mail.HoldNone
	if v.Phone == "" || !confirmed || v.Phone == p.phone && a.sealed.Message.At.Sub(p.given) < given {
		return
	}
	a.contacts = append(a.contacts, mail.Columns{Address: c.Address, Phone: v.Phone, Lang: c.Lang})
}

// letterNotice tells a guest that there is a letter. It holds the code, and of the
// sender whose letter it is: the notice shows what the house publishes of their unit.
func letterNotice(c mail.Columns, code mail.LinkCode, owner mail.ID, level mail.Level, until time.Time) mail.Notice {
	n := mail.Notice{Kind: mail.NoticeLetter, To: c.Address, ToName: c.Name, Lang: c.Lang, Code: code.Text(), Owner: owner, Until: until}
	if level != mail.Letter {
		n.Tail = c.Phone.Tail()
	}
	return n
}

// recipientNotice tells a registered recipient that there is a letter in their mailbox. It
// holds no code: the letter is locked to their key. What its link holds opens nothing; it
// shows, when they are signed in, that the mail has reached them.
func (s *sealing) recipientNotice(to mail.Resident, owner mail.ID, until time.Time) mail.Notice {
	return mail.Notice{
		Kind: mail.NoticeRecipient, To: to.Address, ToName: to.Name, Lang: to.Lang, Owner: owner, Until: until,
		Proof: s.d.App.InboxProof(mail.ProofLetter, to.ID, s.d.Clock.Now()),
	}
}

// tellSender reports each recipient's outcome. If somebody waits, the mail holds the
// repair link, and therefore goes over verified TLS only. The mail ends with what it is
// about: the house's copy, or the repair.
func (a *acceptance) tellSender(held bool) error {
	n := mail.Notice{
		Kind: mail.NoticeReport, To: a.tell.Address, ToName: a.tell.Name, Lang: cmp.Or(a.tell.Lang, a.house.Lang),
		Outcomes: a.outcomes, At: a.sealed.Message.At, InReplyTo: a.draft.MessageID,
	}
	about, until := a.own, a.dec.Life.LastDay
	n.Letter = a.own
	if held {
		n.Letter = mail.ID{} // the repair link leads further
		end := a.repairBy()
		h, err := a.holder(mail.HolderRepair, a.sender.ID, mail.Columns{Address: a.draft.From})
		if err != nil {
			return err
		}
		h.OpenBy, h.ReadUntil = end, end
		a.keep(h)
		n.Kind, n.MustTLS, n.Until = mail.NoticeHold, true, end
		n.Code = a.wrapForCode(h, mail.CodeRepair, end).Text()
		about, until = h.ID, end
	}
	return a.notice(about, n, until)
}

// repairBy is until when what is missing may be given: no longer than the letter
// itself lives, or content would outlast the end that its sender has fixed.
func (a *acceptance) repairBy() time.Time {
	end := mail.Lifetime{Days: RepairDays}.End(a.sealed.Message.At, a.house.Rules.Zone)
	if last := a.dec.Life.LastDay; !last.IsZero() && last.Before(end) {
		return last
	}
	return end
}

func outcome(to mail.Request, v policy.Verdict, until time.Time) mail.Outcome {
	o := mail.Outcome{Address: to.Address, Given: to.Given, Hold: v.Hold, Channel: v.Channel, Raised: v.Raised, Until: until, Known: v.Remembered, Step: mail.StepAccepted}
	if v.Hold != mail.HoldNone {
		o.Step, o.Until = mail.StepHeld, time.Time{}
	}
	if v.Channel == mail.ChannelPortal {
		o.Number = v.Phone
	}
	return o
}

func highest(dec policy.Decision) mail.Level {
	l := mail.Letter
	for _, v := range dec.Recipients {
		l = max(l, v.Level)
	}
	return l
}
