package appliance_test

import (
	"strings"
	"testing"
)

func TestPlansOnTheWay(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{"anna@example.se.0701234567.s"}, from: caseworker, subject: "Ett"})
	anna := j.Browser().Opens(j.Await("email", "anna@example.se", 1), "+46701234567")
	boss := j.Organiser(adminAt)
	unit := boss.unit("Ekonomiskt bistånd")
	maria := j.Browser().SignsIn(caseworker)
	t.Run("nobody is limited until a department says so", func(t *testing.T) {
		maria.Get("/account").Sees("BUSINESS")
		maria.Get("/write").SeesNot("kvar den här veckan")
	})
	boss.Get(unit).Post(unit+"/change", "form", "change", "name", "Ekonomiskt bistånd", "cost", "5110", "plan", "lite").Sees("Ändringen är sparad", "LITE PERSONAL")
	t.Run("the person sees what is left, where it is used", func(t *testing.T) {
		maria.Get("/account").Sees("LITE PERSONAL", "10 av 10 brev kvar")
		maria.Get("/write").Sees("10 av 10 brev kvar den här veckan")
		boss.Get(boss.person(caseworker)).Sees("LITE PERSONAL")
	})
	t.Run("a letter by mail to somebody new is refused at the door, with the reason, and nothing is lost", func(t *testing.T) {
		err := j.TrySend(letter{to: []string{"ny@example.org.0707654321.s"}, from: caseworker, subject: "Två"})
		if err == nil || !strings.Contains(err.Error(), "ny@example.org") || !strings.Contains(err.Error(), "550") {
			t.Errorf("%v", err)
		}
		if len(j.Trapped("email", "ny@example.org")) > 0 {
			t.Error("it was sent")
		}
	})
	t.Run("to who is known it goes, and counts", func(t *testing.T) {
		j.Send(letter{to: []string{"anna@example.se.s"}, from: caseworker, subject: "Tre"})
		maria.Get("/account").Sees("9 av 10 brev kvar")
	})
	t.Run("the citizen's answer is not limited, and counts nothing", func(t *testing.T) {
		anna.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack.", nil).Sees("Ditt svar har kommit fram")
		maria.Get("/account").Sees("9 av 10 brev kvar")
	})
	t.Run("in the portal it is told before anything is sent", func(t *testing.T) {
		maria.Get("/write").SendForm("/write", []fill{{"to", "ny@example.org"}, {"phone", "0707654321"}, {"subject", "Fyra"}, {"text", "Hej"}, {"do", "send"}}, nil)
		maria.Sees("Med din plan kan du bara skriva till dem", "ny@example.org")
	})
	t.Run("a plan of their own counts if it is better", func(t *testing.T) {
		at := boss.person(caseworker)
		boss.Get(at).Post(at+"/plan", "plan", "pro").Sees("Ändringen är sparad", "PRO PERSONAL")
		j.Send(letter{to: []string{"ny@example.org.0707654321.s"}, from: caseworker, subject: "Fem"})
		j.Await("email", "ny@example.org", 1)
	})
}
