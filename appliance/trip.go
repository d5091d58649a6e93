package appliance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

// Canary says whether and how the appliance tries the way of a letter, by one that it makes
// itself.
type Canary struct {
	From     mail.Address // of its sender: of the house, and nobody's; "" is off
	Phone    mail.Phone   // to which the PIN goes; "" is off
	Schedule string       // cron, UTC; "": only by hand
}

func (c Canary) on() bool { return c.From != "" && c.Phone != "" }

// How long a hop may take before it counts as broken, by the clock that nobody sets.
const (
	tripOut    = 5 * time.Minute
	tripBack   = 10 * time.Minute
	tripReport = 5 * time.Minute
)

// settingTrip is how the last trip went.
const settingTrip = "canary.last"

// trips are the letters that the appliance sends to itself, one at a time. Which letter may
// be opened without its reader stands here, in memory, and is the one that came in by a
// connection of this very process, to an address that nobody else knows: no setting, route
// or command names another.
type trips struct {
	mu    sync.Mutex
	busy  bool  // one is under way, or is being written down
	now   *trip // that one; nil
	last  mail.Trip
	begun sync.WaitGroup
	run   func() context.Context // of the machine; what is begun by a press ends with it. nil: it does not run
}

// trip is one letter under way.
type trip struct {
	token  [16]byte
	to     mail.Address
	socket string // of our end of the connection to the door
	letter mail.ID
	came   []byte // the notice, when it has come back
	wake   chan struct{}
}

// ours reports whether a connection to the door is the trip's own. The kernel gives its
// number to nobody else while it is open.
func (t *trips) ours(remote net.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now != nil && t.now.socket != "" && t.now.socket == remote.String()
}

// accepted tells of a mail that was taken: if it is the trip's, its letter is the one.
func (t *trips) accepted(d *mail.Draft) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == nil || !t.now.letter.IsZero() || len(d.To) != 1 || len(d.Letters) != 1 || d.To[0].Address != t.now.to {
		return
	}
	t.now.letter = d.Letters[0]
}

// arrived takes a notice that has come back. It is false if nothing waits for it.
func (t *trips) arrived(token [16]byte, raw []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == nil || t.now.token != token || t.now.came != nil {
		return false
	}
	t.now.came = slices.Clone(raw)
	poke(t.now.wake)
	return true
}

// under says within what trips go on that a press has begun.
func (t *trips) under(run context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.run = func() context.Context { return run }
}

func (t *trips) begin(x *trip) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = x
}

// seen returns what has become of the trip until now.
func (t *trips) seen() (letter mail.ID, came []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == nil {
		return letter, nil
	}
	return t.now.letter, t.now.came
}

func (t *trips) show(trip mail.Trip) {
	t.mu.Lock()
	defer t.mu.Unlock()
	trip.Hops = slices.Clone(trip.Hops)
	t.last = trip
}

// start begins one at a time. It returns within what a press begins.
func (t *trips) start(trip mail.Trip) (run context.Context, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy || t.run == nil {
		return nil, mail.E(mail.Busy, "error.canary.busy", nil)
	}
	t.busy, t.last = true, trip
	return t.run(), nil
}

// finish shows how it went, and lets the next one begin.
func (t *trips) finish(trip mail.Trip) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy, t.now, t.last = false, nil, trip
}

// LastTrip is how the last one went, or goes.
func (a *Appliance) LastTrip() mail.Trip {
	a.trips.mu.Lock()
	defer a.trips.mu.Unlock()
	return a.trips.last
}

// Tries reports whether the way of a letter can be tried here.
func (a *Appliance) Tries() bool { return a.c.Canary.on() }

// openTrips reads how the last one went.
func (a *Appliance) openTrips(ctx context.Context) error {
	text, err := setting(ctx, a.db, settingTrip)
	if mail.KindOf(err) == mail.Absent {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &a.trips.last)
	}
	return err
}

// BeginTrip begins a trip that goes on by itself. Busy if one is under way.
func (a *Appliance) BeginTrip() error {
	if !a.Tries() {
		return mail.E(mail.Denied, "error.canary.off", nil)
	}
	run, err := a.trips.start(fresh(a.c.Clock.Now()))
	if err != nil {
		return err
	}
	a.trips.begun.Go(func() {
		if _, err := a.travel(run); err != nil {
			a.c.Log.Error("the way of a letter could not be tried", "part", "canary", "err", err)
		}
	})
	return nil
}

// tryPath sends one letter of ours the whole way and says at which hop it broke. The error
// is Busy if one is under way, Denied if it is off, or that of the store; a hop that is
// broken is none.
func (a *Appliance) tryPath(ctx context.Context) (mail.Trip, error) {
	if !a.Tries() {
		return mail.Trip{}, mail.E(mail.Denied, "error.canary.off", nil)
	}
	if _, err := a.trips.start(fresh(a.c.Clock.Now())); err != nil {
		return mail.Trip{}, err
	}
	return a.travel(ctx)
}

// nightlyTrip is the job. A broken hop is its error, by its name.
func (a *Appliance) nightlyTrip(ctx context.Context) error {
	t, err := a.tryPath(ctx)
	if err != nil {
		return err
	}
	if h, broken := t.Broken(); broken {
		return errors.New("the letter did not get further than " + string(h.Hop) + " " + h.Detail)
	}
	return nil
}

// fresh is a trip of which nothing is known yet.
func fresh(at time.Time) mail.Trip {
	t := mail.Trip{Began: at, Running: true}
	for _, h := range mail.Hops {
		t.Hops = append(t.Hops, mail.TripHop{Hop: h, State: mail.TripUntried})
	}
	return t
}

// travel makes the trip that was started.
func (a *Appliance) travel(ctx context.Context) (mail.Trip, error) {
	x := &trip{wake: make(chan struct{}, 1)}
	rand.Read(x.token[:])
	x.to = a.returns.Canary(x.token)
	a.trips.begin(x)
	w := &traveller{a: a, trip: fresh(a.c.Clock.Now()), x: x}
	defer func() { a.trips.finish(w.trip) }()
	w.travel(ctx)
	w.trip.Running = false
	return w.trip, a.keepTrip(context.WithoutCancel(ctx), w.trip)
}

// keepTrip writes down how it went, and in the journal at which hop it broke.
func (a *Appliance) keepTrip(ctx context.Context, t mail.Trip) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	h, _ := t.Broken()
	return a.db.Update(ctx, func(tx *vault.Tx) error {
		if err := tx.SetSetting(settingTrip, string(b)); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.Tried, At: tx.Now(), Actor: mail.ActorSystem, Part: "canary", Detail: string(h.Hop)})
	})
}

// nobodys reports whether the sender of the trip's letters is nobody's: no mailbox that people
// read, and nobody who has ever signed in.
func (a *Appliance) nobodys(address mail.Address) (ok bool) {
	a.office.Tree(func(t *org.Tree) {
		_, shared := t.MailboxAt(address)
		p, known := t.PersonAt(address)
		ok = !shared && (!known || !p.Active && p.Roles == 0)
	})
	return ok
}

// triesFor reports whether letters of an owner are trips, which count nowhere.
func (a *Appliance) triesFor(owner mail.ID) (yes bool) {
	if !a.Tries() {
		return false
	}
	a.office.Tree(func(t *org.Tree) {
		p, known := t.PersonAt(a.c.Canary.From)
		yes = known && p.ID == owner && !p.Active
	})
	return yes
}
