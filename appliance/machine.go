package appliance

import (
	"context"

	"sigill/appliance/door/admin"
	"sigill/appliance/erase"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// Status says how the machine is, for the administrator's page.
func (a *Appliance) Status(ctx context.Context) (admin.Status, error) {
	c := a.courier.Status()
	s := admin.Status{
		Domains: a.office.OurDomains(), Own: a.c.Own, Smarthost: a.c.Smarthost.Addr, Down: c.Down, Detail: c.Detail,
		Jobs: a.jobs.Last(),
	}
	now, running := a.c.Clock.Now(), a.c.Clock.Running()
	s.Held, s.Behind, s.Ahead = !a.believed(now), a.brake.Behind(now, running), a.brake.Ahead(now, running)
	var err error
	if s.SMS, s.SMSMost, err = a.budget.Today(ctx); err != nil {
		return s, err
	}
	s.SMSDown, s.Certificates = a.outage.since(), a.certificates()
	disk, err := erase.FileSystemOf(a.c.Data)
	if err != nil {
		return s, err
	}
	s.Room, s.Disk = disk.Free, disk.All
	if s.Practised, err = a.Practised(ctx); err != nil {
		return s, err
	}
	s.Key = keyWords[a.keyPlaces().mode()]
	s.Spooled, s.SpooledSince = a.Spooled()
	medium, err := erase.Medium(a.c.Data)
	if err != nil {
		return s, err
	}
	s.Medium, s.InPlace = medium.FS, medium.InPlace
	for _, f := range medium.Faults {
		s.Faults = append(s.Faults, "medium."+string(f))
	}
	return s, a.db.View(ctx, func(tx *vault.ReadTx) error {
		if s.Journal, _, err = tx.JournalHead(); err != nil {
			return err
		}
		if s.Opens, err = tx.HeldSeeds(); err != nil {
			return err
		}
		if s.Oldest, err = tx.OldestOutgoing(); err != nil {
			return err
		}
		s.Waiting, err = tx.CountOutgoing()
		return err
	})
}

// keyWords say how the machine's key is kept.
var keyWords = map[Mode]string{
	ModePassphrase: "page.admin.key.passphrase", ModeCredential: "page.admin.key.credential", ModeTang: "page.admin.key.tang",
	ModeFile: "page.admin.key.file", ModeNone: "page.admin.key.none",
}

// BelieveClock says that the clock is right; what is due then ends at its next time.
func (a *Appliance) BelieveClock(ctx context.Context, by mail.Actor) error {
	a.brake.Release(a.c.Clock.Now(), a.c.Clock.Running())
	return a.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.Note(mail.Event{Kind: journal.ClockReleased, At: tx.Now(), Actor: by.Kind})
	})
}
