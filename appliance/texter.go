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
	"sigill/appliance/office"
)

// texter sends a PIN: budget, PIN, words, gateway; and that letters were read. A PIN and its text are in memory
// only, and nothing of them is logged.
type texter struct {
	desk    *desk.Desk
	pins    *access.PINs
	own     *access.PINs // of people's own phones
	budget  *access.Budget
	words   *notify.Words
	gateway courier.Gateway
	reports *reports
	meter   *meter
	outage  *outage
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
	text, err := t.words.PIN(l.Owner, lang, pin)
	if err != nil {
		return err
	}
	receipt, err := t.carry(ctx, l.Phone, text, access.PINLife)
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if err := t.desk.SMSStep(ctx, l.Holder, mail.StepSMSFailed, ""); err != nil {
			return err
		}
		return t.refused(ctx, l.Holder, l.Phone, t.budget.GiveBack, err)
	}
	t.reports.expect(receipt, l.Holder)
	t.meter.letterSMS(ctx, l.Holder, receipt)
	return t.desk.SMSStep(ctx, l.Holder, mail.StepSMSSent, "")
}

// tryPIN sends a fresh PIN to the reader of a letter that tries the way, and returns it: it is
// typed by nobody. It counts as any other, but nobody pays for it.
func (t *texter) tryPIN(ctx context.Context, l desk.Letter) (pin string, r mail.Receipt, err error) {
	if err := t.budget.Spend(ctx, l.Holder, l.Phone); err != nil {
		return "", r, err
	}
	if pin, err = t.pins.Make(l.Holder); err != nil {
		return "", r, err
	}
	text, err := t.words.PIN(l.Owner, l.Lang, pin)
	if err != nil {
		return "", r, err
	}
	if r, err = t.carry(ctx, l.Phone, text, access.PINLife); err != nil {
		return "", r, t.notTaken(l.Holder, err)
	}
	t.reports.expect(r, l.Holder)
	return pin, r, nil
}

// Pause returns how long a letter's reader waits until another PIN may be sent; 0: no longer.
func (t *texter) Pause(ctx context.Context, l desk.Letter) (time.Duration, error) {
	return t.budget.Pause(ctx, l.Phone)
}

// SendOwn sends a fresh PIN to somebody who signs in, at the phone that they have proven.
func (t *texter) SendOwn(ctx context.Context, person, pin mail.ID, to mail.Phone, lang string) error {
	if err := t.budget.SpendOwn(ctx, person, to); err != nil {
		return err
	}
	return t.sendOwn(ctx, ownSMS{person, pin, to, t.budget.GiveBack}, lang)
}

// SendNew is SendOwn to a number that somebody has typed as their own.
func (t *texter) SendNew(ctx context.Context, person, pin mail.ID, to mail.Phone, lang string) error {
	if err := t.budget.SpendNew(ctx, person, to); err != nil {
		return err
	}
	return t.sendOwn(ctx, ownSMS{person, pin, to, t.budget.GiveBackNew}, lang)
}

// SendInvited is SendOwn to the phone of somebody who is invited at an address.
func (t *texter) SendInvited(ctx context.Context, to office.Invitee, pin mail.ID, lang string) error {
	if err := t.budget.SpendInvited(ctx, to.Address, to.Phone); err != nil {
		return err
	}
	return t.sendOwn(ctx, ownSMS{to.ID, pin, to.Phone, t.budget.GiveBackInvited}, lang)
}

// SendHelp is SendOwn to somebody who has not given a password.
func (t *texter) SendHelp(ctx context.Context, person, pin mail.ID, to mail.Phone, lang string) error {
	if err := t.budget.SpendHelp(ctx, to); err != nil {
		return err
	}
	return t.sendOwn(ctx, ownSMS{person, pin, to, t.budget.GiveBackHelp}, lang)
}

// ownSMS is a PIN, by its name, that goes to a person's own phone. back gives the pause
// behind it back.
type ownSMS struct {
	person, pin mail.ID
	to          mail.Phone
	back        giveBack
}

type giveBack func(context.Context, mail.Phone) error

func (t *texter) sendOwn(ctx context.Context, s ownSMS, lang string) error {
	code, err := t.own.Make(s.pin)
	if err != nil {
		return err
	}
	text, err := t.words.OwnPIN(lang, code)
	if err != nil {
		return err
	}
	receipt, err := t.carry(ctx, s.to, text, access.PINLife)
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		return t.refused(ctx, s.person, s.to, s.back, err)
	}
	t.meter.ownSMS(ctx, s.person, receipt)
	return nil
}

func (t *texter) carry(ctx context.Context, to mail.Phone, text mail.SMSText, ttl time.Duration) (mail.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, smsTime)
	defer cancel()
	r, err := t.gateway.Send(ctx, mail.SMS{To: to, Text: text, Ref: rand.Text(), TTL: ttl})
	t.outage.heard(err == nil)
	if err == nil && r.Parts == 0 {
		r.Parts = text.Parts()
	}
	return r, err
}

// refused says what it means that a gateway has not taken an SMS.
func (t *texter) refused(ctx context.Context, id mail.ID, to mail.Phone, back giveBack, err error) error {
	said := t.notTaken(id, err)
	// One that may be on its way keeps its minute: the next would end its PIN.
	var refused *courier.GatewayError
	if errors.As(err, &refused) && refused.Sure {
		if err := back(ctx, to); err != nil {
			return err
		}
	}
	return said
}

// notTaken writes down that a gateway has not taken an SMS about something, and says so.
func (t *texter) notTaken(id mail.ID, err error) error {
	// The gateway's error holds neither number nor text (courier.GatewayError).
	t.log.Warn("sms", "part", "sms", "id", id, "err", err)
	return mail.E(mail.Again, "error.sms.failed", err)
}
