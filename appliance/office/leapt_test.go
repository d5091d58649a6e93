package office_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// While the clock stood ten years ahead somebody opened a mail, or one came back.
func TestWhatWasShownWhileTheClockHadLeapt(t *testing.T) {
	t.Run("does not hold for ten years", func(t *testing.T) {
		x := newTown(t)
		p, err := x.registers(citizen)
		fine(t, err)
		x.clock.goes(3650 * days)
		fine(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())))
		fine(t, x.PhoneShown(ctx, p.ID))
		x.clock.goes(-3650 * days)
		x.clock.goes(1000 * days)
		if account, _ := x.shown(); account {
			t.Error("new letters go to an account of which nothing was shown for 1000 days")
		}
	})
	t.Run("nor does an account stay shut for ten years", func(t *testing.T) {
		x := newTown(t)
		p, err := x.registers(citizen)
		fine(t, err)
		x.clock.goes(3650 * days)
		x.update(func(tx *vault.Tx) error { return tx.LoseInbox(p.ID, tx.Now()) })
		x.clock.goes(-3650 * days)
		x.clock.goes(time.Hour)
		fine(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())))
		if account, _ := x.shown(); !account {
			t.Error("no mail that is opened counts any more")
		}
	})
}
