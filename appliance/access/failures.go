package access

import (
	"context"
	"log/slog"
	"sync"

	"sigill/appliance/mail"
)

// Tried is by what somebody has tried to come in. The word stands in the journal, and so
// never changes its meaning.
type Tried string

// What can be tried.
const (
	TriedPassword     Tried = "password"
	TriedApp          Tried = "app"     // a code of the app, as the second step
	TriedPrinted      Tried = "printed" // a printed code, as the second step
	TriedPIN          Tried = "pin"     // of an SMS, as the second step
	TriedPasskey      Tried = "passkey"
	TriedAppPassword  Tried = "app_password"  // of a mail program
	TriedRecoveryCode Tried = "recovery_code" // on paper, for a new password
	TriedHelp         Tried = "help"          // a second factor, by who asks for help with a password
	TriedAgain        Tried = "again"         // a password or passkey, by who is signed in and is asked for it again
)

// Brake is where tries are stopped when there were too many wrong ones. The word stands in
// the journal.
type Brake string

// The brakes.
const (
	AtAccount Brake = "account" // of an address, for who was not there before
	AtNetwork Brake = "network" // of a network, at whatever addresses
	AtDevice  Brake = "device"  // of a device, or for a mail program a network, from which the account is used
)

// Failure is a try that has let nobody in. It holds nothing of what was typed but by what
// the account is found.
type Failure struct {
	Person mail.ID  // zero: whoever has the lookup
	Lookup [32]byte // keyed hash of the address; it may be nobody's
	By     Tried
	Wrong  bool    // it was compared, and was wrong; else something else went wrong
	Closes []Brake // no more tries there for now: this was the last one
}

// FailureBook is where failures are written down; the office does it, in the journal. It
// does the same for an address that nobody has, and bounds what is written.
type FailureBook interface {
	SignInFailed(ctx context.Context, f Failure) error
}

// Failures writes failed sign-ins down.
//
// It does so beside the answer, in one transaction for a known account as for an unknown
// one: the answer waits for neither, and the next one, which may come behind that
// transaction in the queue, waits for both as long. Else whoever tries would learn by the
// time whether an address is somebody's. A crash so loses those of its last moment; the
// tries themselves were counted, durably, before.
//
// Nothing is written at a try that a limit has refused. So what one network can cause to be
// written about passwords is signInNetwork in each signInWindow, 2,880 a day, and about one
// account, from wherever, signInAccount, 960 a day and as many at each of its owner's
// devices; the same of recovery codes and of app passwords, which have counts of their own.
// Of second steps it is secondAll a week for a person. The book has a bound for all
// together.
type Failures struct {
	book  FailureBook
	log   *slog.Logger
	aside sync.WaitGroup
}

// NewFailures returns a Failures.
func NewFailures(book FailureBook, log *slog.Logger) *Failures {
	return &Failures{book: book, log: log}
}

// Wait waits for what is still written beside answers that were given.
func (f *Failures) Wait() { f.aside.Wait() }

// note writes a failure down, beside the answer. What neither was wrong nor closes anything
// is not worth it. unless, which may be nil, is asked before, also beside the answer.
func (f *Failures) note(ctx context.Context, x Failure, unless func(context.Context) error) {
	if !x.Wrong && len(x.Closes) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx) // who goes away after a guess has made it
	f.aside.Go(func() {
		if unless != nil {
			if err := unless(ctx); err != nil {
				if mail.KindOf(err) != mail.Busy {
					f.log.Error("count failed sign-ins", "part", "access", "err", err)
				}
				return
			}
		}
		if err := f.book.SignInFailed(ctx, x); err != nil {
			f.log.Error("write a failed sign-in down", "part", "access", "err", err)
		}
	})
}

// failed notes a failure that a limit has counted.
func (s *SignIn) failed(ctx context.Context, x Failure) { s.c.Failures.note(ctx, x, nil) }

// passkeyFailed notes a passkey that is known, and was not good. Passkeys are not counted,
// for nobody guesses them; what is written about one person is, as at passwords: whoever
// has an old copy could else fill the journal.
func (s *SignIn) passkeyFailed(ctx context.Context, k Shown, about mail.ID, by Tried, err error) {
	if k.Person.ID.IsZero() || mail.KindOf(err) != mail.Denied {
		return
	}
	written := []limit{{s.c.App.Tag("failed.passkey", string(about[:])), signInWindow, signInAccount, "error.signin.wait", ""}}
	s.c.Failures.note(ctx, Failure{Person: about, By: by, Wrong: true}, func(ctx context.Context) error {
		return take(ctx, s.c.Count, written)
	})
}
