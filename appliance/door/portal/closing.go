package portal

import (
	"context"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
)

// closePage tells a registered recipient what ends when they close the account.
type closePage struct {
	web.Frame
	Sign    string
	Address string
	Own     desk.Own
}

func (p *Portal) closePage(r *web.Request, s *access.Session) error {
	own, err := p.Desk.CountOwn(r.Context(), p.reader(r))
	if err != nil {
		return err
	}
	return r.Page("portal/close", &closePage{Sign: p.House.Sign, Address: string(s.Profile.Address), Own: own})
}

// close ends the letters first: if the account then stays, because the machine has stopped
// in between, its owner sees that and presses again. What has come meanwhile ends after it.
func (p *Portal) close(r *web.Request, s *access.Session) error {
	who := p.reader(r)
	ctx := context.WithoutCancel(r.Context()) // what was begun is done, whoever waits
	if err := p.Desk.EndOwn(ctx, who); err != nil {
		return err
	}
	if err := p.Account.CloseAccount(ctx, s.Owner()); err != nil {
		return p.overtaken(r, err)
	}
	if err := p.Desk.EndOwn(ctx, who); err != nil {
		p.Log.Error("end what came while an account was closed", "part", "portal", "req", r.Number(), "err", err) // its key is gone
	}
	p.end(r)
	r.ClearToken()
	return r.Page("portal/closed", &closePage{Sign: p.House.Sign, Address: string(s.Profile.Address)})
}
