package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"sigill/appliance/door/admin"
	"sigill/appliance/erase"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
	"sigill/updater"
)

// settingUpdateSeen holds updater.Seen as JSON.
const settingUpdateSeen = "update.seen"

// updateState is what is known of newer programs since the appliance was opened.
type updateState struct {
	doing     string // "fetching", "installing"; "" for nothing
	done, all int64  // bytes
	checked   time.Time
	failed    string            // why the last that was looked at was not taken
	found     *updater.Manifest // at the source
	ready     *updater.Manifest // laid ready
	form      int64             // of the data, for who installs
	back      updater.Program   // that is to come back
}

func (u *updates) set(change func(*updateState)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(&u.state)
}

// updating is what the page and the commands may ask of the program that runs.
type updating struct{ a *Appliance }

// holds is what a release is held against.
func (a *Appliance) holds(ctx context.Context, over bool) (h updater.Here, err error) {
	u := a.c.Updates
	text, err := setting(ctx, a.db, settingUpdateSeen)
	if err != nil && mail.KindOf(err) != mail.Absent {
		return h, err
	}
	seen, err := updater.ParseSeen([]byte(text))
	if err != nil {
		return h, err
	}
	kept, err := updater.ReadSeen(u.seen)
	if err != nil {
		return h, err
	}
	return updater.Here{Version: u.program.Version, Platform: platform(), Seen: seen.With(kept), Now: a.c.Clock.Now(), Believed: a.clockStands(), Over: over}, nil
}

// sawUpdate keeps what was signed, in the database and outside of it.
func (a *Appliance) sawUpdate(ctx context.Context, h updater.Here, b *updater.Bundle) error {
	if b.Manifest.Platform != h.Platform {
		return nil
	}
	seen := h.Seen.And(b.Manifest, b.By)
	text, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	if err := updater.WriteSeen(updater.Machine{}, a.c.Updates.seen, seen); err != nil {
		return err
	}
	return a.db.Update(ctx, func(tx *vault.Tx) error { return tx.SetSetting(settingUpdateSeen, string(text)) })
}

// refused is the word for why something was not taken; "source" for what is none of a
// bundle's faults.
func refused(err error) string {
	var r updater.Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return string(r)
	}
	return "source"
}

// lookTime is how long the source may take for the head of a bundle.
const lookTime = 2 * time.Minute

// lookForUpdate looks at the source. It changes nothing but what is known.
func (a *Appliance) lookForUpdate(ctx context.Context) error {
	u := a.c.Updates
	if u == nil || u.source.Place == "" {
		return nil
	}
	h, err := a.holds(ctx, false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	b, err := u.source.Check(ctx, u.keys, h)
	if b != nil {
		if err := a.sawUpdate(ctx, h, b); err != nil {
			return err
		}
	}
	var found *updater.Manifest
	word := refused(err)
	switch {
	case errors.Is(err, updater.Older):
		// What runs is the newest that is known, unless nobody has said so for long.
		if word = ""; b.Manifest.Over(h) {
			word = string(updater.Expired)
		}
		err = nil
	case b != nil && (err == nil || word == string(updater.Expired)):
		found, err = &b.Manifest, nil
	}
	u.set(func(s *updateState) { s.checked, s.failed, s.found = h.Now, word, found })
	return err
}

// stageUpdate lays a bundle ready. Only one is at work at a time.
func (a *Appliance) stageUpdate(ctx context.Context, over bool, open func(context.Context) (io.ReadCloser, error)) error {
	u := a.c.Updates
	if u == nil || u.way == byNobody {
		return errNobodyUpdates()
	}
	if !u.working.TryLock() {
		return mail.E(mail.Busy, "error.update.busy", nil)
	}
	defer u.working.Unlock()
	h, err := a.holds(ctx, over)
	if err != nil {
		return err
	}
	u.set(func(s *updateState) { s.doing, s.done, s.all, s.ready, s.failed = "fetching", 0, 0, nil, "" })
	b, err := a.stageFrom(ctx, h, open)
	var ready *updater.Manifest
	if err == nil {
		ready, err = &b.Manifest, a.sawUpdate(ctx, h, b)
	}
	u.set(func(s *updateState) { s.doing, s.failed, s.ready = "", refused(err), ready })
	if word := refused(err); word != "" {
		return mail.E(mail.Invalid, "page.update.why."+word, err)
	}
	return nil
}

func (a *Appliance) stageFrom(ctx context.Context, h updater.Here, open func(context.Context) (io.ReadCloser, error)) (*updater.Bundle, error) {
	u := a.c.Updates
	r, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	room := func() (int64, error) {
		fs, err := erase.FileSystemOf(a.c.Data)
		return fs.Free, err
	}
	return u.service.Stage(r, h, room, func(done, all int64) {
		u.set(func(s *updateState) { s.done, s.all = done, all })
	})
}

// shutIn is how long the doors stay open when another program is to take over: whoever has
// asked for it gets the page that says so.
const shutIn = 3 * time.Second

// installUpdate has what was laid ready take over.
func (a *Appliance) installUpdate(ctx context.Context, by mail.Actor) error {
	u := a.c.Updates
	form := a.db.Schema()
	return a.leave(ctx, by, journal.UpdateBegun, func(s *updateState) (string, error) {
		if s.ready == nil {
			return "", mail.E(mail.Invalid, "error.update.nothing", nil)
		}
		s.form, s.back = form, updater.Program{}
		return u.program.Version + " → " + s.ready.Version, nil
	})
}

// returnUpdate has the program before take over.
func (a *Appliance) returnUpdate(ctx context.Context, by mail.Actor) error {
	before, err := a.before(ctx)
	if err != nil {
		return err
	}
	return a.leave(ctx, by, journal.UpdateReturned, func(s *updateState) (string, error) {
		if before.Sum == "" {
			return "", mail.E(mail.Invalid, "error.update.noreturn", nil)
		}
		s.back = before
		return a.c.Updates.program.Version + " → " + before.Version, nil
	})
}

// leave ends the appliance so that another program takes over.
func (a *Appliance) leave(ctx context.Context, by mail.Actor, kind string, prepare func(*updateState) (detail string, err error)) error {
	u := a.c.Updates
	if u.way == byNobody {
		return errNobodyUpdates()
	}
	var detail string
	var err error
	u.set(func(s *updateState) {
		if s.doing != "" {
			err = mail.E(mail.Busy, "error.update.busy", nil)
			return
		}
		if detail, err = prepare(s); err == nil {
			s.doing = "installing"
		}
	})
	if err != nil {
		return err
	}
	err = a.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: by.Kind, Holder: by.ID, Detail: detail, Part: "update"})
	})
	if err != nil {
		u.set(func(s *updateState) { s.doing = "" })
		return err
	}
	time.AfterFunc(shutIn, func() { poke(u.wanted) })
	return nil
}

