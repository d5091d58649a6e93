package access_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// paper takes one code, for Anna.
type paper struct {
	h     house
	code  keyring.RecoveryCode
	tries int
	crash error
	late  error // beside a password that stands
}

func (p *paper) UseRecoveryCode(_ context.Context, lookup [32]byte, code keyring.RecoveryCode, password string) (mail.Person, error) {
	p.tries++
	if p.crash != nil {
		return mail.Person{}, p.crash
	}
	if lookup != p.h.people.lookup || code.Text() != p.code.Text() {
		return mail.Person{}, mail.E(mail.Denied, "error.recover.code", nil)
	}
	if len(password) < access.MinPassword {
		return mail.Person{}, mail.E(mail.Invalid, "error.password.length", nil)
	}
	return p.h.people.person, p.late
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	const fresh = "fem blåa åsnor i solsken"
	start := func(t *testing.T) (house, *paper, *access.Recovery) {
		h := newHouse(t)
		p := &paper{h: h, code: keyring.NewRecoveryCode()}
		return h, p, access.NewRecovery(h.SignIn, p)
	}
	from := func(i int) access.Caller {
		return access.Caller{Network: netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)})}
	}
	wrong := func() string { return keyring.NewRecoveryCode().Text() }

	t.Run("the right code sets a password and ends the person's sessions, and nobody else's", func(t *testing.T) {
		h, p, r := start(t)
		token, _, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
		fine(t, err)
		other, err := h.Tokens.Add(&access.Session{Person: mail.Person{ID: mail.NewID()}})
		fine(t, err)
		fine(t, r.Recover(ctx, "ANNA@kommun.example", strings.ToLower(p.code.Text()), fresh, from(1)))
		if _, ok := h.Tokens.Get(token); ok {
			t.Error("still signed in by the old password")
		}
		if _, ok := h.Tokens.Get(other); !ok {
			t.Error("somebody else was signed out")
		}
	})
	t.Run("its sessions end too if something goes wrong after the password stands", func(t *testing.T) {
		h, p, r := start(t)
		p.late = errors.New("the disk erases nothing")
		token, _, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
		fine(t, err)
		if err := r.Recover(ctx, anna, p.code.Text(), fresh, from(1)); !errors.Is(err, p.late) {
			t.Error(err)
		}
		if _, ok := h.Tokens.Get(token); ok {
			t.Error("still signed in by the old password")
		}
	})
	t.Run("a code that is right with a password that will not do ends nothing", func(t *testing.T) {
		h, p, r := start(t)
		token, _, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
		fine(t, err)
		want(t, r.Recover(ctx, anna, p.code.Text(), "kort", from(1)), mail.Invalid, "error.password.length")
		if _, ok := h.Tokens.Get(token); !ok {
			t.Error("signed out")
		}
	})
	t.Run("a wrong code, nobody's address and no address are refused alike", func(t *testing.T) {
		_, p, r := start(t)
		for _, err := range []error{
			r.Recover(ctx, anna, wrong(), fresh, from(1)),
			r.Recover(ctx, "ingen@kommun.example", p.code.Text(), fresh, from(2)),
			r.Recover(ctx, "no address", p.code.Text(), fresh, from(3)),
		} {
			want(t, err, mail.Denied, "error.recover.code")
		}
	})
	t.Run("what cannot be a code costs no try, for a known address and an unknown one", func(t *testing.T) {
		_, p, r := start(t)
		for i := range 100 {
			want(t, r.Recover(ctx, []string{anna, "ingen@kommun.example"}[i%2], wrong()[1:], fresh, from(1)), mail.Invalid, "error.recover.code")
		}
		want(t, r.Recover(ctx, anna, p.code.Text(), strings.Repeat("x", access.MaxPassword+1), from(1)), mail.Invalid, "error.password.length")
		if p.tries != 0 {
			t.Error("compared")
		}
		fine(t, r.Recover(ctx, anna, p.code.Text(), fresh, from(1)))
	})
	t.Run("ten wrong codes close the account's recovery for a quarter of an hour, whoever it is", func(t *testing.T) {
		for _, address := range []string{anna, "ingen@kommun.example"} {
			h, p, r := start(t)
			for i := range 10 {
				want(t, r.Recover(ctx, address, wrong(), fresh, from(i)), mail.Denied, "error.recover.code")
			}
			want(t, r.Recover(ctx, address, p.code.Text(), fresh, from(99)), mail.Busy, "error.recover.wait")
			if p.tries != 10 {
				t.Errorf("%d were compared", p.tries)
			}
			h.clock.goes(15*time.Minute + time.Second)
			if err := r.Recover(ctx, address, p.code.Text(), fresh, from(99)); mail.KindOf(err) == mail.Busy && err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("thirty from one network close it for that network", func(t *testing.T) {
		_, p, r := start(t)
		for i := range 30 {
			want(t, r.Recover(ctx, fmt.Sprintf("nr%d@kommun.example", i), wrong(), fresh, from(1)), mail.Denied, "error.recover.code")
		}
		want(t, r.Recover(ctx, anna, p.code.Text(), fresh, from(1)), mail.Busy, "error.recover.wait")
		fine(t, r.Recover(ctx, anna, p.code.Text(), fresh, from(2)))
	})
	t.Run("strangers who guess do not keep the owner out of a browser that is known", func(t *testing.T) {
		h, p, r := start(t)
		mark := h.home(t, "")
		for i := range 12 {
			_ = r.Recover(ctx, anna, wrong(), fresh, from(i))
		}
		fine(t, r.Recover(ctx, anna, p.code.Text(), fresh, access.Caller{Network: ip("192.0.2.1"), Device: mark}))
	})
	t.Run("a try is counted before it is compared: one that never ends is not given back", func(t *testing.T) {
		_, p, r := start(t)
		p.crash = errors.New("the power is gone")
		for i := range 10 {
			if err := r.Recover(ctx, anna, p.code.Text(), fresh, from(i)); !errors.Is(err, p.crash) {
				t.Fatal(err)
			}
		}
		p.crash = nil
		want(t, r.Recover(ctx, anna, p.code.Text(), fresh, from(99)), mail.Busy, "error.recover.wait")
	})
	t.Run("a right code with a password that will not do is no wrong try", func(t *testing.T) {
		_, p, r := start(t)
		for range 40 {
			want(t, r.Recover(ctx, anna, p.code.Text(), "kort", from(1)), mail.Invalid, "error.password.length")
		}
		fine(t, r.Recover(ctx, anna, p.code.Text(), fresh, from(1)))
	})
	t.Run("a sign-in that waits for its second step ends with the password that it began with", func(t *testing.T) {
		h := newFactored(t)
		p := &paper{h: h.house, code: keyring.NewRecoveryCode()}
		token := h.waits(t, "")
		fine(t, access.NewRecovery(h.SignIn, p).Recover(ctx, anna, p.code.Text(), fresh, from(1)))
		if h.second(token, h.code(0)) == nil {
			t.Error("it goes on")
		}
	})
}

// TestActivatedAgain is somebody who comes back by the recovery kit.
func TestActivatedAgain(t *testing.T) {
	t.Parallel()
	t.Run("who has a second factor is asked for it: the code stands for the password alone", func(t *testing.T) {
		h := newFactored(t)
		p := h.people.login.Person
		e, err := h.Activated(ctx, p, password, access.Caller{Network: ip("192.0.2.1")})
		fine(t, err)
		if e.Session != nil || e.Pending == nil || e.Pending.Enrols() {
			t.Fatalf("%+v", e)
		}
		fine(t, h.second(e.Token, h.code(0)))
	})
	t.Run("who has none is in", func(t *testing.T) {
		h := newHouse(t)
		p := h.people.login.Person
		e, err := h.Activated(ctx, p, password, access.Caller{Network: ip("192.0.2.1")})
		if err != nil || e.Session == nil {
			t.Fatalf("%+v %v", e, err)
		}
	})
}
