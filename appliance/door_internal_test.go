package appliance

import (
	"context"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// Addresses of accounts of the kinds that MakeKinds makes.
const (
	InvitedAt   = "inga.ny@exempelkommun.se"
	SignOnAt    = "sven.on@exempelkommun.se"
	SuspendedAt = "stig.ur@exempelkommun.se"
)

// MakeKinds makes accounts of every kind that the demo has none of: invited and without a
// password, of who comes by the organisation's sign-on alone, and suspended.
func MakeKinds(ctx context.Context, d *Demo) error {
	o := d.Appliance.office
	if _, _, err := o.Resident(ctx, InvitedAt, "Inga Ny"); err != nil {
		return err
	}
	o.ServerHeld = true
	if _, err := o.Arrive(ctx, office.Identity{Issuer: "https://id.example", Subject: "1", Address: SignOnAt, Name: "Sven On"}, "sv", ""); err != nil {
		return err
	}
	o.ServerHeld = false
	p, err := o.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: SuspendedAt, Name: "Stig Ur", Lang: "sv"}, Password: "en fras med fem ord"})
	if err != nil {
		return err
	}
	return o.Suspend(ctx, mail.Actor{Kind: mail.ActorSystem}, p.ID, office.ByHand)
}

// TrueStretch lets passwords of the demos that are opened from now on cost what they cost
// in the product, until it is undone. No other test may run beside it.
func TrueStretch() (undo func()) {
	stretchCost = keyring.DefaultCost
	return func() { stretchCost = CheapStretch }
}

// hasty answers at once where there is nobody.
type hasty struct{ *office.Office }

// Login refuses whom it does not find.
func (o hasty) Login(ctx context.Context, lookup [32]byte) (access.Login, bool, error) {
	l, ok, err := o.Office.Login(ctx, lookup)
	if err == nil && !ok {
		err = mail.E(mail.Denied, "error.signin", nil)
	}
	return l, ok, err
}

// AnswerHastily makes a portal that stretches no password where there is nobody: the fault
// which a measurement of its answers must see. It must be called before Run.
func AnswerHastily(d *Demo) {
	a := d.Appliance
	a.portal.SignIn = access.NewSignIn(access.SignInConfig{
		App: a.founding.app, People: hasty{a.office}, Count: a.db, Stretch: a.office.Stretch, PINs: a.portal.OwnPINs, Clock: d.Clock, Log: a.c.Log, Failures: a.failures,
		Required: a.required, SignOnOnly: a.signOnOnly,
	})
}
