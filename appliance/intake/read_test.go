package intake_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func TestBombsAreRefusedQuickly(t *testing.T) {
	var nested, prefix bytes.Buffer
	for i := range 20000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=%x\r\n\r\n--%x\r\n", i, i)
	}
	prefix.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n")
	prefix.WriteString(strings.Repeat("--bx\r\n", 900))
	// A bomb may cost so many times what an honest mail of 5 MB costs in this same run;
	// what it is held against is a parser that takes minutes, 10,000 times as much.
	honest := []byte("Content-Type: text/plain\r\n\r\n" + strings.Repeat("A line of an ordinary mail.\r\n", 5<<20/29))
	most := 500 * max(took(func() { nordic.Draft(honest, "a@b.se", []string{"a@b.se.s"}, intake.DefaultLimits()) }), 2*time.Millisecond)
	for name, raw := range map[string][]byte{
		"20,000 nested multiparts":     nested.Bytes(),
		"100,000 tiny parts":           []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 100000)),
		"a header of 10 MB":            []byte("X: " + strings.Repeat("a", 10<<20) + "\r\n\r\n"),
		"1,000,000 header lines":       []byte(strings.Repeat("a:b\r\n", 1000000)),
		"1,000,000 continuation lines": []byte("a:b\r\n" + strings.Repeat(" b\r\n", 1000000)),
		"a mail over the limit":        make([]byte, 100<<20+1),
	} {
		t.Run(name, func(t *testing.T) {
			d := took(func() {
				if _, err := intake.Read(raw, intake.DefaultLimits()); mail.KindOf(err) != mail.TooLarge {
					t.Errorf("%v", err)
				}
			})
			if d > most {
				t.Errorf("took %s, more than %s", d, most)
			}
		})
	}
	slow := map[string][]byte{
		"900 lines that begin like a boundary": prefix.Bytes(),
		"64 KiB of encoded words":              []byte("Subject: " + strings.Repeat("=?utf-8?q?a?=\r\n ", 4000) + "x\r\n\r\nx\r\n"),
		"64 KiB of half encoded words":         []byte("Subject: " + strings.Repeat("=?=?", 10000) + "x\r\n\r\nx\r\n"),
		"64 KiB of addresses":                  []byte("To: " + strings.Repeat("a@b, ", 12000) + "\r\nFrom: " + strings.Repeat("(", 3000) + "\r\n\r\nx\r\n"),
		"64 KiB of parameters":                 []byte("Content-Type: text/plain; " + strings.Repeat("a*1=b; ", 8000) + "\r\n\r\nx\r\n"),
		"5 MB of quoted-printable":             []byte("Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("<b><p>=\r\n", 500000)),
		"2 MB of unclosed formatting":          []byte("Content-Type: text/html\r\n\r\n" + strings.Repeat("<font size=1><b><p>\r\n", 100000)),
		"2 MB of broken base64":                []byte("Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("a=\r\n", 500000)),
	}
	for name, raw := range slow {
		t.Run(name, func(t *testing.T) {
			d := took(func() {
				d, err := nordic.Draft(raw, "a@b.se", []string{"a@b.se.s"}, intake.DefaultLimits())
				if err != nil {
					t.Fatal(err)
				}
				sound(t, d)
			})
			if d > most {
				t.Errorf("took %s, more than %s", d, most)
			}
		})
	}
}

func took(f func()) time.Duration {
	from := time.Now()
	f()
	return time.Since(from)
}

func TestTooManyRecipients(t *testing.T) {
	_, err := nordic.Draft([]byte("\r\nx\r\n"), "a@b.se", make([]string, 501), intake.DefaultLimits())
	var e *mail.Error
	if !errors.As(err, &e) || e.Kind != mail.TooLarge || e.With["limit"] != "500" {
		t.Error(err)
	}
}

func TestNothingIsLost(t *testing.T) {
	// A marked word in each leaf, whatever its make, is in the text or in a file.
	raw := crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nMARK1\n--b\nContent-Type: text/html\n\n<p>MARK2\n--b\nContent-Type: x/y\n\nMARK3\n--b\nContent-Type: message/partial\n\nMARK4\n" +
		"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/enriched\n\nMARK5\n--c\nContent-Type: text/plain\n\nMARK6\n--c\nContent-Type: application/json\n\nMARK7\n--c--\n--b\nContent-Type: multipart/x; boundary=\n\nMARK8\n--b\nContent-Type: ;;;\n\nMARK9\n--b--\nMARK0\n")
	d, err := intake.Read(raw, intake.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	sound(t, d)
	all := d.Text
	for _, f := range d.Files {
		all += "|" + string(f.Data)
	}
	for i := range 10 {
		if !strings.Contains(all, fmt.Sprintf("MARK%d", i)) {
			t.Errorf("MARK%d is lost: %s", i, dump(d, nil))
		}
	}
}

func TestFaithful(t *testing.T) {
	raw := crlf("Received: from x for <anna@example.se.0701234567.s>\nX-Sigill-Phone: 0701234567\nX-Sigill-Case: SN 12\nBcc: <hemlig@kommun.se>,\n\tannan@kommun.se\nDelivered-To: anna@example.se.0701234567.s\nThread-Topic: =?utf-8?q?Beslut_[s=C3=A4ker_0701234567]?=\n" +
		"From: Maria Ek <maria@kommun.se>\nTo: \"anna@example.se.0701234567.s\" <anna@example.se.0701234567.s>,\n =?utf-8?q?anna=40example=2Ese=2E0701234567=2Es?= <b@example.se.S>\nCc: bo@example.se\nSubject: =?utf-8?q?Beslut_om_st=C3=B6d_[s=C3=A4ker_0701234567_7d]?=\n" +
		"Message-ID: <1@kommun.se>\nMIME-Version: 1.0\nContent-Type: multipart/signed;\n boundary=\"x\"\n\n--x\n\nbody [säker 0701234567]\n--x--\n")
	out := nordic.Faithful(raw)
	head, body, _ := bytes.Cut(out, []byte("\r\n\r\n"))
	_, want, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !bytes.Equal(body, want) {
		t.Error("the body was touched")
	}
	d, err := intake.Read(out, intake.DefaultLimits())
	if err != nil || d.Subject != "Beslut om stöd" || d.MessageID != "1@kommun.se" {
		t.Errorf("%v %+v", err, d)
	}
	if hidden := regexp.MustCompile(`(?i)070|123|sigill|bcc|hemlig|SN 12|\.s[>"\s,]|säker|=C3=A4ker`).FindString(string(head)); hidden != "" {
		t.Errorf("%q is still there:\n%s", hidden, head)
	}
	for _, want := range []string{"anna@example.se", "b@example.se", "Cc: bo@example.se", "Maria Ek"} {
		if !strings.Contains(string(head), want) {
			t.Errorf("%q is gone:\n%s", want, head)
		}
	}
	plain := crlf("Subject: =?utf-8?q?h=C3=A4?=\nTo: bo@example.se\n\nx\n")
	if have := nordic.Faithful(plain); !bytes.Equal(have, plain) {
		t.Errorf("a mail with nothing to hide was changed: %s", have)
	}
}

func TestBounce(t *testing.T) {
	report := func(group string) []byte {
		return crlf("From: MAILER-DAEMON@mx.se\nReturn-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed 599 5.9.9\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.se\n\n" + group + "\n--b--\n")
	}
	for _, c := range []struct {
		name string
		raw  []byte
		want intake.Returned
	}{
		{"failed", report("Final-Recipient: rfc822; a@b.se\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user\n"), intake.Returned{Action: intake.ActionFailed, Status: "5.1.1", Code: 550, Auto: intake.AutoReport}},
		{"delayed", report("Action: delayed (will retry)\nStatus: 4.4.1 (no answer)\n"), intake.Returned{Action: intake.ActionDelayed, Status: "4.4.1", Auto: intake.AutoReport}},
		{"delivered", report("Action: DELIVERED\nStatus: 2.0.0\nDiagnostic-Code: x-local; 250\n"), intake.Returned{Action: intake.ActionDelivered, Status: "2.0.0", Auto: intake.AutoReport}},
		{"of several the gravest", report("Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552\n\nAction: delivered\nStatus: 2.0.0\n"), intake.Returned{Action: intake.ActionFailed, Status: "5.2.2", Code: 552, Auto: intake.AutoReport}},
		{"without RFC 3464", crlf("From: MAILER-DAEMON@mx.se\n\nSorry: 550 5.7.1 refused\n"), intake.Returned{Action: intake.ActionFailed, Status: "5.7.1", Code: 550, Auto: intake.AutoReport}},
		{"out of office, with a comment", crlf("From: a@b.se\nAuto-Submitted: auto-replied (vacation)\n\n5.1.1\n"), intake.Returned{Auto: intake.AutoReply}},
		{"out of office", crlf("From: a@b.se\nAuto-Submitted: auto-replied\n\n5.1.1\n"), intake.Returned{Auto: intake.AutoReply}},
		{"a list", crlf("From: a@b.se\nList-Id: <x>\n\nhej\n"), intake.Returned{Auto: intake.AutoOther}},
		{"a person", crlf("From: a@b.se\nAuto-Submitted: no\n\nhej 5.1.1\n"), intake.Returned{}},
		{"a read receipt", crlf("From: a@b.se\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nread 5.1.1\n--b--\n"), intake.Returned{Auto: intake.AutoReport}},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, err := intake.Bounce(c.raw, intake.DefaultLimits())
			if err != nil || have != c.want {
				t.Errorf("have %+v %v, want %+v", have, err, c.want)
			}
		})
	}
}

