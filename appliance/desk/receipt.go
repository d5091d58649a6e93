package desk

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// receipt tells who sent a letter of its first reading, as they have asked: by a mail at
// once, or by an SMS that goes with those of others; see Readings.
func (d *Desk) receipt(ctx context.Context, tx Tx, post poster, x loaded, house House) error {
	if x.h.House || x.m.Receipt == mail.ReceiptNone {
		return nil
	}
	if x.m.Receipt == mail.ReceiptSMS {
		who, ok, err := d.wrote(ctx, x)
		if err != nil {
			return err
		}
		if ok {
			return tx.PutReading(mail.Reading{Holder: x.h.ID, Person: who, At: tx.Now()})
		}
	}
	return d.postOwner(ctx, tx, post, x, house, mail.NoticeRead, mail.StepOpened, "")
}

// wrote returns the one person who wrote a letter; false of a function mailbox' letter that
// came by mail, which any of its people may have written, or whose writer reads there no more.
func (d *Desk) wrote(ctx context.Context, x loaded) (mail.ID, bool, error) {
	env, err := d.envelope(x)
	if err != nil {
		return mail.ID{}, false, err
	}
	if !env.Writer.IsZero() {
		left, err := d.hasLeft(ctx, env.Writer, x.m.Owner)
		return env.Writer, err == nil && !left, err
	}
	r, err := d.Directory.Owner(ctx, x.m.Owner)
	if mail.KindOf(err) == mail.Absent {
		return mail.ID{}, false, nil
	}
	return x.m.Owner, err == nil && !r.Shared, err
}

// ReadingPeople returns who is still to be told by SMS that letters of theirs were read.
func (d *Desk) ReadingPeople(ctx context.Context) (list []mail.ID, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		list, err = tx.ReadingPeople()
		return err
	})
	return list, err
}

// Readings returns what a person is still to be told of, up to 500.
func (d *Desk) Readings(ctx context.Context, person mail.ID) (list []mail.Reading, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		list, err = tx.Readings(person)
		return err
	})
	return list, err
}

// ReadingsTold writes down that an SMS has told of readings.
func (d *Desk) ReadingsTold(ctx context.Context, list []mail.Reading) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		for _, r := range list {
			if err := tx.DeleteReading(r.Holder); err != nil {
				return err
			}
			x, err := d.load(tx, r.Holder)
			if mail.KindOf(err) == mail.Gone {
				continue // it has ended meanwhile; its journal is closed
			}
			if err != nil {
				return err
			}
			if err := tx.Note(d.event(journal.ReadTold, mail.SystemActor("receipts"), x.m, x.h.ID, x.skm, "")); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReadingsByMail tells of readings by a mail each, since no SMS can. Of a letter that has
// ended meanwhile nothing more is told.
func (d *Desk) ReadingsByMail(ctx context.Context, list []mail.Reading) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	return d.tell(ctx, len(list), func(tx Tx, post poster) error {
		for _, r := range list {
			if err := d.readingByMail(ctx, tx, post, r, house); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *Desk) readingByMail(ctx context.Context, tx Tx, post poster, r mail.Reading, house House) error {
	if err := tx.DeleteReading(r.Holder); err != nil {
		return err
	}
	x, err := d.load(tx, r.Holder)
	if err == nil {
		err = d.postOwner(ctx, tx, post, x, house, mail.NoticeRead, mail.StepOpened, "")
	}
	if mail.KindOf(err) == mail.Gone {
		return nil
	}
	return err
}
