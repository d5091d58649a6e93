package appliance

import (
	"context"

	"sigill/appliance/jobs"
)

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
