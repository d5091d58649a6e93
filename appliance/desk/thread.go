package desk

import (
	"context"
	"encoding/json"

	"sigill/appliance/mail"
)

// Bounds of a conversation on one page.
const (
	// MaxThread is how many letters of a conversation Thread returns, the newest.
	MaxThread = 50
	// maxTexts is of how many of them it opens the text, and only of those that stand in a
	// row: a page must not read megabytes that nobody has asked for.
	maxTexts = 20
)

// Threaded is a letter of a conversation beside the one that is open.
type Threaded struct {
	Line
	Text  string
	Whole bool // there is a Text; without it the letter is to be opened for itself
}

// Thread returns the other letters of a conversation that lie in the same mailbox as one
// of r's and that r may read, the newest first. With its text comes what somebody in the
// mailbox has opened before, and what r has written: the first sight of a letter is
// written down, and looking at another one is none.
func (d *Desk) Thread(ctx context.Context, r Reader, holder mail.ID) ([]Threaded, error) {
	var list []Threaded
	err := d.Store.View(ctx, func(tx ReadTx) error {
		l, _, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		rows, err := tx.MailboxThread(l.h.Owner, l.m.Thread, MaxThread)
		if err != nil {
			return err
		}
		texts := 0
		for _, row := range rows {
			if row.Holder.ID == holder || row.Holder.Folder == mail.Drafts {
				continue
			}
			t, err := d.threaded(tx, r, row, texts < maxTexts)
			if err != nil {
				return err
			}
			if t.Closed || t.Head.From == "" {
				continue
			}
			if t.Whole {
				texts++
			}
			list = append(list, t)
		}
		return nil
	})
	return list, err
}

func (d *Desk) threaded(tx ReadTx, r Reader, row mail.MailboxRow, text bool) (t Threaded, err error) {
	if t.Line, err = d.line(tx, r, row); err != nil {
		return t, err
	}
	mine := row.Holder.House && row.Message.Way != mail.In && row.Holder.Owner == r.ID
	if !text || t.Closed || t.Head.From == "" || row.Holder.Opened.IsZero() && !mine {
		return t, nil
	}
	part, err := tx.Part(row.Message.ID, mail.PartBody, 0)
	if mail.KindOf(err) == mail.Absent || err == nil && !part.Blob.IsZero() {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	cek, err := d.rowKey(tx, r, loaded{m: row.Message, h: row.Holder}, row)
	if err != nil {
		return t, err
	}
	b, err := d.small(tx, cek, row.Message.ID, mail.PartBody)
	if err != nil {
		return t, err
	}
	var body mail.Body
	if err := json.Unmarshal(b, &body); err != nil {
		return t, err
	}
	t.Text, t.Whole = body.Text, true
	return t, nil
}
