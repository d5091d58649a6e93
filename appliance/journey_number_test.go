package appliance_test

import (
	"regexp"
	"strings"
	"testing"
)

var (
	seenOn  = regexp.MustCompile(`name="seen" value="([0-9a-f]{32})"`)
	draftOn = regexp.MustCompile(`action="(/write/[0-9a-z]{26})/send"`)
)

func TestDoubtfulNumbersOnTheWay(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Ett", body: "Hej."})
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone) // so the number works
	t.Run("another number by mail is asked for, and nothing goes to it", func(t *testing.T) {
		j.Send(letter{to: []string{"anna@example.se.0709999999.s"}, subject: "Två", body: "Hej."})
		j.Await("email", caseworker, 2)
		found := false
		for _, m := range j.Trapped("email", caseworker) {
			found = found || strings.Contains(m.Text, "ett annat än det som mottagaren har använt förut")
		}
		if !found || len(j.Trapped("email", anna)) != 1 {
			t.Error(j.summary())
		}
	})
	maria := j.Browser().SignsIn(caseworker)
	write := func() (path, seen string) {
		t.Helper()
		maria.Get("/write").SendForm("/write", []fill{{"to", anna}, {"phone", "0709999999"}, {"subject", "Tre"}, {"text", "Hej"}, {"do", "send"}}, nil)
		maria.Sees("Förra gången användes ett nummer som slutar på 67")
		d, s := draftOn.FindStringSubmatch(maria.page), seenOn.FindStringSubmatch(maria.page)
		if d == nil || s == nil {
			t.Fatalf("no form on:\n%s", maria.page)
		}
		return d[1], s[1]
	}
	t.Run("a press that has not seen the summary confirms nothing", func(t *testing.T) {
		path, seen := write()
		maria.Post(path+"/send", "seen", strings.Repeat("0", len(seen))).Sees("Väntar på nummer")
		if len(j.Trapped("email", anna)) != 1 {
			t.Error("it was sent")
		}
	})
	t.Run("who has seen the summary confirms it by sending", func(t *testing.T) {
		path, seen := write()
		maria.Post(path+"/send", "seen", seen).SeesNot("Väntar på")
		j.Await("email", anna, 2)
	})
}
