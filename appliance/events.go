package appliance

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/syslog"
	"sigill/appliance/vault"
)

// settingEvents is the last entry of the journal that the SIEM was told of.
const settingEvents = "events.sent"

const (
	followEvery = 2 * time.Second
	followMost  = 500 // entries that are read at once
)

// follower reads the journal as it grows: for figures, and for a SIEM. The journal itself is
// what waits, so nothing is lost while the SIEM is away, and nothing that is written waits.
type follower struct {
	db      *vault.DB
	counted *counted
	line    *syslog.Line // nil: there is no SIEM
	name    func(kind string) string
	log     *slog.Logger

	seen, sent int64 // entries that were counted, and told
}

// begin finds out where to go on. A SIEM that is new begins with what happens from now on.
func (f *follower) begin(ctx context.Context) error {
	return f.db.View(ctx, func(tx *vault.ReadTx) error {
		head, _, err := tx.JournalHead()
		if err != nil {
			return err
		}
		f.seen, f.sent = head, head
		text, err := tx.Setting(settingEvents)
		if mail.KindOf(err) == mail.Absent && err != nil {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("setting %s: %w", settingEvents, err)
		}
		f.sent = min(n, head) // a restored journal may be shorter
		return nil
	})
}

// Run follows until ctx ends.
func (f *follower) Run(ctx context.Context) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	broken := false
	for {
		err := f.step(ctx)
		if f.line != nil && ctx.Err() == nil && broken != (err != nil) {
			if broken = err != nil; broken {
				f.log.Warn("events wait", "part", "events", "err", err)
			} else {
				f.log.Info("events go out again", "part", "events")
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if f.line != nil {
				return f.line.Close()
			}
			return nil
		}
	}
}

// step counts what is new, and tells it.
func (f *follower) step(ctx context.Context) error {
	list, err := f.since(ctx, f.seen)
	if err != nil {
		return err
	}
	f.counted.add(list)
	if len(list) > 0 {
		f.seen = list[len(list)-1].Seq
	}
	if f.line == nil || f.sent >= f.seen {
		return nil
	}
	if list, err = f.since(ctx, f.sent); err != nil {
		return err
	}
	before := f.sent
	for _, e := range list {
		if err = f.line.Write(ctx, f.message(e)); err != nil {
			break
		}
		f.sent = e.Seq
	}
	if f.sent == before {
		return err
	}
	return errors.Join(err, f.db.Update(ctx, func(tx *vault.Tx) error { return tx.SetSetting(settingEvents, strconv.FormatInt(f.sent, 10)) }))
}

func (f *follower) since(ctx context.Context, seq int64) (list []journal.Entry, err error) {
	err = f.db.View(ctx, func(tx *vault.ReadTx) error {
		list, err = tx.JournalSince(seq, followMost)
		return err
	})
	return list, err
}

// telling are the kinds whose Detail is one of a few words of ours, and goes along. In that
// of others a domain, a number's end or a day may stand.
var telling = []string{journal.SignInFailed, journal.TriesStopped, journal.FailuresLeftOut, journal.Suspended, journal.Resumed, journal.FactorMade, journal.FaultFound, journal.FaultMended}

// severities are of the kinds that a SIEM should look at; of others it is 3.
var severities = map[string]int{
	journal.SignInFailed: 5, journal.SignInLocked: 7, journal.TriesStopped: 7, journal.FailuresLeftOut: 7, journal.Locked: 6,
	journal.FaultFound: 8, journal.ClockHeld: 8, journal.Recovered: 7, journal.RecoverAsked: 7, journal.RolesChanged: 6, journal.OrganiserMade: 6,
	journal.HelpGiven: 6, journal.FactorReset: 6, journal.SeedHeld: 6, journal.ExportBegun: 6, journal.Started: 4, journal.Stopped: 4,
}

// message is an event for a SIEM: which, when, by what kind of actor and which part. Nobody's
// id is in it, not even one that says nothing: many of them together are a person's day.
func (f *follower) message(e journal.Entry) syslog.Message {
	severity, known := severities[e.Kind]
	if !known {
		severity = 3
	}
	detail := ""
	if slices.Contains(telling, e.Kind) {
		detail = e.Detail
	}
	cef := syslog.CEF{Class: e.Kind, Name: f.name(e.Kind), Severity: severity, Fields: []string{
		"rt", strconv.FormatInt(e.At.UnixMilli(), 10), "externalId", strconv.FormatInt(e.Seq, 10),
		"cs1Label", "actor", "cs1", e.Actor.String(), "cs2Label", "part", "cs2", e.Part, "reason", detail,
	}}
	level := syslog.Info
	if severity > 6 {
		level = syslog.Warning
	}
	return syslog.Message{At: e.At, Severity: level, Facility: syslog.LogAudit, ID: e.Kind, Text: cef.String()}
}

// openFollower makes the reader of the journal, if anybody wants to know.
func (a *Appliance) openFollower() {
	a.counted = newCounted()
	if a.c.Metrics == nil && a.c.Events == nil {
		return
	}
	a.follower = &follower{db: a.db, counted: a.counted, line: a.c.Events, log: a.c.Log, name: func(kind string) string { return a.words.For("en").T("journal." + kind) }}
}

// syslogLine opens the way to a syslog server; nil if place is "".
func syslogLine(place, ca, host string) (*syslog.Line, error) {
	if place == "" {
		return nil, nil
	}
	way, address, _ := config.SyslogPlace(place) // it was validated
	c := syslog.Config{Way: way, Address: address, Host: host}
	var err error
	if c.Roots, err = roots(ca); err != nil {
		return nil, err
	}
	return syslog.NewLine(c)
}

// roots reads the certificates of an authority of the house's own; nil are the system's.
func roots(ca string) (*x509.CertPool, error) {
	if ca == "" {
		return nil, nil
	}
	return courier.LoadRoots(ca)
}
