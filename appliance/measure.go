package appliance

import (
	"context"
	"strings"
	"sync"

	"sigill/appliance/doctor"
	"sigill/appliance/journal"
	"sigill/appliance/metrics"
)

// counted counts the journal's events by kind since the start. The kinds are a few words of
// ours; one of a later program is counted as another.
type counted struct {
	mu sync.Mutex
	by map[string]float64
}

func newCounted() *counted {
	c := &counted{by: map[string]float64{"other": 0}}
	for _, k := range journal.Kinds() {
		c.by[k] = 0
	}
	return c
}

func (c *counted) add(list []journal.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range list {
		if _, ours := c.by[e.Kind]; ours {
			c.by[e.Kind]++
		} else {
			c.by["other"]++
		}
	}
}

func (c *counted) values() (list []metrics.Value) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for kind, n := range c.by {
		list = append(list, metrics.Value{Label: kind, N: n})
	}
	return list
}

// openMetrics makes the listener for Prometheus, if there is to be one.
func (a *Appliance) openMetrics() {
	if a.c.Metrics == nil {
		return
	}
	a.metrics = metrics.New(metrics.Config{Listener: a.c.Metrics, Trusted: a.c.MetricsTrusted, Figures: a.figures, Failing: a.failing, Log: a.c.Log})
}

// failing are the checks that have found a fault at the last look.
func (a *Appliance) failing() (list []string) {
	all, _ := a.found.all()
	for _, f := range all {
		if f.Grave == doctor.Fault {
			list = append(list, f.Check)
		}
	}
	return list
}

// Healthy reports whether a stranger is told that all is well. It is what the last look has
// found: asking costs nothing, however many do. What keeps letters from being taken or read
// counts; what is wrong is said at the listener for metrics, to who may ask there.
func (a *Appliance) Healthy() bool {
	for _, check := range a.failing() {
		if strings.HasPrefix(check, "mail.") || strings.HasPrefix(check, "machine.") || check == "tls.web" || check == "sms.gateway" {
			return false
		}
	}
	return true
}

// figures are what Prometheus is told. No label is a person, an address or a letter.
func (a *Appliance) figures(ctx context.Context) ([]metrics.Figure, error) {
	s, err := a.Status(ctx)
	if err != nil {
		return nil, err
	}
	now := a.c.Clock.Now()
	one := oneFigure
	oldest := 0.0
	if !s.Oldest.IsZero() {
		oldest = now.Sub(s.Oldest).Seconds()
	}
	sent := one("sigill_mails_sent_total", "Mails of ours that the smarthost has taken since the start.", float64(a.courier.Status().Sent))
	sent.Count = true
	list := []metrics.Figure{
		one("sigill_smarthost_up", "1 if the smarthost takes mail, as far as is known.", figure(s.Down.IsZero())),
		one("sigill_sms_up", "1 if a gateway takes SMS, as far as is known.", figure(s.SMSDown.IsZero())),
		one("sigill_mails_waiting", "Mails of ours that wait to be sent.", float64(s.Waiting)),
		one("sigill_mails_oldest_seconds", "How long the oldest of them has waited.", oldest),
		sent,
		one("sigill_sms_today", "SMS sent today.", float64(s.SMS)),
		one("sigill_sms_today_most", "SMS that may be sent in a day.", float64(s.SMSMost)),
		one("sigill_disk_free_bytes", "Bytes free where everything is kept.", float64(s.Room)),
		one("sigill_disk_bytes", "Bytes there.", float64(s.Disk)),
		one("sigill_clock_ahead_seconds", "How far the clock has run ahead since it was believed.", s.Ahead.Seconds()),
		one("sigill_journal_entries", "Entries of the journal.", float64(s.Journal)),
	}
	ends := metrics.Figure{Name: "sigill_certificate_ends_seconds", Help: "When a door's certificate ends, in Unix time.", Label: "of"}
	for _, c := range s.Certificates {
		ends.Of = append(ends.Of, metrics.Value{Label: c.Of, N: float64(c.Ends.Unix())})
	}
	failed := metrics.Figure{Name: "sigill_job_failed", Help: "How often in a row a periodic job has failed.", Label: "job"}
	last := metrics.Figure{Name: "sigill_job_last_seconds", Help: "When a periodic job last began, in Unix time.", Label: "job"}
	for _, j := range s.Jobs {
		failed.Of = append(failed.Of, metrics.Value{Label: j.Name, N: float64(j.Tries)})
		if !j.At.IsZero() {
			last.Of = append(last.Of, metrics.Value{Label: j.Name, N: float64(j.At.Unix())})
		}
	}
	return append(append(list, a.keyFigures(false)...), ends, failed, last, a.checkFigures(),
		metrics.Figure{Name: "sigill_events_total", Help: "Events of the journal since the start.", Count: true, Label: "kind", Of: a.counted.values()},
	), nil
}

func oneFigure(name, help string, n float64) metrics.Figure {
	return metrics.Figure{Name: name, Help: help, Of: []metrics.Value{{N: n}}}
}

// checkFigures says of each check how grave it is: the gravest where one has found several
// things. A check that was not made has none.
func (a *Appliance) checkFigures() metrics.Figure {
	f := metrics.Figure{Name: "sigill_check", Help: "How a check went: 0 good, 1 a note, 2 a warning, 3 a fault.", Label: "check"}
	worst := map[string]doctor.Grave{}
	all, _ := a.found.all()
	for _, x := range all {
		worst[x.Check] = max(worst[x.Check], x.Grave)
	}
	for _, check := range doctor.Checks() {
		if g, made := worst[check]; made {
			f.Of = append(f.Of, metrics.Value{Label: check, N: float64(g)})
		}
	}
	return f
}

func figure(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
