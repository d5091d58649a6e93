package access_test

import (
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

// A registered recipient has the phone alone for a second factor.
func TestPhoneForASecondFactor(t *testing.T) {
	newPhoned := func(t *testing.T) factored {
		h := newFactored(t)
		h.people.factor = access.Factor{Phoned: true, Phone: "+46701234567", At: h.clock.Now()}
		return h
	}
	t.Run("the password alone leads to the second step", func(t *testing.T) {
		h := newPhoned(t)
		p, ok := h.Pending(h.waits(t, ""))
		if !ok || !p.Phoned || p.Phone != "+46701234567" {
			t.Errorf("%v %+v", ok, p)
		}
	})
	t.Run("a PIN that was sent lets in, once", func(t *testing.T) {
		h := newPhoned(t)
		token := h.waits(t, "")
		p, _ := h.Pending(token)
		pin, err := h.config.PINs.Make(p.PIN())
		fine(t, err)
		e, err := h.Second(ctx, token, access.ByPIN, pin)
		fine(t, err)
		if e.Session == nil {
			t.Fatal("no session")
		}
		_, err = h.Second(ctx, h.waits(t, ""), access.ByPIN, pin)
		want(t, err, mail.Gone, "error.pin.none")
	})
	t.Run("without an app no code of one is right, the empty key's either", func(t *testing.T) {
		h := newPhoned(t)
		token := h.waits(t, "")
		for _, typed := range []string{"000000", "123456", h.code(0)} {
			if k := mail.KindOf(h.second(token, typed)); k != mail.Invalid {
				t.Errorf("%s: %v", typed, k)
			}
		}
	})
	t.Run("guesses are bounded as those at an app are", func(t *testing.T) {
		h := newPhoned(t)
		for range 10 {
			token := h.waits(t, "")
			p, _ := h.Pending(token)
			_, err := h.config.PINs.Make(p.PIN())
			fine(t, err)
			_, err = h.Second(ctx, token, access.ByPIN, "x00000")
			want(t, err, mail.Invalid, "error.second.form") // it cannot be one, and is no guess
			h.second(token, "000000")
		}
		token := h.waits(t, "")
		p, _ := h.Pending(token)
		pin, err := h.config.PINs.Make(p.PIN())
		fine(t, err)
		_, err = h.Second(ctx, token, access.ByPIN, pin)
		want(t, err, mail.Busy, "error.second.wait") // right, and not compared
	})
	t.Run("a phone that is only a reserve is no second factor", func(t *testing.T) {
		if (access.Factor{Phone: "+46701234567"}).On() {
			t.Error("it is")
		}
	})
	t.Run("who has just proven the phone is in without another PIN", func(t *testing.T) {
		h := newPhoned(t)
		e, err := h.Registered(ctx, h.people.person, password, access.Caller{Network: ip("192.0.2.1")})
		fine(t, err)
		if e.Session == nil {
			t.Errorf("%+v", e)
		}
		_, err = h.Registered(ctx, h.people.person, "ett annat lösenord", access.Caller{Network: ip("192.0.2.1")})
		want(t, err, mail.Denied, "error.signin")
	})
}

func TestReissue(t *testing.T) {
	h := newHouse(t)
	tokens := access.NewTokens[string](h.clock)
	old, err := tokens.Add("a")
	fine(t, err)
	other, err := tokens.Add("b")
	fine(t, err)
	fresh, ok := tokens.Reissue(func(s string) bool { return s == "a" })
	if v, lives := tokens.Get(fresh); !ok || !lives || v != "a" {
		t.Errorf("%v %q", ok, v)
	}
	if _, lives := tokens.Get(old); lives {
		t.Error("the old token is good")
	}
	if v, _ := tokens.Get(other); v != "b" {
		t.Error("somebody else's is not")
	}
	if _, ok := tokens.Reissue(func(s string) bool { return s == "c" }); ok {
		t.Error("a token for nothing")
	}
	h.clock.goes(access.SessionMost)
	if _, ok := tokens.Reissue(func(s string) bool { return s == "a" }); ok {
		t.Error("a token for what is over")
	}
}
