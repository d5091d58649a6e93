package desk

import (
	"cmp"
	"context"
	"strings"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Reply begins the answer of a guest, or of a registered recipient, to a letter. When it is
// sent it belongs to the house, in the mailbox of who wrote the letter, and has no timer
// there. Who answers can read it until the letter that was answered ends. TooLarge if they
// have sent MaxAnswers or MaxAnswerBytes to it.
func (d *Desk) Reply(ctx context.Context, r Reader, holder mail.ID) (*Writing, error) {
	house, err := d.House(ctx)
	if err != nil {
		return nil, err
	}
	to, err := d.answered(ctx, r, holder)
	if err != nil {
		return nil, err
	}
	if err := d.Answerable(ctx, to.l.m); err != nil {
		return nil, err
	}
	if err := to.room.takes(1, 1); err != nil {
		return nil, err // before anything is uploaded in vain
	}
	s, err := d.newSealing(mail.In, to.l.m.Owner, to.l.m.Thread, d.Clock.Now(), 2, 0)
	if err != nil {
		return nil, err
	}
	w := &Writing{s: s, room: to.room}
	w.send = func(ctx context.Context, text string) (mail.ID, error) {
		// Now, and not before the upload: a function mailbox may have got another key, and
		// other people, since.
		if err := to.readers(ctx, s); err != nil {
			s.undo(ctx)
			return mail.ID{}, err
		}
		dr := &mail.Draft{
			From: to.cols.Address, FromName: to.cols.Name, Subject: "Re: " + to.subject, Text: text,
			To: []mail.Request{{Address: to.env.Sender, Name: to.env.SenderName}},
		}
		if err := s.answer(ctx, dr, to, house, r.Actor, w.files); err != nil {
			s.undo(ctx)
			return mail.ID{}, err
		}
		return s.sealed.Message.ID, s.store(ctx, func(tx Tx) error {
			l, err := d.load(tx, holder)
			if err != nil {
				return err
			}
			// Again, with this one among the rows: several may be written at once.
			left, err := to.roomOf(tx)
			if err != nil {
				return err
			}
			if err := left.takes(0, 0); err != nil {
				return err
			}
			return d.step(tx, l, mail.StepAnswered, journal.Answered, r.Actor, "")
		})
	}
	return w, nil
}

// Answerable says whether a letter can be answered. It is Denied if nobody is there: the
// mailbox that wrote it has ended.
func (d *Desk) Answerable(ctx context.Context, m mail.Message) error {
	_, err := d.Directory.Owner(ctx, m.Owner)
	if mail.KindOf(err) == mail.Absent {
		return mail.E(mail.Denied, "error.reply.closed", nil)
	}
	return err
}

// answeredLetter is the letter to which somebody answers.
type answeredLetter struct {
	l         loaded
	env       mail.Envelope
	cols      mail.Columns
	owner     mail.Resident
	followers []mail.Resident // who gets it beside the owner
	pair      mail.Pair       // of the guest who answers
	self      mail.Resident   // who answers; the zero value: a guest
	until     time.Time
	room      room

	subject string
}

func (d *Desk) answered(ctx context.Context, r Reader, holder mail.ID) (answeredLetter, error) {
	var a answeredLetter
	guest, isGuest := guestReader(r)
	err := d.Store.View(ctx, func(tx ReadTx) error {
		l, cek, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		if !isGuest && !isRecipients(l) {
			return absent()
		}
		a.l, a.until = l, l.h.Due()
		if a.subject, err = subjectOf(tx, cek, l.m.ID); err != nil {
			return err
		}
		if a.env, err = d.envelope(l); err != nil {
			return err
		}
		if a.cols, err = d.columns(l); err != nil {
			return err
		}
		if isGuest {
			if a.pair, err = pairOf(tx, guest, l.m.Thread); err != nil {
				return err
			}
		} else {
			a.self.ID = l.h.Owner
		}
		a.room, err = a.roomOf(tx)
		return err
	})
	a.room.sign = d.Sign(a.l.m.Owner)
	if err == nil && !isGuest {
		a.self, err = d.Directory.Owner(ctx, a.self.ID)
	}
	return a, err
}

// isRecipients reports whether a copy is a registered recipient's of a letter of the house,
// which they may answer.
func isRecipients(l loaded) bool {
	return l.h.Kind == mail.HolderPerson && l.h.Channel == mail.ChannelRecipient && !l.h.House && l.m.Way != mail.In
}

// readers finds out whose the answer will be, and makes room for their locks and mails.
func (a *answeredLetter) readers(ctx context.Context, s *sealing) (err error) {
	if a.owner, err = s.d.Directory.Owner(ctx, a.l.m.Owner); err != nil {
		return err
	}
	if a.followers, err = s.d.Directory.Followers(ctx, a.l.m.Owner, a.env.Writer); err != nil {
		return err
	}
	mails := a.owner.Mails()
	for _, f := range a.followers {
		mails += f.Mails()
	}
	return s.reserve(len(a.followers), mails)
}

func subjectOf(tx ReadTx, cek seal.Secret, m mail.ID) (string, error) {
	h, err := readHead(tx, cek, m)
	return strings.TrimPrefix(h.Subject, "Re: "), err
}

func pairOf(tx ReadTx, guest *keyring.Guest, thread mail.ID) (mail.Pair, error) {
	pairs, err := tx.PairsOfThread(thread)
	if err != nil {
		return mail.Pair{}, err
	}
	for _, p := range pairs {
		if p.Code == mail.ID(guest.Code) {
			return p, nil
		}
	}
	return mail.Pair{}, absent()
}

// answer seals an answer for the house and for who has written it.
func (s *sealing) answer(ctx context.Context, dr *mail.Draft, to answeredLetter, house House, actor mail.Actor, files []mail.FileHead) error {
	if err := s.envelope(mail.Envelope{Sender: to.env.Sender, SenderName: to.env.SenderName, Case: to.env.Case, Answers: to.cols.Address}); err != nil {
		return err
	}
	own, err := s.ownersCopy(to.owner, mail.Columns{Address: to.env.Sender, Name: to.env.SenderName})
	if err != nil {
		return err
	}
	if err := s.writersCopy(to); err != nil {
		return err
	}
	n := mail.Notice{
		Kind: mail.NoticeAnswer, To: to.env.Sender, ToName: to.env.SenderName, Lang: cmp.Or(to.owner.Lang, house.Lang), At: s.sealed.Message.At,
		Outcomes: []mail.Outcome{{Address: to.cols.Address, Step: mail.StepAnswered}},
	}
	if err := s.tellResident(own, to.owner, n, time.Time{}); err != nil {
		return err
	}
	for _, f := range to.followers {
		if err := s.follow(f, n); err != nil {
			return err
		}
	}
	s.note(journal.Accepted, actor, mail.ID{}, "answer")
	return s.content(ctx, dr, files...)
}

// ownersCopy is the house's own copy of what comes in. It has no timer: it is a public
// record.
func (s *sealing) ownersCopy(owner mail.Resident, c mail.Columns) (mail.ID, error) {
	h, err := s.holder(mail.HolderPerson, owner.ID, c)
	if err != nil {
		return mail.ID{}, err
	}
	h.House = true
	s.keep(h)
	return h.ID, s.wrapFor(h, owner)
}

// writersCopy is the copy of who has written an answer: locked to the guest's own pair, or
// to a registered recipient's key.
func (s *sealing) writersCopy(to answeredLetter) error {
	c := sentCopy{to.cols, to.l.h.Level, to.until}
	if !to.self.ID.IsZero() {
		return s.recipientsSent(to.self, c)
	}
	h, err := s.sentHolder(mail.HolderGuest, mail.ID{}, c)
	if err != nil {
		return err
	}
	s.keep(h)
	return s.wrapForPair(h, to.pair)
}

// sentCopy is the copy that who writes to the house keeps.
type sentCopy struct {
	cols  mail.Columns // of the writer
	level mail.Level
	until time.Time
}

// recipientsSent is a registered recipient's copy of what they send.
func (s *sealing) recipientsSent(by mail.Resident, c sentCopy) error {
	h, err := s.sentHolder(mail.HolderPerson, by.ID, c)
	if err != nil {
		return err
	}
	h.Folder, h.Channel = mail.Sent, mail.ChannelRecipient
	s.keep(h)
	return s.wrapFor(h, by)
}

func (s *sealing) sentHolder(kind mail.HolderKind, owner mail.ID, c sentCopy) (*sealedHolder, error) {
	h, err := s.holder(kind, owner, c.cols)
	if err != nil {
		return nil, err
	}
	h.Level, h.ReadUntil = c.level, c.until
	h.Opened, h.Seen = s.sealed.Message.At, s.sealed.Message.At // who wrote it has read it
	return h, nil
}

// follow gives somebody a copy of an answer beside the house's own, which has no timer
// either.
func (s *sealing) follow(r mail.Resident, n mail.Notice) error {
	h, err := s.holder(mail.HolderPerson, r.ID, mail.Columns{Address: r.Address, Name: r.Name})
	if err != nil {
		return err
	}
	s.keep(h)
	if err := s.wrapFor(h, r); err != nil {
		return err
	}
	n.To, n.ToName, n.Lang = r.Address, r.Name, r.Lang
	return s.tellResident(h.ID, r, n, time.Time{})
}

// Answer is one of the reader's own answers in a thread.
type Answer struct {
	Holder mail.ID
	At     time.Time
	Seen   time.Time // when somebody of the house first read it; zero: not yet
	By     string    // whose mailbox it was read in: a person's name, or a function mailbox'; "" if nobody is called anything
	owner  mail.ID   // of that mailbox
}

// Answers lists the reader's own answers in the thread of a letter.
func (d *Desk) Answers(ctx context.Context, r Reader, holder mail.ID) ([]Answer, error) {
	var list []Answer
	err := d.Store.View(ctx, func(tx ReadTx) error {
		l, _, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		thread, err := tx.Thread(l.m.Thread)
		if err != nil {
			return err
		}
		for _, m := range thread {
			if m.Way != mail.In || m.State != mail.Active {
				continue
			}
			a, ok, err := d.ownAnswer(tx, r, m)
			if err != nil {
				return err
			}
			if ok {
				list = append(list, a)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, d.nameReaders(ctx, list)
}

// nameReaders says whose mailboxes answers were read in. Of one that is gone nothing is said.
func (d *Desk) nameReaders(ctx context.Context, list []Answer) error {
	for i := range list {
		if list[i].Seen.IsZero() {
			continue
		}
		p, err := d.Directory.Owner(ctx, list[i].owner)
		if err != nil && mail.KindOf(err) != mail.Absent {
			return err
		}
		list[i].By = p.Name
	}
	return nil
}

// ownAnswer finds the reader's holder of an answer: the one that the guest's pair, or the
// recipient's key, opens.
func (d *Desk) ownAnswer(tx ReadTx, r Reader, m mail.Message) (Answer, bool, error) {
	holders, err := tx.Holders(m.ID)
	if err != nil {
		return Answer{}, false, err
	}
	a, mine := Answer{At: m.At}, false
	for _, h := range holders {
		if h.House {
			if !h.Opened.IsZero() && (a.Seen.IsZero() || h.Opened.Before(a.Seen)) {
				a.Seen, a.owner = h.Opened, h.Owner
			}
			continue
		}
		l, err := d.loadHolder(tx, h)
		if mail.KindOf(err) == mail.Gone {
			continue
		}
		if err != nil {
			return a, false, err
		}
		if _, err := d.contentKey(tx, r, l); err == nil {
			a.Holder, mine = h.ID, true
		}
	}
	return a, mine, nil
}

// WrongNumber tells the sender that the reader has no phone with the number that the
// PIN goes to. It changes nothing else, and is said once a day at most.
func (d *Desk) WrongNumber(ctx context.Context, l Letter) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	return d.tell(ctx, 1, func(tx Tx, post poster) error {
		x, err := d.load(tx, l.Holder)
		if err != nil {
			return err
		}
		steps, err := tx.Steps(l.Holder)
		if err != nil {
			return err
		}
		for _, s := range steps {
			if s.Kind == mail.StepWrongNumber && tx.Now().Sub(s.At) < 24*time.Hour {
				return nil
			}
		}
		actor := mail.Actor{Kind: mail.ActorGuest, ID: l.Holder}
		if err := d.step(tx, x, mail.StepWrongNumber, journal.WrongNumber, actor, ""); err != nil {
			return err
		}
		return d.postOwner(ctx, tx, post, x, house, mail.NoticeWrong, mail.StepWrongNumber, "")
	})
}
