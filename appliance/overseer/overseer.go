// Package overseer tells whoever oversees the process, systemd as a rule, how it is: that it
// is ready, what it does, that it ends, and again and again that it still works.
//
// It never says that it works because time has gone by: each time it has asked every part
// before, as a stranger would, and waited for the answer. It never says anything about
// people or letters. It ends nothing: a part that does not answer is said, and the overseer
// ends the process when it has heard nothing for too long.
//
// On the wire: datagrams of sd_notify(3) to the socket that NOTIFY_SOCKET names. Without it
// there is no overseer, and nothing is said.
//
// What holds always: READY is said once, after every part has answered for the first time;
// WATCHDOG only after every part has answered.
package overseer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Part is something of the process that can be asked whether it still works.
type Part struct {
	Name string // for the operator: "the portal"
	// Ask returns when the part has answered. Its error says why it has not. An answer that
	// something is not well, such as a full disk, is an answer: a new start would not help.
	Ask func(ctx context.Context) error
}

// Config is what an Overseer needs. All of it must be there but Status.
type Config struct {
	Parts  []Part
	Status string // what the process does once it is ready, in a line
	Log    *slog.Logger
}

// Overseer speaks to the process's overseer.
type Overseer struct {
	c       Config
	every   time.Duration // between two rounds of asking
	patient time.Duration // for one round's answers
	asked   []chan error  // by part: the answer that is still owed, or nil
	watched bool
	ready   bool
	anew    atomic.Bool // the process does not end: it begins anew with another configuration
	ill     string      // why the last round has failed; "" if it has not
}

const (
	unwatched = 20 * time.Second       // between two rounds where nobody watches: only STATUS comes of it
	starting  = 100 * time.Millisecond // between two rounds before it is ready
)

// New reads from the environment who oversees the process, and returns nil if nobody does.
// The error is that of an environment that makes no sense.
func New(c Config) (*Overseer, error) {
	there, err := daemon.SdNotify(false, "STATUS=Starting.")
	if err != nil {
		return nil, fmt.Errorf("speak to the service manager: %w", err)
	}
	if !there {
		return nil, nil
	}
	o := &Overseer{c: c, every: unwatched, asked: make([]chan error, len(c.Parts))}
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return nil, fmt.Errorf("the service manager's watchdog: %w", err)
	}
	if limit > 0 {
		// A round and its pause are at most half of it: one that is unlucky ends nothing.
		o.watched, o.every = true, limit/4
	}
	o.patient = o.every
	return o, nil
}

// Run asks and tells until ctx ends, and says then that the process ends, or after Reload that
// it begins anew. Nothing that goes
// wrong in it is a reason to end the process.
func (o *Overseer) Run(ctx context.Context) error {
	defer func() {
		if o.anew.Load() {
			o.say(daemon.SdNotifyReloading + "\nSTATUS=Reading the configuration anew.")
			return
		}
		o.say(daemon.SdNotifyStopping + "\nSTATUS=Stopping: what has begun is finished.")
	}()
	for {
		o.round(ctx)
		pause := o.every
		if !o.ready {
			pause = min(starting, pause)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// round asks every part and says what came of it.
func (o *Overseer) round(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, o.patient)
	defer cancel()
	err := o.ask(asking)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if why := strings.ReplaceAll(err.Error(), "\n", " "); why != o.ill {
			o.c.Log.Error("does not answer", "part", "overseer", "err", err)
			o.say("STATUS=Does not answer: " + why)
			o.ill = why
		}
	default:
		o.well()
	}
}

// Reload says that when Run ends the process does not: another Overseer says READY then.
func (o *Overseer) Reload() { o.anew.Store(true) }

func (o *Overseer) well() {
	state := ""
	if !o.ready || o.ill != "" {
		state = "STATUS=" + o.c.Status + "\n"
	}
	if !o.ready {
		state += daemon.SdNotifyReady + "\n"
	}
	if o.watched {
		state += daemon.SdNotifyWatchdog
	}
	o.ready, o.ill = true, ""
	if state != "" {
		o.say(state)
	}
}

// ask asks all parts at once, but those that still owe an answer. The error is that of the
// first in their order.
func (o *Overseer) ask(ctx context.Context) (first error) {
	for i, p := range o.c.Parts {
		if o.asked[i] == nil {
			answer := make(chan error, 1)
			o.asked[i] = answer
			go func() { answer <- p.Ask(ctx) }()
		}
	}
	for i, p := range o.c.Parts {
		if err := o.answer(ctx, i); err != nil && first == nil {
			first = fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return first
}

// errNobody says that the time went by.
var errNobody = errors.New("nobody answers")

// answer waits for that of one part, as long as ctx lets it.
func (o *Overseer) answer(ctx context.Context, i int) (err error) {
	select {
	case err = <-o.asked[i]:
	case <-ctx.Done():
		select { // both may have come at once
		case err = <-o.asked[i]:
		default:
			return errNobody
		}
	}
	o.asked[i] = nil
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errNobody // the same, as the part words it
	}
	return err
}

func (o *Overseer) say(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		o.c.Log.Warn("not told to the service manager", "part", "overseer", "err", err)
	}
}
