package appliance_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
)

func TestManyWait(t *testing.T) {
	j := newJourney(t)
	more := "De 100 nyaste visas"
	waits := func(i int, subject string) {
		j.Send(letter{to: []string{fmt.Sprintf("n%d@example.se.s", i)}, subject: subject, body: "Hej."})
	}
	for i := range 100 {
		waits(i, fmt.Sprint("Ärende ", i))
	}
	b := j.Browser().SignsIn(caseworker)
	t.Run("a hundred letters that wait are all shown", func(t *testing.T) {
		if n := strings.Count(b.Get("/mail/held").SeesNot(more).page, `class="ds-card stack held"`); n != 100 {
			t.Errorf("%d are shown", n)
		}
	})
	t.Run("of more than that the newest are, and it is said", func(t *testing.T) {
		waits(100, "Det sista")
		if n := strings.Count(b.Get("/mail/held").Sees(more, "Det sista").page, `class="ds-card stack held"`); n != 100 {
			t.Errorf("%d are shown", n)
		}
	})
}

func TestWhatIsMissingIsAskedFor(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{"bo@example.se.s", annaSecure, "cecilia@example.se.070123456.s"}, subject: "Till tre", body: "Samma till alla."})
	hold := j.Await("email", caseworker, 1)

	t.Run("only who misses something waits, the others get their letter", func(t *testing.T) {
		j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Samma till alla.")
		if n := len(j.Trapped("email", "bo@example.se")); n != 0 {
			t.Fatalf("%d mails to who has no number", n)
		}
	})
	t.Run("the sender gets one mail that names each and holds one link", func(t *testing.T) {
		for _, w := range []string{"bo@example.se", "cecilia@example.se", anna} {
			if !strings.Contains(hold.Text, w) {
				t.Errorf("the mail does not name %s:\n%s", w, hold.Text)
			}
		}
		if n := len(j.Trapped("email", caseworker)); n != 1 {
			t.Errorf("%d mails to the sender", n)
		}
	})
	b := j.Browser()
	t.Run("with the link the number is given, without signing in", func(t *testing.T) {
		b.ShowCode(j.CodeOf(hold)).At("/m/mend").Sees("2 mottagare väntar", "bo@example.se.s", "cecilia@example.se.070123456.s")
	})
	t.Run("a number that differs the second time is not taken", func(t *testing.T) {
		b.Post(b.Action("/m/mend/[0-9a-z]+"), "address", "bo@example.se", "phone", "070-765 43 21", "repeat", "070-765 43 22").Sees("Numren är inte lika")
	})
	t.Run("then the letter goes, and opens with that number", func(t *testing.T) {
		b.Post(b.Action("/m/mend/[0-9a-z]+"), "address", "bo@example.se", "phone", "070-765 43 21", "repeat", "+46707654321").Sees("Brevet är på väg", "En mottagare väntar")
		j.Browser().Opens(j.Await("email", "bo@example.se", 1), "+46707654321").Sees("Samma till alla.")
	})
	t.Run("the number is remembered for the next letter, and the sender is shown it", func(t *testing.T) {
		j.Send(letter{to: []string{"bo@example.se.s"}, subject: "Igen", body: "Andra brevet."})
		j.Turn(2 * time.Minute)
		j.Browser().Opens(j.Await("email", "bo@example.se", 2), "+46707654321").Sees("Andra brevet.")
		if r := j.Await("email", caseworker, 2); !strings.Contains(strings.ReplaceAll(r.Text, " ", ""), "4321") {
			t.Errorf("report:\n%s", r.Text)
		}
	})
	t.Run("a repair link opens no letter", func(t *testing.T) {
		b.Get("/m/letter").At("/m")
	})
	t.Run("after seven days the link is over, and who waited gets nothing", func(t *testing.T) {
		j.Days(9)
		j.Browser().ShowCode(j.CodeOf(hold)).Sees("går inte längre att läsa")
		if n := len(j.Trapped("email", "cecilia@example.se")); n != 0 {
			t.Errorf("%d mails to who was held", n)
		}
	})
}

