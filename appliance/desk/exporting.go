package desk

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigill/appliance/mail"
	"sigill/appliance/records"
)

// exporting is an export while it is written.
type exporting struct {
	*Export
	ctx context.Context
	who func() (Reader, error)
	out *records.Archive

	block [256 << 10]byte // in which letters are read through
}

// exportFolders are all that a mailbox has, with their names in an export. What was taken
// out of the trash and is kept as a public record is among them: its owner can open it.
var exportFolders = map[mail.Folder]string{mail.Inbox: "inbox", mail.Sent: "sent", mail.Drafts: "drafts", mail.Trash: "trash", mail.Kept: "kept"}

// reader returns the reader as he is at this moment, if the mailbox is still his.
func (w *exporting) reader() (Reader, error) {
	if err := w.ctx.Err(); err != nil {
		return Reader{}, err
	}
	r, err := w.who()
	if err != nil {
		return r, err
	}
	if r.ID != w.by.ID {
		return r, absent()
	}
	_, err = r.mailbox(w.mailbox)
	return r, err
}

func (w *exporting) letters() error {
	q := mail.MailboxQuery{Owner: w.mailbox, Limit: exportPage}
	for {
		page, err := w.page(q)
		if err != nil {
			return err
		}
		for _, l := range page {
			if err := w.letter(l); err != nil {
				return err
			}
		}
		if len(page) < exportPage {
			return nil
		}
		last := page[len(page)-1]
		q.Before, q.Skip = last.Message.At, last.Holder.ID
	}
}

// page returns the next letters of all folders together, newest first. Folder by folder,
// a letter that is moved meanwhile could be missed; so each is met once, wherever it lies
// then. What is newer than the first page is not in the export.
func (w *exporting) page(q mail.MailboxQuery) (page []Line, err error) {
	err = w.d.Store.View(w.ctx, func(tx ReadTx) error {
		for f := range exportFolders {
			q.Folder = f
			rows, err := tx.Mailbox(q)
			if err != nil {
				return err
			}
			for _, row := range rows {
				page = append(page, Line{Message: row.Message, Holder: row.Holder})
			}
		}
		slices.SortFunc(page, newestFirst)
		page = page[:min(len(page), q.Limit)]
		for i := range page {
			if wentOut(page[i]) && alive(loaded{m: page[i].Message, h: page[i].Holder}, w.d.Clock.Now()) {
				if err := w.d.fillSent(tx, &page[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return page, err
}

// wentOut reports whether a line is of the house's own copy of what was sent.
func wentOut(l Line) bool {
	return l.Holder.House && l.Message.Way != mail.In && l.Message.State != mail.Unsent
}

// newestFirst is the order in which the store pages.
func newestFirst(a, b Line) int {
	return cmp.Or(cmp.Compare(b.Message.At.UnixMilli(), a.Message.At.UnixMilli()), b.Holder.ID.Compare(a.Holder.ID))
}

// letter writes one letter and its line in the table. What has ended is passed over; what
// does not open has a line only, and does not keep the others from their owner.
func (w *exporting) letter(l Line) error {
	r, err := w.reader()
	if err != nil {
		return err
	}
	o, f, err := w.d.eml(w.ctx, r, l.Holder.ID)
	if err == nil {
		defer f.Close()
		// The tar says the size first: what breaks off later breaks all. So a letter is read
		// through once before its first byte is written.
		if err = w.sound(f); err == nil {
			return w.whole(o, l, f)
		}
	}
	if over := w.ctx.Err(); over != nil {
		return over
	}
	switch mail.KindOf(err) {
	case mail.Gone:
		return nil
	case mail.Absent:
		w.n.Closed++
		return w.line(nil, l, "", Exported{Unopened: ExportClosed})
	case mail.Internal:
		if w.ended(l.Holder.ID) {
			return nil
		}
		w.d.Log.Error("letter not exported", "part", "desk", "id", l.Message.ID.String(), "err", err) // by its whole id, so that it is found
		w.n.Damaged++
		return w.line(nil, l, "", Exported{Unopened: ExportDamaged})
	}
	return err
}

// ended reports whether a letter has ended by now: then its bytes are gone as they should
// be, and nothing is damaged.
func (w *exporting) ended(holder mail.ID) bool {
	err := w.d.Store.View(w.ctx, func(tx ReadTx) error {
		_, err := w.d.load(tx, holder)
		return err
	})
	return mail.KindOf(err) == mail.Gone
}

// sound reads a letter through.
func (w *exporting) sound(f *File) error {
	for off := int64(0); off < f.Size(); {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		n, err := f.ReadAt(w.block[:min(int64(len(w.block)), f.Size()-off)], off)
		if n == 0 {
			return mail.E(mail.Internal, "error.internal", fmt.Errorf("a letter ends early: %w", err))
		}
		off += int64(n)
	}
	return nil
}

func (w *exporting) whole(o *mail.Opened, l Line, f *File) error {
	name := records.LetterName(exportFolders[l.Holder.Folder], l.Message.At.In(w.ask.Words.Zone), l.Holder.ID)
	if err := w.out.Letter(name, l.Message.At, &asked{f, w}, f.Size()); err != nil {
		return err
	}
	w.n.Letters++
	return w.line(o, l, name, Exported{
		Draft: l.Message.State == mail.Unsent, Sent: wentOut(l), Read: l.Read, All: l.All, Seen: !l.Holder.Opened.IsZero(),
	})
}

// line adds a letter to the table; o is nil for one that did not open.
func (w *exporting) line(o *mail.Opened, l Line, file string, x Exported) error {
	words, from, to, subject := w.ask.Words, "", "", ""
	if o != nil {
		from, to, subject = named(mail.Named{Name: o.Head.FromName, Address: o.Head.From}), allNamed(o.Head.To), o.Head.Subject
	}
	return w.out.Row([]string{
		exportFolders[l.Holder.Folder], records.ShortID(l.Holder.ID), l.Message.At.In(words.Zone).Format("2006-01-02 15:04:05"),
		from, to, subject, file, words.State(x),
	})
}

func named(n mail.Named) string {
	if n.Name == "" {
		return string(n.Address)
	}
	return n.Name + " <" + string(n.Address) + ">"
}

func allNamed(list []mail.Named) string {
	var all []string
	for _, n := range list {
		all = append(all, named(n))
	}
	return strings.Join(all, ", ")
}

// asked is a letter that is read for as long as its reader may.
type asked struct {
	io.ReaderAt
	w *exporting
}

// ReadAt asks before each block, so that a letter of gigabytes does not outlive the
// session in which it was begun.
func (a *asked) ReadAt(b []byte, off int64) (int, error) {
	if _, err := a.w.reader(); err != nil {
		return 0, err
	}
	return a.ReaderAt.ReadAt(b, off)
}
