package access_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// factored gives Anna a second factor.
func (h house) factored() {
	h.people.mu.Lock()
	defer h.people.mu.Unlock()
	h.people.factor = access.Factor{Key: access.NewTOTPKey(), Phone: "+46701234567", At: h.clock.Now()}
}

// passkey gives Anna a passkey, and returns how it is shown.
func (h house) passkey(opens bool) access.Show {
	k := access.Shown{Person: h.people.login.Person, Passkey: mail.NewID()}
	if opens {
		k.Lock = seal.NewSecret()
		h.people.mu.Lock()
		defer h.people.mu.Unlock()
		if h.people.passkeys == nil {
			h.people.passkeys = map[mail.ID]seal.Secret{}
		}
		h.people.passkeys[k.Passkey] = h.seed
	}
	return func(context.Context) (access.Shown, error) { return k, nil }
}

// others is the passkey of somebody else.
func others(context.Context) (access.Shown, error) {
	return access.Shown{Person: mail.Person{ID: mail.NewID()}, Passkey: mail.NewID(), Lock: seal.NewSecret()}, nil
}

func (h house) named(two, fresh bool) func(context.Context) (access.SignedOn, error) {
	return func(context.Context) (access.SignedOn, error) {
		return access.SignedOn{Person: h.people.login.Person, Two: two, Fresh: fresh}, nil
	}
}

// opened wants a session with Anna's key.
func (h house) opened(t *testing.T, e access.Entry, err error) *access.Session {
	t.Helper()
	fine(t, err)
	if e.Session == nil || !bytes.Equal(e.Session.Key.Seed().Bytes(), h.seed.Bytes()) {
		t.Fatalf("no session: %+v", e)
	}
	return e.Session
}

func waits(t *testing.T, e access.Entry, err error) *access.Pending {
	t.Helper()
	fine(t, err)
	if e.Session != nil || e.Pending == nil {
		t.Fatalf("it waits for nothing: %+v", e)
	}
	return e.Pending
}

var at192 = access.Caller{Network: ip("192.0.2.1")}

