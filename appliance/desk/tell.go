package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/outbox"
)

// tell puts notices into the outbox in the same transaction as an act. The notices
// are made by the act itself, which may decide not to send any.
func (d *Desk) tell(ctx context.Context, most int, act func(tx Tx, post poster) error) error {
	slots, err := d.Store.Reserve(mail.Link, most)
	if err != nil {
		return err
	}
	used := 0
	err = d.Store.Update(ctx, func(tx Tx) error {
		used = 0
		return act(tx, func(message, holder mail.ID, n mail.Notice, expires time.Time) error {
			if used == len(slots) { // of a mailbox that several read more are told than one thinks of
				more, err := d.Store.Reserve(mail.Link, 1)
				if err != nil {
					return err
				}
				slots = append(slots, more...)
			}
			o, w, err := outbox.Seal(d.App, slots[used], n, outbox.About{Message: message, Holder: holder, Expires: expires}, tx.Now())
			if err != nil {
				return err
			}
			used++
			if err := tx.PutSlots([]mail.SlotWrite{w}); err != nil {
				return err
			}
			return tx.Enqueue(o)
		})
	})
	if err != nil {
		d.Store.Unreserve(slots)
		return err
	}
	d.Store.Unreserve(slots[used:])
	if used > 0 {
		d.Wake()
	}
	return nil
}

type poster func(message, holder mail.ID, n mail.Notice, expires time.Time) error

// postOwner tells the house's side of a message what happened to one recipient. The
// mail ends with the house's own copy, if it has not gone by then.
func (d *Desk) postOwner(ctx context.Context, tx Tx, post poster, l loaded, house House, kind mail.NoticeKind, step mail.StepKind, detail string) error {
	n, err := d.ownerNotice(ctx, tx, l, house, kind, step, detail)
	if err != nil {
		return err
	}
	own, ok, err := houseCopyOf(tx, l.m.ID)
	if err != nil {
		return err
	}
	var about mail.ID
	if ok && own.State < mail.Purging {
		about = own.ID
	}
	told, err := d.owners(ctx, l.m.Owner, n)
	if err != nil {
		return err
	}
	for _, n := range told {
		if err := post(l.m.ID, about, n, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// owners is a notice to the house's side of a message, as it is addressed now. Of somebody
// who has left it goes to those who read their mailbox since: at the address of then nobody
// may be.
func (d *Desk) owners(ctx context.Context, owner mail.ID, n mail.Notice) ([]mail.Notice, error) {
	r, err := d.Directory.Owner(ctx, owner)
	if mail.KindOf(err) == mail.Absent || err == nil && (!r.Left || len(r.Tell) == 0) {
		if n.To.Key() == r.Address.Key() {
			n.Lang = cmp.Or(r.Lang, n.Lang)
		}
		return []mail.Notice{n}, nil
	}
	if err != nil {
		return nil, err
	}
	var list []mail.Notice
	n.Mailbox = r.Name
	for _, p := range r.Tell {
		n.To, n.ToName, n.Lang = p.Address, p.Name, p.Lang
		list = append(list, n)
	}
	return list, nil
}

// ownerNotice words nothing: it says who, which recipient, what and when. It goes to the
// sender, or to who wrote in the name of a function mailbox and reads there still.
func (d *Desk) ownerNotice(ctx context.Context, tx Tx, l loaded, house House, kind mail.NoticeKind, step mail.StepKind, detail string) (mail.Notice, error) {
	env, err := d.envelope(l)
	if err != nil {
		return mail.Notice{}, err
	}
	cols, err := d.columns(l)
	if err != nil {
		return mail.Notice{}, err
	}
	n := mail.Notice{
		Kind: kind, To: env.Sender, ToName: env.SenderName, Lang: house.Lang, At: tx.Now(),
		Outcomes: []mail.Outcome{{Address: cols.Address, Given: cols.Given, Step: step, Detail: detail}},
	}
	if kind == mail.NoticeRead {
		n.At = l.h.Opened // it may be told later
	}
	if own, ok, err := houseCopyOf(tx, l.m.ID); err != nil {
		return n, err
	} else if ok && own.State < mail.Purging {
		n.Letter = own.ID // where it is mended
	}
	if env.Writer.IsZero() {
		return n, nil
	}
	if left, err := d.hasLeft(ctx, env.Writer, l.m.Owner); err != nil || left {
		return n, err
	}
	writer, err := d.profileOf(tx, env.Writer)
	if mail.KindOf(err) == mail.Absent {
		return n, nil
	}
	n.To, n.ToName, n.Lang, n.Mailbox = writer.Address, writer.Name, cmp.Or(writer.Lang, n.Lang), env.SenderName
	return n, err
}

// hasLeft reports whether somebody who has written in a function mailbox' name reads there no
// more: what becomes of its letters is not theirs to know then, nor who they went to.
func (d *Desk) hasLeft(ctx context.Context, writer, mailbox mail.ID) (bool, error) {
	readers, err := d.Directory.Readers(ctx, mailbox)
	if mail.KindOf(err) == mail.Absent {
		return false, nil // it has ended, and there is nobody else
	}
	if err != nil {
		return false, err
	}
	p, err := d.Directory.Owner(ctx, writer)
	if mail.KindOf(err) == mail.Absent {
		return true, nil
	}
	return !slices.ContainsFunc(readers, func(r mail.Profile) bool { return r.Address.Key() == p.Address.Key() }), err
}

// profileOf opens what is known of a person. Of whom nothing is known any more, because
// they have left, it is Absent.
func (d *Desk) profileOf(tx ReadTx, person mail.ID) (f mail.Profile, err error) {
	p, err := tx.Person(person)
	if err == nil && p.IsNobody() {
		err = absent()
	}
	if err != nil {
		return f, err
	}
	b, err := d.App.OpenProfile(p.ID, p.Columns)
	if err != nil {
		return f, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("profile"), err))
	}
	return f, json.Unmarshal(b, &f)
}
