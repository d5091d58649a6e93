package syslog_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"sigill/appliance/syslog"
)

var at = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func line(t *testing.T, way, addr string) *syslog.Line {
	t.Helper()
	l, err := syslog.NewLine(syslog.Config{Way: way, Address: addr, Host: "post.kommun.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestLine(t *testing.T) {
	t.Run("a datagram is one message of RFC 5424", func(t *testing.T) {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		l := line(t, syslog.UDP, pc.LocalAddr().String())
		if err := l.Write(t.Context(), syslog.Message{At: at, Severity: syslog.Warning, Facility: syslog.LogAudit, ID: "sign in", Text: "two\nlines"}); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 9000)
		n, _, err := pc.ReadFrom(b)
		got := string(b[:n])
		if err != nil || !strings.HasPrefix(got, "<108>1 2026-05-04T12:00:00.000000Z post.kommun.example sigill ") || !strings.HasSuffix(got, " signin - two lines") {
			t.Errorf("%v %q", err, got)
		}
	})
	t.Run("on a connection each is counted, and a long one is cut between letters", func(t *testing.T) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		got := make(chan string, 2)
		go func() {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			r := bufio.NewReader(c)
			for range 2 {
				var n int
				if _, err := fmt.Fscanf(r, "%d ", &n); err != nil {
					return
				}
				b := make([]byte, n)
				if _, err := io.ReadFull(r, b); err != nil {
					return
				}
				got <- string(b)
			}
		}()
		l := line(t, syslog.TCP, ln.Addr().String())
		for _, text := range []string{strings.Repeat("å", 8000), "next"} {
			if err := l.Write(t.Context(), syslog.Message{At: at, Text: text}); err != nil {
				t.Fatal(err)
			}
		}
		if a, b := <-got, <-got; len(a) > 8<<10 || strings.Contains(a, "\uFFFD") || !strings.HasSuffix(a, "å") || !strings.HasSuffix(b, " next") {
			t.Errorf("%d bytes, then %q", len(a), b)
		}
	})
}

func TestQueue(t *testing.T) {
	t.Run("who writes never waits, and what is dropped is counted", func(t *testing.T) {
		q := syslog.NewQueue(line(t, syslog.TCP, "127.0.0.1:1")) // nobody reads, for Run does not run
		log := slog.New(syslog.NewHandler(q, slog.LevelInfo, false))
		for range 1500 {
			log.Info("line", "part", "test")
		}
		log.Debug("below the level")
		if n := q.Dropped(); n != 500 {
			t.Errorf("%d", n)
		}
	})
	t.Run("what waits when it ends is handed on", func(t *testing.T) {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		q := syslog.NewQueue(line(t, syslog.UDP, pc.LocalAddr().String()))
		slog.New(syslog.NewHandler(q, slog.LevelInfo, false)).With("part", "web").Error("fault", "n", 4711)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := q.Run(ctx); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 9000)
		n, _, err := pc.ReadFrom(b)
		if got := string(b[:n]); err != nil || !strings.HasPrefix(got, "<27>1 ") || !strings.Contains(got, "msg=fault part=web n=4711") || strings.Contains(got, "level=") {
			t.Errorf("%v %q", err, got)
		}
	})
}

func TestCEF(t *testing.T) {
	got := syslog.CEF{Class: "a|b", Name: `c\d`, Severity: 7, Fields: []string{"x", "1=2\n3", "empty", ""}}.String()
	if want := `CEF:0|Sigill|Sigill|1|a\|b|c\\d|7|x=1\=2\n3`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
