package appliance

import (
	"context"
	"net"
	"time"

	"sigill/appliance/access"
)

// slowBook writes nothing down before the doors are closed.
type slowBook struct{ d *Demo }

// SignInFailed waits, and writes then.
func (b slowBook) SignInFailed(ctx context.Context, f access.Failure) error {
	for {
		c, err := net.Dial("tcp", b.d.info.SMTP)
		if err != nil {
			return b.d.Appliance.office.SignInFailed(ctx, f)
		}
		c.Close()
		<-time.After(time.Millisecond)
	}
}

// SlowFailures gives a demo that does not run yet a journal of failures that is slow, and
// returns what fills it.
func SlowFailures(d *Demo) *access.Sending {
	a := d.Appliance
	a.failures = access.NewFailures(slowBook{d}, a.c.Log)
	return access.NewSending(a.founding.app, a.db, a.c.Clock, a.office, a.failures)
}

// AwaitAsides waits for what a demo still writes beside answers that were given.
func AwaitAsides(d *Demo) {
	d.Appliance.failures.Wait()
	d.Appliance.helping.Wait()
}

// CloseDemo closes a demo that was never run.
func CloseDemo(d *Demo) error {
	d.close()
	return d.Appliance.Close()
}
