package desk

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Shared is what colleagues see of a message in a function mailbox beside the letter.
type Shared struct {
	Mailbox mail.ID
	Claimed mail.ID // who has the thread; zero: nobody
	Since   time.Time
	Writer  mail.ID // who wrote it in the mailbox's name; zero: not known
	Remarks []Remark
}

// Remark is a note to colleagues, opened.
type Remark struct {
	Author mail.ID
	At     time.Time
	Text   string
}

// maxRemarks bounds the notes to one message.
const maxRemarks = 200

// Shared returns what colleagues see of a copy in a function mailbox. Of a copy in r's own
// mailbox it is Absent.
func (d *Desk) Shared(ctx context.Context, r Reader, holder mail.ID) (s Shared, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		l, cek, err := d.shared(tx, r, holder)
		if err != nil {
			return err
		}
		env, err := d.envelope(l)
		if err != nil {
			return err
		}
		s = Shared{Mailbox: l.h.Owner, Writer: env.Writer}
		c, err := tx.Claim(l.h.Owner, l.m.Thread)
		if err != nil && mail.KindOf(err) != mail.Absent {
			return err
		}
		s.Claimed, s.Since = c.Person, c.At
		s.Remarks, err = remarks(tx, l, cek)
		return err
	})
	return s, err
}

// shared opens a copy in a function mailbox of r's. Whether r reads there is not asked
// again: to a person unlock opens nothing but what lies in a mailbox of theirs.
func (d *Desk) shared(tx ReadTx, r Reader, holder mail.ID) (loaded, seal.Secret, error) {
	l, cek, err := d.unlock(tx, r, holder)
	if err == nil && (l.by == nil || l.h.Owner == r.ID) {
		err = absent()
	}
	return l, cek, err
}

func remarks(tx ReadTx, l loaded, cek seal.Secret) ([]Remark, error) {
	rows, err := tx.Remarks(l.m.ID, l.h.Owner)
	if err != nil {
		return nil, err
	}
	var list []Remark
	for _, row := range rows {
		b, err := seal.OpenRemark(cek, l.by.Mailbox(), l.m.ID, row.ID, row.Box)
		if err != nil {
			return nil, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("remark"), err))
		}
		list = append(list, Remark{row.Author, row.At, string(b)})
	}
	return list, nil
}

// Claim says that r has the thread of a copy in a function mailbox. Busy if a colleague
// has it.
func (d *Desk) Claim(ctx context.Context, r Reader, holder mail.ID) error {
	return d.amongColleagues(ctx, r, holder, journal.Claimed, func(tx Tx, l loaded) error {
		return tx.PutClaim(mail.Claim{Mailbox: l.h.Owner, Thread: l.m.Thread, Person: r.ID, At: tx.Now()})
	})
}

// Release gives the thread back, whoever has it: a colleague may be ill. It stands in the
// journal.
func (d *Desk) Release(ctx context.Context, r Reader, holder mail.ID) error {
	return d.amongColleagues(ctx, r, holder, journal.Released, func(tx Tx, l loaded) error {
		err := tx.DeleteClaim(l.h.Owner, l.m.Thread)
		if mail.KindOf(err) == mail.Absent {
			return nil // somebody was quicker
		}
		return err
	})
}

func (d *Desk) amongColleagues(ctx context.Context, r Reader, holder mail.ID, event string, act func(tx Tx, l loaded) error) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		l, _, err := d.shared(tx, r, holder)
		if err != nil {
			return err
		}
		if err := act(tx, l); err != nil {
			return err
		}
		return tx.Note(d.event(event, r.Actor, l.m, l.h.ID, l.skm, ""))
	})
}

// Remark adds a note to colleagues about a message in a function mailbox. The error is
// Invalid for an empty one, for one above mail.MaxRemark, and for one too many.
func (d *Desk) Remark(ctx context.Context, r Reader, holder mail.ID, text string) error {
	text = strings.TrimSpace(text)
	return d.Store.Update(ctx, func(tx Tx) error {
		l, cek, err := d.shared(tx, r, holder)
		if err != nil {
			return err
		}
		if text == "" || !utf8.ValidString(text) {
			return mail.E(mail.Invalid, "error.remark.empty", nil)
		}
		if utf8.RuneCountInString(text) > mail.MaxRemark {
			return mail.E(mail.Invalid, "error.remark.long", nil)
		}
		rows, err := tx.Remarks(l.m.ID, l.h.Owner)
		if err != nil {
			return err
		}
		if len(rows) >= maxRemarks {
			return mail.E(mail.Invalid, "error.remark.many", nil)
		}
		row := mail.Remark{ID: mail.NewID(), Message: l.m.ID, Mailbox: l.h.Owner, Generation: mail.ID(l.by.ID), Author: r.ID, At: tx.Now()}
		row.Box = seal.Remark(cek, l.by.Mailbox(), row.Message, row.ID, []byte(text))
		if err := tx.PutRemark(row); err != nil {
			return err
		}
		return tx.Note(d.event(journal.Remarked, r.Actor, l.m, l.h.ID, l.skm, ""))
	})
}

// fillClaims says who has the threads of a page of a function mailbox.
func fillClaims(tx ReadTx, mailbox mail.ID, lines []Line) error {
	list, err := tx.ClaimsOf(mailbox, threadsOf(lines))
	if err != nil {
		return err
	}
	by := map[mail.ID]mail.ID{}
	for _, c := range list {
		by[c.Thread] = c.Person
	}
	for i := range lines {
		lines[i].Claimed = by[lines[i].Message.Thread]
	}
	return nil
}
