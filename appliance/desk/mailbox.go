package desk

import (
	"context"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Line is one line of a mailbox.
type Line struct {
	Message mail.Message
	Holder  mail.Holder
	Head    mail.Head
	Light   mail.Light // of a sent message
	Waiting int        // recipients that are held
	Locked  int        // recipients whom wrong PINs have shut out
	Stuck   int        // recipients whom the letter does not reach; see mail.Stuck
	StuckAt mail.StepKind
	Read    int
	Seen    time.Time // of what was sent to the house: when somebody there first read it; zero: not yet
	All     int
	Claimed mail.ID // who of a function mailbox has the thread; zero: nobody
	Thread  int     // letters of its thread that lie in this mailbox, itself included
	Closed  bool    // of a function mailbox, from before r's time
}

// Mailbox returns a page of a folder of r's own mailbox, or of a function mailbox of his,
// newest first. What has ended is left out of the inbox; what was sent keeps its times
// and states, without subject and people. What came before r's time is without them, too,
// and Closed.
func (d *Desk) Mailbox(ctx context.Context, r Reader, q mail.MailboxQuery) ([]Line, error) {
	var err error
	if q.Owner, err = r.mailbox(q.Owner); err != nil {
		return nil, err
	}
	var lines []Line
	err = d.Store.View(ctx, func(tx ReadTx) error {
		if q.Unread {
			since, err := d.readsSince(tx, r, q.Owner)
			if err != nil {
				return err
			}
			q.Since = since
		}
		rows, err := tx.Mailbox(q)
		if err != nil {
			return err
		}
		lines = make([]Line, 0, len(rows))
		for _, row := range rows {
			line, err := d.line(tx, r, row)
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		if err := fillSizes(tx, q.Owner, lines); err != nil || q.Owner == r.ID {
			return err
		}
		return fillClaims(tx, q.Owner, lines)
	})
	return lines, err
}

// line opens a row of a mailbox of r's. Without a head is what has ended.
func (d *Desk) line(tx ReadTx, r Reader, row mail.MailboxRow) (Line, error) {
	line := Line{Message: row.Message, Holder: row.Holder}
	x := loaded{m: row.Message, h: row.Holder}
	if alive(x, d.Clock.Now()) {
		var err error
		line.Head, err = d.rowHead(tx, r, x, row)
		// A key that retention is erasing just now, or that is lost, costs its own line and
		// not the whole list.
		line.Closed = x.h.Owner != r.ID && mail.KindOf(err) == mail.Absent
		if err != nil && mail.KindOf(err) != mail.Gone && !line.Closed {
			return line, err
		}
	}
	if row.Holder.Folder != mail.Sent {
		return line, nil
	}
	return line, d.fillSent(tx, &line)
}

func (d *Desk) rowHead(tx ReadTx, r Reader, x loaded, row mail.MailboxRow) (mail.Head, error) {
	cek, err := d.rowKey(tx, r, x, row)
	if err != nil {
		return mail.Head{}, err
	}
	return openHead(cek, x.m.ID, row.Head)
}

// rowKey opens the content key of a row of a mailbox.
func (d *Desk) rowKey(tx ReadTx, r Reader, x loaded, row mail.MailboxRow) (cek seal.Secret, err error) {
	if x.skm, err = d.openSlot(tx, x.m.Slot); err != nil {
		return cek, err
	}
	if x.skh, err = d.openSlot(tx, x.h.Slot); err != nil {
		return cek, err
	}
	cek, _, err = d.unwrap(tx, r, x, row.Wraps)
	return cek, err
}

func (d *Desk) fillSent(tx ReadTx, line *Line) error {
	holders, err := tx.Holders(line.Message.ID)
	if err != nil {
		return err
	}
	if line.Message.Way == mail.In {
		for _, h := range holders {
			if h.House {
				line.Seen = h.Opened
			}
		}
		return nil
	}
	line.Light = mail.LightOf(holders)
	for _, h := range holders {
		if !isRecipient(h) {
			continue
		}
		line.All++
		if !h.Opened.IsZero() {
			line.Read++
		}
		if h.Hold != mail.HoldNone && h.State == mail.Active {
			line.Waiting++
		}
		if h.Locked && h.State == mail.Active {
			line.Locked++
		}
	}
	if line.Read == line.All {
		return nil // it has reached them all, whatever happened on the way
	}
	return fillStuck(tx, line, holders)
}

// fillStuck counts the recipients whom a sent message does not reach.
func fillStuck(tx ReadTx, line *Line, holders []mail.Holder) error {
	list, err := tx.StepsOf(line.Message.ID)
	if err != nil {
		return err
	}
	steps := map[mail.ID][]mail.Step{}
	for _, s := range list {
		steps[s.Holder] = append(steps[s.Holder], s)
	}
	for _, h := range holders {
		if !isRecipient(h) || h.State != mail.Active || h.Hold != mail.HoldNone || !h.Opened.IsZero() {
			continue
		}
		if k, bad := mail.Stuck(steps[h.ID]); bad {
			line.Stuck++
			line.StuckAt = k
		}
	}
	return nil
}

// isRecipient tells a recipient's holder from the house's copy, from the repair
// holder and from one whose access another has by now.
func isRecipient(h mail.Holder) bool {
	return !h.House && (h.Kind == mail.HolderGuest || h.Kind == mail.HolderPerson) && !h.Why.Passed()
}

// Recipient is one recipient of a sent message, with what happened.
type Recipient struct {
	Holder  mail.Holder
	Columns mail.Columns // empty after the end
	Steps   []mail.Step
}

// Progress tells the owner of a message, for each recipient, what happened and when.
func (d *Desk) Progress(ctx context.Context, r Reader, message mail.ID) ([]Recipient, error) {
	var list []Recipient
	err := d.Store.View(ctx, func(tx ReadTx) error {
		m, err := tx.Message(message)
		if err != nil {
			return err
		}
		if !r.owns(m.Owner) {
			return absent()
		}
		names := true // once the house's copy has ended, nobody there can show that he read it
		if m.Owner != r.ID {
			if _, err := d.houseHolder(tx, r, message); mail.KindOf(err) == mail.Gone {
				names = false
			} else if err != nil {
				return err
			}
		}
		holders, err := tx.Holders(message)
		if err != nil {
			return err
		}
		for _, h := range holders {
			if !isRecipient(h) {
				continue
			}
			rec := Recipient{Holder: h}
			if rec.Steps, err = tx.Steps(h.ID); err != nil {
				return err
			}
			rec.Steps = append([]mail.Step{{Holder: h.ID, Kind: mail.StepAccepted, At: m.At}}, rec.Steps...)
			if names {
				if rec.Columns, err = d.peopleOf(tx, m, h); err != nil {
					return err
				}
			}
			list = append(list, rec)
		}
		return nil
	})
	return list, err
}

// peopleOf opens a recipient's columns while they can be.
func (d *Desk) peopleOf(tx ReadTx, m mail.Message, h mail.Holder) (mail.Columns, error) {
	if h.State >= mail.Purging || m.State >= mail.Purging {
		return mail.Columns{}, nil
	}
	skh, err := d.openSlot(tx, h.Slot)
	if err != nil {
		return mail.Columns{}, err
	}
	return d.columns(loaded{m: m, h: h, skh: skh})
}

// emptyBatch is how many letters one transaction takes out of the trash, so that others
// get their turn in between.
const emptyBatch = 200

// EmptyTrash ends, now, every copy in the trash of a mailbox of r's of what went out or stayed within
// the house. What came in is a public record: it leaves the list and stays. It
// returns how many ended. What is put into the trash meanwhile, while this goes on,
// may stay there.
func (d *Desk) EmptyTrash(ctx context.Context, r Reader, mailbox mail.ID) (int, error) {
	mailbox, err := r.mailbox(mailbox)
	if err != nil {
		return 0, err
	}
	total := 0
	q := mail.MailboxQuery{Owner: mailbox, Folder: mail.Trash, Limit: emptyBatch}
	for {
		n, more, err := d.emptyPage(ctx, r, &q)
		total += n
		if err != nil || !more {
			return total, err
		}
	}
}

// mayEnd reports whether r may end a copy in his trash: in a function mailbox only what he
// can read.
func (d *Desk) mayEnd(tx ReadTx, r Reader, row mail.MailboxRow) bool {
	if row.Holder.Owner == r.ID {
		return true
	}
	l, err := d.loadHolder(tx, row.Holder)
	if err != nil {
		return mail.KindOf(err) == mail.Gone
	}
	_, _, err = d.unwrap(tx, r, l, row.Wraps)
	return err == nil
}

// emptyPage takes one page out of the trash and moves q behind it, so that it comes to
// an end whatever is put in meanwhile. There may be more unless the page was empty.
func (d *Desk) emptyPage(ctx context.Context, r Reader, q *mail.MailboxQuery) (n int, more bool, err error) {
	err = d.Store.Update(ctx, func(tx Tx) error {
		n = 0
		rows, err := tx.Mailbox(*q)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !d.mayEnd(tx, r, row) {
				continue
			}
			if row.Message.Way == mail.In && row.Holder.House {
				row.Holder.Folder = mail.Kept
				if err := tx.SaveHolder(row.Holder); err != nil {
					return err
				}
				continue
			}
			if err := d.end(tx, row.Holder, mail.EndTrash, r.Actor); err != nil {
				return err
			}
			n++
		}
		if more = len(rows) > 0; more {
			last := rows[len(rows)-1]
			q.Before, q.Skip = last.Message.At, last.Holder.ID
		}
		return nil
	})
	return n, more, err
}
