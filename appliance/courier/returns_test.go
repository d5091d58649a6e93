package courier_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
)

func newCourier(h courier.Smarthost) (*courier.Courier, error) {
	return courier.New(courier.Config{Outbox: newOutbox(), Words: words{}, Clock: &clock{}, Returns: new(courier.Returns), Log: slog.New(slog.DiscardHandler), Smarthost: h})
}

func TestReturns(t *testing.T) {
	cl := &clock{now: start}
	make := func(key byte, domain string) *courier.Returns {
		r, err := courier.NewReturns(bytes.Repeat([]byte{key}, 32), domain, cl)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := make(1, "brev.house.example")
	token := mail.NewID()
	code := mail.NewLinkCode()
	for _, c := range []struct {
		a    mail.Address
		kind courier.ReturnKind
	}{{r.Bounce(token), courier.ReturnBounce}, {r.Thread(token), courier.ReturnThread}, {r.Hold(code), courier.ReturnHold}} {
		t.Run(string(c.kind)+": what is made is an address, and reads back in any case", func(t *testing.T) {
			if _, err := mail.ParseAddress(string(c.a)); err != nil {
				t.Fatal(c.a, err)
			}
			for _, a := range []string{string(c.a), strings.ToUpper(string(c.a))} {
				got, err := r.Read(mail.Address(a))
				if err != nil || got.Kind != c.kind {
					t.Fatal(got, err)
				}
				if c.kind == courier.ReturnHold && got.Code.Text() != code.Text() || c.kind != courier.ReturnHold && got.Token != token {
					t.Error("something else came back")
				}
			}
		})
		t.Run(string(c.kind)+": every changed character is refused", func(t *testing.T) {
			local := c.a.Local()
			for i := range local {
				for _, with := range "0k+.z" {
					if byte(with) == local[i] {
						continue
					}
					a := local[:i] + string(with) + local[i+1:] + "@" + c.a.Domain()
					if _, err := r.Read(mail.Address(a)); mail.KindOf(err) != mail.Absent {
						t.Errorf("%s: %v", a, err)
					}
				}
			}
		})
	}
	t.Run("another key, another domain, another kind, or 31 days later: absent", func(t *testing.T) {
		a := r.Bounce(token)
		if _, err := make(2, "brev.house.example").Read(a); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
		if _, err := make(1, "other.example").Read(mail.Address(a.Local() + "@other.example")); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
		if _, err := r.Read(mail.Address(strings.Replace(string(a), "bounce", "thread", 1))); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
		cl.turn(courier.ReturnLife)
		if _, err := r.Read(a); err != nil {
			t.Error("on the last day: ", err)
		}
		cl.turn(24 * time.Hour)
		if _, err := r.Read(a); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
	if _, err := courier.NewReturns([]byte("short"), "a.example", cl); err == nil {
		t.Error("a short key is taken")
	}
}

func FuzzReturns(f *testing.F) {
	cl := &clock{now: start}
	r, _ := courier.NewReturns(bytes.Repeat([]byte{1}, 32), "brev.house.example", cl)
	f.Add(string(r.Bounce(mail.ID{1, 2, 3})))
	f.Add("hold+0000000000000000000000.@brev.house.example")
	f.Add("bounce+@brev.house.example")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := r.Read(mail.Address(s))
		if err != nil {
			return
		}
		// Only what we made ourselves is ever read: 96 bits are not met by chance.
		if got.Kind != courier.ReturnBounce || got.Token != (mail.ID{1, 2, 3}) {
			t.Fatalf("%q was read", s)
		}
	})
}
