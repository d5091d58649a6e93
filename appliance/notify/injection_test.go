package notify_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/notify"
)

// allowed are the fields that a mail of ours has; a thousand injections must not
// add one, and must not make one stand twice.
var allowed = []string{"Mime-Version", "Content-Type", "From", "To", "Reply-To", "Subject", "Date", "Message-ID",
	"In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress"}

// injections are 1,000 values that try to begin a line of their own.
func injections() []string {
	ends := []string{"\r\n", "\n", "\r", "\n\r", "\r\n ", "\r\n\t", "\x0b", "\x0c", "\x00", "\x85", "\u0085", "\u2028", "\u2029", "\x1c", "\x1d", "\x1e",
		"\\r\\n", "%0d%0a", "=0D=0A", "=?utf-8?Q?=0D=0A?=", "=?utf-8?B?DQo=?=", "\x01", "\x02C", "\x04", "\u200b\n", "å\n", "\n\n", "\r\n\r\n", "\r\n.\r\n",
		"\"\r\n", ">\r\n", ">, <x@evil.example>\r\n", "\\\"\r\n", strings.Repeat("a", 990) + "\r\n", strings.Repeat("å", 400) + "\n", "\xff\n", "\xc0\x8a", "\u560a\u560d", "\u010a", "\u020d"}
	tails := []string{"Bcc: x@evil.example", "X-Evil: 1", " X-Evil: 1", "Subject: evil", "From: x@evil.example", "Content-Type: text/html", "\r\n<script>1</script>", "To:x@evil.example"}
	heads := []string{"", "Anna", "åäö ", strings.Repeat("x", 900)}
	var l []string
	for i := 0; len(l) < 1000; i++ {
		l = append(l, heads[i%len(heads)]+ends[i/len(heads)%len(ends)]+tails[i/(len(heads)*len(ends))%len(tails)])
	}
	return l
}

func TestInjection(t *testing.T) {
	ex := examples()["hold"]
	ex.n.Kind, ex.n.Outcomes = mail.NoticeReport, ex.n.Outcomes[:1]
	fields := map[string]func(n *mail.Notice, p *mail.Posting, h *notify.House, v string){
		"To":     func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { n.To = mail.Address(v) },
		"ToName": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { n.ToName = v },
		"Lang":   func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { n.Lang = v },
		"Code":   func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { n.Code = v },
		"Tail": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			n.Tail, n.Kind = v, mail.NoticeLetter
		},
		"InReplyTo": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { n.InReplyTo = "a@b" + v },
		"outcome, address": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			n.Outcomes[0].Address = mail.Address(v)
		},
		"outcome, given":  func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { n.Outcomes[0].Given = v },
		"outcome, number": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { n.Outcomes[0].Number = mail.Phone(v) },
		"outcome, detail": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			n.Outcomes[0].Detail, n.Outcomes[0].Step, n.Outcomes[0].Hold = v, mail.StepNoticeFailed, 0
		},
		"posting, To":       func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { p.To = mail.Address(v) },
		"posting, Reply-To": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) { p.ReplyTo = mail.Address("a" + v) },
		"house, name": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			shows(h, func(l *mail.Look) { l.House = v })
		},
		"house, sender": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			n.Kind = mail.NoticeLetter
			shows(h, func(l *mail.Look) { l.Sender = v })
		},
		"house, logo's name": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			shows(h, func(l *mail.Look) {
				l.Name, l.Logo = v, mail.Logo{Type: "image/png", Data: []byte("x"), Width: 10, Height: 10}
			})
		},
		"house, footer": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			shows(h, func(l *mail.Look) { l.Footer = v })
		},
		"house, own text": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			n.Kind = mail.NoticeLetter
			shows(h, func(l *mail.Look) { l.Extra = map[string]string{"letter.sv": v} })
		},
		"house, phone": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			shows(h, func(l *mail.Look) { l.Phone = v })
		},
		"house, web": func(n *mail.Notice, p *mail.Posting, h *notify.House, v string) {
			shows(h, func(l *mail.Look) { l.Web = v })
		},
	}
	list := injections()
	plain := words(t, house())
	for name, set := range fields {
		t.Run("1,000 injections through "+name+" make no line of their own", func(t *testing.T) {
			worded := 0
			for i, v := range list {
				n, p, h := ex.n, ex.p, house()
				n.Outcomes = slices.Clone(n.Outcomes)
				set(&n, &p, &h, v)
				w := plain
				if strings.HasPrefix(name, "house") {
					if i%100 != 0 {
						continue // the texts are read anew for each: ten will do
					}
					var err error
					if w, err = notify.New(notify.Config{House: h, Texts: texts(t)}); err != nil {
						continue
					}
				}
				msg, err := w.Mail(context.Background(), n, p)
				if err != nil {
					if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "evil") {
						t.Errorf("the error repeats the value: %q", err)
					}
					continue
				}
				worded++
				if bad := headerFault(msg); bad != "" {
					t.Fatalf("%q: %s", v, bad)
				}
				if _, html, _ := bytes.Cut(msg, []byte("text/html")); bytes.Contains(html, []byte("<script")) {
					t.Fatalf("%q: a script", v)
				}
			}
			if worded == 0 && !strings.Contains(name, "To") {
				t.Error("not one was worded: nothing was tried")
			}
		})
	}
}

// headerFault says what is wrong with a mail's header; empty if nothing is.
func headerFault(msg []byte) string {
	head, _, ok := bytes.Cut(msg, []byte("\r\n\r\n"))
	if !ok {
		return "no end of the header"
	}
	seen := map[string]bool{}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00\x0b\x0c\x85") {
			return fmt.Sprintf("line %q", line)
		}
		if line[0] == ' ' {
			if len(bytes.TrimSpace(line)) == 0 {
				return "an empty line of folding"
			}
			continue
		}
		name, _, ok := strings.Cut(string(line), ":")
		if !ok || !slices.Contains(allowed, name) || seen[name] {
			return fmt.Sprintf("field %q", line)
		}
		seen[name] = true
	}
	return ""
}

func FuzzMail(f *testing.F) {
	h, sender := house(), ""
	shows(&h, func(l *mail.Look) {
		l.Sender, l.Footer, l.Extra = sender, sender, map[string]string{"letter.sv": sender}
	})
	w := words(f, h)
	f.Add("Socialtjänsten", "anna@example.se", "a@b", "67", "K7FQ-2QDM-9XWT-4HBN-T6RC")
	f.Add("x\r\nBcc: y", "a b", "<a@b>\r\n", "\x01T", "\x02Cx\x04")
	f.Add("=?utf-8?Q?=0A?=", "å@ö.se", "", "\u2028", "")
	f.Fuzz(func(t *testing.T, from, to, ref, tail, code string) {
		sender = from
		for _, k := range []mail.NoticeKind{mail.NoticeLetter, mail.NoticeHold} {
			n := mail.Notice{Kind: k, To: mail.Address(to), ToName: from, InReplyTo: ref, Tail: tail, Code: code, Until: until,
				Outcomes: []mail.Outcome{{Address: mail.Address(to), Given: ref, Hold: mail.HoldNearMiss}}}
			msg, err := w.Mail(context.Background(), n, mail.Posting{ID: id, At: now, Verified: true})
			if err != nil {
				continue
			}
			if bad := headerFault(msg); bad != "" {
				t.Fatal(bad)
			}
		}
	})
}
