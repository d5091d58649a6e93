package portal

import (
	"context"
	"errors"

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
	return r.Page("portal/close", &closePage{Sign: p.look(r).Sign(), Address: string(s.Profile.Address), Own: own})
}

// close closes the account first, which may still come to nothing, such as when the password
// was changed elsewhere just now; from then on nothing more is sealed to the key, and nobody
// opens what was. Then the letters end. If the machine stops in between, the house's own job
// ends them: their key is gone.
func (p *Portal) close(r *web.Request, s *access.Session) error {
	who := p.reader(r)
	ctx := context.WithoutCancel(r.Context()) // what was begun is done, whoever waits
	closed, err := p.Account.CloseAccount(ctx, s.Owner())
	if !closed {
		return p.overtaken(r, err)
	}
	if err := errors.Join(err, p.Desk.EndOwn(ctx, who)); err != nil {
		p.Log.Error("end the letters of a closed account", "part", "portal", "req", r.Number(), "err", err)
	}
	p.end(r)
	r.ClearToken()
	return r.Page("portal/closed", &closePage{Sign: p.look(r).Sign(), Address: string(s.Profile.Address)})
}
