package appliance_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/access"
	"sigill/appliance/mail"
)

func TestClockJumps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "Tid", body: "Hej Anna."})
	notice := j.Await("email", anna, 1)
	ended := func() int64 {
		return (&canary{journey: j, dir: dir}).query("SELECT count(*) FROM ledger")[0][0].(int64)
	}
	for _, by := range []time.Duration{3 * 24 * time.Hour, 100 * 24 * time.Hour, 10 * 365 * 24 * time.Hour, -24 * time.Hour, -10 * 365 * 24 * time.Hour} {
		t.Run(fmt.Sprintf("a clock that is off by %d days ends nothing", int(by.Hours()/24)), func(t *testing.T) {
			j.demo.Clock.Set(by)
			j.Turn(0)
			j.demo.Clock.Set(0)
			j.Turn(2 * time.Minute)
			if n := ended(); n != 0 {
				t.Fatalf("%d ended", n)
			}
			j.Browser().Opens(notice, annaPhone).Sees("Hej Anna.")
		})
	}
	t.Run("mail that comes while the clock is ahead is taken and stays", func(t *testing.T) {
		j.demo.Clock.Set(365 * 24 * time.Hour)
		j.Send(letter{to: []string{"b@example.se.0701234568.s"}, subject: "Före", body: "Hej B."})
		j.demo.Clock.Set(0)
		j.Turn(2 * time.Minute)
		j.Browser().Opens(j.Await("email", "b@example.se", 1), "+46701234568").Sees("Hej B.")
	})
	t.Run("while it is days behind mail waits at the sender: its end would come with the right time", func(t *testing.T) {
		late := letter{to: []string{"c@example.se.0701234569.s"}, subject: "Efter", body: "Hej C."}
		j.demo.Clock.Set(-365 * 24 * time.Hour)
		if err := j.TrySend(late); err == nil || !strings.Contains(err.Error(), "SMTP error 4") {
			t.Errorf("answered: %v", err)
		}
		j.demo.Clock.Set(0)
		j.Turn(2 * time.Minute)
		j.Send(late)
		j.Browser().Opens(j.Await("email", "c@example.se", 1), "+46701234569").Sees("Hej C.")
	})
	t.Run("nor is a letter sent from the portal then, nor the end of one moved", func(t *testing.T) {
		s := j.Browser().SignsIn(caseworker).Get("/write")
		s.SendForm("/write", []fill{{"to", "e@example.se"}, {"phone", "0701234562"}, {"subject", "Efter"}, {"text", "Hej E."}, {"do", "send"}}, nil)
		send := s.Action("/write/[0-9a-z]{26}/send")
		j.demo.Clock.Set(-365 * 24 * time.Hour)
		if s.Post(send); s.code != http.StatusServiceUnavailable {
			t.Errorf("sending was answered %d", s.code)
		}
		j.demo.Clock.Set(0)
		s.Get(strings.TrimSuffix(send, "/send") + "/check").Post(send)
		j.Browser().Opens(j.Await("email", "e@example.se", 1), "+46701234562").Sees("Hej E.")
		page := s.Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").at
		end := s.recipientTarget("b@example.se", page) // the newest, by the clock of then
		j.demo.Clock.Set(-365 * 24 * time.Hour)
		if s.Post(end, "do", "end", "days", "5"); s.code != http.StatusServiceUnavailable {
			t.Errorf("%s: moving the end was answered %d", page, s.code)
		}
		j.demo.Clock.Set(0)
		j.Turn(2 * time.Minute)
	})
	t.Run("tombstones and counts are not forgotten by a leap", func(t *testing.T) {
		s := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		s.Post(s.at + "/recall").Sees("återkallat")
		j.Turn(time.Minute)
		tombstones, counters := j.demoCount(dir, "tombstone"), j.demoCount(dir, "counter")
		j.demo.Clock.Set(10 * 365 * 24 * time.Hour)
		j.Turn(time.Second)
		j.demo.Clock.Set(0)
		if a, b := j.demoCount(dir, "tombstone"), j.demoCount(dir, "counter"); a != tombstones || b != counters || a == 0 || b == 0 {
			t.Errorf("%d of %d tombstones, %d of %d counters", a, tombstones, b, counters)
		}
	})
	t.Run("control: time that really goes by ends them", func(t *testing.T) {
		j.Days(100)
		if n := ended(); n == 0 {
			t.Error("nothing ended")
		}
	})
}

// TestAStartWithAClockBehind starts again on a machine that has forgotten the time.
func TestAStartWithAClockBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Days(20)
	j.stop()
	if err := os.Remove(filepath.Join(dir, "clock")); err != nil {
		t.Fatal(err)
	}
	j = newJourneyIn(t, dir)
	l := letter{to: []string{annaSecure}, subject: "[säker 7d] Efter", body: "Hej Anna."}
	t.Run("mail waits at the sender: its end would come with the right time", func(t *testing.T) {
		if err := j.TrySend(l); err == nil || !strings.Contains(err.Error(), "SMTP error 4") {
			t.Errorf("answered: %v", err)
		}
	})
	t.Run("the administrator sees why, and the time that was known is not forgotten", func(t *testing.T) {
		j.Turn(2 * time.Minute)
		j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").Sees("Klockan har hoppat", "efter det den borde")
		if err := j.TrySend(l); err == nil {
			t.Error("mail is taken")
		}
	})
	t.Run("once the clock is right again mail is taken, and nobody has to say so", func(t *testing.T) {
		j.demo.Clock.Set(20 * 24 * time.Hour)
		j.Send(l)
		j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Hej Anna.")
		j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").SeesNot("Klockan har hoppat")
	})
}

