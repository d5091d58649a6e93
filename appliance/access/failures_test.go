package access_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// book has the failures that were written down.
type book struct {
	mu   sync.Mutex
	list []access.Failure
	held chan struct{} // if it is not nil, nothing is written before it is closed
}

func (b *book) SignInFailed(_ context.Context, f access.Failure) error {
	if b.held != nil {
		<-b.held
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = append(b.list, f)
	return nil
}

// failed takes what was written down since: by what, about whom, and what it closed.
func (h house) failed() []string {
	h.config.Failures.Wait()
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	var words []string
	for _, f := range h.book.list {
		about := "nobody"
		if f.Person == h.people.person.ID || f.Lookup == h.people.lookup {
			about = "anna"
		}
		w := []string{string(f.By), about}
		if !f.Wrong {
			w = append(w, "not compared")
		}
		for _, b := range f.Closes {
			w = append(w, string(b))
		}
		words = append(words, strings.Join(w, " "))
	}
	h.book.list = nil
	slices.Sort(words)
	return words
}

func (h house) wantFailed(t *testing.T, words ...string) {
	t.Helper()
	if got := h.failed(); !slices.Equal(got, words) {
		t.Errorf("written down: %q, not %q", got, words)
	}
}

func at(i int) access.Caller {
	return access.Caller{Network: netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)})}
}

func TestFailedSignIns(t *testing.T) {
	t.Parallel()
	enter := func(h house, address, password string, from access.Caller) error {
		_, err := h.SignIn.Password(ctx, address, password, from)
		return err
	}
	t.Run("a wrong password is written down, and a right one is not", func(t *testing.T) {
		h := newHouse(t)
		want(t, enter(h, anna, "fel lösenord", at(1)), mail.Denied, "error.signin")
		h.wantFailed(t, "password anna")
		fine(t, enter(h, anna, password, at(1)))
		h.wantFailed(t)
	})
	t.Run("an unknown address, and what is none, are written down as nobody's", func(t *testing.T) {
		h := newHouse(t)
		for _, a := range []string{"ingen@kommun.example", "anna", ""} {
			want(t, enter(h, a, password, at(1)), mail.Denied, "error.signin")
			h.wantFailed(t, "password nobody")
		}
	})
	t.Run("what could not be compared is no wrong one", func(t *testing.T) {
		h := newHouse(t)
		h.people.asked = func() error { return errNoWork }
		if err := enter(h, anna, password, at(1)); !errors.Is(err, errNoWork) {
			t.Fatal(err)
		}
		h.wantFailed(t)
	})
	t.Run("the last try of an account says that they are stopped, once a window, and those refused say nothing", func(t *testing.T) {
		h := newHouse(t)
		for window := range 2 {
			for i := range 10 {
				_ = enter(h, anna, "fel lösenord", at(i))
			}
			h.wantFailed(t, append(slices.Repeat([]string{"password anna"}, 9), "password anna account")...)
			for i := range 50 {
				want(t, enter(h, anna, "fel lösenord", at(100+i)), mail.Busy, "error.signin.wait")
			}
			h.wantFailed(t)
			h.clock.goes(15*time.Minute + time.Duration(window))
		}
	})
	t.Run("so does the last one of a network, also if it was not compared, and that of a known device", func(t *testing.T) {
		h := newHouse(t)
		for i := range 30 {
			if i == 29 {
				h.people.asked = func() error { return errNoWork }
			}
			_ = enter(h, fmt.Sprintf("p%d@kommun.example", i), password, at(1))
		}
		h.people.asked = nil
		h.wantFailed(t, append(slices.Repeat([]string{"password nobody"}, 29), "password nobody not compared network")...)
		mark := h.home(t, "")
		for range 12 {
			_ = enter(h, anna, "fel lösenord", access.Caller{Network: ip("192.0.2.3"), Device: mark})
		}
		h.wantFailed(t, append(slices.Repeat([]string{"password anna"}, 9), "password anna device")...)
	})
	t.Run("a wrong second step is written down by what it was, and what cannot be one is not", func(t *testing.T) {
		h := newFactored(t)
		h.printed(t)
		token := h.waits(t, "")
		_ = h.second(token, "hej")
		h.wantFailed(t)
		_ = h.second(token, h.wrong())
		h.wantFailed(t, "app anna")
		_ = h.second(token, access.NewSignInCode().Text())
		h.wantFailed(t, "printed anna")
		_, err := h.Second(ctx, token, access.ByPIN, "123456")
		h.wantFailed(t, "pin anna")
		if err == nil {
			t.Error("let in")
		}
		fine(t, h.second(token, h.code(0)))
		h.wantFailed(t)
	})
	t.Run("a wrong password beside a sign-on, and one that is asked again", func(t *testing.T) {
		h := newHouse(t)
		e, err := h.SignOn(ctx, h.named(true, true), at(1))
		waits(t, e, err)
		_, err = h.Unlock(ctx, e.Token, "fel lösenord")
		want(t, err, mail.Invalid, "error.unlock")
		h.wantFailed(t, "password anna")
		e, err = h.Unlock(ctx, e.Token, password)
		s := h.opened(t, e, err)
		_, err = h.Prove(ctx, e.Token, s, "fel lösenord")
		want(t, err, mail.Denied, "error.prove")
		h.wantFailed(t, "again anna")
		_, err = h.Prove(ctx, e.Token, s, password)
		fine(t, err)
		h.wantFailed(t)
	})
	t.Run("a wrong code on paper, and one of an address that nobody has", func(t *testing.T) {
		h := newHouse(t)
		p := &paper{h: h, code: keyring.NewRecoveryCode()}
		r := access.NewRecovery(h.SignIn, p)
		const fresh = "fem blåa åsnor i solsken"
		for _, a := range []string{"ingen@kommun.example", "anna"} {
			want(t, r.Recover(ctx, a, p.code.Text(), fresh, at(1)), mail.Denied, "error.recover.code")
			h.wantFailed(t, "recovery_code nobody")
		}
		want(t, r.Recover(ctx, anna, keyring.NewRecoveryCode().Text(), fresh, at(2)), mail.Denied, "error.recover.code")
		h.wantFailed(t, "recovery_code anna")
		want(t, r.Recover(ctx, anna, p.code.Text(), "kort", at(3)), mail.Invalid, "error.password.length")
		fine(t, r.Recover(ctx, anna, p.code.Text(), fresh, at(4)))
		h.wantFailed(t)
	})
	t.Run("a wrong app password, and one of an address that nobody has", func(t *testing.T) {
		h := newHouse(t)
		p := &programs{app: h.config.App, password: access.NewAppPassword()}
		s := access.NewSending(h.config.App, h.config.Count, h.clock, p, h.config.Failures)
		for i := range 12 {
			_, _ = s.SignIn(ctx, anna, "fel", at(i).Network)
		}
		h.wantFailed(t, append(slices.Repeat([]string{"app_password anna"}, 9), "app_password anna account")...)
		_, err := s.SignIn(ctx, "ingen@kommun.example", p.password.Text(), at(50).Network)
		want(t, err, mail.Denied, "error.signin")
		h.wantFailed(t, "app_password nobody")
		h.clock.goes(15 * time.Minute)
		_, err = s.SignIn(ctx, anna, p.password.Text(), at(51).Network)
		fine(t, err)
		h.wantFailed(t)
	})
}

func TestFailedPasskeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	refused := mail.E(mail.Denied, "error.passkey.wrong", nil)
	annas := func(context.Context) (access.Shown, error) {
		return access.Shown{Person: h.people.person}, refused
	}
	t.Run("one that is known and not good is written down, and one that nobody knows is not", func(t *testing.T) {
		_, err := h.Passkey(ctx, annas, at(1))
		if !errors.Is(err, refused) {
			t.Error(err)
		}
		h.wantFailed(t, "passkey anna")
		_, _ = h.Passkey(ctx, func(context.Context) (access.Shown, error) { return access.Shown{}, refused }, at(1))
		_, _ = h.Passkey(ctx, func(context.Context) (access.Shown, error) {
			return access.Shown{Person: h.people.person}, errors.New("disk")
		}, at(1))
		h.wantFailed(t)
	})
	t.Run("another's passkey is written down as tried at whose sign-in waits", func(t *testing.T) {
		e, err := h.SignOn(ctx, h.named(true, true), at(1))
		waits(t, e, err)
		_, err = h.UnlockByPasskey(ctx, e.Token, others)
		want(t, err, mail.Denied, "error.passkey.other")
		h.wantFailed(t, "passkey anna")
	})
	t.Run("nobody fills the journal with them: ten are written in a window", func(t *testing.T) {
		h.clock.goes(15 * time.Minute)
		for range 40 {
			_, _ = h.Passkey(ctx, annas, at(1))
		}
		h.wantFailed(t, slices.Repeat([]string{"passkey anna"}, 10)...)
		_, err := h.Passkey(ctx, h.passkey(true), at(1))
		fine(t, err)
	})
}

func TestFailedProofs(t *testing.T) {
	x := newHelpHouse(t)
	for address, words := range map[string]string{anna: "help anna", "ingen@kommun.example": "help nobody"} {
		t.Run("a wrong proof of who asks for help is written down: "+words, func(t *testing.T) {
			_, q := x.begins(t, address)
			want(t, x.Prove(ctx, q, access.ByCode, access.NewSignInCode().Text()), mail.Invalid, "error.help.proof")
			x.wantFailed(t, words)
		})
	}
}

// TestFailuresBesideTheAnswer holds the book: who is answered while nothing can be written
// learns nothing by when it is.
func TestFailuresBesideTheAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book.held = make(chan struct{})
	for _, address := range []string{anna, "ingen@kommun.example"} {
		t.Run("the answer about "+address+" does not wait for the journal", func(t *testing.T) {
			going, leave := context.WithCancel(ctx)
			_, err := h.SignIn.Password(going, address, "fel lösenord", at(1))
			leave() // who goes away is written down all the same
			want(t, err, mail.Denied, "error.signin")
		})
	}
	t.Run("and a machine that stops waits for it", func(t *testing.T) {
		var let atomic.Bool
		go func() { let.Store(true); close(h.book.held) }()
		h.config.Failures.Wait()
		if !let.Load() {
			t.Error("not waited")
		}
		h.wantFailed(t, "password anna", "password nobody")
	})
}
