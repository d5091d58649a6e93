package access_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// programs knows one app password, of Anna's.
type programs struct {
	app      *keyring.App
	password access.AppPassword
	tries    int
}

func (p *programs) Sender(_ context.Context, lookup [32]byte, password access.AppPassword) (access.Sender, error) {
	p.tries++
	if lookup != p.app.Lookup("anna@kommun.example") || subtle.ConstantTimeCompare(password.Secret(), p.password.Secret()) != 1 {
		return access.Sender{}, mail.E(mail.Denied, "error.signin", nil)
	}
	return access.Sender{Person: mail.ID{1}, Address: "anna@kommun.example"}, nil
}

func (p *programs) Sends(context.Context, access.Sender) error { return nil }

func TestSending(t *testing.T) {
	t.Parallel()
	clock, app := newClock(), newApp()
	count := newCounter(t, clock)
	p := &programs{app: app, password: access.NewAppPassword()}
	s := access.NewSending(app, count, clock, p, access.NewFailures(&book{}, quiet))
	home, office := ip("192.0.2.1"), ip("192.0.2.2")
	stranger := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}) }
	try := func(user, password string, from netip.Addr) error {
		_, err := s.SignIn(ctx, user, password, from)
		return err
	}
	right := p.password.Text()
	t.Run("one is 20 characters in five groups, and prints as secret", func(t *testing.T) {
		if len(right) != 24 || strings.Count(right, "-") != 4 {
			t.Errorf("%d characters, %d dashes", len(right), strings.Count(right, "-"))
		}
		for _, out := range []string{fmt.Sprint(p.password), fmt.Sprintf("%+v %#v %x", p.password, p.password, p.password)} {
			if strings.Contains(out, right) || strings.Contains(out, strings.ReplaceAll(right, "-", "")) {
				t.Error("printed")
			}
		}
	})
	t.Run("it is taken in any case, with and without dashes", func(t *testing.T) {
		for _, typed := range []string{right, strings.ToLower(right), strings.ReplaceAll(right, "-", ""), strings.ReplaceAll(strings.ReplaceAll(right, "0", "o"), "1", "l")} {
			if err := try("Anna@Kommun.example", typed, home); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a wrong one, one that cannot be one, nobody's address and no address are refused alike", func(t *testing.T) {
		for i, c := range [][2]string{{"anna@kommun.example", access.NewAppPassword().Text()}, {"anna@kommun.example", "fyra ord som passar"},
			{"ingen@kommun.example", right}, {"anna", right}, {"", ""}} {
			before := p.tries
			want(t, try(c[0], c[1], stranger(1000+i)), mail.Denied, "error.signin")
			if p.tries != before+1 {
				t.Errorf("%d: another way was gone", i)
			}
		}
	})
	t.Run("ten wrong ones close an account to networks that it has not sent from, before any is compared", func(t *testing.T) {
		for i := range 20 {
			try("anna@kommun.example", access.NewAppPassword().Text(), stranger(i))
		}
		before := p.tries
		want(t, try("anna@kommun.example", right, office), mail.Busy, "error.signin.wait")
		if p.tries != before {
			t.Error("it was compared")
		}
	})
	t.Run("and not to one from which it has", func(t *testing.T) {
		fine(t, try("anna@kommun.example", right, home))
	})
	t.Run("there ten wrong ones close it, too", func(t *testing.T) {
		for range 10 {
			want(t, try("anna@kommun.example", "fel", home), mail.Denied, "error.signin")
		}
		want(t, try("anna@kommun.example", right, home), mail.Busy, "error.signin.wait")
	})
	t.Run("a network that guesses at all of the house is closed after thirty", func(t *testing.T) {
		for i := range 30 {
			want(t, try(fmt.Sprintf("nr%d@kommun.example", i), "fel", office), mail.Denied, "error.signin")
		}
		want(t, try("nr31@kommun.example", "fel", office), mail.Busy, "error.signin.wait")
		want(t, try("nr31@kommun.example", "fel", ip("192.0.2.3")), mail.Denied, "error.signin")
	})
	t.Run("after a quarter of an hour all are open again, and right ones use nothing up", func(t *testing.T) {
		clock.goes(sendingWindow)
		for range 40 {
			fine(t, try("anna@kommun.example", right, office))
			fine(t, try("anna@kommun.example", right, home))
		}
	})
	t.Run("who goes on sending is never shut out by strangers", func(t *testing.T) {
		for day := range 100 {
			clock.goes(24 * time.Hour)
			if day%30 == 29 {
				for i := range 12 {
					try("anna@kommun.example", "fel", stranger(2000+20*day+i))
				}
			}
			fine(t, try("anna@kommun.example", right, home))
		}
	})
	t.Run("a clock that is set back gives no try back", func(t *testing.T) {
		for i := range 10 {
			if i == 5 {
				clock.turned(-2 * time.Hour)
			}
			want(t, try("bo@kommun.example", "fel", stranger(500+i)), mail.Denied, "error.signin")
		}
		want(t, try("bo@kommun.example", "fel", stranger(600)), mail.Busy, "error.signin.wait")
	})
}

const sendingWindow = 15 * time.Minute

// TestSendingAndThePortal: whoever guesses at the one keeps nobody from the other.
func TestSendingAndThePortal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := access.NewSending(h.config.App, h.config.Count, h.clock, &programs{app: h.config.App, password: access.NewAppPassword()}, h.config.Failures)
	for i := range 40 {
		s.SignIn(ctx, anna, "fel", ip(fmt.Sprintf("198.51.100.%d", i)))
		s.SignIn(ctx, anna, "fel", ip("192.0.2.9"))
	}
	if _, err := s.SignIn(ctx, anna, "fel", ip("192.0.2.9")); mail.KindOf(err) != mail.Busy {
		t.Fatalf("mail programs are not closed: %v", err)
	}
	if _, _, err := h.Password(ctx, anna, password, ip("192.0.2.9"), ""); err != nil {
		t.Errorf("the portal is: %v", err)
	}
}
