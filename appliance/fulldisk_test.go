package appliance_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigill/appliance"
)

// smallDisk mounts a file system of so many bytes in memory.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting takes root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700", size)); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillDisk fills a disk but for so many bytes.
func fillDisk(t *testing.T, dir string, but int64) (empty func()) {
	t.Helper()
	name := filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var n int64
	for {
		k, err := f.Write(make([]byte, 4096))
		n += int64(k)
		if err != nil {
			break
		}
	}
	if err := f.Truncate(max(0, n-but)); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

// recovers sends a letter until it is taken.
func (j *journey) recovers(to string) {
	j.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for j.TrySend(letter{to: []string{to + ".0701234567.s"}, subject: "Sist", body: "Går igen."}) != nil {
		if time.Now().After(deadline) {
			j.Fatal("it does not take mail again")
		}
		j.pause()
	}
}

func TestFullDisk(t *testing.T) {
	full(t, "it mounts a small disk")
	dir := smallDisk(t, 32<<20)
	if err := os.Mkdir(dir+"/run", 0o700); err != nil { // so that no other demo's data are copied in
		t.Fatal(err)
	}
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "Först", body: "Fanns före."})
	first := j.Await("email", anna, 1)
	b := j.Browser().Opens(first, annaPhone).Sees("Fanns före.")
	large := letter{subject: "Stort", body: strings.Repeat("Mycket text på en rad.\n", 8000)}
	acked, refused := []string{}, 0
	for level := range 16 {
		empty := fillDisk(t, dir, int64(level)*160<<10)
		for k := range 6 {
			l := large
			to := fmt.Sprintf("f%d-%d@example.se", level, k)
			if l.to = []string{to + ".0701234567.s"}; k%2 == 1 {
				l.body = "Lite text."
			}
			err := j.TrySend(l)
			switch {
			case err == nil:
				acked = append(acked, to)
			case strings.Contains(err.Error(), "4.3.1"), strings.Contains(err.Error(), "4.3.0"), strings.HasPrefix(err.Error(), "SMTP error 4"):
				refused++
			default:
				t.Fatalf("level %d: %v", level, err)
			}
		}
		if level == 0 {
			t.Run("the page says so, and nothing is half done", func(t *testing.T) {
				b.Get("/m/letter/reply").Upload("/m/letter/reply", "Svar", map[string]string{"a.bin": strings.Repeat("a", 300_000)})
				if b.code != 503 && b.code != 507 || !strings.Contains(b.page, "just nu") {
					t.Errorf("%d %s", b.code, b.page)
				}
			})
			t.Run("people sign in, and a letter can be ended", func(t *testing.T) {
				s := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("Fanns före.")
				s.Post(s.at + "/recall").Sees("återkallat")
				j.Turn(time.Second)
				c := &canary{journey: j, dir: dir}
				if n := c.query("SELECT count(*) FROM ledger WHERE done = 0 OR id IN (SELECT id FROM holder WHERE state < 3)")[0][0].(int64); n != 0 {
					t.Errorf("%d ends are not carried out", n)
				}
			})
		}
		empty()
		acked = append(acked, fmt.Sprintf("again%d@example.se", level))
		j.recovers(acked[len(acked)-1])
	}
	t.Logf("%d taken, %d refused at 16 levels", len(acked), refused)
	if refused == 0 || len(acked) < 30 {
		t.Error("the levels prove nothing")
	}
	t.Run("when there is room again it goes on by itself, and what was taken is there", func(t *testing.T) {
		j.Turn(time.Second)
		for _, to := range acked {
			if n := len(j.demoMails(to)); n != 1 {
				t.Errorf("%s got %d mails", to, n)
			}
		}
		if n := j.demoCount(dir, "message"); n != int64(len(acked))+1 {
			t.Errorf("%d messages for %d that were taken", n, len(acked)+1)
		}
	})
	t.Run("after a restart all is as it was", func(t *testing.T) {
		j.stop()
		if _, err := appliance.VerifyJournal(context.Background(), dir+"/data", dir+"/keys"); err != nil {
			t.Error(err)
		}
		j = newJourneyIn(t, dir)
		j.Browser().SignsIn(caseworker).Get("/mail/sent").Sees("Sist")
	})
}
