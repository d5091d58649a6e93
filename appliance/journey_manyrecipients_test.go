package appliance_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestALetterToManyIsFollowedOnOnePage(t *testing.T) {
	j := newJourney(t)
	to := []string{"zz.utan.nummer@example.se.s"}
	for i := range 52 {
		to = append(to, fmt.Sprintf("mottagare.%02d@example.se.07%08d.s", i, i))
	}
	j.Send(letter{to: to, subject: "Till alla", body: "Hej."})
	j.Browser().Opens(j.Await("email", "mottagare.07@example.se", 1), "+46700000007")
	b := j.Browser().SignsIn(caseworker).Get("/mail/sent").first()
	shown := func() int { return strings.Count(b.page, `<article class="ds-card stack recipient">`) }
	t.Run("it says how many have read, and shows first who lacks something, then fifty at most", func(t *testing.T) {
		b.Sees("53 mottagare", "1 av 53 har läst", "1 mottagare nås inte eller saknar något", "Här visas de 50 första")
		if n := shown(); n != 50 {
			t.Errorf("%d are shown", n)
		}
		if strings.Index(b.page, "zz.utan.nummer@") > strings.Index(b.page, "mottagare.00@") || strings.Contains(b.page, "mottagare.51@example.se</h3>") {
			t.Error("the order is another one")
		}
	})
	t.Run("one press shows them all", func(t *testing.T) {
		b.Sees(b.at + "?recipients=all#recipients").Get(b.at + "?recipients=all").Sees("mottagare.51@example.se</h3>").SeesNot("Här visas de")
		if n := shown(); n != 53 {
			t.Errorf("%d are shown", n)
		}
	})
	t.Run("what is wrong with what was typed stands where it is seen, however far down it was", func(t *testing.T) {
		_, last, _ := strings.Cut(b.page, "mottagare.51@example.se</h3>")
		_, last, _ = strings.Cut(last, `action="`)
		to, _, _ := strings.Cut(last, `"`)
		b.Post(to, "do", "number", "phone", "0701112233", "repeat", "0701112234").Sees("Numren är inte lika", "mottagare.51@example.se</h3>")
	})
}
