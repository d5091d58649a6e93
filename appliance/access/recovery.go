package access

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// Bounds of guessing at recovery codes. A code has 128 random bits: at thirty tries in a
// quarter of an hour from each of a million networks, one is met in 10²³ years. The
// bounds keep the work and the journal small, not the code.
const (
	recoveryWindow  = 15 * time.Minute
	recoveryAccount = 10
	recoveryNetwork = 30
	recoveryDevice  = 10
)

// RecoveryCode is what a person keeps on paper; see keyring.
type RecoveryCode = keyring.RecoveryCode

// Recoverer takes recovery codes; the office is one.
type Recoverer interface {
	// UseRecoveryCode sets a new password if the code opens the key of who is at the
	// address. The errors are Denied and Invalid; see office. The person is returned when
	// the new password stands, and only then; there may be an error beside it.
	UseRecoveryCode(ctx context.Context, lookup [32]byte, code keyring.RecoveryCode, password string) (mail.Person, error)
}

// Recovery lets people who have forgotten their password choose a new one with the code
// that they have on paper.
type Recovery struct {
	s *SignIn
	r Recoverer
}

// NewRecovery returns a Recovery beside a SignIn, whose sessions it ends.
func NewRecovery(s *SignIn, r Recoverer) *Recovery { return &Recovery{s, r} }

// Recover sets a new password. All sessions of the person end, and nobody is signed in by
// it: who has a second factor must still show it.
//
// What cannot be a code or a password is Invalid and costs no try, whoever it is about. A
// wrong code, a used one and an address that nobody has are Denied, alike. Too many tries
// are Busy, before any is compared.
func (r *Recovery) Recover(ctx context.Context, address, code, password string, from Caller) error {
	c, err := keyring.ParseRecoveryCode(code)
	if err != nil {
		return mail.E(mail.Invalid, "error.recover.code", nil)
	}
	if len(password) > MaxPassword {
		return mail.E(mail.Invalid, "error.password.length", nil).Tell("Min", strconv.Itoa(MinPassword))
	}
	a, aerr := mail.ParseAddress(address)
	limits := r.limits(a, from.Network, from.Device)
	closes, err := takeTry(ctx, r.s.c.Count, limits)
	if err != nil {
		return err
	}
	wrong := Failure{Lookup: r.s.c.App.Lookup(a.Key()), By: TriedRecoveryCode, Wrong: true, Closes: closes}
	if aerr != nil {
		r.s.failed(ctx, wrong)
		return mail.E(mail.Denied, "error.recover.code", nil)
	}
	p, err := r.r.UseRecoveryCode(ctx, wrong.Lookup, c, password)
	if !p.ID.IsZero() {
		// First of all, whatever else goes wrong: the password is another one by now.
		r.s.EndAll(p.ID)
	}
	if err == nil || mail.KindOf(err) == mail.Invalid {
		// The code was right: this was no guess.
		if back := r.s.tryWasRight(ctx, limits); back != nil {
			return errors.Join(err, back)
		}
		return err
	}
	wrong.Wrong = mail.KindOf(err) == mail.Denied
	r.s.failed(ctx, wrong)
	return err
}

// limits are those of one try; a browser at which the owner has signed in has its own.
// See SignIn.limits.
func (r *Recovery) limits(a mail.Address, from netip.Addr, device string) []limit {
	app := r.s.c.App
	if id := r.s.marked(device, a.Key()); id != nil {
		return []limit{{app.Tag("recovery.device", string(id)+a.Key()), recoveryWindow, recoveryDevice, "error.recover.wait", AtDevice}}
	}
	return []limit{
		{app.Tag("recovery.network", Network(from)), recoveryWindow, recoveryNetwork, "error.recover.wait", AtNetwork},
		{app.Tag("recovery.account", a.Key()), recoveryWindow, recoveryAccount, "error.recover.wait", AtAccount},
	}
}
