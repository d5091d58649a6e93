package mail_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sigill/appliance/mail"
)

func TestSMS(t *testing.T) {
	t.Run("a text prints as [secret] however it is printed", func(t *testing.T) {
		s := mail.SMS{To: "+46701234567", Text: "908172 is the code", Ref: "r"}
		j, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s.Text, s.Text), string(j), s.Text.LogValue().String()} {
			if strings.Contains(got, "908172") {
				t.Errorf("shows the PIN: %s", got)
			}
		}
		if s.Text.Reveal() != "908172 is the code" {
			t.Error("Reveal does not")
		}
	})
	for _, c := range []struct {
		text string
		n    int
		ok   bool
	}{
		{"", 0, true}, {"åäöÅÄÖæøÆØé", 11, true}, {"€[]", 6, true}, {"@brev.se #123456", 16, true},
		{"–", 0, false}, {"ð", 0, false}, {"ç", 0, false}, {"\x00", 0, false},
	} {
		if n, ok := mail.Septets(c.text); n != c.n || ok != c.ok {
			t.Errorf("Septets(%q) = %d %v, want %d %v", c.text, n, ok, c.n, c.ok)
		}
	}
	if !mail.OnePart(strings.Repeat("a", 160)) || mail.OnePart(strings.Repeat("a", 161)) || mail.OnePart(strings.Repeat("€", 81)) {
		t.Error("one part is 160 septets")
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		name, text string
		n          int
	}{
		{"an empty text is one", "", 1},
		{"160 places are one", strings.Repeat("a", 160), 1},
		{"161 are two, for each says then which it is", strings.Repeat("a", 161), 2},
		{"306 are two", strings.Repeat("a", 306), 2},
		{"307 are three", strings.Repeat("a", 307), 3},
		{"a character of two places is not cut in two", strings.Repeat("a", 152) + strings.Repeat("€", 77), 3},
		{"70 of another alphabet are one", strings.Repeat("ж", 70), 1},
		{"71 are two", strings.Repeat("ж", 71), 2},
		{"134 are two", strings.Repeat("ж", 134), 2},
		{"135 are three", strings.Repeat("ж", 135), 3},
		{"one character of another alphabet makes the whole text one of it", strings.Repeat("a", 70) + "ж", 2},
		{"a picture takes two units", strings.Repeat("😀", 36), 2},
		{"and is not cut in two", strings.Repeat("😀", 67), 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mail.SMSText(c.text).Parts(); got != c.n {
				t.Errorf("%d, not %d", got, c.n)
			}
		})
	}
}
