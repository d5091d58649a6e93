package appliance

import (
	"sync/atomic"
	"time"

	"sigill/appliance/mail"
)

// RequireFactor makes a second factor required of everybody from a time on. It must be
// called before Run.
func RequireFactor(from time.Time) func(*Demo) {
	return func(d *Demo) {
		d.Appliance.c.Required = func(mail.Person) (time.Time, bool) { return from, true }
	}
}

// FactorSwitch requires a second factor of everybody while it is on. It must be called
// before Run.
func FactorSwitch(d *Demo) *atomic.Bool {
	on := new(atomic.Bool)
	d.Appliance.c.Required = func(mail.Person) (time.Time, bool) { return time.Time{}, on.Load() }
	return on
}
