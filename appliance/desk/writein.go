package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Correspondents returns to whom a registered recipient may write: who of the house has
// written to them, people and function mailboxes, as far as they are still there. It counts
// letters that have ended, too.
func (d *Desk) Correspondents(ctx context.Context, r Reader) ([]mail.Resident, error) {
	var ids []mail.ID
	err := d.Store.View(ctx, func(tx ReadTx) (err error) {
		ids, err = tx.WroteTo(r.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	var list []mail.Resident
	for _, id := range ids {
		p, err := d.Directory.Owner(ctx, id)
		if mail.KindOf(err) == mail.Absent {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !p.Out {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b mail.Resident) int {
		return strings.Compare(a.Name+string(a.Address), b.Name+string(b.Address))
	})
	return list, nil
}

// Correspondent returns one of them; the error is Absent for anybody else.
func (d *Desk) Correspondent(ctx context.Context, r Reader, id mail.ID) (mail.Resident, error) {
	list, err := d.Correspondents(ctx, r)
	if err != nil {
		return mail.Resident{}, err
	}
	i := slices.IndexFunc(list, func(p mail.Resident) bool { return p.ID == id })
	if i < 0 {
		return mail.Resident{}, absent()
	}
	return list[i], nil
}

// WriteIn begins a letter of a registered recipient's to somebody of the house who has
// written to them. It belongs to the house, like an answer, and has no timer there; its
// writer's copy is readable for as long as a letter of the house is. from is who writes,
// and subject says, when the letter is sent, what it is about.
//
// The errors are Absent for whom they may not write to, and Invalid, for people, when this
// week's letters are used up. Answers are never counted.
func (d *Desk) WriteIn(ctx context.Context, r Reader, to mail.ID, from mail.Profile, subject func() string) (*Writing, error) {
	house, err := d.House(ctx)
	if err != nil {
		return nil, err
	}
	p, err := d.Correspondent(ctx, r, to)
	if err != nil {
		return nil, err
	}
	spend, err := d.oneLetter(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	s, err := d.newSealing(mail.In, p.ID, mail.ID{}, d.Clock.Now(), 2, 0)
	if err != nil {
		return nil, err
	}
	w := &Writing{s: s, room: room{MaxAnswers, MaxAnswerBytes, d.Sign(p.ID)}}
	w.send = func(ctx context.Context, text string) (mail.ID, error) {
		dr := &mail.Draft{From: from.Address, FromName: from.Name, Subject: subject(), Text: text}
		if err := s.writtenIn(ctx, dr, written{r, to, house, house.Rules.Default(s.sealed.Message.At).LastDay}, w.files); err != nil {
			s.undo(ctx)
			return mail.ID{}, err
		}
		return s.sealed.Message.ID, s.store(ctx, spend.take)
	}
	return w, nil
}

// oneLetter is what one letter takes out of its writer's allowance.
func (d *Desk) oneLetter(ctx context.Context, owner mail.ID) (spending, error) {
	a := d.Directory.Allowance(owner)
	if a.Week == 0 {
		return spending{}, nil
	}
	name, err := d.week(ctx, owner)
	if err != nil {
		return spending{}, err
	}
	s := spending{name: name, n: 1, week: a.Week}
	s.say = "error.plan.recipient"
	return s, d.Store.View(ctx, func(tx ReadTx) error { return s.fits(tx) })
}

// written is a letter of a recipient's that is being sent.
type written struct {
	by    Reader
	to    mail.ID
	house House
	until time.Time // of the writer's own copy
}

// writtenIn seals it for the house and for who has written it.
func (s *sealing) writtenIn(ctx context.Context, dr *mail.Draft, w written, files []mail.FileHead) error {
	// Now, and not before the upload: a function mailbox may have got another key since.
	p, err := s.d.Correspondent(ctx, w.by, w.to)
	if err != nil {
		return err
	}
	self, err := s.d.Directory.Owner(ctx, w.by.ID)
	if err != nil {
		return err
	}
	if err := s.reserve(0, p.Mails()); err != nil {
		return err
	}
	dr.To = []mail.Request{{Address: p.Address, Name: p.Name}}
	if err := s.envelope(mail.Envelope{Sender: dr.From, SenderName: dr.FromName}); err != nil {
		return err
	}
	own, err := s.ownersCopy(p, mail.Columns{Address: p.Address, Name: p.Name})
	if err != nil {
		return err
	}
	copied := sentCopy{cols: mail.Columns{Address: dr.From, Name: dr.FromName}, until: w.until}
	if err := s.recipientsSent(self, copied); err != nil {
		return err
	}
	n := mail.Notice{Kind: mail.NoticeInternal, To: p.Address, ToName: p.Name, Lang: cmp.Or(p.Lang, w.house.Lang)}
	if err := s.tellResident(own, p, n, time.Time{}); err != nil {
		return err
	}
	s.note(journal.Accepted, w.by.Actor, mail.ID{}, "recipient")
	return s.content(ctx, dr, files...)
}
