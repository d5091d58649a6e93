package desk

import (
	"cmp"
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// taken writes down, in the transaction of a letter, that it was a mail of the spool: whose
// file a crash has left is not taken in twice.
func taken(tx Tx, dr *mail.Draft) error {
	if dr.Spooled.IsZero() {
		return nil
	}
	return tx.PutSpooled(dr.Spooled)
}

// Refuse ends a mail that was taken while the appliance was locked, and that is not accepted
// now that it can be looked at: nobody gets it, and its sender is told, since nobody else
// will. Without a sender nobody is. inReplyTo is the mail's own id; "" if it has none.
//
// What was wrong is not told. Sent again it is refused while it is sent, in words that say
// how to mend it, and by then that may be something else.
func (d *Desk) Refuse(ctx context.Context, spooled mail.ID, to mail.Address, recipients int, inReplyTo string) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	n := mail.Notice{Kind: mail.NoticeRefused, To: to, Lang: house.Lang, At: spooled.At(), Count: recipients, InReplyTo: inReplyTo}
	if r, _, err := d.Directory.WouldBe(ctx, to); err == nil { // of a stranger nothing is known, and they are told nonetheless
		n.ToName, n.Lang = r.Name, cmp.Or(r.Lang, n.Lang)
	}
	return d.tell(ctx, 1, func(tx Tx, post poster) error {
		if err := tx.PutSpooled(spooled); err != nil {
			return err
		}
		if err := tx.Note(mail.Event{Kind: journal.SpoolRefused, At: tx.Now(), Actor: mail.ActorSystem}); err != nil {
			return err
		}
		if to == "" {
			return nil
		}
		return post(mail.ID{}, mail.ID{}, n, time.Time{})
	})
}
