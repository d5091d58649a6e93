package appliance_test

import (
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/access"
)

// storm types fifty wrong PINs at the same time and returns how many were compared.
func (j *journey) storm(code string) int64 {
	j.Helper()
	j.Turn(2 * time.Minute)
	v := newVisitor(j.info.Portal)
	if err := errors.Join(v.get("/m"), v.post("/m", "code", code)); err != nil {
		j.Fatal(err)
	}
	wrong := "000000"
	if v.at == "/m/pin" && j.LastPIN(annaPhone) == wrong {
		wrong = "000001"
	}
	var n atomic.Int64
	var wait sync.WaitGroup
	token := v.csrf()
	for range 50 {
		wait.Go(func() {
			one := newVisitor(j.info.Portal)
			defer one.close()
			one.c.Jar = v.c.Jar
			one.page = `name="csrf" value="` + token + `"`
			if err := one.post("/m/pin", "pin", wrong); err != nil {
				j.Error(err)
			}
			if one.at == "/m/letter" {
				j.Error("let in")
			}
			if one.wants("stämmer inte") == nil {
				n.Add(1)
			}
		})
	}
	wait.Wait()
	return n.Load()
}

func TestWrongPINs(t *testing.T) {
	t.Parallel()
	whole := t
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	code := j.CodeOf(j.Await("email", anna, 1))
	wrongs := func() int64 {
		return (&canary{journey: j, dir: dir}).query("SELECT max(wrong) FROM holder")[0][0].(int64)
	}
	for i := range 2 {
		if n := j.storm(code); n > access.PINTries || wrongs() > int64(access.PINTries*(i+1)) {
			t.Fatalf("%d were compared, %d are counted", n, wrongs())
		}
	}
	had := wrongs()
	if had < 2*access.PINTries {
		t.Fatalf("only %d are counted", had)
	}
	t.Run("a restart gives no try back", func(t *testing.T) {
		j.stop()
		j = newJourneyIn(whole, dir)
		if n := wrongs(); n != had {
			t.Errorf("%d were counted, %d are left", had, n)
		}
		j.Turn(time.Hour)
		for range 3 {
			j.storm(code)
		}
	})
	t.Run("after 25 the letter is closed, even for the right PIN, and the sender is told once", func(t *testing.T) {
		if n := wrongs(); n != 25 {
			t.Errorf("%d are counted", n)
		}
		j.Days(1)
		j.storm(code)
		if n := wrongs(); n != 25 {
			t.Errorf("%d are counted", n)
		}
		j.Browser().ShowCode(code).Sees("Brevet är spärrat")
		sender := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		sender.Sees("Brevet spärrades för att fel kod skrevs för många gånger", "Öppna brevet igen")
		told := 0
		for _, m := range j.Trapped("email", caseworker) {
			if strings.Contains(m.Text, anna) && strings.Contains(m.Text, "Stängt") {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times: %v", told, j.summary())
		}
	})
	t.Run("the sender opens it again", func(t *testing.T) {
		s := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		s.Post(s.recipientTarget(anna, s.at), "do", "unlock")
		j.Days(1)
		j.Browser().ShowCode(code).At("/m/pin").GiveLastPIN(annaPhone).At("/m/letter").Sees("Hej Anna.")
	})
}

func TestACrashBehindTheLastTry(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	code := j.CodeOf(j.Await("email", anna, 1))
	j.Await("email", caseworker, 1) // the report, which the next process would else send
	j.stop()
	// Between the count and the comparison: all tries are counted, nothing is closed.
	db, err := sql.Open("sqlite", "file:"+dir+"/data/sigill.db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE holder SET wrong = 25 WHERE kind = 2"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	j = newJourneyIn(t, dir)
	b := j.Browser().ShowCode(code).At("/m/pin").GiveLastPIN(annaPhone)
	b.Sees("Brevet är spärrat").SeesNot("Hej Anna.")
	j.Turn(time.Second)
	if m := j.Trapped("email", caseworker); len(m) != 1 || !strings.Contains(m[0].Text, "Stängt") {
		t.Errorf("the sender is not told: %v", j.summary())
	}
}

func TestTheSamePINManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna.", header: "X-Sigill-Receipt: yes\n"})
	code := j.CodeOf(j.Await("email", anna, 1))
	v := newVisitor(j.info.Portal)
	if err := errors.Join(v.get("/m"), v.post("/m", "code", code)); err != nil {
		t.Fatal(err)
	}
	pin, token := j.LastPIN(annaPhone), v.csrf()
	var in atomic.Int64
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			one := newVisitor(j.info.Portal)
			one.c.Jar = v.c.Jar
			one.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			one.page = `name="csrf" value="` + token + `"`
			if err := one.post("/m/pin", "pin", pin); err != nil {
				t.Error(err)
			}
			if one.code == http.StatusSeeOther && !strings.Contains(one.page, "csrf") {
				in.Add(1)
			}
			one.close()
		})
	}
	wait.Wait()
	c := &canary{journey: j, dir: dir}
	if n := c.query("SELECT count(*) FROM journal WHERE kind = 'opened'")[0][0].(int64); n != 1 {
		t.Errorf("it was opened %d times", n)
	}
	if n := c.query("SELECT max(wrong) FROM holder")[0][0].(int64); n != 0 {
		t.Errorf("%d of the right PINs are counted as wrong", n)
	}
	if err := errors.Join(v.get("/m/letter"), v.wants("Hej Anna.")); err != nil {
		t.Error(err)
	}
	j.Turn(time.Second)
	if n := len(j.Trapped("email", caseworker)); n != 2 {
		t.Errorf("%d mails to the sender: %v", n, j.summary())
	}
}
