package appliance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigill/appliance/mail"
	"sigill/backup"
)

// seen is how it goes.
func (t *backedUp) seen() backedUpState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

// begins says what is done now, until over is called.
func (t *backedUp) begins(what task, now time.Time) (over func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state.Doing != "" {
		return func() {} // a part of it: a drill writes a set
	}
	t.state.Doing, t.state.Since = what, now
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.state.Doing, t.state.Since = "", time.Time{}
	}
}

// ask has something done, and returns its number among what was asked for. The error is Busy
// if something else waits.
func (t *backedUp) ask(what task) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case t.asked <- what:
		t.state.Asked++
		return t.state.Asked, nil
	default:
		return 0, mail.E(mail.Busy, "error.backup.busy", nil)
	}
}

// finished says how what was asked for went.
func (t *backedUp) finished(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Finished, t.state.Result = t.state.Finished+1, err
}

// do does what somebody has asked for.
func (t *backedUp) do(ctx context.Context, what task, clock mail.Clock) error {
	switch what {
	case taskSet:
		return t.set(ctx, clock.Now())
	case taskVerify:
		return t.verify(ctx, clock)
	case taskDrill:
		return t.drills(ctx, clock)
	}
	return fmt.Errorf("nobody knows how to %s", what)
}

// writes opens the target, if that was not done yet, and writes to it, one at a time. How it
// went is remembered.
func (t *backedUp) writes(ctx context.Context, now time.Time, do func(*backup.Backup) error) error {
	err := t.open(ctx)
	if err == nil {
		err = do(t.b)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.b != nil {
		t.state.Last = t.b.Last()
	}
	switch {
	case err == nil:
		t.state.Failed, t.state.Fault = time.Time{}, nil
	case ctx.Err() != nil: // we were told to stop
	default:
		t.state.Fault = err
		if t.state.Failed.IsZero() {
			t.state.Failed = now
		}
	}
	return err
}

// open opens the target and begins to remember what changes. t.turn is held.
func (t *backedUp) open(ctx context.Context) (err error) {
	if t.b != nil {
		return nil
	}
	if t.target, err = backup.OpenTarget(ctx, t.conf); err != nil {
		return err
	}
	c := t.with
	c.Target = t.target
	b, err := backup.Open(ctx, c)
	if err != nil {
		return errors.Join(err, t.target.Close())
	}
	t.b = b
	return nil
}

func (t *backedUp) close() error {
	t.turn.Lock()
	defer t.turn.Unlock()
	if t.b == nil {
		return nil
	}
	t.b.Close()
	t.b = nil
	return t.target.Close()
}

// keep writes the slots that have changed, unless a set is being written, which does it
// too. Before the first set there is nothing to which they belong.
func (t *backedUp) keep(ctx context.Context, now time.Time) error {
	if !t.turn.TryLock() {
		return nil
	}
	defer t.turn.Unlock()
	return t.writes(ctx, now, func(b *backup.Backup) error {
		if b.Last().Set.IsZero() {
			return nil
		}
		return b.Keep(ctx)
	})
}

// cleanEvery is how often what is not kept is looked for: it reads all that is signed.
const cleanEvery = time.Hour

// set writes a set, and removes what is not kept any more.
func (t *backedUp) set(ctx context.Context, now time.Time) error {
	t.turn.Lock()
	defer t.turn.Unlock()
	defer t.begins(taskSet, now)()
	return t.writes(ctx, now, func(b *backup.Backup) error {
		if _, err := b.Run(ctx, backup.Changes); err != nil {
			return err
		}
		if now.Sub(t.cleaned).Abs() < cleanEvery {
			return nil
		}
		t.cleaned = now
		days, weeks, months := t.conf.Kept()
		_, err := b.Clean(ctx, backup.Keep{Days: days, Weeks: weeks, Months: months})
		return err
	})
}

// reads opens the target beside who writes to it.
func (t *backedUp) reads(ctx context.Context, do func(backup.Target) error) (err error) {
	target, err := backup.OpenTarget(ctx, t.conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	return do(target)
}

// verify reads everything that lies at the target.
func (t *backedUp) verify(ctx context.Context, clock mail.Clock) error {
	defer t.begins(taskVerify, clock.Now())()
	key, err := backup.ParseVerifier(t.with.Sign.Public())
	if err != nil {
		return err
	}
	err = t.reads(ctx, func(target backup.Target) error {
		v, err := backup.Verify(ctx, target, key)
		return errors.Join(append(v.Faults, err)...)
	})
	return t.remember(ctx, err, func(r *tried) { r.Verified, r.Damaged = clock.Now(), saidOf(err) })
}

// drills restores what lies at the target to another place, for trial.
func (t *backedUp) drills(ctx context.Context, clock mail.Clock) error {
	defer t.begins(taskDrill, clock.Now())()
	err := t.drill(ctx, t)
	return t.remember(ctx, err, func(r *tried) { r.Drilled, r.Undrilled = clock.Now(), saidOf(err) })
}

// maxSaid bounds what is remembered of a fault, in bytes.
const maxSaid = 1000

func saidOf(err error) string {
	if err == nil {
		return ""
	}
	s := err.Error()
	return s[:min(len(s), maxSaid)]
}

// remember keeps how a trial went, unless it was broken off because we stop.
func (t *backedUp) remember(ctx context.Context, err error, note func(*tried)) error {
	if ctx.Err() != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	note(&t.state.Tried)
	return errors.Join(err, t.state.Tried.save(t.with.State))
}
