package desk

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Open opens a message for a reader through one of his holders. For a person's
// first look it is written down; a guest's was, when he was admitted.
func (d *Desk) Open(ctx context.Context, r Reader, holder mail.ID) (*mail.Opened, error) {
	o, err := d.opened(ctx, r, holder)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Kind != mail.ActorPerson:
	case o.Holder.Opened.IsZero():
		return o, d.firstSight(ctx, r, holder)
	case o.Holder.Mark != mail.MarkNone:
		return o, d.unmark(ctx, r, holder)
	}
	return o, nil
}

func (d *Desk) opened(ctx context.Context, r Reader, holder mail.ID) (*mail.Opened, error) {
	var o *mail.Opened
	err := d.Store.View(ctx, func(tx ReadTx) error {
		l, cek, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		o = &mail.Opened{Message: l.m, Holder: l.h}
		if o.Head, err = readHead(tx, cek, l.m.ID); err != nil {
			return err
		}
		body, err := d.small(tx, cek, l.m.ID, mail.PartBody)
		if err != nil {
			return err
		}
		return json.Unmarshal(body, &o.Body)
	})
	return o, err
}

// unlock loads a holder and its content key. A holder of another message than the
// guest's own is reached only through the thread's pair; anybody else's is Absent.
func (d *Desk) unlock(tx ReadTx, r Reader, holder mail.ID) (l loaded, cek seal.Secret, err error) {
	l, err = d.loadFor(tx, holder, func(l loaded) bool { return r.Kind == mail.ActorGuest && l.h.ID == r.ID || r.owns(l.h.Owner) })
	if err != nil {
		return l, cek, err
	}
	cek, l.by, err = d.contentKeyBy(tx, r, l)
	return l, cek, err
}

// small reads a whole part.
func (d *Desk) small(tx ReadTx, cek seal.Secret, m mail.ID, n uint32) ([]byte, error) {
	parts, err := wholePart(tx, m, n)
	if err != nil {
		return nil, err
	}
	f, err := d.openPieces(cek, parts)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, f.size)
	if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, mail.E(mail.Internal, "error.internal", err)
	}
	return b, nil
}

// wholePart reads all pieces of a part, with the box of one that stands in its row. A
// text of many megabytes has several, like a file.
func wholePart(tx ReadTx, m mail.ID, n uint32) ([]mail.Part, error) {
	parts, err := tx.Parts(m)
	if err != nil {
		return nil, err
	}
	var list []mail.Part
	for _, p := range parts {
		if p.N != n {
			continue
		}
		if p.Blob.IsZero() {
			if p, err = tx.Part(m, n, p.Piece); err != nil {
				return nil, err
			}
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, absent()
	}
	return list, nil
}

// firstSight writes a person's first look down and puts the content key under the
// mailbox key, so that lists cost microseconds a row from now on.
func (d *Desk) firstSight(ctx context.Context, r Reader, holder mail.ID) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	return d.tell(ctx, 1, func(tx Tx, post poster) error {
		l, cek, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		if err := rewrap(tx, l, cek); err != nil {
			return err
		}
		if l.h.House {
			l.h.Opened, l.h.Seen, l.h.Mark = tx.Now(), tx.Now(), mail.MarkNone
			if err := tx.SaveHolder(l.h); err != nil {
				return err
			}
			return tx.Note(d.event(journal.Opened, r.Actor, l.m, l.h.ID, l.skm, ""))
		}
		return d.markOpened(ctx, tx, post, l, r.Actor, house, "")
	})
}
