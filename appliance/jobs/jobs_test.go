package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/jobs"
)

// clock stands until it is turned.
type clock struct{ running time.Duration }

func (c *clock) Now() time.Time {
	return time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC).Add(c.running)
}
func (c *clock) Running() time.Duration { return c.running }

// TestApart has a job wait that waits for somebody else's machine.
func TestApart(t *testing.T) {
	begun, other, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	r, err := jobs.New(&clock{}, slog.New(slog.DiscardHandler), []jobs.Job{
		{Name: "directory", Spec: "@every 1s", Apart: true, Do: func(context.Context) error { begun <- struct{}{}; <-end; return nil }},
		{Name: "retention", Spec: "@every 1s", Do: func(context.Context) error {
			select {
			case other <- struct{}{}:
			case <-end:
			}
			return nil
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error)
	go func() { over <- r.Run(ctx) }()
	<-begun
	<-other // begun or not before: the second one came while the first still waits
	<-other
	close(end)
	cancel()
	if err := <-over; err != nil {
		t.Error(err)
	}
}

// TestApartAlone has the demo's clock turned while a job that is apart is running.
func TestApartAlone(t *testing.T) {
	var now, twice atomic.Int32
	r, err := jobs.New(&clock{}, slog.New(slog.DiscardHandler), []jobs.Job{{Name: "receipts", Spec: "@daily", Apart: true, Do: func(context.Context) error {
		if now.Add(1) > 1 {
			twice.Add(1)
		}
		for range 100 {
			runtime.Gosched()
		}
		now.Add(-1)
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { r.All(context.Background()) })
	}
	all.Wait()
	if n := twice.Load(); n > 0 {
		t.Errorf("%d times it ran while it was running", n)
	}
}

func TestAll(t *testing.T) {
	var ran []string
	var fails error
	job := func(name string, rest time.Duration) jobs.Job {
		return jobs.Job{Name: name, Spec: "@daily", Rest: rest, Do: func(context.Context) error {
			ran = append(ran, name)
			return fails
		}}
	}
	c := &clock{}
	r, err := jobs.New(c, slog.New(slog.DiscardHandler), []jobs.Job{job("often", 0), job("daily", 24*time.Hour), job("last", 0)})
	if err != nil {
		t.Fatal(err)
	}
	// all lets time go by, runs all and says which ran.
	all := func(t *testing.T, after time.Duration, want ...string) {
		t.Helper()
		ran = nil
		c.running += after
		if err := r.All(context.Background()); !errors.Is(err, fails) {
			t.Errorf("%v, want %v", err, fails)
		}
		if !slices.Equal(ran, want) {
			t.Errorf("%v ran, want %v", ran, want)
		}
	}
	t.Run("every job runs, in order", func(t *testing.T) { all(t, 0, "often", "daily", "last") })
	t.Run("one that rests is left alone until its time has gone by", func(t *testing.T) {
		all(t, 24*time.Hour-1, "often", "last")
		all(t, 1, "often", "daily", "last")
	})
	t.Run("one that failed does not rest, and does not keep the others from running", func(t *testing.T) {
		fails = errors.New("disk")
		all(t, 24*time.Hour, "often", "daily", "last")
		fails = nil
		all(t, 0, "often", "daily", "last")
	})
	t.Run("how they last went is kept", func(t *testing.T) {
		for i, l := range r.Last() {
			if name := []string{"often", "daily", "last"}[i]; l.Name != name || !l.At.Equal(c.Now()) || l.Err != nil || l.Tries != 0 {
				t.Errorf("%+v", l)
			}
		}
	})
}
