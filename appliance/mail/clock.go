package mail

import "time"

// Clock tells the time. Nobody calls time.Now but the appliance, which makes
// the clock; so the demo and the tests can turn it.
type Clock interface {
	// Now is the wall's time, in UTC.
	Now() time.Time
	// Running is how long this process has run by a clock that nobody sets. The
	// end of letters is braked when Now leaps ahead of it (desk.Expire).
	Running() time.Duration
}
