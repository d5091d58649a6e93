package smtpd_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/door/smtpd"
	"sigill/appliance/mail"
)

func TestContent(t *testing.T) {
	s := open(t, "trusted")
	t.Run("1,000 random bodies arrive byte for byte, by DATA and by BDAT", func(t *testing.T) {
		rnd := rand.New(rand.NewPCG(1, 2))
		pieces := []string{".", "..", "\r\n", "\r\n.", "\r\n..", "\r\n.\r\n", "a", "å", "x.y", " ", "\t", strings.Repeat("z", 5000), ".\r\n.\r\n"}
		c := s.dial(t)
		for i := range 1000 {
			var b strings.Builder
			for range rnd.IntN(40) {
				b.WriteString(pieces[rnd.IntN(len(pieces))])
			}
			body := b.String() + "\r\n"
			text := "From: anna@kommun.example\r\n\r\n" + body
			c.begin(house1, citizen)
			if i%2 == 0 {
				c.say("354", "DATA")
				wire := strings.ReplaceAll("\r\n"+text, "\r\n.", "\r\n..")[2:] + ".\r\n"
				for len(wire) > 0 {
					n := min(1+rnd.IntN(9000), len(wire))
					c.send(wire[:n])
					wire = wire[n:]
				}
				c.want("250")
			} else {
				for rest := text; ; {
					n := min(1+rnd.IntN(9000), len(rest))
					last := map[bool]string{true: " LAST"}[n == len(rest)]
					c.send(fmt.Sprintf("BDAT %d%s\r\n%s", n, last, rest[:n]))
					c.want("250")
					if rest = rest[n:]; rest == "" {
						break
					}
				}
			}
			got := s.desk.letters()
			_, raw, _ := strings.Cut(got[len(got)-1].raw, "+0000\r\n")
			if len(got) != i+1 || raw != text {
				t.Fatalf("mail %d: got %q, want %q", i, raw, text)
			}
		}
	})
}

func TestRecipients(t *testing.T) {
	s := open(t, "trusted")
	c := s.dial(t)
	c.say("250", "MAIL FROM:<%s>", house1)
	for i := range 500 {
		c.say("250", "RCPT TO:<r%d@citizen.example.s>", i)
	}
	t.Run("the 501st waits for a mail of its own", func(t *testing.T) {
		c.say("452 4.5.3", "RCPT TO:<r501@citizen.example.s>")
		c.say("354", "DATA")
		c.send(small + ".\r\n")
		c.want("250")
		if got := s.desk.letters(); len(got) != 1 || len(strings.Fields(got[0].to)) != 500 {
			t.Fatal("not 500 recipients in one letter")
		}
	})
}

func TestReplies(t *testing.T) {
	// RFC 3463: the same table again, written down a second time.
	for kind, want := range map[mail.Kind]string{
		mail.Internal: "451 4.3.0", mail.Invalid: "550 5.6.0", mail.Denied: "550 5.7.1", mail.Absent: "550 5.7.1", mail.Gone: "550 5.2.1",
		mail.TooLarge: "552 5.3.4", mail.Busy: "451 4.3.2", mail.Again: "452 4.3.1", mail.Locked: "450 4.2.1", mail.Kind(99): "451 4.3.0",
	} {
		t.Run("the desk says "+kind.String(), func(t *testing.T) {
			s := open(t, "trusted", func(c *smtpd.Config) {
				c.Say = func(key string, with map[string]string) string {
					if key == "error.say" {
						return "Så här:\r\n250 skriv " + with["how"] + strings.Repeat("x", 600)
					}
					return ""
				}
			})
			s.desk.refuse = mail.E(kind, "error.say", errors.New("the canary cause")).Tell("how", "rätt")
			c := s.dial(t)
			c.begin(house1, citizen)
			c.say("354", "DATA")
			c.send(small + ".\r\n")
			got := c.want(want)
			if len(got) > 512 || strings.Count(got, "\n") != 1 || strings.Contains(got, "canary") {
				t.Fatalf("got %q", got)
			}
			worded := kind != mail.Internal && kind != mail.Denied && kind != mail.Absent && kind != 99
			if strings.Contains(got, "Sa har:  250 skriv ratt") != worded {
				t.Fatalf("got %q", got)
			}
			if kind == mail.Internal {
				_, number, _ := strings.Cut(strings.TrimSpace(got), "Number ")
				if !strings.Contains(s.log.String(), strings.TrimSuffix(number, ".")) || !strings.Contains(s.log.String(), "canary cause") {
					t.Fatalf("the log does not explain %q: %s", got, s.log)
				}
			}
			c.say("250", "NOOP")
		})
	}
}

