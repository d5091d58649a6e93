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
