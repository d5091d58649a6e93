package desk

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// Newest finds the letter that somebody has sent last, by their address, and from one moment
// on, with how far it has come to each recipient; ok is false if the newest few hundred letters
// of the house have none of theirs. It is for the sender alone, who sees as much in the folder
// of what was sent: nothing is noted.
func (d *Desk) Newest(ctx context.Context, sender mail.Address, from time.Time) (letter mail.Traced, ok bool, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		until := tx.Now().Add(time.Minute) // what has come this very moment, too
		rows, err := tx.LettersBefore(mail.FirstIDAt(until), mail.FirstIDAt(from.AddDate(0, 0, -traceDays)), traceChunk)
		if err != nil {
			return err
		}
		for _, m := range rows {
			if m.Way == mail.In { // an answer, which names whom it answers
				continue
			}
			t := tracing{Desk: d, key: sender.Key(), from: from, until: until}
			if err := t.look(tx, m); err != nil {
				return err
			}
			if ok = len(t.found) > 0 && t.found[0].Sender.Key() == t.key; ok {
				letter = t.found[0]
				return nil
			}
		}
		return nil
	})
	return letter, ok, err
}
