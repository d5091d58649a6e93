package access

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// AppPassword is by what a mail program signs in to send: 20 characters of Crockford's
// base32, 100 random bits, written and read like the code of a link. It opens nothing. It
// prints as [secret]; only Text shows it.
type AppPassword struct{ mail.LinkCode }

// NewAppPassword returns a fresh one.
func NewAppPassword() AppPassword { return AppPassword{mail.NewLinkCode()} }

// ParseAppPassword reads one as people type it, with or without dashes. What can be none
// is the zero one, which nobody has.
func ParseAppPassword(typed string) AppPassword {
	c, err := mail.ParseLinkCode(typed)
	if err != nil {
		return AppPassword{}
	}
	return AppPassword{c}
}

// Sender is somebody whose mail program has signed in.
type Sender struct {
	Person   mail.ID
	Password mail.ID // the row of the app password
	Address  mail.Address
}

// Senders knows people's app passwords; the office does.
type Senders interface {
	// Sender returns who is at an address if the password is one of theirs and they may
	// send. Everybody and everything else is Denied, alike, after the same work.
	Sender(ctx context.Context, lookup [32]byte, password AppPassword) (Sender, error)
	// Sends returns nil if a sender may send at this moment, by the same app password. It
	// is Denied once that was removed.
	Sends(ctx context.Context, s Sender) error
}

// Bounds of guessing at app passwords, as for the passwords of people: strangers have
// 350,400 guesses a year at an account, and with ten app passwords of 100 random bits there
// (mail.MaxAppPasswords) meet one with 350,400 · 10 / 2¹⁰⁰, which is 2.8·10⁻²⁴. So they keep
// the work small and not the password. They are counts of their own, so that whoever guesses
// here keeps nobody from the portal.
const (
	sendingWindow  = 15 * time.Minute
	sendingAccount = 10
	sendingNetwork = 30
	sendingHere    = 10
	sendingKnown   = 30 * day // a network is known so long at least after an account has sent from it
)

// Sending signs mail programs in.
type Sending struct {
	app      *keyring.App
	count    Counter
	clock    mail.Clock
	senders  Senders
	failures *Failures
}

// NewSending returns a Sending.
func NewSending(app *keyring.App, count Counter, clock mail.Clock, s Senders, f *Failures) *Sending {
	return &Sending{app, count, clock, s, f}
}

// SignIn tries a user name, which is the person's address, and an app password. Wrong,
// removed and unknown are Denied, alike; too many wrong tries are Busy, before any is
// compared.
func (s *Sending) SignIn(ctx context.Context, user, password string, from netip.Addr) (Sender, error) {
	a, aerr := mail.ParseAddress(user)
	network, account := Network(from), a.Key()
	known, marked, err := s.known(ctx, network, account)
	if err != nil {
		return Sender{}, err
	}
	limits := s.limits(network, account, known)
	closes, err := takeTry(ctx, s.count, limits)
	if err != nil {
		return Sender{}, err
	}
	lookup := s.app.Lookup(account)
	who, err := s.senders.Sender(ctx, lookup, ParseAppPassword(password))
	if err == nil && aerr != nil {
		err = mail.E(mail.Denied, "error.signin", aerr) // nobody has no address
	}
	if err != nil {
		s.failures.note(ctx, Failure{Lookup: lookup, By: TriedAppPassword, Wrong: mail.KindOf(err) == mail.Denied, Closes: closes}, nil)
		return Sender{}, err
	}
	if !marked {
		if _, err := s.count.Count(ctx, s.mark(network, account, 0), 2*sendingKnown); err != nil {
			return Sender{}, err
		}
	}
	return who, s.wasRight(ctx, limits)
}

// mark is the name of what stays of an account having sent from a network, in the 30 days
// that are now or were some before. Each has its own, so that who goes on sending stays
// known.
func (s *Sending) mark(network, account string, before int64) []byte {
	span := s.clock.Now().Unix()/int64(sendingKnown/time.Second) - before
	return s.app.Tag("sending.known", fmt.Sprintf("%s %s %d", network, account, span))
}

// known reports whether an account has sent from a network within 30 days; marked that it
// need not be written down again.
func (s *Sending) known(ctx context.Context, network, account string) (known, marked bool, err error) {
	now, err := s.count.Counted(ctx, s.mark(network, account, 0))
	if err != nil || now > 0 {
		return now > 0, now > 0, err
	}
	before, err := s.count.Counted(ctx, s.mark(network, account, 1))
	return before > 0, false, err
}

// Still returns nil if a sender may still send. A removed password ends what was begun
// with it.
func (s *Sending) Still(ctx context.Context, who Sender) error { return s.senders.Sends(ctx, who) }

// limits are those of one try. An account that has sent from a network before has tries of
// its own there, which nobody elsewhere can use up: a mail program has no place for the
// mark of a device.
func (s *Sending) limits(network, account string, known bool) []limit {
	held := func(most int64, purpose, value string, of Brake) limit {
		return limit{s.app.Tag(purpose, value), sendingWindow, most, "error.signin.wait", of}
	}
	if known {
		return []limit{held(sendingHere, "sending.here", network+" "+account, AtDevice)}
	}
	return []limit{held(sendingNetwork, "sending.network", network, AtNetwork), held(sendingAccount, "sending.account", account, AtAccount)}
}

// wasRight takes the one try back that was no wrong one.
func (s *Sending) wasRight(ctx context.Context, limits []limit) error {
	var errs []error
	for _, l := range limits {
		errs = append(errs, s.count.GiveBack(ctx, l.name))
	}
	return errors.Join(errs...)
}