// TestEveryRFCIsInTheTable holds the code against the package's table.
func TestEveryRFCIsInTheTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		b, _ := os.ReadFile(file)
		for _, m := range regexp.MustCompile(`RFC (\d{4})`).FindAllSubmatch(b, -1) {
			if !bytes.Contains(doc, append([]byte("//\t"), m[1]...)) {
				t.Errorf("%s names RFC %s, which is not in the table of doc.go", file, m[1])
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.eml")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil && len(b) < 3000 {
			f.Add(b)
		}
	}
	lim := intake.DefaultLimits()
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := intake.Read(raw, lim)
		if err != nil {
			if k := mail.KindOf(err); k != mail.Invalid && k != mail.TooLarge {
				t.Errorf("%v", err)
			}
			return
		}
		sound(t, d)
		if int(d.Size()) > 40*len(raw)+4096 {
			t.Errorf("%d bytes became %d", len(raw), d.Size())
		}
		out := nordic.Faithful(raw)
		if _, err := intake.Read(out, lim); err != nil {
			t.Errorf("the faithful copy cannot be read: %v", err)
		}
		if _, err := intake.Bounce(raw, lim); err != nil {
			t.Error(err)
		}
		_, _ = nordic.Draft(raw, "a@b.se", []string{"anna@example.se.s"}, lim)
	})
}
