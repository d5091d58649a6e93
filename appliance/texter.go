package appliance

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/courier"
	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/notify"
)

// texter sends a PIN: budget, PIN, words, gateway. The PIN and its text are in memory
// only, and nothing of them is logged.
type texter struct {
	desk    *desk.Desk
	pins    *access.PINs
	budget  *access.Budget
	words   *notify.Words
	gateway courier.Gateway
	reports *reports
	log     *slog.Logger
}

// smsTime is how long a gateway may take; the reader is waiting.
const smsTime = 20 * time.Second

// SendPIN sends a fresh PIN to a letter's reader.
func (t *texter) SendPIN(ctx context.Context, l desk.Letter, lang string) error {
	l, err := t.desk.Again(ctx, l)
	if err != nil {
		return err
	}
	if l.Locked {
		return mail.E(mail.Locked, "error.locked", nil)
	}
	if err := t.desk.PhoneOpen(ctx, l.Holder); err != nil {
		return err
	}
	if err := t.budget.Spend(ctx, l.Holder, l.Phone); err != nil {
		return err
	}
	pin, err := t.pins.Make(l.Holder)
	if err != nil {
		return err
	}
	text, err := t.words.PIN(lang, pin)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, smsTime)
	defer cancel()
	receipt, err := t.gateway.Send(ctx, mail.SMS{To: l.Phone, Text: text, Ref: rand.Text(), TTL: access.PINLife})
	if err != nil {
		// The gateway's error holds neither number nor text (courier.GatewayError).
		t.log.Warn("sms", "part", "sms", "id", l.Holder, "err", err)
		ctx := context.WithoutCancel(ctx)
		if err := t.desk.SMSStep(ctx, l.Holder, mail.StepSMSFailed, ""); err != nil {
			return err
		}
		// One that may be on its way keeps its minute: the next would end its PIN.
		var refused *courier.GatewayError
		if errors.As(err, &refused) && refused.Sure {
			if err := t.budget.GiveBack(ctx, l.Phone); err != nil {
				return err
			}
		}
		return mail.E(mail.Again, "error.sms.failed", err)
	}
	t.reports.expect(receipt, l.Holder)
	return t.desk.SMSStep(ctx, l.Holder, mail.StepSMSSent, "")
}
