package appliance_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
)

// guessing tells a child process in what directory it is to try what.
const guessing = "SIGILL_TEST_GUESS"

// guesses is what it is told.
type guesses struct {
	Dir, Kind string
	At        int // tries at the same time
	Lying     bool
	Secrets   appliance.Secrets
}

// guess is such a child. Each of its tries is counted, says so, and stops for good before
// it is compared.
func guess(told string) int {
	var g guesses
	fail := func(err error) int { fmt.Println("failed:", err); return 1 }
	if err := json.Unmarshal([]byte(told), &g); err != nil {
		return fail(err)
	}
	d, err := quietDemo(g.Dir)
	if err != nil {
		return fail(err)
	}
	ctx := context.Background()
	by, err := appliance.NewGuesser(ctx, d, g.Kind, g.Secrets, func() { fmt.Println("counted"); select {} }, g.Lying)
	if err != nil {
		return fail(err)
	}
	for range g.At {
		go func() { fmt.Println("failed: compared:", by.Try(ctx, false)) }()
	}
	select {}
}

func quietDemo(dir string) (*appliance.Demo, error) {
	return appliance.NewDemo(context.Background(), appliance.DemoConfig{
		Dir: dir, Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
	})
}

// killedBetween starts a child that tries a wrong secret, so many at once, and kills it
// when all are counted and none is compared.
func killedBetween(t *testing.T, g guesses) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	told, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, self)
	c.Env = append(os.Environ(), guessing+"="+string(told))
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range g.At {
		if !lines.Scan() || lines.Text() != "counted" {
			t.Errorf("%s: the child says %q", g.Kind, lines.Text())
			break
		}
	}
	c.Process.Kill()
	c.Wait()
}

