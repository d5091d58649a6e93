package courier

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sigill/appliance/mail"
)

const (
	perLine     = 100              // mails on one connection, after which some servers count us as a flood
	idleTime    = 20 * time.Second // an unused connection is given back after that
	tick        = 15 * time.Second // how often the outbox is asked though nothing woke us
	stopTime    = 5 * time.Second  // what a mail under way gets when we are told to stop
	quitTimeout = 5 * time.Second
)

// Config is what a Courier needs. Fields without a default must be set.
type Config struct {
	Outbox      Outbox
	Words       Words
	Clock       mail.Clock
	Returns     *Returns
	Smarthost   Smarthost
	Connections int // at once; Default: 4
	// Sure reports whether the clock can be believed. While it cannot, no notice is
	// given up because its time is over. Default: always.
	Sure func() bool
	Log  *slog.Logger
}

// Courier carries notices from the outbox to the smarthost.
type Courier struct {
	outbox  Outbox
	words   Words
	clock   mail.Clock
	returns *Returns
	host    Smarthost
	lines   int
	sure    func() bool
	log     *slog.Logger
	poke    chan struct{}
	settle  chan chan struct{}

	mu     sync.Mutex
	status Status
}

// Status is how the way to the smarthost is, for the status page and alarms.
type Status struct {
	Down   time.Time // since when it cannot be used; zero: it can, as far as known
	Detail string    // the last reason, such as "tls.untrusted"
	Sent   int       // notices since the start
}

// New checks the configuration.
func New(c Config) (*Courier, error) {
	if c.Outbox == nil || c.Words == nil || c.Clock == nil || c.Returns == nil || c.Log == nil {
		return nil, errors.New("courier: a part is missing")
	}
	host, err := c.Smarthost.check()
	if err != nil {
		return nil, err
	}
	if c.Connections == 0 {
		c.Connections = 4
	}
	if c.Sure == nil {
		c.Sure = func() bool { return true }
	}
	if c.Connections < 0 || c.Connections > 100 {
		return nil, errors.New("courier: 1 to 100 connections")
	}
	return &Courier{
		outbox: c.Outbox, words: c.Words, clock: c.Clock, returns: c.Returns, host: host,
		lines: c.Connections, sure: c.Sure, log: c.Log.With("part", "courier"),
		poke: make(chan struct{}, 1), settle: make(chan chan struct{}),
	}, nil
}

// Run carries until ctx ends, and then until what is under way is done, at most 5
// seconds. It returns nil.
func (c *Courier) Run(ctx context.Context) error {
	jobs, results := make(chan Job), make(chan result)
	var wg sync.WaitGroup
	for range c.lines {
		wg.Go(func() { c.work(ctx, jobs, results) })
	}
	r := round{c: c, jobs: jobs, results: results, busy: map[mail.ID]bool{}, marks: map[mail.ID]mark{}}
	r.run(ctx)
	close(jobs)
	wg.Wait()
	return nil
}

// Poke makes the courier look at its outbox now: the clock was turned.
func (c *Courier) Poke() {
	select {
	case c.poke <- struct{}{}:
	default:
	}
}

// Settle pokes and waits until nothing that is due is left, or nothing can be
// carried. It is for the demo and tests; Run must be running.
func (c *Courier) Settle(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case c.settle <- done:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Status returns how things stand.
func (c *Courier) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// work carries one job after the other, on a line that is kept while it is used.
func (c *Courier) work(ctx context.Context, jobs <-chan Job, results chan<- result) {
	var l *line
	idle := time.NewTimer(idleTime)
	defer idle.Stop()
	defer func() {
		if l != nil {
			l.close()
		}
	}()
	for {
		select {
		case j, ok := <-jobs:
			if !ok {
				return
			}
			var o outcome
			l, o = c.try(ctx, l, j)
			results <- result{j, o}
			idle.Reset(idleTime)
		case <-idle.C:
			if l != nil {
				l.close()
				l = nil
			}
		}
	}
}

// cut ends a line after a moment of grace.
func (c *Courier) cut(l *line) { time.AfterFunc(stopTime, func() { l.talk.Close() }) }
