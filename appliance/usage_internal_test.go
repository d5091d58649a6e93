package appliance

import (
	"context"
	"log/slog"

	"sigill/appliance/vault"
)

// BreakMeter lets the demo's SMS be counted in a store that is closed. It must be called
// before Run.
func BreakMeter(d *Demo, dir string) error {
	db, err := vault.Open(context.Background(), vault.Config{Dir: dir, Clock: d.Clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	t := d.Appliance.portal.Texter.(*texter)
	m := d.Appliance.meter
	t.meter = &meter{db: db, office: m.office, zone: m.zone, price: m.price, clock: m.clock, log: m.log}
	return db.Close()
}

// Counted returns the last day whose letters are counted, as it is kept; SetCounted says
// another.
func Counted(d *Demo) (string, error) {
	return setting(context.Background(), d.Appliance.db, settingCounted)
}

// SetCounted is for a day that a wrong clock has counted.
func SetCounted(d *Demo, day string) error {
	return d.Appliance.db.Update(context.Background(), func(tx *vault.Tx) error { return tx.SetSetting(settingCounted, day) })
}

// RecountFigures counts what became of letters from the first entry of the journal on once
// more, as an appliance does that has just learnt to, beside what is counted.
func RecountFigures(d *Demo) error {
	ctx, m := context.Background(), d.Appliance.meter
	if err := m.db.Update(ctx, func(tx *vault.Tx) error { return tx.SetSetting(settingFigures, "0") }); err != nil {
		return err
	}
	return m.countFigures(ctx)
}
