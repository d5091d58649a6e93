package appliance

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	"sigill/appliance/access"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/mail"
)

// programs are people's mail programs as the SMTP door sees them.
type programs struct{ sending *access.Sending }

var _ smtpd.Authenticator = programs{}

// Authenticate signs a mail program in.
func (p programs) Authenticate(ctx context.Context, user, password string, from netip.Addr) (smtpd.Login, error) {
	s, err := p.sending.SignIn(ctx, user, password, from)
	if err != nil {
		return smtpd.Login{}, err
	}
	return smtpd.Login{Actor: mail.Actor{Kind: mail.ActorSender, ID: s.Person}, Password: s.Password, From: []mail.Address{s.Address}}, nil
}

// Still asks whether it may go on.
func (p programs) Still(ctx context.Context, l smtpd.Login) error {
	return p.sending.Still(ctx, access.Sender{Person: l.Actor.ID, Password: l.Password})
}

// submission is what people are told of where their mail programs send: the ports of the
// listeners that are open for them.
func (c *Config) submission() portal.Submission {
	s := portal.Submission{Host: c.Senders.Hostname}
	for _, l := range c.SMTP {
		if !l.Submission {
			continue
		}
		_, text, _ := net.SplitHostPort(l.Addr().String())
		port, _ := strconv.Atoi(text) // a listener has one
		if l.Implicit {
			s.Implicit = port
		} else {
			s.StartTLS = port
		}
	}
	return s
}