// at opens what is in a directory, without running it.
func at(t *testing.T, dir, kind string, s appliance.Secrets, do func(*appliance.Guesser)) {
	t.Helper()
	d, err := quietDemo(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := appliance.Shut(d); err != nil {
			t.Error(err)
		}
	}()
	g, err := appliance.NewGuesser(t.Context(), d, kind, s, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	do(g)
}

// secretsOf prepares a house with every kind of secret in a directory.
func secretsOf(t *testing.T, dir string) (s appliance.Secrets) {
	t.Helper()
	j := newJourneyIn(t, dir, appliance.LetProgramsSend)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	s = appliance.Secrets{Address: caseworker, Password: j.passwordOf(caseworker), Link: j.CodeOf(j.Await("email", anna, 1))}
	maria := j.Browser().SignsIn(caseworker)
	s.AppKey = maria.ConnectsApp("/account", mariaPhone, mariaE164)
	s.Printed = maria.Prints()
	s.MailProgram = maria.makesApp(caseworker, "Datorn")
	m := regexp.MustCompile(`(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}`).FindString(maria.Get("/account/recovery").Post("/account/recovery").page)
	if s.Paper = m; m == "" {
		t.Fatalf("no code on paper:\n%s", maria.page)
	}
	j.Step() // the app has shown a code
	j.stop()
	return s
}

// kindsOfGuesses are the secrets that can be guessed at, with how many wrong ones are
// compared, and in how many lives of the process they are tried.
var kindsOfGuesses = []struct {
	name, kind string
	most       int64
	lives      []int     // tries at once in each
	after      mail.Kind // of what the right one gets then; 0: it is let in
}{
	{"a password", "password", 10, []int{1, 4, 5}, mail.Busy},
	{"a code of the app", "app", 10, []int{1, 4, 5}, mail.Busy},
	{"a printed sign-in code", "printed", 10, []int{1, 4, 5}, mail.Busy},
	{"the PIN of a letter", "letter", 25, []int{1, 4, 5, 5, 5, 5}, mail.Locked},
	{"the PIN to a phone of one's own, as an invited recipient's", "phone", 25, []int{1, 4, 5, 5, 5, 5}, mail.Busy},
	{"the code of a link", "link", 300, []int{1, 99, 200}, 0}, // whoever holds one is shut out by nobody
	{"the password of a mail program", "program", 10, []int{1, 4, 5}, mail.Busy},
	{"the code on paper", "paper", 10, []int{1, 4, 5}, mail.Busy},
	{"the password of who is signed in", "again", 10, []int{1, 4, 5}, mail.Busy},
}

// TestKilledBetweenCountAndComparison ends the process for itself, as the power does, where
// a try is counted and not compared: whoever can make it crash must win no try by it.
func TestKilledBetweenCountAndComparison(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	home := t.TempDir()
	secrets := secretsOf(t, home)
	for _, k := range kindsOfGuesses {
		t.Run(k.name, func(t *testing.T) {
			dir := copied(t, home)
			at(t, copied(t, home), k.kind, secrets, func(g *appliance.Guesser) {
				if err := g.Try(t.Context(), true); err != nil {
					t.Fatalf("the right one is refused before any wrong one: %v", err)
				}
			})
			tried, secrets := int64(0), secrets
			for _, n := range k.lives {
				secrets.Life++
				killedBetween(t, guesses{dir, k.kind, n, false, secrets})
				tried += int64(n)
			}
			if tried != k.most {
				t.Fatalf("%d tries for a limit of %d", tried, k.most)
			}
			secrets.Life++
			at(t, dir, k.kind, secrets, func(g *appliance.Guesser) {
				if n, err := g.Counted(t.Context()); n != tried || err != nil {
					t.Errorf("%d of %d stand counted, %v", n, tried, err)
				}
				if err := g.Try(t.Context(), true); !isOf(err, k.after) {
					t.Errorf("then the right one gets: %v", err)
				}
			})
		})
	}
	t.Run("control: it is seen if a try is not counted before it is compared", func(t *testing.T) {
		dir := copied(t, home)
		killedBetween(t, guesses{dir, "password", 3, true, secrets})
		at(t, dir, "password", secrets, func(g *appliance.Guesser) {
			if n, err := g.Counted(t.Context()); n != 0 || err != nil {
				t.Errorf("%d stand counted, %v", n, err)
			}
		})
	})
}

// TestManyGuessesAtOnce tries many at the same time: no more are compared than the limit
// has.
func TestManyGuessesAtOnce(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	secrets := secretsOf(t, home)
	for _, k := range kindsOfGuesses {
		t.Run(k.name, func(t *testing.T) {
			at(t, copied(t, home), k.kind, secrets, func(g *appliance.Guesser) {
				var compared, others atomic.Int64
				rounds := 1
				if k.kind == "letter" || k.kind == "phone" {
					rounds = 7 // of five each, until the limit of all
				}
				for range rounds {
					if err := g.Fresh(); err != nil {
						t.Fatal(err)
					}
					var wait sync.WaitGroup
					for range k.most + 30 {
						wait.Go(func() {
							switch err := g.Try(t.Context(), false); {
							case wasCompared(err):
								compared.Add(1)
							case !slices.Contains([]mail.Kind{mail.Busy, mail.Locked, mail.Gone}, mail.KindOf(err)):
								others.Add(1)
								t.Error(err)
							}
						})
					}
					wait.Wait()
				}
				if n := compared.Load(); n == 0 || n > k.most {
					t.Errorf("%d were compared", n)
				}
				if err := g.Fresh(); err != nil {
					t.Fatal(err)
				}
				if err := g.Try(t.Context(), true); !isOf(err, k.after) {
					t.Errorf("then the right one gets: %v", err)
				}
			})
		})
	}
}

// isOf reports whether an error is of a kind; 0 is that of none.
func isOf(err error, k mail.Kind) bool {
	if k == 0 {
		return err == nil
	}
	return mail.KindOf(err) == k
}

// wasCompared reports whether an answer says that what was typed is wrong.
func wasCompared(err error) bool {
	var e *mail.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == mail.Denied || e.Kind == mail.Invalid || e.Kind == mail.Absent || e.Kind == mail.Gone && strings.HasSuffix(e.Say, ".used")
}

// copied is a copy of a house that does not run.
func copied(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	copyHouse(t, from, to)
	return to
}
