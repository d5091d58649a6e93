package smtpd_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"sigill/appliance/door/smtpd"
	"sigill/appliance/mail"
)

// revocable are passwords that stop to be good in the midst of a session.
type revocable struct {
	passwords
	now atomic.Pointer[error]
}

func (r *revocable) Still(context.Context, smtpd.Login) error {
	if err := r.now.Load(); err != nil {
		return *err
	}
	return nil
}

func (r *revocable) says(err error) { r.now.Store(&err) }

func TestARemovedPasswordEndsASession(t *testing.T) {
	auth := &revocable{}
	s := open(t, "submission", func(c *smtpd.Config) { c.Auth = auth })
	c := s.dial(t)
	c.say("220", "STARTTLS")
	c.startTLS()
	c.say("250", "EHLO client.example")
	c.say("235", "AUTH PLAIN %s", base64.StdEncoding.EncodeToString([]byte("\x00anna\x00app-password")))
	send := func() {
		c.begin(house1, citizen)
		c.say("354", "DATA")
		c.send(small + ".\r\n")
		c.want("250")
	}
	send()
	t.Run("while it cannot be told, the mail waits", func(t *testing.T) {
		auth.says(errors.New("disk"))
		c.say("454 4.7.0", "MAIL FROM:<%s>", house1)
		auth.says(nil)
		send()
	})
	t.Run("once it is removed nothing more is taken, and it does not come back", func(t *testing.T) {
		auth.says(mail.E(mail.Denied, "error.signin", nil))
		c.say("530 5.7.0", "MAIL FROM:<%s>", house1)
		auth.says(nil)
		c.say("530 5.7.0", "MAIL FROM:<%s>", house1)
		if n, _ := s.desk.counts(); n != 2 {
			t.Errorf("%d letters", n)
		}
	})
}

func TestNoPasswordInTheClear(t *testing.T) {
	for _, who := range []string{"submission", "trusted"} {
		s := open(t, who)
		c := s.raw(t)
		c.want("220")
		if got := c.say("250", "EHLO client.example"); strings.Contains(got, "AUTH") {
			t.Errorf("%s: offered without TLS: %q", who, got)
		}
		c.say("5", "AUTH PLAIN %s", base64.StdEncoding.EncodeToString([]byte("\x00anna\x00app-password")))
	}
}
