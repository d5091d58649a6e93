package appliance

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/jobs"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func (a *Appliance) openJobs() (err error) {
	list := a.periodic()
	if a.office.DirectoryOn() {
		list = append(list, jobs.Job{Name: "directory", Spec: a.c.Directory.Schedule, Do: a.readDirectory, Apart: true})
	}
	list = append(list, a.backups.jobs()...)
	if a.Tries() && a.c.Canary.Schedule != "" {
		list = append(list, jobs.Job{Name: "canary", Spec: a.c.Canary.Schedule, Do: a.nightlyTrip, Apart: true})
	}
	if a.c.Certificates != nil {
		// An authority that is silent must not keep letters from ending.
		list = append(list, jobs.Job{Name: "certificates", Spec: "@every 1m", Do: a.keepCertificates, Apart: true})
	}
	if u := a.c.Updates; u != nil && u.source.Place != "" {
		list = append(list, jobs.Job{Name: "update", Spec: u.schedule, Do: a.lookForUpdate, Apart: true})
	}
	a.jobs, err = jobs.New(a.c.Clock, a.c.Log, list)
	return err
}

// periodic lists the periodic work of every house, in the order in which it is done when the
// demo's clock is turned.
func (a *Appliance) periodic() []jobs.Job {
	return []jobs.Job{
		{Name: "retention", Spec: "@every 1m", Do: a.expire},
		{Name: "erase", Spec: "@every 1m", Do: a.purge},
		{Name: "forget", Spec: "@every 1m", Do: a.forget},
		{Name: "spool", Spec: "@every 1m", Do: a.takeSpooled},
		{Name: "checkpoint", Spec: "@every 1m", Do: a.checkpoint},
		{Name: "receipts", Spec: "@every 1m", Do: a.tellReadings, Apart: true}, // a gateway of SMS that is silent must not keep letters from ending
		{Name: "sound", Spec: "@daily", Do: a.db.Sound, Rest: 24 * time.Hour},  // reads the whole database
		{Name: "leavers", Spec: "@every 10m", Do: a.suspendLeavers},
		{Name: "closing", Spec: "@every 10m", Do: a.closeMailboxes},
		{Name: "accounts", Spec: "@every 10m", Do: a.closeAccounts},
		{Name: "invitations", Spec: "@every 1h", Do: a.forgetInvitations},
		{Name: "mailboxes", Spec: "@every 1h", Do: a.keepMailboxes},
		{Name: "trace", Spec: "@every 1h", Do: a.forgetTraces},
		{Name: "daily", Spec: "@every 1h", Do: a.tellDaily},
		{Name: "usage", Spec: "@every 1h", Do: a.countUsage},
		{Name: "doctor", Spec: "@every 5m", Do: a.watch, Apart: true}, // DNS that does not answer must not keep letters from ending
		{Name: "figures", Spec: "@every 1m", Do: a.meter.countFigures},
	}
}

// expire ends what is due, unless the clock has leapt: then nothing ends until an
// administrator has looked.
func (a *Appliance) expire(ctx context.Context) error {
	now := a.c.Clock.Now()
	if !a.believed(now) {
		a.c.Log.Error("the clock has leapt ahead; no letter ends until an administrator has said that it is right", "part", "retention")
		return nil
	}
	if a.brake.Behind(now, a.c.Clock.Running()) {
		a.c.Log.Error("the clock has been set back; no mail is taken until it is mended, or an administrator has said that it is right", "part", "retention")
	} else if err := a.db.Update(ctx, func(tx *vault.Tx) error { return tx.SetSetting(settingSeen, now.Format(time.RFC3339)) }); err != nil {
		return err
	}
	_, err := a.desk.Expire(ctx)
	return err
}

// believed reports whether something may end at now, which the clock has just said; see
// retention.Brake.
func (a *Appliance) believed(now time.Time) bool { return a.brake.Check(now, a.c.Clock.Running()) }

// clockStands reports whether the clock has neither leapt ahead nor been set back: what is
// kept of its time counts for as long as it says.
func (a *Appliance) clockStands() bool {
	now := a.c.Clock.Now()
	return a.believed(now) && !a.brake.Behind(now, a.c.Clock.Running())
}

// sure refuses new messages while the clock stands days behind what was believed:
// their last day would be over, and they destroyed, as soon as it is mended.
func (a *Appliance) sure() error {
	if a.brake.Behind(a.c.Clock.Now(), a.c.Clock.Running()) {
		return mail.E(mail.Again, "error.again", errors.New("the clock has been set back"))
	}
	return nil
}

// purge destroys what has ended. The job does, and a letter that tries the way, one at a time.
func (a *Appliance) purge(ctx context.Context) error {
	a.purging.Lock()
	defer a.purging.Unlock()
	_, err := a.desk.Purge(ctx)
	return err
}

