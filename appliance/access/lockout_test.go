package access_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

// tryAt counts a try from a browser with a mark, without the work of a password.
func (h house) tryAt(address string, from netip.Addr, device string) error {
	h.people.asked = func() error { return errNoWork }
	defer func() { h.people.asked = nil }()
	_, _, err := h.Password(ctx, address, password, from, device)
	return err
}

// home returns the mark of a browser at which Anna has signed in.
func (h house) home(t *testing.T, before string) string {
	t.Helper()
	_, s, err := h.Password(ctx, anna, password, ip("192.0.2.77"), before)
	fine(t, err)
	return h.MarkDevice(before, s)
}

func TestStrangersLockNobodyOut(t *testing.T) {
	t.Parallel()
	busy := func(t *testing.T, err error) { t.Helper(); want(t, err, mail.Busy, "error.signin.wait") }
	let := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, errNoWork) {
			t.Errorf("not let so far: %v", err)
		}
	}
	// hammer tries at an account from ever new networks.
	hammer := func(h house, address string, n int) {
		for i := range n {
			_ = h.try(address, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}))
		}
	}

	t.Run("while strangers hammer, the owner signs in where he has signed in before", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		mark := h.home(t, "")
		hammer(h, anna, 15)
		_, _, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
		busy(t, err)
		for range 2 {
			if _, s, err := h.Password(ctx, "ANNA@kommun.example", password, ip("192.0.2.1"), mark); err != nil || s.Person.ID != h.people.login.Person.ID {
				t.Errorf("kept out of her own account: %v", err)
			}
		}
	})
	t.Run("a whole house's network that is used up does not keep known devices out", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		mark, hall := h.home(t, ""), ip("203.0.113.7")
		for i := range 30 {
			let(t, h.try(fmt.Sprintf("p%d@kommun.example", i), hall))
		}
		busy(t, h.try(anna, hall))
		_, _, err := h.Password(ctx, anna, password, hall, mark)
		fine(t, err)
	})
	t.Run("a network that is used up closes no further accounts", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		for i := range 30 {
			let(t, h.try(fmt.Sprintf("p%d@kommun.example", i), ip("203.0.113.7")))
		}
		for range 50 {
			busy(t, h.try(anna, ip("203.0.113.7")))
		}
		_, _, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
		fine(t, err)
	})
	t.Run("tries at an account that is closed take nothing from the network", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		hammer(h, anna, 10)
		for range 50 {
			busy(t, h.try(anna, ip("203.0.113.7")))
		}
		let(t, h.try("bo@kommun.example", ip("203.0.113.7")))
	})
	t.Run("a known device has ten tries at its own account, and what was right uses up none", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		mark := h.home(t, "")
		for i := range 9 {
			let(t, h.tryAt(anna, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), mark))
		}
		for range 2 {
			_, _, err := h.Password(ctx, anna, password, ip("192.0.2.1"), mark)
			fine(t, err)
		}
		let(t, h.tryAt(anna, ip("192.0.2.1"), mark))
		busy(t, h.tryAt(anna, ip("192.0.2.2"), mark))
		let(t, h.try(anna, ip("192.0.2.3"))) // others have not lost any by it
		h.clock.goes(15 * time.Minute)
		let(t, h.tryAt(anna, ip("192.0.2.1"), mark))
	})
	t.Run("a mark is good for who has signed in there, and for nobody else", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		mark := h.home(t, "")
		hammer(h, "bo@kommun.example", 10)
		busy(t, h.tryAt("bo@kommun.example", ip("192.0.2.1"), mark))
		hammer(h, "nobody@kommun.example", 10)
		busy(t, h.tryAt("nobody@kommun.example", ip("192.0.2.1"), mark))
	})
	t.Run("many tries at the same moment are let through no oftener", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.people.asked = func() error { return errNoWork }
		var mu sync.Mutex
		var wait sync.WaitGroup
		through := 0
		for i := range 40 {
			wait.Go(func() {
				_, _, err := h.Password(context.Background(), anna, password, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), "")
				if errors.Is(err, errNoWork) {
					mu.Lock()
					through++
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		if through != 10 {
			t.Errorf("%d of 40", through)
		}
	})
}

func TestMarkDevice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, s, err := h.Password(ctx, anna, password, ip("192.0.2.77"), "")
	fine(t, err)
	mark := h.MarkDevice("", s)
	hammered := func(device string) bool { return mail.KindOf(h.tryAt(anna, ip("192.0.2.1"), device)) == mail.Busy }
	for i := range 10 {
		_ = h.try(anna, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}))
	}
	t.Run("it tells nothing and is another on each device", func(t *testing.T) {
		if a, b := h.MarkDevice("", s), h.MarkDevice("", s); a == b || strings.Contains(a, "anna") {
			t.Errorf("%q %q", a, b)
		}
	})
	t.Run("what is malformed, cut, changed, too long or another house's is a stranger's", func(t *testing.T) {
		b, _ := base64.RawURLEncoding.DecodeString(mark)
		changed := func(i int) string {
			c := append([]byte(nil), b...)
			c[i] ^= 1
			return base64.RawURLEncoding.EncodeToString(c)
		}
		for _, bad := range []string{"", "x", mark[1:], mark[:len(mark)-1], mark + "=", mark + "AAAA", changed(0), changed(40), base64.RawURLEncoding.EncodeToString(b[:32]), strings.Repeat("A", 1<<16), newHouse(t).home(t, "")} {
			if !hammered(bad) {
				t.Errorf("%.80q is known", bad)
			}
		}
		if hammered(mark) {
			t.Error("the true one is not known")
		}
	})
	t.Run("people who share a browser are all known there, up to eight, the oldest forgotten first", func(t *testing.T) {
		m := mark
		for i := range 8 {
			if hammered(m) {
				t.Fatalf("forgotten after %d others", i)
			}
			m = h.MarkDevice(m, &access.Session{Profile: mail.Profile{Address: mail.Address(fmt.Sprintf("p%d@kommun.example", i))}})
		}
		if !hammered(m) {
			t.Error("known after eight others")
		}
	})
	t.Run("who signs in again is in it once, and the device stays the same one", func(t *testing.T) {
		if again := h.home(t, mark); again != mark {
			t.Errorf("%q, was %q", again, mark)
		}
	})
}
