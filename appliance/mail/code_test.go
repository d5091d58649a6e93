package mail_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"sigill/appliance/mail"
)

func TestLinkCode(t *testing.T) {
	const text, secret = "K0FQ-2QD1-9XWT-4HBN-T6RC", "K0FQ2QD19XWT4HBNT6RC"
	for _, s := range []string{
		text, secret, strings.ToLower(text), "k0fq 2qd1 9xwt 4hbn t6rc", "K0FQ2QD1 9XWT4HBN T6RC", "  " + text + "\r\n", "K0FQ\t2QD1\n9XWT 4HBN T6RC",
		"KOFQ-2QD1-9XWT-4HBN-T6RC", "kofq-2qd1-9xwt-4hbn-t6rc", "K0FQ-2QDI-9XWT-4HBN-T6RC", "K0FQ-2QDl-9XWT-4HBN-T6RC", "K0FQ-2QDL-9XWT-4HBN-T6RC", "K0FQ-2QDi-9XWT-4HBN-T6RC",
		"K0FQ–2QD1–9XWT–4HBN–T6RC", "K0FQ—2QD1—9XWT—4HBN—T6RC", "K0FQ‐2QD1‑9XWT‒4HBN-T6RC", "K0FQ_2QD1_9XWT_4HBN_T6RC", "K0FQ.2QD1.9XWT.4HBN.T6RC", "K0FQ-2QD1-9XWT-4HBN-T6RC.",
		"K0FQ\u00a02QD1\u00a09XWT\u00a04HBN\u00a0T6RC", "K0FQ\u200b2QD1\u200b9XWT\u200b4HBN\u200bT6RC", "K-0-F-Q-2-Q-D-1-9-X-W-T-4-H-B-N-T-6-R-C", "--" + text + "--",
	} {
		c, err := mail.ParseLinkCode(s)
		if err != nil || c.Text() != text || string(c.Secret()) != secret || c.IsZero() {
			t.Errorf("%q: %q %v", s, c.Text(), err)
		}
	}
	for _, s := range []string{
		"", " ", "-", secret[:19], secret + "0", text + "-" + text, "U" + secret[1:], "u" + secret[1:], "K0FQ-2QD1-9XWT-4HBN-T6R", "K0FQ-2QD1-9XWT-4HBN-T6RÇ",
		"K0FQ/2QD1/9XWT/4HBN/T6RC", "K0FQ+2QD1", "https://example.se/" + text, secret[:19] + "\x00", secret[:19] + "\xff", secret[:19] + "Ｃ", secret[:19] + "К" /* Cyrillic */, secret[:19] + "\u212a", /* Kelvin */
		strings.Repeat(" ", 201), strings.Repeat("-", 181) + secret, strings.Repeat("0", 1<<20), secret[:19] + "*", secret[:19] + "=", "٠" + secret[1:],
	} {
		c, err := mail.ParseLinkCode(s)
		if mail.KindOf(err) != mail.Absent || !c.IsZero() {
			t.Errorf("%.40q: %v", s, err)
		}
		if err != nil && len(s) > 4 && strings.Contains(err.Error(), s[:4]) {
			t.Errorf("the error quotes the code: %v", err)
		}
	}
	t.Run("no code has no text and no secret", func(t *testing.T) {
		var c mail.LinkCode
		if c.Text() != "" || len(c.Secret()) != 0 || !c.IsZero() {
			t.Error("it has")
		}
	})
	t.Run("every character is equally likely, in every place", func(t *testing.T) {
		const n = 32 * 400
		var count [20]map[byte]int
		seen := map[string]bool{}
		for range n {
			s := mail.NewLinkCode().Secret()
			if len(s) != mail.CodeLen || seen[string(s)] {
				t.Fatalf("%d characters, or twice", len(s))
			}
			seen[string(s)] = true
			for i, c := range s {
				if count[i] == nil {
					count[i] = map[byte]int{}
				}
				count[i][c]++
			}
		}
		for i, m := range count {
			// Chi square with 31 degrees of freedom; above 100 by chance once in 10⁸.
			x := 0.0
			for _, c := range []byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
				d := float64(m[c]) - 400
				x += d * d / 400
			}
			if len(m) != 32 || x > 100 {
				t.Errorf("place %d: %d characters, chi square %.0f", i, len(m), x)
			}
		}
	})
	t.Run("it prints as [secret], also deep within something else", func(t *testing.T) {
		c, err := mail.ParseLinkCode(text)
		if err != nil {
			t.Fatal(err)
		}
		things := []any{c, &c, []mail.LinkCode{c}, struct{ C mail.LinkCode }{c}, struct{ c mail.LinkCode }{c}, &struct{ c *mail.LinkCode }{&c}, map[string]mail.LinkCode{"k": c}}
		for _, thing := range things {
			var log bytes.Buffer
			slog.New(slog.NewTextHandler(&log, nil)).Info("x", "k", thing)
			slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "k", thing)
			j, err := json.Marshal(thing)
			if err != nil {
				t.Error(err)
			}
			out := []string{log.String(), string(j)}
			for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
				for _, flag := range []string{"", "+", "#", " "} {
					out = append(out, fmt.Sprintf("%"+flag+string(verb), thing))
				}
			}
			for _, s := range out {
				if strings.Contains(s, "K0FQ") || strings.Contains(strings.ToLower(s), "4b304651") || strings.Contains(s, "75 48 70") {
					t.Errorf("%T: %s", thing, s)
				}
			}
		}
	})
}

func FuzzLinkCode(f *testing.F) {
	for _, s := range []string{"K7FQ-2QDM-9XWT-4HBN-T6RC", "oooo iiii llll 0000 1111", "", "ı", "ſſſſſſſſſſſſſſſſſſſſ", "\u212a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := mail.ParseLinkCode(s)
		if err != nil {
			if !c.IsZero() || mail.KindOf(err) != mail.Absent {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		again, err := mail.ParseLinkCode(c.Text())
		if err != nil || again.Text() != c.Text() || strings.ReplaceAll(c.Text(), "-", "") != string(c.Secret()) || len(c.Secret()) != mail.CodeLen {
			t.Errorf("%q: %q %v", s, c.Text(), err)
		}
		if strings.Trim(string(c.Secret()), "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			t.Errorf("outside the alphabet: %q", c.Secret())
		}
	})
}
