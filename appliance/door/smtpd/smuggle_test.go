package smtpd_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
)

// endings are what some mail server somewhere takes for the end of a message.
var endings = []string{
	"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n.\r", "\r\r\n.\r\n", "\r\n.\r\r\n", "\n\n.\r\n",
	"\r\n\x00.\r\n", "\r\n.\x00\r\n", "\r\n.\r\x00\n", "\x00\r\n.\n", "\r\n.\r\n\x00"[:4] + "\r", "\r\n.\x00", "\x00.\r\n", "\r\x00\n.\r\n",
	"\r\n .\r\n", "\r\n. \r\n", "\r\n.\t\r\n", "\r\n\t.\r\n", "\r\n..\r\n", "\r\n...\r\n", "\r\n.x\r\n",
	"\x85.\r\n", "\u2028.\r\n", "\u2029.\u2029", "\u0085.\u0085", "\x0b.\x0b", "\x0c.\x0c", "\r\n\ufeff.\r\n", "\r\n.\ufeff\r\n", "\r\n\u00a0.\r\n",
	"\r\n.\r\r", "\n\r.\n\r", "\n\r.\r\n", "\r\n\r.\r\n", "\r\n.\n\r\n", "\r\n.\n.\r", "\n.\n.\n", "\r.\n", "\n.\x00\r\n", "\r\n\x1a\r\n", "\r\n\x04",
	"\r\n.\\r\\n", "=0D=0A.=0D=0A", "%0d%0a.%0d%0a", "\r\n\uff0e\r\n", "\r\n.\u200b\r\n",
	strings.Repeat("y", 4093) + "\r\n..\r\n", strings.Repeat("y", 16381) + "\r\n.x\r\n", strings.Repeat("y", 16380) + "\r\n.\n", strings.Repeat("y", 16379) + "\n.\r\n",
}

func TestSmuggling(t *testing.T) {
	if len(endings) < 40 {
		t.Fatal("too few")
	}
	s := open(t, "trusted")
	const evil = "MAIL FROM:<evil@kommun.example>\r\nRCPT TO:<victim@citizen.example.s>\r\nDATA\r\nFrom: evil@kommun.example\r\n\r\nsmuggled\r\n.\r\nQUIT\r\n"
	for _, way := range []string{"in one piece", "a piece at a time"} {
		for _, e := range endings {
			t.Run(fmt.Sprintf("%.20q is no end, sent %s", e, way), func(t *testing.T) {
				before := len(s.desk.letters())
				c := s.dial(t)
				c.begin(house1, citizen)
				c.say("354", "DATA")
				text := small + "x" + e + evil
				if way == "in one piece" {
					c.send(text)
				} else {
					cut := len(small) + 1 + len(e)/2
					c.send(text[:cut])
					time.Sleep(2 * time.Millisecond)
					c.send(text[cut:])
				}
				c.SetReadDeadline(time.Now().Add(10 * time.Second))
				replies, _ := io.ReadAll(c.r)
				got := s.desk.letters()[before:]
				bad := strings.Contains(strings.ReplaceAll("x"+e+"MAIL", "\r\n", ""), "\r") || strings.Contains(strings.ReplaceAll("x"+e+"MAIL", "\r\n", ""), "\n") || strings.Contains(e, "\x00")
				switch {
				case bad && (len(got) != 0 || !strings.HasPrefix(string(replies), "550 5.6.0") || strings.Count(string(replies), "\n") != 1):
					t.Fatalf("%d letters, replies %q", len(got), replies)
				case !bad && (len(got) != 1 || strings.Count(string(replies), "250 ") != 1):
					t.Fatalf("%d letters, replies %q", len(got), replies)
				case !bad:
					// The dot at the begin of a line is taken away, all else is as sent.
					want := strings.ReplaceAll(text[:strings.Index(text, "smuggled")+8]+"\r\n", "\r\n.", "\r\n")
					if !strings.HasSuffix(got[0].raw, want) || got[0].from != mail.Address(house1) {
						t.Fatalf("altered: %q", got[0].raw)
					}
				}
			})
		}
	}
}

