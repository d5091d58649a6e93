package appliance_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// TestUpdateFromItsPage has an administrator install a newer program from its page in Chromium:
// one that fails, one that takes over, and the way back. It is the real program each time,
// and built but once: so this runs with the tests of real programs, not with the other browsers.
func TestUpdateFromItsPage(t *testing.T) {
	c := newChrome(t)
	who := newSigners(t)
	old, next := versions(t)
	u := newUpdated(t, old, who.public)
	key := u.administrator()
	u.starts()
	u.opens()
	b := c.Tab(u.journey, true)
	b.cut = true // the proxy says 502 while the one program has gone and the other has not come
	var codes [][]string
	in := func(code, at string) *tab {
		return b.Fills("address", setupAdmin, "password", setupPassword).Sends("/in").At("/in/factor").Fills("code", code).Sends("/in/factor").At(at)
	}
	code, err := totp.GenerateCode(key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.Goes("/in")
	in(code, "/mail").Goes("/account/codes").Sends("/account/codes")
	codes = printedOn.FindAllStringSubmatch(b.Eval(`document.documentElement.outerHTML`), -1)
	// again signs in when the other program has come up, and is back on the page.
	again := func() *tab {
		b.Becomes(`location.pathname === "/in"`)
		code := codes[0][1]
		codes = codes[1:]
		return in(code, "/admin/update")
	}
	look := func() *tab { return b.Goes("/admin/update").Sends("/admin/update/look") }
	install := func() *tab {
		look().Sees("Version 1.1.0").Sends("/admin/update/fetch")
		return b.Becomes(`document.querySelector("form[action='/admin/update/install']")`)
	}
	b.Goes("/admin/update").Sees("1.0.0").Look("update-first")
	look().Look("update-none")
	who.release(t, filepath.Join(u.dir, "source"), "1.1.0", next, 2)
	look().Look("update-unsigned")

	who.release(t, filepath.Join(u.dir, "source"), "1.1.0", next, 1, 3)
	u.faults("crash")
	look().Sees("Snabbare").Look("update-found")
	install().Look("update-ready")
	b.Sends("/admin/update/install").Sees("En annan version tar över").keep("update-installing") // it is gone before all can be looked at
	again().Sees("1.0.0", "1.1.0").Look("update-failed")
	if v := u.answers(); v != "1.0.0" {
		t.Fatal(v)
	}

	u.faults("")
	install().Sends("/admin/update/install")
	again().Sees("1.1.0").Look("update-done")
	if v := u.answers(); v != "1.1.0" {
		t.Fatal(v)
	}
	b.Sends("/admin/update/return")
	again().Look("update-returned")
	if v := u.answers(); v != "1.0.0" {
		t.Fatal(v)
	}
}