func TestLog(t *testing.T) {
	s := open(t, "shared")
	c := s.dial(t)
	c.begin(house1, citizen)
	c.say("354", "DATA")
	c.send("From: anna@kommun.example\r\nSubject: canarysubject\r\nX-Sigill-Key: " + secretValue + "\r\n\r\ncanarybody\r\n.\r\n")
	c.want("250")
	c.say("5", "CANA canarycommand")
	c.say("221", "QUIT")
	s.close(t)
	log := s.log.String()
	if strings.Count(log, "msg=mail") != 1 || !strings.Contains(log, "proof=header") || !strings.Contains(log, "code=250") {
		t.Errorf("not one line for the mail: %s", log)
	}
	for _, word := range []string{"canary", "bo@", "anna@", secretValue} {
		if strings.Contains(log, word) {
			t.Errorf("the log tells %q: %s", word, log)
		}
	}
}

func TestSlowAndDropped(t *testing.T) {
	short := func(c *smtpd.Config) {
		c.Limits.Command, c.Limits.Content, c.Limits.Handshake = 150*time.Millisecond, 150*time.Millisecond, 150*time.Millisecond
	}
	s := open(t, "trusted", short)
	t.Run("who says nothing is told so and left", func(t *testing.T) {
		c := s.dial(t)
		c.want("421 4.4.2")
		c.want("EOF")
	})
	t.Run("who sends content a byte at a time is left", func(t *testing.T) {
		c := s.dial(t)
		c.begin(house1, citizen)
		c.say("354", "DATA")
		go func() {
			for range 200 {
				if _, err := c.Conn.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
		begin := time.Now()
		c.want("421 4.4.2")
		if time.Since(begin) > 30*time.Second {
			t.Fatal("left far too late")
		}
	})
	t.Run("who never ends a command is left", func(t *testing.T) {
		c := s.raw(t)
		c.want("220")
		c.send("EHLO x")
		c.want("421 4.4.2")
	})
	t.Run("who never ends the handshake is left", func(t *testing.T) {
		c := s.dial(t)
		c.say("220", "STARTTLS")
		c.want("EOF")
	})
	t.Run("a connection dropped in mid-content leaves nothing", func(t *testing.T) {
		for _, last := range []string{"DATA\r\n" + small, "DATA\r\n" + small + ".", "DATA\r\n" + small + ".\r", "BDAT 100\r\nFrom: anna@kommun.example", "BDAT 100 LAST\r\n" + small, "BDAT 5\r\nFrom:"} {
			c := s.dial(t)
			c.begin(house1, citizen)
			c.send(last)
			c.Conn.(*net.TCPConn).CloseWrite()
			for c.reply() != "EOF" {
			}
		}
		s.close(t) // waits for every session
		if n, _ := s.desk.counts(); n != 0 {
			t.Fatalf("%d letters", n)
		}
	})
}

func TestStop(t *testing.T) {
	t.Run("a stop finishes what has begun and ends who waits", func(t *testing.T) {
		s := open(t, "trusted")
		s.desk.hold, s.desk.entered = make(chan struct{}), make(chan struct{})
		waiting, begun, inDesk := s.dial(t), s.dial(t), s.dial(t)
		begun.begin(house1, citizen)
		inDesk.begin(house1, citizen)
		inDesk.say("354", "DATA")
		inDesk.send(small + ".\r\n")
		<-s.desk.entered
		s.stop()
		waiting.want("421 4.3.2")
		waiting.want("EOF")
		close(s.desk.hold)
		inDesk.want("250")
		inDesk.want("421 4.3.2")
		begun.say("354", "DATA")
		begun.send(small + ".\r\n")
		<-s.desk.entered
		begun.want("250")
		begun.want("421 4.3.2")
		s.close(t)
		if n, _ := s.desk.counts(); n != 2 {
			t.Fatalf("%d letters", n)
		}
	})
	t.Run("a stop does not wait for ever, but for the desk it does", func(t *testing.T) {
		s := open(t, "trusted", func(c *smtpd.Config) { c.Limits.Stop = 50 * time.Millisecond })
		s.desk.hold, s.desk.entered = make(chan struct{}), make(chan struct{})
		begun, inDesk := s.dial(t), s.dial(t)
		begun.begin(house1, citizen)
		inDesk.begin(house1, citizen)
		inDesk.say("354", "DATA")
		inDesk.send(small + ".\r\n")
		<-s.desk.entered
		s.stop()
		begun.want("EOF")
		select {
		case <-s.done:
			t.Fatal("Run left the desk alone")
		case <-time.After(100 * time.Millisecond):
		}
		close(s.desk.hold)
		s.close(t)
		if n, _ := s.desk.counts(); n != 1 {
			t.Fatalf("%d letters", n)
		}
	})
}

func TestCrowd(t *testing.T) {
	t.Run("one address has so many connections and no more", func(t *testing.T) {
		s := open(t, "trusted", func(c *smtpd.Config) { c.Limits.PerAddress = 2 })
		a, b := s.dial(t), s.dial(t)
		s.raw(t).want("421 4.7.0")
		a.say("221", "QUIT")
		a.want("EOF")
		b.say("250", "NOOP")
		again(t, func() bool { return strings.HasPrefix(s.raw(t).reply(), "220") })
	})
	t.Run("strangers leave room for the house's own", func(t *testing.T) {
		s := open(t, "stranger", func(c *smtpd.Config) { c.Limits.Connections = 4 })
		s.dial(t)
		s.dial(t)
		s.raw(t).want("421 4.3.2")
		s.house.set(func(r *smtpd.Rules) { r.Trusted = loopback })
		s.dial(t)
	})
	t.Run("a connection counts once, with STARTTLS too", func(t *testing.T) {
		s := open(t, "trusted", func(c *smtpd.Config) { c.Limits.PerAddress = 1 })
		for range 20 {
			again(t, func() bool {
				c := s.raw(t)
				if !strings.HasPrefix(c.reply(), "220") {
					return false
				}
				c.say("220", "STARTTLS")
				c.startTLS()
				c.say("250", "EHLO x")
				c.say("221", "QUIT")
				c.want("EOF")
				return true
			})
		}
	})
	t.Run("a stranger is refused thirty times, not more", func(t *testing.T) {
		s := open(t, "stranger")
		c := s.dial(t)
		c.say("250", "MAIL FROM:<>")
		for range 31 {
			c.say("550", "RCPT TO:<x@y.example>")
		}
		c.say("421 4.7.0", "RCPT TO:<x@y.example>")
		c.want("EOF")
	})
	t.Run("one network sends so many mails to addresses of ours and no more", func(t *testing.T) {
		s := open(t, "stranger")
		c := s.dial(t)
		for range 60 {
			c.say("250", "MAIL FROM:<>")
			c.say("250", "RCPT TO:<bounce+ok@own.example>")
			c.say("250", "RSET")
		}
		c.say("250", "MAIL FROM:<>")
		c.say("451 4.7.1", "RCPT TO:<bounce+ok@own.example>")
	})
}

// again tries until f is true: what a closed connection held is free a moment later.
func again(t *testing.T, f func() bool) {
	t.Helper()
	for range 200 {
		if f() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("never")
}

func TestMemory(t *testing.T) {
	s := open(t, "trusted", func(c *smtpd.Config) { c.Limits.Memory, c.Limits.Memories = 1<<20, 30*time.Millisecond })
	s.desk.hold, s.desk.entered = make(chan struct{}), make(chan struct{}, 10)
	var clients []*client
	for range 6 { // each weighs a bit less than a quarter
		c := s.dial(t)
		c.say("250", "MAIL FROM:<%s> SIZE=70000", house1)
		c.say("250", "RCPT TO:<%s>", citizen)
		clients = append(clients, c)
	}
	send := func(c *client) { c.say("354", "DATA"); c.send(small + ".\r\n"); <-s.desk.entered }
	for _, c := range clients[:4] {
		send(c)
	}
	t.Run("who comes when all memory is in use is told to wait", func(t *testing.T) {
		clients[4].say("452 4.3.1", "DATA")
		clients[5].send("BDAT 5\r\nFrom:")
		clients[5].want("452 4.3.1")
	})
	t.Run("one large mail has its own room", func(t *testing.T) {
		large, second := s.dial(t), s.dial(t)
		for _, c := range []*client{large, second} {
			c.say("250", "MAIL FROM:<%s> SIZE=5000000", house1)
			c.say("250", "RCPT TO:<%s>", citizen)
		}
		send(large)
		second.say("452 4.3.1", "DATA")
	})
	close(s.desk.hold)
	t.Run("and when there is room again, it goes", func(t *testing.T) {
		for _, c := range clients[:4] {
			c.want("250")
		}
		send(clients[4])
		clients[4].want("250")
	})
	t.Run("what grows beyond the memory is refused at its end, and nothing stays in use", func(t *testing.T) {
		s := open(t, "trusted", func(c *smtpd.Config) {
			c.Limits.Memory, c.Limits.Memories, c.Limits.Message = 300<<10, 30*time.Millisecond, 8<<20
		})
		text := "From: anna@kommun.example\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 10000)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				c := s.dial(t)
				for tries := 0; ; tries++ {
					c.begin(house1, citizen)
					c.send("DATA\r\n")
					got := c.reply()
					if strings.HasPrefix(got, "354") {
						c.send(text + ".\r\n")
						got = c.reply()
					}
					if strings.HasPrefix(got, "250") {
						return
					}
					if !strings.HasPrefix(got, "452 4.3.1") || tries > 300 {
						t.Errorf("got %q", got)
						return
					}
					c.say("250", "RSET")
				}
			})
		}
		wg.Wait()
		if n, _ := s.desk.counts(); n != 8 {
			t.Fatalf("%d letters", n)
		}
	})
}

