package appliance_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestClosing ends a function mailbox with its keys and all that is in it.
func TestClosing(t *testing.T) {
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	karin := j.Organiser(karinAt)
	id := karin.mailbox(caseworker)
	at, box := "/org/mailbox/"+id, "/box/"+id
	end := func(last, decision string) *browser {
		return karin.Get(at).Post(at+"/end", "form", "end", "last", last, "decision", decision)
	}
	t.Run("an empty one is taken away at once, and has no last day", func(t *testing.T) {
		karin.Get(at).Sees("Ta bort brevlådan").SeesNot("Gallringsbeslut")
	})
	j.Send(letter{from: johanAt, to: []string{socialAt + ".s"}, subject: "Före", body: "Hej."})
	t.Run("it takes two weeks and a disposal decision", func(t *testing.T) {
		end(j.Date(5), "KS 2026/17").Sees("minst två veckor bort", `value="KS 2026/17"`)
		end(j.Date(20), " ").Sees("gallringsbeslut")
		end(j.Date(20), strings.Repeat("x", 101)).Sees("gallringsbeslut")
		end("", "KS 2026/17").Sees("datum")
		karin.Get(at).SeesNot("Låt brevlådan vara kvar")
	})
	t.Run("all who read there are told, also when it is taken back", func(t *testing.T) {
		end(j.Date(20), "KS 2026/17").Sees("Brevlådan avslutas när den dagen är slut", "KS 2026/17", "Låt brevlådan vara kvar")
		j.AwaitSaying("email", caseworker, "Socialtjänsten finns till och med")
		maria := j.Browser().SignsIn(caseworker)
		maria.Get(box).Sees("Brevlådan avslutas när")
		karin.Post(at+"/end", "do", "keep").Sees("Brevlådan blir kvar").SeesNot("KS 2026/17")
		j.AwaitSaying("email", caseworker, "Socialtjänsten blir kvar")
		j.Days(22)
		if b := j.Browser().SignsIn(caseworker).Get(box); b.code != http.StatusOK {
			t.Errorf("%d", b.code)
		}
	})
	j.Send(letter{from: johanAt, to: []string{socialAt + ".s"}, subject: "Orosanmälan", body: "Ring om barnet."})
	maria := j.Browser().SignsIn(caseworker)
	maria.Get(box).Sees("Orosanmälan")
	maria.Get(box+"/write").SendForm(box+"/write", []fill{{"to", "anna@example.se"}, {"phone", "0701234567"}, {"subject", "Från oss"}, {"text", "Hej Anna."}, {"do", "send"}}, nil)
	maria.Post(strings.TrimSuffix(maria.at, "/check") + "/send").Sees("Från oss")
	link := j.Await("email", "anna@example.se", 1)
	karin = j.Organiser(karinAt)
	told := func(n int) {
		t.Helper()
		j.await(fmt.Sprintf("%d mails", n), func() (trapped, bool) {
			all := slices.DeleteFunc(j.Trapped("email", caseworker), func(m trapped) bool { return !strings.Contains(m.Text, "Socialtjänsten finns till och med") })
			return trapped{}, len(all) == n
		})
	}
	end(j.Date(15), "KS 2026/17").Sees("Brevlådan avslutas när den dagen är slut")
	told(2) // of either day
	j.Days(10)
	j.Step()
	j.Browser().SignsIn(caseworker).Get(box).Sees("Orosanmälan")
	t.Run("when its end is near all who read there are told once more", func(t *testing.T) {
		j.Days(2)
		j.Step()
		told(3)
	})
	j.Days(5)
	j.Step()
	t.Run("then nobody opens anything there, and the address is nobody's", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker)
		for _, path := range []string{box, box + "/sent", box + "/write"} {
			if b.Get(path); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, b.code)
			}
		}
		if karin = j.Organiser(karinAt); karin.Get(at).code != http.StatusNotFound {
			t.Errorf("its page is there: %d", karin.code)
		}
		karin.Get("/org/usage").Sees("Användning och kostnad")
	})
	t.Run("who got a letter from it reads that, and cannot answer", func(t *testing.T) {
		guest := j.Browser().Opens(link, "+46701234567").Sees("Hej Anna.", "Det går inte att svara på brevet längre").SeesNot(`href="/m/letter/reply"`)
		guest.Get("/m/letter/reply").Sees("Det går inte att svara på brevet längre")
	})
	t.Run("it is in the journal with the decision", func(t *testing.T) {
		j.Browser().SignsIn(adminAt).Get("/journal").Sees("Slutdag för funktionsbrevlåda ändrades", "KS 2026/17", "Funktionsbrevlåda avslutades med allt innehåll")
	})
	t.Run("and stands after a restart", func(t *testing.T) {
		j.stop()
		again := newJourneyIn(t, dir)
		if b := again.Browser().SignsIn(caseworker); b.Get(box).code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
	})
}