// before is the program before this one, if the data are still of a form that it knows; else
// the zero value.
func (a *Appliance) before(ctx context.Context) (updater.Program, error) {
	u := a.c.Updates
	j, err := u.service.Journal()
	if err != nil || j.Phase != updater.Done {
		return updater.Program{}, err
	}
	r, err := updater.ReadRecord(u.keeper.Dir)
	if err != nil || r.Previous != j.From || r.Program != j.To {
		return updater.Program{}, err
	}
	if a.db.Schema() != j.Schema {
		return updater.Program{}, nil
	}
	return r.Previous, nil
}

// Update says what is known of newer programs.
func (p updating) Update(ctx context.Context) (admin.UpdateState, error) {
	u := p.a.c.Updates
	if u == nil {
		return admin.UpdateState{Way: byNobody, Demo: true}, nil
	}
	u.mu.Lock()
	s := u.state
	u.mu.Unlock()
	out := admin.UpdateState{
		Version: u.program.Version, Source: u.source.Place, Signed: len(u.keys) > 0, Way: u.way,
		Doing: s.doing, Done: s.done, All: s.all, Checked: s.checked, Failed: s.failed,
		Found: release(s.found), Ready: release(s.ready),
	}
	j, err := u.service.Journal()
	if err != nil {
		return out, err
	}
	if j.Phase == updater.Done || j.Phase == updater.Returned {
		out.Last = &admin.UpdateOutcome{From: j.From.Version, To: j.To.Version, At: j.At, Went: j.Phase == updater.Done, Why: j.Why}
	}
	before, err := p.a.before(ctx)
	out.Before = before.Version
	return out, err
}

func release(m *updater.Manifest) *admin.Release {
	if m == nil {
		return nil
	}
	return &admin.Release{Version: m.Version, Notes: m.Notes, Issued: m.Issued, Expires: m.Expires}
}

// Look looks at the source now.
func (p updating) Look(ctx context.Context) error {
	if p.a.c.Updates == nil {
		return errNobodyUpdates()
	}
	if err := p.a.lookForUpdate(ctx); err != nil {
		return mail.E(mail.Again, "page.update.why."+refused(err), err)
	}
	return nil
}

// Fetch lays ready what is at the source. It goes on when nobody waits any more.
func (p updating) Fetch(ctx context.Context, over bool) error {
	u := p.a.c.Updates
	switch {
	case u == nil:
		return errNobodyUpdates()
	case u.source.Place == "":
		return mail.E(mail.Invalid, "error.update.nothing", nil)
	}
	return p.a.stageUpdate(ctx, over, u.source.Open)
}

// Take lays ready what somebody hands in.
func (p updating) Take(ctx context.Context, over bool, r io.Reader) error {
	return p.a.stageUpdate(ctx, over, func(context.Context) (io.ReadCloser, error) { return io.NopCloser(r), nil })
}

// Install has what was laid ready take over.
func (p updating) Install(ctx context.Context, by mail.Actor) error {
	if p.a.c.Updates == nil {
		return errNobodyUpdates()
	}
	return p.a.installUpdate(ctx, by)
}

// Return has the program before take over.
func (p updating) Return(ctx context.Context, by mail.Actor) error {
	if p.a.c.Updates == nil {
		return errNobodyUpdates()
	}
	return p.a.returnUpdate(ctx, by)
}

// errNobodyUpdates is of a program that nobody can replace from here.
func errNobodyUpdates() error { return mail.E(mail.Invalid, "page.update.none", nil) }
