// Package jobs runs the periodic work: each job one at a time, on a schedule, with
// its last result kept for the admin page.
//
// It never runs a job twice at once and never lets one end the process: a job that
// fails or panics is said and tried again at its next time.
//
// Nothing of it is on disk.
//
// What holds always: after Run has returned no job is running.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"sigill/appliance/mail"
)

// Job is one piece of periodic work.
type Job struct {
	Name string
	Spec string // cron's five fields, or "@every 1m"; in UTC
	Do   func(ctx context.Context) error
	// Rest is how long All leaves the job alone after it went well. Default: it does not.
	Rest time.Duration
	// Apart: it waits for somebody else's machine, so the others do not wait for it.
	Apart bool
}

// Result is how a job last went.
type Result struct {
	Name  string
	At    time.Time // when it began; zero: never
	Took  time.Duration
	Err   error
	Tries int // failed in a row

	from time.Duration // when it began, by Clock.Running
}

// Runner runs jobs.
type Runner struct {
	clock mail.Clock
	log   *slog.Logger
	jobs  []Job
	mu    sync.Mutex             // held by each job while it runs, but those apart: one at a time
	apart map[string]*sync.Mutex // held by each of those: it never runs twice at once either
	state sync.Mutex
	last  map[string]Result
}

// New returns a runner. It is an error if a schedule cannot be read.
func New(clock mail.Clock, log *slog.Logger, jobs []Job) (*Runner, error) {
	apart := map[string]*sync.Mutex{}
	for _, j := range jobs {
		if _, err := cron.ParseStandard(j.Spec); err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
		if j.Apart {
			apart[j.Name] = new(sync.Mutex)
		}
	}
	return &Runner{clock: clock, log: log, jobs: jobs, apart: apart, last: map[string]Result{}}, nil
}

// Run runs the jobs by the machine's clock until ctx ends, and waits for the one
// that is running.
func (r *Runner) Run(ctx context.Context) error {
	c := cron.New(cron.WithLocation(time.UTC), cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	for _, j := range r.jobs {
		if _, err := c.AddFunc(j.Spec, func() { r.do(ctx, j) }); err != nil {
			return fmt.Errorf("job %s: %w", j.Name, err)
		}
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// All runs every job now, in order, but for those that rest; the demo does when its
// clock is turned. The error is the first job's that failed.
func (r *Runner) All(ctx context.Context) error {
	var first error
	for _, j := range r.jobs {
		if r.rests(j) {
			continue
		}
		if err := r.do(ctx, j); err != nil && first == nil {
			first = fmt.Errorf("%s: %w", j.Name, err)
		}
	}
	return first
}

// Now runs one job now, beside its schedule.
func (r *Runner) Now(ctx context.Context, name string) error {
	for _, j := range r.jobs {
		if j.Name == name {
			return r.do(ctx, j)
		}
	}
	return fmt.Errorf("no job %s", name)
}

func (r *Runner) rests(j Job) bool {
	r.state.Lock()
	defer r.state.Unlock()
	last, ran := r.last[j.Name]
	return ran && last.Err == nil && r.clock.Running()-last.from < j.Rest
}

func (r *Runner) do(ctx context.Context, j Job) (err error) {
	turn := &r.mu
	if j.Apart {
		turn = r.apart[j.Name]
	}
	turn.Lock()
	defer turn.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	began, from := r.clock.Now(), r.clock.Running()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
		r.state.Lock()
		defer r.state.Unlock()
		res := Result{Name: j.Name, At: began, Took: r.clock.Running() - from, Err: err, from: from}
		if err != nil {
			res.Tries = r.last[j.Name].Tries + 1
			r.log.Warn("job", "part", "jobs", "name", j.Name, "err", err)
		}
		r.last[j.Name] = res
	}()
	return j.Do(ctx)
}

// Last returns how each job last went, in the order in which they were given.
func (r *Runner) Last() []Result {
	r.state.Lock()
	defer r.state.Unlock()
	list := make([]Result, len(r.jobs))
	for i, j := range r.jobs {
		list[i] = r.last[j.Name]
		list[i].Name = j.Name
	}
	return list
}