func TestPasskey(t *testing.T) {
	t.Parallel()
	t.Run("one that opens the key signs in, without password and code", func(t *testing.T) {
		h := newHouse(t)
		h.factored()
		e, err := h.Passkey(ctx, h.passkey(true), at192)
		s := h.opened(t, e, err)
		if !h.SteppedUp(s) || s.How() != access.ByPasskey || h.people.how != access.ByPasskey {
			t.Error("it is as good as the password")
		}
	})
	t.Run("one that does not lets the password do that, and asks for no code then", func(t *testing.T) {
		h := newHouse(t)
		h.factored()
		e, err := h.Passkey(ctx, h.passkey(false), at192)
		if !waits(t, e, err).Unlocks() {
			t.Fatal("not for the password")
		}
		_, err = h.Second(ctx, e.Token, access.ByCode, "000000")
		want(t, err, mail.Denied, "error.signin")
		_, err = h.SecondByPasskey(ctx, e.Token, h.passkey(true))
		want(t, err, mail.Denied, "error.signin")
		_, err = h.Unlock(ctx, e.Token, password+".")
		want(t, err, mail.Invalid, "error.unlock")
		in, err := h.Unlock(ctx, e.Token, password)
		h.opened(t, in, err)
		_, err = h.Unlock(ctx, e.Token, password)
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("it is a second step in the place of a code, and nobody else's is", func(t *testing.T) {
		h := newHouse(t)
		h.factored()
		e, err := h.SignIn.Password(ctx, anna, password, at192)
		waits(t, e, err)
		_, err = h.SecondByPasskey(ctx, e.Token, others)
		want(t, err, mail.Denied, "error.passkey.other")
		in, err := h.SecondByPasskey(ctx, e.Token, h.passkey(false))
		h.opened(t, in, err)
	})
	t.Run("one that was taken away meanwhile opens nothing", func(t *testing.T) {
		h := newHouse(t)
		show := h.passkey(true)
		h.people.passkeys = nil
		_, err := h.Passkey(ctx, show, at192)
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("a sign-in that was ended while it was looked at makes no session", func(t *testing.T) {
		h := newHouse(t)
		show := h.passkey(true)
		_, err := h.Passkey(ctx, func(ctx context.Context) (access.Shown, error) {
			h.EndAll(h.people.login.Person.ID)
			return show(ctx)
		}, at192)
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("who is signed in shows by it again who they are", func(t *testing.T) {
		h := newHouse(t)
		e, err := h.SignIn.Password(ctx, anna, password, at192)
		s := h.opened(t, e, err)
		h.clock.goes(access.StepUp)
		_, err = h.ProveByPasskey(ctx, e.Token, s, others)
		want(t, err, mail.Denied, "error.passkey.other")
		if h.SteppedUp(s) {
			t.Error("by somebody else's")
		}
		token, err := h.ProveByPasskey(ctx, e.Token, s, h.passkey(false))
		fine(t, err)
		if token == e.Token || !h.SteppedUp(s) {
			t.Error("the session is as before")
		}
		if _, ok := h.Tokens.Get(e.Token); ok {
			t.Error("the old token is still good")
		}
	})
}

func TestSignOn(t *testing.T) {
	t.Parallel()
	t.Run("it shows who somebody is, and the password opens the key", func(t *testing.T) {
		h := newHouse(t)
		e, err := h.SignIn.SignOn(ctx, h.named(true, false), at192)
		if p := waits(t, e, err); !p.Unlocks() || p.How() != access.BySignOn {
			t.Fatal("not for the password")
		}
		in, err := h.Unlock(ctx, e.Token, password)
		s := h.opened(t, in, err)
		if h.people.how != access.BySignOn || !h.SteppedUp(s) {
			t.Error("the password was given just now")
		}
	})
	t.Run("a passkey opens it, too, if it opens anything", func(t *testing.T) {
		h := newHouse(t)
		h.factored()
		e, err := h.SignIn.SignOn(ctx, h.named(false, false), at192)
		waits(t, e, err)
		_, err = h.UnlockByPasskey(ctx, e.Token, h.passkey(false))
		want(t, err, mail.Invalid, "error.passkey.locked")
		_, err = h.UnlockByPasskey(ctx, e.Token, others)
		want(t, err, mail.Denied, "error.passkey.other")
		in, err := h.UnlockByPasskey(ctx, e.Token, h.passkey(true))
		h.opened(t, in, err)
	})
	t.Run("where it does not vouch for two factors the second step is asked for", func(t *testing.T) {
		h := newHouse(t)
		h.factored()
		e, err := h.SignIn.SignOn(ctx, h.named(false, false), at192)
		waits(t, e, err)
		e, err = h.Unlock(ctx, e.Token, password)
		if p := waits(t, e, err); p.Unlocks() || p.Enrols() {
			t.Error("not for the second step")
		}
		e, err = h.SignIn.SignOn(ctx, h.named(true, false), at192)
		waits(t, e, err)
		e, err = h.Unlock(ctx, e.Token, password)
		h.opened(t, e, err)
	})
	t.Run("wrong passwords are counted as at the front door", func(t *testing.T) {
		h := newHouse(t)
		e, err := h.SignIn.SignOn(ctx, h.named(true, false), at192)
		waits(t, e, err)
		for range 10 {
			_, err = h.Unlock(ctx, e.Token, "fel")
			want(t, err, mail.Invalid, "error.unlock")
		}
		_, err = h.Unlock(ctx, e.Token, password)
		want(t, err, mail.Busy, "error.signin.wait")
		_, err = h.SignIn.Password(ctx, anna, password, at192)
		want(t, err, mail.Busy, "error.signin.wait")
	})
	t.Run("where the server holds the key nothing more is asked", func(t *testing.T) {
		h := newHouse(t)
		h.people.held = h.seed
		e, err := h.SignIn.SignOn(ctx, h.named(true, false), at192)
		s := h.opened(t, e, err)
		if h.SteppedUp(s) {
			t.Error("a sign-on from this morning is good for what is risky")
		}
		_, err = h.ProveBySignOn(ctx, e.Token, s, h.named(true, false))
		want(t, err, mail.Denied, "error.signon.other")
		_, err = h.ProveBySignOn(ctx, e.Token, s, func(context.Context) (access.SignedOn, error) {
			return access.SignedOn{Person: mail.Person{ID: mail.NewID()}, Fresh: true}, nil
		})
		want(t, err, mail.Denied, "error.signon.other")
		_, err = h.ProveBySignOn(ctx, e.Token, s, h.named(true, true))
		fine(t, err)
		if !h.SteppedUp(s) {
			t.Error("a fresh one is not")
		}
	})
	t.Run("what the server held until just now opens nothing", func(t *testing.T) {
		h := newHouse(t)
		h.factored()
		h.people.held = h.seed
		e, err := h.SignIn.SignOn(ctx, h.named(false, false), at192)
		waits(t, e, err)
		h.people.held = seal.Secret{}
		_, err = h.SecondByPasskey(ctx, e.Token, h.passkey(false))
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("a sign-in that was ended meanwhile is over", func(t *testing.T) {
		h := newHouse(t)
		e, err := h.SignIn.SignOn(ctx, h.named(true, false), at192)
		waits(t, e, err)
		h.EndAll(h.people.login.Person.ID)
		_, err = h.Unlock(ctx, e.Token, password)
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("one that was ended while it was looked up makes no session", func(t *testing.T) {
		h := newHouse(t)
		h.people.held = h.seed
		_, err := h.SignIn.SignOn(ctx, func(ctx context.Context) (access.SignedOn, error) {
			h.EndAll(h.people.login.Person.ID)
			return h.named(true, true)(ctx)
		}, at192)
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("one network begins so many and no more", func(t *testing.T) {
		h := newHouse(t)
		var err error
		for n := 0; err == nil && n < 10_000; n++ {
			if err = h.BeginSignOn(ctx, at192); err != nil && n < 1000 {
				t.Errorf("after %d", n)
			}
		}
		want(t, err, mail.Busy, "error.signin.wait")
		fine(t, h.BeginSignOn(ctx, access.Caller{Network: ip("192.0.2.2")}))
	})
	t.Run("it waits ten minutes for the password", func(t *testing.T) {
		h := newHouse(t)
		e, err := h.SignIn.SignOn(ctx, h.named(true, false), at192)
		waits(t, e, err)
		h.clock.goes(access.PendingLife)
		_, err = h.Unlock(ctx, e.Token, password)
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("where people come by it alone, neither password nor passkey lets anybody else in", func(t *testing.T) {
		h := newHouse(t)
		only := true
		h.config.SignOnOnly = func(mail.Person) bool { return only }
		h.SignIn = access.NewSignIn(h.config)
		_, err := h.SignIn.Password(ctx, anna, password+".", at192)
		want(t, err, mail.Denied, "error.signin") // nobody learns by it who exists
		_, err = h.SignIn.Password(ctx, anna, password, at192)
		want(t, err, mail.Denied, "error.signin.signon")
		_, err = h.Passkey(ctx, h.passkey(true), at192)
		want(t, err, mail.Denied, "error.signin.signon")
		_, err = h.Activated(ctx, h.people.login.Person, password, at192)
		want(t, err, mail.Denied, "error.signin.signon")
		e, err := h.SignIn.SignOn(ctx, h.named(true, false), at192)
		waits(t, e, err)
		e, err = h.Unlock(ctx, e.Token, password)
		h.opened(t, e, err)
		only = false
		e, err = h.SignIn.Password(ctx, anna, password, at192)
		h.opened(t, e, err)
	})
	t.Run("who must set a second factor up must do so, if the sign-on vouches for none", func(t *testing.T) {
		h := newHouse(t)
		h.config.Required = func(mail.Person) (time.Time, bool) { return h.clock.Now(), true }
		h.SignIn = access.NewSignIn(h.config)
		h.people.held = h.seed
		e, err := h.SignIn.SignOn(ctx, h.named(false, false), at192)
		if !waits(t, e, err).Enrols() {
			t.Error("not to set one up")
		}
		e, err = h.SignIn.SignOn(ctx, h.named(true, false), at192)
		h.opened(t, e, err)
	})
}