func TestAHoldEndsWithItsLetter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{"bo@example.se.s"}, subject: "[säker 12h] Brådskande", body: "Hej Bo."})
	hold := j.CodeOf(j.Await("email", caseworker, 1))
	j.Browser().ShowCode(hold).At("/m/mend")
	j.Turn(13 * time.Hour)
	j.Browser().ShowCode(hold).Sees("går inte längre att läsa")
	if n := (&canary{journey: j, dir: dir}).query("SELECT count(*) FROM message WHERE state < 3")[0][0].(int64); n != 0 {
		t.Errorf("%d letters are kept beyond the end that was asked for", n)
	}
}

func TestTwoProcessesOnOneStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	_, err := appliance.NewDemo(t.Context(), appliance.DemoConfig{Dir: dir, Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if mail.KindOf(err) != mail.Busy || !strings.Contains(err.Error(), "another process (number "+fmt.Sprint(os.Getpid())+")") {
		t.Errorf("the second says: %v", err)
	}
	if _, err := appliance.VerifyJournal(t.Context(), dir+"/data", dir+"/keys"); mail.KindOf(err) != mail.Busy {
		t.Errorf("verify says: %v", err)
	}
	j.Send(letter{to: []string{annaSecure}, subject: "Den första", body: "Går vidare."})
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Går vidare.")
}

func TestLinkScanners(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	notice := j.Await("email", anna, 1)
	j.Turn(time.Second)
	before := j.kept(dir)
	code := j.CodeOf(notice)
	v := newVisitor(j.info.Portal)
	visits := 1000
	if !alone(t) {
		visits = 50
	}
	for i := range visits {
		method := []string{"HEAD", "GET"}[i%2]
		// What scanners make of a link: as it is, without its fragment, and with the
		// fragment as something that is sent.
		for _, path := range []string{"/m", "/m?code=" + code, "/m?" + code} {
			if err := v.do(method, path, "", nil); err != nil || v.code != 200 {
				t.Fatal(v.code, err)
			}
		}
	}
	if after := j.kept(dir); after != before {
		t.Errorf("the store had %s\nand has %s", before, after)
	}
	t.Run("one that runs scripts and sends the form gets no SMS sent", func(t *testing.T) {
		for range 50 {
			b := newVisitor(j.info.Portal)
			if err := errors.Join(b.get("/m"), b.post("/m", "code", code, "filled", "1"), b.wants("knappen")); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n := len(j.Trapped("sms", "")); n != 0 {
		t.Errorf("%d SMS", n)
	}
	j.Browser().Opens(notice, annaPhone).Sees("Hej Anna.")
}

func TestSMSPumping(t *testing.T) {
	t.Parallel()
	limits := access.DefaultSMSLimits()
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	code := j.CodeOf(j.Await("email", anna, 1))
	sent := func() int64 { return int64(len(j.Trapped("sms", annaPhone))) }
	press := func(code string, n int) {
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for i := 0; i < n/4; i++ {
					v := newVisitor(j.info.Portal)
					err := errors.Join(v.get("/m"), v.post("/m", "code", code))
					if err == nil && v.at == "/m/pin" {
						err = v.post("/m/again")
					}
					v.close()
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wait.Wait()
	}
	presses := 100
	if inFull(t) {
		presses = 800
	}
	t.Run("many presses at once send one SMS", func(t *testing.T) {
		press(code, presses)
		if n := sent(); n != 1 {
			t.Errorf("%d SMS", n)
		}
	})
	t.Run("many over hours send no more than a number gets in a day", func(t *testing.T) {
		for range 20 {
			j.Turn(2 * time.Minute)
			press(code, presses/25)
		}
		if n := sent(); n != limits.Number {
			t.Errorf("%d SMS, the budget is %d", n, limits.Number)
		}
	})
	t.Run("nor do many letters to one number", func(t *testing.T) {
		for i := range 5 {
			j.Send(letter{to: []string{fmt.Sprintf("n%d@example.se.0701234567.s", i)}, subject: "S", body: "Hej."})
		}
		for i := range 5 {
			j.Turn(2 * time.Minute)
			press(j.CodeOf(j.Await("email", fmt.Sprintf("n%d@example.se", i), 1)), 4)
		}
		if n := sent(); n != limits.Number {
			t.Errorf("%d SMS, the budget is %d", n, limits.Number)
		}
	})
	t.Run("the next day the reader is served, whatever others pressed", func(t *testing.T) {
		j.Days(1)
		v := newVisitor(j.info.Portal)
		if err := errors.Join(v.get("/m"), v.post("/m", "code", code), v.post("/m/pin", "pin", j.LastPIN(annaPhone)), v.wants("Hej Anna.")); err != nil {
			t.Error(err)
		}
	})
	t.Run("and no letter sends more in its life than its budget", func(t *testing.T) {
		for range 5 {
			j.Days(1)
			for range 6 {
				j.Turn(2 * time.Minute)
				press(code, 4)
			}
		}
		if n := sent(); n != limits.Letter {
			t.Errorf("%d SMS, the budget is %d", n, limits.Letter)
		}
	})
}