func TestTheNumberCanBeAnsweredByMail(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{"bo@example.se.s"}, subject: "Ett brev", body: "Hej Bo."})
	hold := j.Await("email", caseworker, 1)
	to := headerOf(hold.Raw, "Reply-To")
	if !strings.Contains(to, "hold+") {
		t.Fatalf("Reply-To %q", to)
	}
	j.Send(letter{to: []string{strings.Trim(to, "<>")}, subject: "Re: Ett brev", body: "070-765 43 21\n\n> Vilket nummer?\n> 0701112233\n"})
	j.Browser().Opens(j.Await("email", "bo@example.se", 1), "+46707654321").Sees("Hej Bo.")
}

func TestABounceIsShownAndTold(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Studs", body: "Hej."})
	notice := j.Await("email", anna, 1)
	back := strings.Trim(headerOf(notice.Raw, "Return-Path"), "<>")
	report := "From: MAILER-DAEMON@mx.example.se\nTo: " + back + "\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.se\n\nFinal-Recipient: rfc822; " + anna + "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user\n\n--b--\n"
	if err := j.TrySend(letter{from: "mailer-daemon@mx.example.se", to: []string{back}, raw: report}); err != nil {
		t.Fatal(err)
	}
	t.Run("the sender is told", func(t *testing.T) {
		if m := j.Await("email", caseworker, 2); !strings.Contains(m.Text, anna) {
			t.Errorf("%s", m.Text)
		}
	})
	t.Run("the list of what was sent shows it in red", func(t *testing.T) {
		j.Browser().SignsIn(caseworker).Get("/mail/sent").SeesBadge("danger", "Aviseringen kom inte fram")
	})
	t.Run("it stands at the recipient whom it concerns", func(t *testing.T) {
		j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("Aviseringen kom inte fram", "550 5.1.1")
	})
	t.Run("with what to do about it, once", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("Är adressen rätt? Skicka då en ny kod")
		if n := strings.Count(b.page, `value="code"`); n != 1 {
			t.Errorf("%d buttons for a new code", n)
		}
	})
	t.Run("once the sender has done something about it, the list waits again", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		b.Post(b.recipientTarget(anna, b.at), "do", "code").Sees("En ny kod är på väg").SeesNot("Är adressen rätt?")
		j.Await("email", anna, 2)
		b.Get("/mail/sent").SeesBadge("warning", "Inte läst")
	})
	t.Run("a bounce to an address that we never made is refused", func(t *testing.T) {
		if err := j.TrySend(letter{from: "x@mx.example.se", to: []string{"bounce+00000000000000000000000000aaaa.aaaaaaaaaaaaaaaaaaaa@brev.exempelkommun.se"}, raw: report}); err == nil {
			t.Error("taken")
		}
	})
}

func TestTheListShowsTheWorstOfALettersRecipients(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure, "bo@example.se.s", "cecilia@example.se.0701234568.s"}, subject: "Tre", body: "Hej."})
	list := j.Browser().SignsIn(caseworker)
	list.Get("/mail/sent").SeesBadge("warning", "1 av 3 väntar på nummer")
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone)
	list.Get("/mail/sent").SeesBadge("warning", "1 av 3 väntar på nummer")
	j.Browser().ShowCode(j.CodeOf(j.Await("email", "cecilia@example.se", 1))).Post("/m/wrong")
	list.Get("/mail/sent").SeesBadge("danger", "Når inte 1 av 3")
	list.Follow("/mail/[0-9a-z]{26}").Sees("Mottagaren säger att numret som slutar på 68 är fel", "Brevet har inte gått till den här mottagaren")
	list.Sees("2 mottagare kan inte öppna brevet längre.", "En av dem har redan läst det.", "Ett brev som väntar skickas aldrig.", "Ditt eget exemplar finns kvar")
	if n := strings.Count(list.page, `value="number"`); n != 2 { // Anna's, and Cecilia's beside what is wrong
		t.Errorf("%d forms for a number", n)
	}
	page := list.at
	list.Post(list.recipientTarget("cecilia@example.se", page), "do", "number", "phone", "070 123 45 69", "repeat", "070 123 45 96").Sees("Numren är inte lika", "är fel. Fråga efter rätt nummer")
	list.Post(list.recipientTarget("cecilia@example.se", page), "do", "number", "phone", "070 123 45 69", "repeat", "070 123 45 69").Sees("Numret är ändrat").SeesNot("är fel. Fråga")
	list.Post(list.recipientTarget("bo@example.se", page), "do", "mend", "phone", "070 111 22 33", "repeat", "070 111 22 33").SeesNot("Brevet har inte gått")
	list.Post(page+"/recall").SeesNot("kan inte öppna brevet längre.", "Ditt eget exemplar", `name="do" value="code"`)
}

