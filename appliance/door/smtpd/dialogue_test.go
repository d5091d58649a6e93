package smtpd_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/smtpd"
)

// TestDialogues plays the files of testdata against the real listener:
//
//	@ trusted              who comes from here; first line; behind it "locked" if the appliance is
//	-> EHLO x              send this and CRLF
//	=> "a\r\nb"            send exactly this Go string; "…"*n repeats it
//	<- 250 ~SIZE           a reply begins with this; after ~ it holds that; !~ it does not
//	<- EOF                 the connection is closed
//	!! tls, !! cert        TLS now, without or with the house's certificate
//	== accepted 1          so many mails have reached the desk; also returned
//	== raw "text"          the last mail holds this; noraw: does not
func TestDialogues(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.smtp")
	if len(files) < 35 {
		t.Fatalf("only %d dialogues", len(files))
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".smtp"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			play(t, string(text))
		})
	}
}

func play(t *testing.T, text string) {
	lines := strings.Split(text, "\n")
	for strings.HasPrefix(lines[0], "#") {
		lines = lines[1:]
	}
	who, ok := strings.CutPrefix(lines[0], "@ ")
	if !ok {
		t.Fatal("the first line says who comes")
	}
	who, locked := strings.CutSuffix(who, " locked")
	s := open(t, who, func(c *smtpd.Config) {
		c.Limits.Message, c.Locked = 10<<20, locked
		if who == "stranger" { // also shows what is said without TLS
			c.TLS = nil
		}
	})
	c := s.raw(t)
	if who == "implicit" {
		c.startTLS()
	}
	for i, line := range lines[1:] {
		if len(line) < 3 || line[0] == '#' {
			continue
		}
		op, arg := line[:2], line[3:]
		switch op {
		case "->":
			c.send(arg + "\r\n")
		case "=>":
			c.send(quoted(t, arg))
		case "<-":
			expect(t, i+2, c.reply(), arg)
		case "!!":
			if arg == "cert" {
				c.startTLS(clientCert)
			} else {
				c.startTLS()
			}
		case "==":
			check(t, i+2, s, arg)
		default:
			t.Fatalf("line %d: %q", i+2, line)
		}
	}
}

func quoted(t *testing.T, s string) string {
	s, times, ok := strings.Cut(s, "*")
	n := 1
	if ok {
		n, _ = strconv.Atoi(times)
	}
	u, err := strconv.Unquote(strings.TrimSpace(s))
	if err != nil {
		t.Fatal(err, s)
	}
	return strings.Repeat(u, n)
}

func expect(t *testing.T, line int, got, want string) {
	t.Helper()
	want, without, neg := strings.Cut(want, " !~")
	want, with, pos := strings.Cut(want, " ~")
	if !strings.HasPrefix(strings.ReplaceAll(got, "-", " "), strings.ReplaceAll(want, "-", " ")) ||
		pos && !strings.Contains(got, with) || neg && strings.Contains(got, without) {
		t.Fatalf("line %d: got %q, want %q with %q without %q", line, got, want, with, without)
	}
}

func check(t *testing.T, line int, s *server, arg string) {
	t.Helper()
	what, arg, _ := strings.Cut(arg, " ")
	accepted, returned := s.desk.counts()
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	var last letter
	if accepted > 0 {
		last = s.desk.accepted[accepted-1]
	} else if returned > 0 {
		last = s.desk.returned[returned-1]
	}
	switch what {
	case "accepted", "returned":
		n := accepted
		if what == "returned" {
			n = returned
		}
		if strconv.Itoa(n) != arg {
			t.Fatalf("line %d: %s %d, want %s", line, what, n, arg)
		}
	case "raw", "noraw":
		if strings.Contains(last.raw, quoted(t, arg)) != (what == "raw") {
			t.Fatalf("line %d: %s %s in %q", line, what, arg, last.raw)
		}
	case "from":
		if string(last.from) != arg {
			t.Fatalf("line %d: from %q", line, last.from)
		}
	case "actor":
		if last.actor.Kind.String() != arg {
			t.Fatalf("line %d: actor %v", line, last.actor)
		}
	case "wait":
		time.Sleep(50 * time.Millisecond)
	default:
		t.Fatalf("line %d: %q", line, what)
	}
}
