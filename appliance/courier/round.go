package courier

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

type result struct {
	job Job
	outcome
}

// mark is an outcome that the outbox has not written down yet.
type mark func(context.Context) error

// round is the one goroutine that speaks with the outbox. It hands jobs to the
// workers and writes down what became of them.
type round struct {
	c       *Courier
	jobs    chan<- Job
	results <-chan result
	breaker breaker
	busy    map[mail.ID]bool
	// marks are outcomes that could not be written. They are tried again, and their
	// jobs are not carried again meanwhile: a full disk must not send a notice twice.
	marks   map[mail.ID]mark
	waiting []chan struct{}
}

func (r *round) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		r.write(ctx)
		full := r.fill(ctx)
		if len(r.busy) == 0 && !full {
			r.settled()
		}
		timer.Reset(r.pause())
		select {
		case <-ctx.Done():
		case res := <-r.results:
			r.take(ctx, res)
		case <-r.c.outbox.Wake():
		case <-r.c.poke:
			r.breaker.poke()
		case done := <-r.c.settle:
			r.breaker.poke()
			r.waiting = append(r.waiting, done)
		case <-timer.C:
		}
	}
	for len(r.busy) > 0 {
		r.take(ctx, <-r.results)
	}
	r.write(ctx)
	r.settled()
}

// fill hands out what is due. It reports whether something was left, because all
// workers are busy.
func (r *round) fill(ctx context.Context) bool {
	now := r.c.clock.Now()
	free := r.breaker.room(now, r.c.lines) - len(r.busy)
	if free <= 0 {
		return len(r.busy) > 0
	}
	// What is under way may be returned again, so that many more are asked for.
	jobs, err := r.c.outbox.Next(ctx, now, free+len(r.busy)+len(r.marks))
	if err != nil {
		if ctx.Err() == nil {
			r.c.log.Error("outbox cannot be read", "err", err)
		}
		return false
	}
	for _, j := range jobs {
		if free == 0 {
			return true
		}
		if r.busy[j.ID] || r.marks[j.ID] != nil {
			continue
		}
		if !j.Expires.IsZero() && !now.Before(j.Expires) && r.c.sure() {
			r.note(ctx, j, fateNever, DetailExpired)
			continue
		}
		select {
		case r.jobs <- j:
			r.busy[j.ID] = true
			free--
		case <-ctx.Done():
			return false
		}
	}
	return false
}

// take writes down one result.
func (r *round) take(ctx context.Context, res result) {
	delete(r.busy, res.job.ID)
	now := r.c.clock.Now()
	switch res.fate {
	case fateStopped:
		return
	case fateDown:
		if r.breaker.fail(now) {
			r.c.log.Warn("smarthost cannot be used", "detail", res.detail)
		}
		r.c.report(func(s *Status) {
			s.Detail = res.detail
			if s.Down.IsZero() {
				s.Down = now
			}
		})
		return
	}
	if r.breaker.succeed() {
		r.c.log.Info("smarthost can be used again")
	}
	r.c.report(func(s *Status) {
		s.Down, s.Detail = time.Time{}, ""
		if res.fate == fateSent {
			s.Sent++
		}
	})
	r.note(ctx, res.job, res.fate, res.detail)
}

// note writes an outcome into the outbox, or keeps it to be written later.
func (r *round) note(ctx context.Context, j Job, f fate, detail string) {
	now := r.c.clock.Now()
	next, ok := j.next(now)
	if f == fateLater && !ok {
		if f, next = fateNever, now.Add(time.Hour); !r.c.sure() {
			f = fateLater
		}
	}
	r.marks[j.ID] = func(ctx context.Context) error {
		switch f {
		case fateSent:
			return r.c.outbox.Sent(ctx, j.ID, detail)
		case fateLater:
			return r.c.outbox.Delayed(ctx, j.ID, next, detail)
		default:
			return r.c.outbox.Failed(ctx, j.ID, detail)
		}
	}
	r.c.log.Debug("notice", "id", j.ID, "kind", j.Notice.Kind, "try", j.Tries+1, "detail", detail)
	r.write(ctx)
}

// write writes what is not written yet. It does so even when we are told to stop:
// what was sent must be known to be sent.
func (r *round) write(ctx context.Context) {
	if len(r.marks) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	for id, m := range r.marks {
		if err := m(ctx); err != nil {
			r.c.log.Error("outcome cannot be written, will be tried again", "id", id, "err", err)
			return
		}
		delete(r.marks, id)
	}
}

// pause is how long nothing need be done if nothing comes.
func (r *round) pause() time.Duration {
	if len(r.marks) > 0 {
		return time.Second
	}
	if d := r.breaker.pause(r.c.clock.Now()); d > 0 {
		return min(d, tick)
	}
	return tick
}

func (r *round) settled() {
	for _, w := range r.waiting {
		close(w)
	}
	r.waiting = nil
}

func (c *Courier) report(change func(*Status)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.status)
}