// relays are forms by which mail is passed on through servers that read them
// otherwise than they check them.
var relays = []string{
	"victim@other.example", "victim%other.example@own.example", "victim%other.example@kommun.example", "victim%other.example", "other.example!victim",
	"other.example!victim@own.example", "other.example!victim@kommun.example", "@own.example:victim@other.example", "@own.example,@kommun.example:victim@other.example",
	"@kommun.example:bounce+ok1@own.example", "@:victim@other.example", "@own.example:", "\"victim@other.example\"", "\"victim@other.example\"@own.example",
	"\"victim%other.example\"@own.example", "\"bounce+ok1\"@own.example", "\"bounce+ok1@own.example\"@own.example", "\"\\bounce+ok1\"@own.example", "victim@other.example@own.example",
	"bounce+ok1@own.example@other.example", "victim@[127.0.0.1]", "victim@[10.0.0.1]", "victim@[IPv6:::1]", "victim@127.0.0.1", "victim@localhost", "victim",
	"postmaster", "Postmaster@own.example", "<victim@other.example>", "victim@other.example,bounce+ok1@own.example", "bounce+ok1@own.example,victim@other.example",
	"bounce+ok1@own.example;victim@other.example", "bounce+ok1@own.example victim@other.example", "bounce+ok1@own.example.", "bounce+ok1@own.example.other.example", "bounce+ok1@sub.own.example",
	"bounce+ok1@xown.example", "bounce+ok1 @own.example", "bounce+ok1@ own.example", "(x)bounce+ok1@own.example", "bounce+ok1@own.example(x)", "bounce+ok1@own.example\\@other.example",
	"bounce+ok1%40other.example@own.example", "victim@own.example@", "@own.example", "bounce+ok1@", "bo@citizen.example.s", "anna@kommun.example", "victim/other.example@own.example",
	"|cat", "/etc/passwd", "bounce+ok1@own.example>,<victim@other.example", "bounce+ok1@own.example> RCPT TO:<victim@other.example", "BOUNCE+OK1@own.example",
	"victim@other.example\u2028@own.example", "victim＠own.example", "victim@own。example", strings.Repeat("a", 300) + "@own.example", "", "@",
}

func TestOpenRelay(t *testing.T) {
	if len(relays) < 40 {
		t.Fatal("too few")
	}
	s := open(t, "stranger")
	for _, from := range []string{"eve@evil.example", "", house1} {
		for _, form := range relays {
			t.Run(fmt.Sprintf("from %q to %.60q is refused", from, form), func(t *testing.T) {
				c := s.dial(t)
				c.say("250", "MAIL FROM:<%s> SMTPUTF8", from)
				c.send("RCPT TO:<" + form + ">\r\n")
				if got := c.reply(); got[0] != '5' {
					t.Fatalf("got %q", got)
				}
				if got := c.say("50", "DATA"); got[0] != '5' {
					t.Fatalf("DATA: %q", got)
				}
			})
		}
	}
	t.Run("without brackets, too", func(t *testing.T) {
		c := s.dial(t)
		c.say("250", "MAIL FROM:<>")
		c.say("5", "RCPT TO:bounce+ok1@own.example")
		c.say("5", "RCPT TO: bounce+ok1@own.example")
		c.say("5", "RCPT TO:<bounce+ok1@own.example")
		c.say("250", "RCPT TO: <bounce+ok1@own.example>")
	})
	t.Run("by a proven sender a source route is refused, too", func(t *testing.T) {
		s := open(t, "trusted")
		for _, form := range relays {
			if strings.HasSuffix(form, ".s") || strings.HasSuffix(form, "@kommun.example") && !strings.ContainsAny(form, "%!\":") || form == "victim@other.example" {
				continue // secure, or made so by the subject
			}
			if !strings.ContainsAny(form, "%!\":,;<>()[] \\") || strings.Count(form, "@") != 1 {
				continue
			}
			if strings.Contains(form, ",") && strings.Count(form, "@") == 1 && !strings.Contains(form, ":") {
				continue // perhaps a near miss, for the grammar
			}
			c := s.dial(t)
			c.say("250", "MAIL FROM:<%s>", house1)
			c.send("RCPT TO:<" + form + ">\r\n")
			if got := c.reply(); got[0] != '5' {
				t.Errorf("%q: got %q", form, got)
			}
		}
	})
}