// SeesBadge wants a state in this tone, by a sign and in words.
func (b *browser) SeesBadge(tone, word string) *browser {
	b.j.Helper()
	if !regexp.MustCompile(`data-color="` + tone + `"><svg class="sign".*</svg>` + word + `</span>`).MatchString(html.UnescapeString(b.page)) {
		b.j.Fatalf("no %s badge %q:\n%s", tone, word, b.page)
	}
	return b
}

func headerOf(raw, name string) string {
	raw = strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n ", " "), "\r\n\t", " ")
	for line := range strings.Lines(raw) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func TestANearMissIsNeverGuessed(t *testing.T) {
	j := newJourney(t)
	const guess = "nara@example.se"
	j.Send(letter{to: []string{"nara@example.ses"}, subject: "Nära", body: "Hej."})
	hold := j.Await("email", caseworker, 1)
	t.Run("its hold mail asks for no answer", func(t *testing.T) {
		if to := headerOf(hold.Raw, "Reply-To"); strings.Contains(to, "hold+") || strings.Contains(hold.Text, "070-123 45 67") {
			t.Errorf("Reply-To %q:\n%s", to, hold.Text)
		}
	})
	t.Run("an answer with a number is refused in words, and nothing goes to the guess", func(t *testing.T) {
		code, err := mail.ParseLinkCode(j.CodeOf(hold))
		if err != nil {
			t.Fatal(err)
		}
		to, err := appliance.HoldAddress(j.demo, code)
		if err != nil {
			t.Fatal(err)
		}
		err = j.TrySend(letter{to: []string{string(to)}, subject: "Re: Nära", body: "070-765 43 21\n"})
		if err == nil || !strings.Contains(err.Error(), "Follow the link") || !strings.Contains(err.Error(), "5") {
			t.Errorf("answer: %v", err)
		}
		j.Turn(time.Minute)
		if n := len(j.Trapped("email", guess)); n != 0 {
			t.Errorf("%d mails to the guess", n)
		}
	})
	t.Run("by the link the address is seen, and the letter goes to where the sender says", func(t *testing.T) {
		b := j.Browser().ShowCode(j.CodeOf(hold)).At("/m/mend").Sees("nara@example.ses")
		b.Post(b.Action("/m/mend/[0-9a-z]+"), "address", "nara@example.org", "phone", "070-765 43 21", "repeat", "070-765 43 21").Sees("Brevet är på väg")
		j.Browser().Opens(j.Await("email", "nara@example.org", 1), "+46707654321").Sees("Hej.")
	})
}

func TestAHoldMailCountsThoseWhoWait(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure, "dan@example.se.0701234568.s", "bo@example.se.s", "eva@example.se.s"}, subject: "Fyra", body: "Hej."})
	two := j.Await("email", caseworker, 1)
	t.Run("two of four wait, and one answer cannot be for both", func(t *testing.T) {
		if !strings.Contains(two.Text, "Brevet till 2 mottagare väntar på dig") || strings.Contains(two.Text, "070-123 45 67") || strings.Contains(headerOf(two.Raw, "Reply-To"), "hold+") {
			t.Errorf("%s", two.Raw)
		}
	})
	j.Send(letter{to: []string{annaSecure, "bo@example.se.s"}, subject: "Två", body: "Hej."})
	one := j.Await("email", caseworker, 2)
	t.Run("one of two waits, and the mail says to whom the letter goes with the answer", func(t *testing.T) {
		if !strings.Contains(one.Text, "Brevet till en mottagare väntar på dig") || !strings.Contains(one.Text, "Då går brevet till bo@example.se") || !strings.Contains(headerOf(one.Raw, "Reply-To"), "hold+") {
			t.Errorf("%s", one.Raw)
		}
	})
}
