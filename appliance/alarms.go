package appliance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"sigill/appliance/alarm"
	"sigill/appliance/courier"
	"sigill/appliance/doctor"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
)

// Alarms is who is told when something is wrong with the machine. The zero value: nobody.
type Alarms struct {
	Mail     bool             // administrators are, by mail
	Warnings bool             // also of what is not wrong yet
	Hook     *courier.Webhook // a place of the house's own; nil: there is none
}

// watch looks at the machine and tells what lasts: what it knows by itself each time, what
// others must be asked once an hour, and again at once when that has changed.
func (a *Appliance) watch(ctx context.Context) error {
	quick, err := a.lookQuick(ctx)
	if err != nil {
		return err
	}
	if _, err := a.tell(ctx, quick, func(check string) bool { return !isSlow(check) }); err != nil {
		return err
	}
	if a.slowDue() || a.found.again {
		if a.found.again, err = a.tell(ctx, a.lookSlow(ctx), isSlow); err != nil {
			return err
		}
	}
	return a.callHook(ctx)
}

// tell holds what was found against what is known, and tells what is new.
func (a *Appliance) tell(ctx context.Context, found []doctor.Finding, of func(check string) bool) (again bool, err error) {
	known, err := a.office.Faults(ctx)
	if err != nil {
		return false, err
	}
	least := doctor.Fault
	if a.c.Alarms.Warnings {
		least = doctor.Warn
	}
	c := alarm.Next(known, alarm.Look{At: a.c.Clock.Now(), Found: found, Least: least, Of: of, Hook: a.c.Alarms.Hook != nil})
	if len(known) == 0 && len(c.Keep) == 0 {
		return c.Again, nil // as a rule
	}
	raised, ended := make([]string, len(c.Raised)), make([]string, len(c.Ended))
	for i, r := range c.Raised {
		raised[i] = r.Finding.Check
		a.c.Log.Error("fault", "part", "doctor", "check", r.Finding.Check, "what", r.Finding.What)
	}
	for i, f := range c.Ended {
		ended[i] = alarm.CheckOf(f)
		a.c.Log.Info("fault mended", "part", "doctor", "check", ended[i], "since", f.Seen)
	}
	return c.Again, a.office.KeepFaults(ctx, c.Keep, raised, ended, a.alarmMail(c))
}

// alarmMail says what is told by mail; nil if nothing is. That no mail goes out is told by
// mail only when one does again.
func (a *Appliance) alarmMail(c alarm.Change) func(lang string) []mail.Alarm {
	var raised []alarm.Raised
	for _, r := range c.Raised {
		if r.Finding.Check != "mail.smarthost" {
			raised = append(raised, r)
		}
	}
	if !a.c.Alarms.Mail || len(raised)+len(c.Ended) == 0 {
		return nil
	}
	return func(lang string) (list []mail.Alarm) {
		p := a.words.For(lang).In(a.zone())
		for _, r := range raised {
			list = append(list, alarmOf(p, r.Finding))
		}
		for _, f := range c.Ended {
			list = append(list, mail.Alarm{Title: p.T("doctor.check." + alarm.CheckOf(f)), Lasted: lasted(p, f.Ended.Sub(f.Seen))})
		}
		return list
	}
}

func alarmOf(p locale.Printer, f doctor.Finding) mail.Alarm {
	x := mail.Alarm{Title: p.T("doctor.check." + f.Check), Say: sayFinding(p, f), Do: doFinding(p, f)}
	for _, r := range f.Records {
		x.Records = append(x.Records, r.String())
	}
	return x
}

// sayFinding is the sentence of a finding, and doFinding what to do about it.
func sayFinding(p locale.Printer, f doctor.Finding) string {
	if n, ok := f.Days(); ok {
		return p.N(f.What, n, f.Pairs()...)
	}
	return p.T(f.What, f.Pairs()...)
}

func doFinding(p locale.Printer, f doctor.Finding) string {
	if f.Do() == "" {
		return ""
	}
	return p.T(f.Do(), f.Pairs()...)
}

// lasted is how long something lasted, in words.
func lasted(p locale.Printer, d time.Duration) string {
	switch {
	case d < time.Hour:
		return p.N("lasted.minutes", max(1, int(d/time.Minute)))
	case d < 48*time.Hour:
		return p.N("lasted.hours", int(d/time.Hour))
	}
	return p.N("lasted.days", int(d/(24*time.Hour)))
}

// hookBody is what the webhook is told: Standard Webhooks, "payload". It is about the machine
// and nobody.
type hookBody struct {
	Type      string   `json:"type"` // "alarm.raised" or "alarm.ended"
	Timestamp string   `json:"timestamp"`
	Data      hookData `json:"data"`
}

type hookData struct {
	Portal string    `json:"portal"` // which appliance it is
	Check  string    `json:"check"`
	What   string    `json:"what"`
	Title  string    `json:"title"`
	Since  time.Time `json:"since"`
	// Say and Do are there while it is still found.
	Say     string     `json:"say,omitempty"`
	Do      string     `json:"do,omitempty"`
	Records []string   `json:"records,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
	Lasted  string     `json:"lasted,omitempty"`
}

// callHook tells the webhook what it has yet to be told. It is tried again at the next look,
// so and so often, and given up then: the journal and the page know all the same.
func (a *Appliance) callHook(ctx context.Context) error {
	if a.c.Alarms.Hook == nil {
		return nil
	}
	known, err := a.office.Faults(ctx)
	if err != nil {
		return err
	}
	var keep []mail.Fault
	tried := false
	for _, f := range known {
		if f.Calls > 0 {
			tried = true
			if err := a.callFor(ctx, f); err != nil {
				a.c.Log.Warn("webhook", "part", "doctor", "err", err, "left", f.Calls-1)
				f.Calls--
			} else {
				f.Calls = 0
			}
		}
		if f.Ended.IsZero() || f.Calls > 0 {
			keep = append(keep, f)
		}
	}
	if !tried {
		return nil
	}
	return a.office.KeepFaults(ctx, keep, nil, nil, nil)
}

func (a *Appliance) callFor(ctx context.Context, f mail.Fault) error {
	p := a.words.For(a.c.House.Lang).In(a.zone())
	check := alarm.CheckOf(f)
	b := hookBody{Type: "alarm.raised", Timestamp: f.Told.UTC().Format(time.RFC3339), Data: hookData{
		Portal: a.c.BaseURL, Check: check, What: f.Name[len(check):], Title: p.T("doctor.check." + check), Since: f.Seen,
	}}
	if len(b.Data.What) > 0 {
		b.Data.What = b.Data.What[1:] // the blank between both
	}
	all, _ := a.found.all()
	for _, x := range all {
		if x.Key() == f.Name {
			told := alarmOf(p, x)
			b.Data.Say, b.Data.Do, b.Data.Records = told.Say, told.Do, told.Records
		}
	}
	if !f.Ended.IsZero() {
		b.Type, b.Timestamp, b.Data.Ended, b.Data.Lasted = "alarm.ended", f.Ended.UTC().Format(time.RFC3339), &f.Ended, lasted(p, f.Ended.Sub(f.Seen))
	}
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", a.founding.id, b.Type, f.Name, f.Seen.UnixMilli()))
	return a.c.Alarms.Hook.Call(ctx, "msg_"+hex.EncodeToString(id[:16]), a.c.Clock.Now(), body)
}