// forget drops what is of no use any more: sessions and epoch keys in memory, files of which
// only a half ever came, tombstones and counters in the database. A clock that has leapt
// forgets nothing there: who holds a code is told the truth for 90 days, and tries stay counted.
func (a *Appliance) forget(ctx context.Context) error {
	a.portal.Sweep()
	a.desk.Forget()
	now := a.c.Clock.Now()
	if !a.believed(now) {
		return nil
	}
	if _, err := a.desk.SweepUploads(ctx); err != nil {
		return err
	}
	return a.db.Update(ctx, func(tx *vault.Tx) error {
		if _, err := tx.ForgetTombstones(now); err != nil {
			return err
		}
		_, err := tx.ForgetCounters(now)
		return err
	})
}

// forgetInvitations erases invitations that nobody has taken up in 90 days; none while
// the clock has leapt, for that would shut people out of their own key.
func (a *Appliance) forgetInvitations(ctx context.Context) error {
	if !a.believed(a.c.Clock.Now()) {
		return nil
	}
	_, err := a.office.ForgetInvitations(ctx)
	if err != nil {
		return err
	}
	_, err = a.office.OfferJoining(ctx)
	return err
}

// closeAccounts closes the accounts of recipients that the house wants to be closed, and ends
// the letters of all that are, also where the machine has stopped in between; none while the
// clock has leapt.
func (a *Appliance) closeAccounts(ctx context.Context) error {
	if !a.believed(a.c.Clock.Now()) {
		return nil
	}
	due, err := a.office.DueAccounts(ctx)
	for _, id := range due {
		_, e := a.office.CloseDueAccount(ctx, id)
		err = errors.Join(err, e) // and the others are closed nonetheless
	}
	left, e := a.office.ClosedWithLetters(ctx)
	err = errors.Join(err, e)
	for _, id := range left {
		e := a.desk.EndOwn(ctx, desk.Reader{Actor: mail.Actor{Kind: mail.ActorSystem, ID: id, Name: "accounts"}})
		err = errors.Join(err, e)
	}
	return err
}

// suspendLeavers keeps those out whose last day is over; nobody while the clock has leapt.
func (a *Appliance) suspendLeavers(ctx context.Context) error {
	if !a.believed(a.c.Clock.Now()) {
		return nil
	}
	_, err := a.office.SuspendLeavers(ctx)
	return err
}

// closeMailboxes ends the function mailboxes whose day has come, and reminds of those whose
// day is near; none while the clock has leapt. After a crash it goes on where it stood.
func (a *Appliance) closeMailboxes(ctx context.Context) error {
	if !a.believed(a.c.Clock.Now()) {
		return nil
	}
	err := a.office.RemindClosing(ctx)
	for _, id := range a.office.Closing() {
		_, e := a.desk.EndAll(ctx, id, mail.EndClosed, mail.SystemActor("retention"))
		if e == nil {
			e = a.office.Close(ctx, id)
		}
		err = errors.Join(err, e) // and the others end nonetheless
	}
	return err
}

// keepMailboxes gives function mailboxes and branches another key whose people have
// changed, and tells what lies unread in the mailboxes; nothing of the latter while the
// clock has leapt.
func (a *Appliance) keepMailboxes(ctx context.Context) error {
	err := errors.Join(a.office.RenewMailboxes(ctx), a.office.KeepHelpers(ctx))
	if err != nil || !a.believed(a.c.Clock.Now()) {
		return err
	}
	_, err = a.office.TellUnread(ctx)
	return err
}

// morning is the hour of the house from which on people are told who want one mail a day.
const morning = 7

// tellDaily tells, once a day of the house and in the morning, those who want it so what
// has come; nobody while the clock has leapt.
func (a *Appliance) tellDaily(ctx context.Context) error {
	now := a.c.Clock.Now()
	local := now.In(a.c.Rules.Zone)
	if !a.believed(now) || local.Hour() < morning {
		return nil
	}
	_, err := a.office.TellDaily(ctx, local.Format(time.DateOnly))
	return err
}

// checkpoint signs the journal's head every ten minutes or thousand entries.
func (a *Appliance) checkpoint(ctx context.Context) error {
	size, head, err := a.journalHead(ctx)
	if err != nil || !(journal.Due{Last: a.points.Last()}).Now(size, a.c.Clock.Now()) {
		return err
	}
	return a.sign(size, head)
}

// lastCheckpoint signs what the journal says when the machine stops.
func (a *Appliance) lastCheckpoint(ctx context.Context) error {
	size, head, err := a.journalHead(ctx)
	if err != nil {
		return err
	}
	return a.sign(size, head)
}

func (a *Appliance) journalHead(ctx context.Context) (size int64, head [32]byte, err error) {
	err = a.db.View(ctx, func(tx *vault.ReadTx) (err error) {
		size, head, err = tx.JournalHead()
		return err
	})
	return size, head, err
}

// sign keeps a signed note of the journal's head outside the database, so that a tail
// that is cut off is missed.
func (a *Appliance) sign(size int64, head [32]byte) error {
	_, err := a.points.Add(journal.Checkpoint{Size: size, Root: head, At: a.c.Clock.Now()})
	return err
}
