package appliance

import (
	"context"
	"slices"
	"strings"

	"sigill/appliance/door/admin"
	"sigill/appliance/erase"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/vault"
)

// Status says how the machine is, for the administrator's page.
func (a *Appliance) Status(ctx context.Context) (admin.Status, error) {
	c := a.courier.Status()
	s := admin.Status{
		Domains: a.c.House.Domains, Own: a.c.Own, Smarthost: a.c.Smarthost.Addr, Down: c.Down, Detail: c.Detail,
		Jobs: a.jobs.Last(),
	}
	now, running := a.c.Clock.Now(), a.c.Clock.Running()
	s.Held, s.Behind, s.Ahead = !a.believed(now), a.brake.Behind(now, running), a.brake.Ahead(now, running)
	var err error
	if s.SMS, s.SMSMost, err = a.budget.Today(ctx); err != nil {
		return s, err
	}
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
		s.Waiting, err = tx.CountOutgoing()
		return err
	})
}

// People lists the house's people, by address, and how it stands with the invitations
// of those who were never here.
func (a *Appliance) People(ctx context.Context) ([]admin.Person, error) {
	var list []admin.Person
	err := a.db.View(ctx, func(tx *vault.ReadTx) error {
		rows, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range rows {
			if office.IsNobody(p) {
				continue
			}
			line, err := a.person(tx, p)
			if err != nil {
				return err
			}
			list = append(list, line)
		}
		return nil
	})
	slices.SortFunc(list, func(x, y admin.Person) int { return strings.Compare(x.Address, y.Address) })
	return list, err
}

func (a *Appliance) person(tx *vault.ReadTx, p mail.Person) (admin.Person, error) {
	f, err := a.office.Profile(p)
	if err != nil {
		return admin.Person{}, err
	}
	line := admin.Person{Address: string(f.Address), Name: f.Name, Active: p.Active, Admin: p.Roles&mail.RoleAdmin != 0, Since: p.At}
	if !p.Active {
		i, err := a.office.Invitation(tx, p.ID)
		if err != nil {
			return line, err
		}
		line.Until, line.Waits = i.Until, i.Waits
	}
	return line, nil
}

// Invite makes a person of the house and sends an invitation.
func (a *Appliance) Invite(ctx context.Context, by mail.Actor, to mail.Address, name string) error {
	return a.office.Invite(ctx, by, office.NewPerson{Profile: mail.Profile{Address: to, Name: name, Lang: a.c.House.Lang}, Invite: true})
}

// BelieveClock says that the clock is right; what is due then ends at its next time.
func (a *Appliance) BelieveClock(ctx context.Context, by mail.Actor) error {
	a.brake.Release(a.c.Clock.Now(), a.c.Clock.Running())
	return a.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.Note(mail.Event{Kind: journal.ClockReleased, At: tx.Now(), Actor: by.Kind})
	})
}
