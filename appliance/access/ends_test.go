package access_test

import (
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

// TestEndsReachWhatIsUnderWay ends a person's sign-ins while one of them has read the
// login, and is not kept yet.
func TestEndsReachWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	caller := access.Caller{Network: ip("192.0.2.1")}
	ends := map[string]func(house, *access.Session){
		"EndAll":     func(h house, s *access.Session) { h.EndAll(s.Person.ID) },
		"EndOthers":  func(h house, s *access.Session) { h.EndOthers(s) },
		"EndPending": func(h house, s *access.Session) { h.EndPending(s.Person.ID) },
	}
	for name, end := range ends {
		t.Run("no session comes of it: "+name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			_, own, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
			fine(t, err)
			h.people.crash = func() error { end(h, own); return nil } // the factor is looked at after Argon2id
			e, err := h.SignIn.Password(ctx, anna, password, caller)
			want(t, err, mail.Denied, "error.signin")
			if e.Session != nil || e.Token != (access.Token{}) {
				t.Errorf("%+v", e)
			}
			h.people.crash = nil
			_, _, err = h.Password(ctx, anna, password, ip("192.0.2.1"), "")
			fine(t, err)
		})
		t.Run("nor one that waits to set a factor up: "+name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			_, own, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
			fine(t, err)
			underWay := false
			h.config.Required = func(mail.Person) (time.Time, bool) {
				if underWay {
					end(h, own)
				}
				return time.Time{}, true
			}
			h.SignIn = access.NewSignIn(h.config)
			underWay = true
			_, err = h.SignIn.Password(ctx, anna, password, caller)
			want(t, err, mail.Denied, "error.signin")
			underWay = false
			_, err = h.SignIn.Password(ctx, anna, password, caller)
			fine(t, err)
		})
	}
	t.Run("somebody else's are not touched", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.people.crash = func() error { h.EndAll(mail.NewID()); return nil }
		_, err := h.SignIn.Password(ctx, anna, password, caller)
		fine(t, err)
	})
	t.Run("a password that is changed during Argon2id opens nothing, though nobody has ended anything yet", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		box, err := h.config.Stretch.SealSeedByPassword(ctx, h.people.person.ID, []byte("another password"), h.people.login.Slot, h.seed)
		fine(t, err)
		h.people.crash = func() error { h.people.login.Box = box; return nil }
		_, err = h.SignIn.Password(ctx, anna, password, caller)
		want(t, err, mail.Denied, "error.signin")
	})
	t.Run("nor does a first password that was set, if access is restored once more", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.people.crash = func() error { h.EndAll(h.people.person.ID); return nil }
		_, err := h.Activated(ctx, h.people.person, password, caller)
		want(t, err, mail.Denied, "error.signin")
	})
}

func TestEndBut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	caller := access.Caller{Network: ip("192.0.2.1")}
	must := false
	h.config.Required = func(mail.Person) (time.Time, bool) { return time.Time{}, must }
	h.SignIn = access.NewSignIn(h.config)
	token, _, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
	fine(t, err)
	must = true
	enter := func() access.Entry {
		t.Helper()
		e, err := h.SignIn.Password(ctx, anna, password, caller)
		fine(t, err)
		return e
	}
	one, two := enter(), enter()
	h.people.factor = access.Factor{Key: access.NewTOTPKey(), At: h.clock.Now()}
	ended := h.EndBut(one.Pending)
	t.Run("who came in without the factor is out, and who has set it up goes on", func(t *testing.T) {
		_, in := h.Tokens.Get(token)
		_, waits := h.Pending(two.Token)
		if in || waits || len(ended) != 1 {
			t.Error(in, waits, len(ended))
		}
		e, err := h.Enrolled(ctx, one.Token)
		fine(t, err)
		if e.Session == nil {
			t.Errorf("%+v", e)
		}
	})
	t.Run("one that was ended before does not go on by it", func(t *testing.T) {
		h.people.factor = access.Factor{}
		e := enter()
		h.EndAll(h.people.person.ID)
		h.EndBut(e.Pending)
		h.people.factor = access.Factor{Key: access.NewTOTPKey()}
		_, err := h.Enrolled(ctx, e.Token)
		want(t, err, mail.Denied, "error.signin")
	})
}
