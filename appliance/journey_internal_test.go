package appliance

import (
	"context"
	"errors"
	"sync/atomic"

	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/mail"
)

// AcceptLetter makes the demo's house accept the level letter. It must be called
// before Run.
func AcceptLetter(d *Demo) { d.Appliance.c.Rules.Letter = true }

// Gate is a gateway of SMS that can be shut.
type Gate struct {
	Shut atomic.Bool
	next courier.Gateway
}

// GateOf puts a gate before the demo's gateway. It must be called before Run.
func GateOf(d *Demo) *Gate {
	t := d.Appliance.portal.Texter.(*texter)
	g := &Gate{next: t.gateway}
	t.gateway = g
	return g
}

// Send takes an SMS unless the gate is shut.
func (g *Gate) Send(ctx context.Context, s mail.SMS) (mail.Receipt, error) {
	if g.Shut.Load() {
		return mail.Receipt{}, errors.New("shut")
	}
	return g.next.Send(ctx, s)
}

// HoldAddress is where an answer to a hold mail would go, whether or not the mail says
// so. Only the appliance's key makes it.
func HoldAddress(d *Demo, code mail.LinkCode) (mail.Address, error) {
	c := d.Appliance.c
	returns, err := courier.NewReturns(d.Appliance.founding.app.BounceKey(), c.Own, c.Clock)
	if err != nil {
		return "", err
	}
	return returns.Hold(code), nil
}

// BackUpTo makes the demo back up to a directory. It must be called before Run.
func BackUpTo(d *Demo, dir string) error {
	a := d.Appliance
	a.c.Backups = []config.Backup{{Name: "nas", Kind: config.BackupDir, Path: dir}}
	return errors.Join(a.openBackups(), a.openJobs())
}
