package appliance

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/desk"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// reports knows which SMS was for which letter, for as long as gateways tell of it.
// It is in memory: after a restart the report of an SMS whose PIN is gone with the
// process is of no use.
type reports struct {
	desk  *desk.Desk
	app   *keyring.App
	forms map[string]courier.ReportForm // by provider
	clock mail.Clock
	log   *slog.Logger

	mu   sync.Mutex
	sent map[reportKey]*sentSMS
}

type reportKey struct{ provider, id string }

type sentSMS struct {
	holder mail.ID
	state  courier.State
	at     time.Duration // by Clock.Running
}

// Bounds of what is remembered. 46elks repeats a report for six hours.
const (
	reportLife = 24 * time.Hour
	maxReports = 100_000
)

func newReports(d *desk.Desk, app *keyring.App, forms map[string]courier.ReportForm, clock mail.Clock, log *slog.Logger) *reports {
	return &reports{desk: d, app: app, forms: forms, clock: clock, log: log, sent: map[reportKey]*sentSMS{}}
}

// hookSecret is the last part of the address at which a provider reports. It follows
// from the appliance's key, so it need not be kept anywhere.
func hookSecret(app *keyring.App, provider string) string {
	return hex.EncodeToString(app.Tag("hook.sms", provider)[:16])
}

func (r *reports) expect(receipt mail.Receipt, holder mail.ID) {
	if receipt.ID == "" {
		return
	}
	now := r.clock.Running()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sent) >= maxReports {
		for k, s := range r.sent {
			if now-s.at > reportLife {
				delete(r.sent, k)
			}
		}
		if len(r.sent) >= maxReports {
			return
		}
	}
	r.sent[reportKey{receipt.Provider, receipt.ID}] = &sentSMS{holder: holder, state: courier.StateSent, at: now}
}

// Report takes what a gateway says of an SMS.
func (r *reports) Report(ctx context.Context, provider, secret, contentType, query string, body []byte) error {
	form, ok := r.forms[provider]
	want := hookSecret(r.app, provider)
	if subtle.ConstantTimeCompare([]byte(secret), []byte(want)) != 1 || !ok {
		return mail.E(mail.Absent, "error.absent", errors.New("report of nobody we know"))
	}
	rep, err := form.Parse(contentType, query, body)
	if err != nil {
		return err
	}
	holder, step, ok := r.advance(provider, rep)
	if !ok {
		return nil
	}
	return r.desk.SMSStep(ctx, holder, step, rep.Code)
}

// advance moves an SMS's state on and returns the step to be shown, if it is a new one.
func (r *reports) advance(provider string, rep courier.Report) (mail.ID, mail.StepKind, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sent[reportKey{provider, rep.ID}]
	if s == nil {
		return mail.ID{}, 0, false
	}
	next := s.state.Then(rep.State)
	if next == s.state {
		return mail.ID{}, 0, false
	}
	s.state = next
	step, ok := next.Step()
	return s.holder, step, ok
}

// reportForms returns how the reports of each configured gateway are read.
func reportForms(list []config.Gateway) map[string]courier.ReportForm {
	forms := map[string]courier.ReportForm{}
	for _, g := range list {
		switch {
		case g.Kind == config.Gateway46elks:
			forms[g.Name] = courier.ElksReport()
		case g.ReportID != "":
			f := courier.ReportForm{ID: g.ReportID, Status: g.ReportState, States: map[string]courier.State{}}
			for _, w := range g.Delivered {
				f.States[w] = courier.StateDelivered
			}
			for _, w := range g.Failed {
				f.States[w] = courier.StateFailed
			}
			forms[g.Name] = f
		}
	}
	return forms
}
