package appliance

import (
	"context"
	"time"

	"sigill/appliance/jobs"
	"sigill/appliance/journal"
	"sigill/appliance/vault"
)

// openJobs lists the periodic work, in the order in which it is done when the demo's
// clock is turned.
func (a *Appliance) openJobs() (err error) {
	a.jobs, err = jobs.New(a.c.Clock, a.c.Log, []jobs.Job{
		{Name: "retention", Spec: "@every 1m", Do: a.expire},
		{Name: "erase", Spec: "@every 1m", Do: a.purge},
		{Name: "forget", Spec: "@every 1m", Do: a.forget},
		{Name: "checkpoint", Spec: "@every 1m", Do: a.checkpoint},
	})
	return err
}

// expire ends what is due, unless the clock has leapt: then nothing ends until an
// administrator has looked.
func (a *Appliance) expire(ctx context.Context) error {
	now := a.c.Clock.Now()
	if !a.brake.Check(now, a.c.Clock.Running()) {
		a.c.Log.Error("the clock has leapt ahead; no letter ends until an administrator has said that it is right", "part", "retention")
		return nil
	}
	if err := a.db.Update(ctx, func(tx *vault.Tx) error { return tx.SetSetting(settingSeen, now.Format(time.RFC3339)) }); err != nil {
		return err
	}
	_, err := a.desk.Expire(ctx)
	return err
}

func (a *Appliance) purge(ctx context.Context) error {
	_, err := a.desk.Purge(ctx)
	return err
}

// forget drops what is of no use any more: sessions and epoch keys in memory,
// tombstones and counters in the database.
func (a *Appliance) forget(ctx context.Context) error {
	a.portal.Sweep()
	a.desk.Forget()
	now := a.c.Clock.Now()
	return a.db.Update(ctx, func(tx *vault.Tx) error {
		if _, err := tx.ForgetTombstones(now); err != nil {
			return err
		}
		_, err := tx.ForgetCounters(now)
		return err
	})
}

// checkpoint signs the journal's head and keeps the note outside the database, every
// ten minutes or thousand entries, so that a tail that is cut off is missed.
func (a *Appliance) checkpoint(ctx context.Context) error {
	var size int64
	var head [32]byte
	err := a.db.View(ctx, func(tx *vault.ReadTx) (err error) {
		size, head, err = tx.JournalHead()
		return err
	})
	if err != nil {
		return err
	}
	now := a.c.Clock.Now()
	if !(journal.Due{Last: a.points.Last()}).Now(size, now) {
		return nil
	}
	_, err = a.points.Add(journal.Checkpoint{Size: size, Root: head, At: now})
	return err
}
