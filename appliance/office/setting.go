package office

import (
	"context"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

type settingReads interface {
	SettingChanges(place mail.ID) ([]mail.SettingChange, error)
}

type settingWrites interface {
	PutSettingChange(mail.SettingChange) error
	DropSettingChanges(place mail.ID) error
}

// SettingChanges returns who changed each setting of a place last, by its name: a unit, a
// function mailbox, a person. Who asks has seen to it that the place may be seen.
func (o *Office) SettingChanges(ctx context.Context, place mail.ID) (map[string]mail.SettingChange, error) {
	by := map[string]mail.SettingChange{}
	err := o.Store.View(ctx, func(tx ReadTx) error {
		list, err := tx.SettingChanges(place)
		for _, c := range list {
			by[c.Name] = c
		}
		return err
	})
	return by, err
}

// changed writes down who changes settings of a place, with the change itself.
func changed(tx Tx, by mail.Actor, place mail.ID, names ...string) error {
	for _, name := range names {
		if err := tx.PutSettingChange(mail.SettingChange{Place: place, Name: name, Person: by.ID, At: tx.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// unitChanges are the settings in which a unit is not as it was.
func unitChanges(old, u org.Unit) (names []string) {
	for _, x := range []struct {
		name string
		same bool
	}{
		{mail.SettingFactor, old.FactorFrom.Equal(u.FactorFrom)}, {mail.SettingTwoHelp, old.TwoHelp == u.TwoHelp}, {mail.SettingPlan, old.Plan == u.Plan},
		{mail.SettingListing, old.Listing == u.Listing}, {mail.SettingLinks, old.Links == u.Links}, {mail.SettingSMS, old.PaysSMS == u.PaysSMS},
	} {
		if !x.same {
			names = append(names, x.name)
		}
	}
	return names
}

// mailboxChanges are those of a function mailbox.
func mailboxChanges(old, m org.Mailbox) (names []string) {
	if old.Rules != m.Rules {
		names = append(names, mail.SettingRules)
	}
	if old.Alarm != m.Alarm {
		names = append(names, mail.SettingAlarm)
	}
	return names
}
