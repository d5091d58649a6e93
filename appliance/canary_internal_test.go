package appliance

import (
	"context"
	"encoding/json"
	"net"

	"sigill/appliance/courier"
	"sigill/appliance/jobs"
	"sigill/appliance/syslog"
)

// Watched is who is told how the machine is.
type Watched struct {
	Events  *syslog.Line
	Hook    *courier.Webhook
	Figures net.Listener
}

// LetBeWatched has the demo tell of itself all that an appliance can be asked to tell. It must
// be called before Run.
func LetBeWatched(d *Demo, by Watched) {
	a := d.Appliance
	a.c.Events, a.c.Metrics, a.c.Alarms = by.Events, by.Figures, Alarms{Mail: true, Warnings: true, Hook: by.Hook}
	a.openFollower()
	a.openMetrics()
}

// Watches looks at the machine once, as is done each five minutes.
func Watches(ctx context.Context, d *Demo) error { return d.Appliance.watch(ctx) }

// DoctorSays is what `sigill doctor --json` writes of an appliance that runs.
func DoctorSays(ctx context.Context, d *Demo) ([]byte, error) {
	said, err := d.Appliance.examine(ctx, struct{}{})
	if err != nil {
		return nil, err
	}
	return json.Marshal(said)
}

// WithoutErasing makes a demo that ends letters and erases nothing: the control of
// the canary test. It must be called before Run.
func WithoutErasing(d *Demo) {
	a := d.Appliance
	var err error
	a.jobs, err = jobs.New(a.c.Clock, a.c.Log, []jobs.Job{
		{Name: "retention", Spec: "@every 1m", Do: a.expire},
		{Name: "forget", Spec: "@every 1m", Do: func(ctx context.Context) error { return a.forget(ctx) }},
		{Name: "checkpoint", Spec: "@every 1m", Do: a.checkpoint},
	})
	if err != nil {
		panic(err)
	}
}
