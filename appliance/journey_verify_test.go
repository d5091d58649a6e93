package appliance_test

import (
	"context"
	"database/sql"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance"
)

// change does to the database what somebody on the machine could, beside the process.
func change(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "data", "sigill.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if r, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	} else if n, _ := r.RowsAffected(); n != 1 {
		t.Fatalf("%d rows", n)
	}
}

func TestVerifyBesideARunningAppliance(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	places := appliance.DemoPlaces(dir)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone)
	t.Run("it finds nothing wrong, again and again, while letters come in and checkpoints are signed", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := j.TrySend(letter{to: []string{annaSecure}, subject: "S", body: "Hej igen."}); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for ctx.Err() == nil {
				j.Turn(11 * time.Minute)
			}
		})
		for range 30 {
			if report, err := appliance.CheckJournal(t.Context(), places); err != nil || !strings.Contains(report, "Nothing is wrong.") {
				t.Fatalf("%v\n%s", err, report)
			}
		}
		cancel()
		wg.Wait()
	})
	t.Run("it is asked about its own data only", func(t *testing.T) {
		other := places
		other.Data = t.TempDir()
		if _, err := appliance.CheckJournal(t.Context(), other); err == nil || !strings.Contains(err.Error(), "keeps its data in "+places.Data) {
			t.Errorf("%v", err)
		}
	})
	t.Run("a row that somebody changed is found", func(t *testing.T) {
		change(t, dir, `UPDATE journal SET detail = detail || 'x' WHERE seq = 3`)
		if _, err := appliance.CheckJournal(t.Context(), places); err == nil || !strings.Contains(err.Error(), "Entry 3 is not what was written") {
			t.Errorf("%v", err)
		}
	})
	t.Run("and found still when the appliance has stopped", func(t *testing.T) {
		j.stop()
		if _, err := appliance.CheckJournal(t.Context(), places); err == nil || !strings.Contains(err.Error(), "Entry 3 is not what was written") {
			t.Errorf("%v", err)
		}
	})
}

// TestCommandBesideTheProgram is the same with two processes.
func TestCommandBesideTheProgram(t *testing.T) {
	full(t, "it builds the program")
	bin, dir := buildProgram(t, ""), t.TempDir()
	verify := func() (string, bool) {
		b, err := exec.Command(bin, "journal", "verify", "--dir", dir).CombinedOutput()
		return string(b), err == nil
	}
	c, err := startChild(bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { c.kill() }() // the last one that was started
	beside, ok := verify()      // the door for commands opens when the start is in the journal
	if !ok || !strings.Contains(beside, "Nothing is wrong.") {
		t.Fatal(beside)
	}
	c.kill()
	t.Run("it says the same of an appliance that runs and of one that was killed", func(t *testing.T) {
		if after, ok := verify(); !ok || after != beside {
			t.Errorf("%v\nbeside it:\n%s\nafter it:\n%s", ok, beside, after)
		}
	})
	t.Run("the next start takes the place of the socket that was left, and a changed row is found", func(t *testing.T) {
		if c, err = startChild(bin, dir); err != nil {
			t.Fatal(err)
		}
		change(t, dir, `UPDATE journal SET at = at + 1 WHERE seq = 1`)
		if said, ok := verify(); ok || !strings.Contains(said, "Entry 1 is not what was written") {
			t.Errorf("%v\n%s", ok, said)
		}
	})
}