func TestPipelining(t *testing.T) {
	s := open(t, "trusted")
	c := s.dial(t)
	var b strings.Builder
	b.WriteString("MAIL FROM:<" + house1 + ">\r\n")
	for i := range 100 {
		fmt.Fprintf(&b, "RCPT TO:<r%d@citizen.example.s>\r\n", i)
	}
	c.send(b.String() + "DATA\r\n")
	t.Run("replies to many commands come in few packets", func(t *testing.T) {
		buf, all, reads := make([]byte, 64<<10), "", 0
		for !strings.Contains(all, "354") {
			n, err := c.Conn.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			all += string(buf[:n])
			reads++
		}
		if reads > 4 || strings.Count(all, "\r\n250 ") != 100 {
			t.Fatalf("%d reads for %d replies", reads, strings.Count(all, "\n"))
		}
	})
}

func TestSecretPrintsNothing(t *testing.T) {
	r := smtpd.Shared{Secrets: []smtpd.Secret{secretValue}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(verb, r); strings.Contains(got, secretValue) {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

func TestNetworks(t *testing.T) {
	t.Run("a relay in no listed network is a stranger", func(t *testing.T) {
		s := open(t, "stranger")
		s.house.set(func(r *smtpd.Rules) {
			r.Trusted = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("::/1")}
		})
		c := s.dial(t)
		c.say("250", "MAIL FROM:<%s>", house1)
		c.say("550 5.7.1", "RCPT TO:<%s>", citizen)
	})
}
