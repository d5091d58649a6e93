package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestHelpDesk(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	at := "/org/person/" + boss.look().people[johanAt]
	boss.Get(at).Post(at+"/roles", "role", "helpdesk")
	desk := j.Browser().SignsIn(johanAt).Get("/mail").Sees("Följ brev")
	follows := func(address string) *browser {
		return desk.Get("/trace").Sees("Ämne, text och filer visas aldrig").Post("/trace", "address", address, "from", j.Date(-3), "until", j.Date(1))
	}
	j.Send(letter{to: []string{"anna@example.se.0701234567.s", "bo@example.org.0702345678.s"}, subject: "Beslut om bistånd", body: "Du får hjälp."})
	j.Browser().Opens(j.Await("email", "anna@example.se", 1), "+46701234567")
	j.Await("email", "bo@example.org", 1)

	t.Run("the help desk sees who, when and how far, and not what", func(t *testing.T) {
		follows("ANNA@example.se").Sees("1 brev", caseworker, "anna@example.se", "Läst", "Inlämnat", "Nummer som slutar på 67").SeesNot("Beslut om", "Du får hjälp")
	})
	t.Run("of a letter to several only the one who was asked about is told", func(t *testing.T) {
		follows("anna@example.se").SeesNot("bo@example.org")
		follows("bo@example.org").Sees("1 brev", "bo@example.org", "Inte läst").SeesNot("anna@")
	})
	t.Run("by the sender's address all recipients are", func(t *testing.T) {
		follows(caseworker).Sees("1 brev", "1–2 av 2", "anna@example.se", "bo@example.org")
		asked := []string{"list", "found", "address", caseworker, "from", j.Date(-3), "until", j.Date(1)}
		desk.Post("/trace", append(asked, "sort", "to", "state", "Läst")...).Sees("efter Mottagare, stigande", "anna@example.se").SeesNot("bo@example.org", "/trace?sort")
		if desk.Post("/trace", append(asked, "as", "csv")...); strings.Count(desk.page, caseworker) != 2 || strings.Contains(desk.page, "Beslut") {
			t.Errorf("%q", desk.page)
		}
		desk.Get("/trace")
	})
	t.Run("a part of an address finds nothing", func(t *testing.T) {
		follows("nna@example.se").Sees("Inget brev")
		follows("example.se")
		if desk.code != http.StatusUnprocessableEntity {
			t.Error(desk.code)
		}
	})
	t.Run("a time that is too long, or ends before it begins, is refused", func(t *testing.T) {
		for _, days := range [][2]int{{-40, 0}, {0, -2}} {
			desk.Get("/trace").Post("/trace", "address", "anna@example.se", "from", j.Date(days[0]), "until", j.Date(days[1])).Sees("högst 31 dagar")
		}
		desk.Get("/trace").Post("/trace", "address", "anna@example.se", "from", "", "until", j.Date(0))
		if desk.code != http.StatusUnprocessableEntity {
			t.Error(desk.code)
		}
	})
	t.Run("another time finds nothing", func(t *testing.T) {
		desk.Get("/trace").Post("/trace", "address", "anna@example.se", "from", j.Date(-9), "until", j.Date(-5)).Sees("Inget brev")
	})
	t.Run("a draft is nobody's to follow", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		maria.Get("/write").SendForm("/write", []fill{{"to", "utkast@example.se"}, {"phone", "0701112299"}, {"subject", "Utkast"}, {"text", "Hej"}, {"do", "save"}}, nil).Sees("Utkastet är sparat")
		follows("utkast@example.se").Sees("Inget brev")
	})
	t.Run("what has ended is not found any more", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		maria.Get("/mail/sent").first()
		maria.Post(maria.at + "/recall").Sees("återkallat")
		follows("anna@example.se").Sees("Inget brev")
	})
	t.Run("an answer is a step on the letter's way, and nothing of it is shown", func(t *testing.T) {
		const cilla = "cilla@example.net"
		j.Send(letter{to: []string{cilla + ".0703456789.s"}, subject: "Fråga", body: "Vad säger du?"})
		b := j.Browser().Opens(j.Await("email", cilla, 1), "+46703456789")
		follows(cilla).Sees("Läst").SeesNot("Svarat")
		b.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack för frågan.", map[string]string{"intyg.txt": "Intyg"}).Sees("Ditt svar har kommit fram")
		follows(cilla).Sees("Svarat").SeesNot("Tack för", "intyg")
	})
	t.Run("nobody else follows anything, and each look is in the journal", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker).Get("/mail").SeesNot("Följ brev").Get("/trace")
		if maria.code != http.StatusNotFound {
			t.Error(maria.code)
		}
		boss.Get("/journal?kind=traced").Sees("Kundtjänst följde en adress")
	})
}

// follower is the help desk, at Johan's.
type follower struct{ *browser }

func (j *journey) Follower() follower {
	boss := j.Organiser(adminAt)
	at := "/org/person/" + boss.look().people[johanAt]
	boss.Get(at).Post(at+"/roles", "role", "helpdesk")
	return follower{j.Browser().SignsIn(johanAt)}
}

func (f follower) by(address string) *browser {
	f.j.Helper()
	return f.Get("/trace").Post("/trace", "address", address, "from", f.j.Date(-3), "until", f.j.Date(1))
}

// soon is by for a mail that its client gave up: the door knows when the connection has ended,
// behind its last answer.
func (f follower) soon(address string) *browser {
	f.j.Helper()
	f.j.await("mail of "+address, func() (trapped, bool) {
		return trapped{}, !strings.Contains(f.by(address).page, "Inget brev")
	})
	return f.browser
}

func (f follower) ref(number string) *browser {
	f.j.Helper()
	return f.Get("/trace").Post("/trace", "ref", number)
}

var numberShown = regexp.MustCompile(`Nummer ([0-9a-z]{26})`)

// number is that of the mail that the page shows.
func (f follower) number() string {
	f.j.Helper()
	m := numberShown.FindStringSubmatch(f.page)
	if m == nil {
		f.j.Fatalf("no number on\n%s", f.page)
	}
	return m[1]
}

func TestMailsAtTheDoor(t *testing.T) {
	j := newJourney(t)
	desk := j.Follower()
	t.Run("a mail that asks for nothing secure is not taken, and says why and what to do", func(t *testing.T) {
		if j.TrySend(letter{to: []string{"klartext@example.se"}, subject: "Hemligt ämne", body: "Hemlig text"}) == nil {
			t.Fatal("taken")
		}
		for _, address := range []string{"klartext@example.se", caseworker} {
			desk.by(address).Sees("1 mejl", "Togs inte emot", "klartext@example.se", caseworker, "550 5.6.0", "organisationens egen e-postserver", "127.0.0.1", "Att göra:", "skriv brevet i portalen").SeesNot("Hemlig", "1 brev")
		}
		desk.ref(desk.number()).Sees("1 mejl", "klartext@example.se")
	})
	t.Run("so are one from outside, one that is too large, and one to an address that cannot be read", func(t *testing.T) {
		if j.TrySend(letter{from: "okand@annan.example", to: []string{"mottagare@example.se.0701234567.s"}, subject: "x", body: "x"}) == nil {
			t.Fatal("taken")
		}
		desk.soon("okand@annan.example").Sees("1 mejl", "servern får inte skicka", "550 5.7.1", "mottagare@example.se").SeesNot("0701234567")
		j.talk().say("MAIL FROM:<stor@exempelkommun.se> SIZE=104857601")
		desk.by("stor@exempelkommun.se").Sees("för stort", "552 5.3.4", "lägger till filerna där")
	})
	t.Run("of a mail to several only the recipient who was asked about is told", func(t *testing.T) {
		if j.TrySend(letter{to: []string{"en@example.se", "tva@example.se"}, subject: "x", body: "x"}) == nil {
			t.Fatal("taken")
		}
		desk.by("en@example.se").Sees("en@example.se").SeesNot("tva@example.se")
	})
	t.Run("a mail that was taken stands at its letter, and is found by its number and its Message-ID", func(t *testing.T) {
		j.Send(letter{to: []string{annaSecure}, raw: "From: " + caseworker + "\nTo: " + annaSecure + "\nSubject: Beslut\nMessage-ID: <brev-ett@exempelkommun.se>\n\nHej.\n"})
		desk.by(anna).Sees("1 brev", "organisationens egen e-postserver", "Inlämnat", "inte krypterat på vägen")
		number := desk.number()
		for _, ref := range []string{number, "<brev-ett@exempelkommun.se>", "brev-ett@exempelkommun.se"} {
			desk.ref(ref).Sees("1 brev", anna, caseworker)
		}
		maria := j.Browser().SignsIn(caseworker)
		maria.Get("/mail/sent").first()
		desk.ref(strings.TrimPrefix(maria.at, "/mail/")).Sees("1 brev", anna)
		maria.Post(maria.at + "/recall").Sees("återkallat")
		j.Turn(2 * time.Minute)
		t.Run("and when the letter has ended it says when, and not to whom", func(t *testing.T) {
			for _, ref := range []string{number, "brev-ett@exempelkommun.se"} {
				desk.ref(ref).Sees("1 mejl", "Slut", "Nyckeln förstörd", "Visas inte").SeesNot(anna, caseworker)
			}
			desk.by(anna).Sees("Inget brev")
		})
	})
	t.Run("a wish for nothing is told so", func(t *testing.T) {
		if desk.Get("/trace").Post("/trace", "address", "", "ref", " ").Sees("Skriv en adress eller ett nummer"); desk.code != http.StatusUnprocessableEntity {
			t.Error(desk.code)
		}
		desk.ref("finns@inte.example").Sees("Inget brev")
		desk.Sees("Mejl som inte hör till något brev")
	})
	t.Run("an address of ours is not told with what it holds", func(t *testing.T) {
		j.talk().say("MAIL FROM:<okand@annan.example>")
		k := j.talk()
		k.say("MAIL FROM:<frammande@annan.example>")
		k.say("RCPT TO:<bounce+hemligkod@brev.exempelkommun.se>")
		k.say("QUIT")
		desk.soon("frammande@annan.example").Sees("…@brev.exempelkommun.se").SeesNot("hemligkod")
	})
	t.Run("after thirty days a mail that was not taken is forgotten", func(t *testing.T) {
		j.Days(33)
		desk = j.Follower()
		desk.Get("/trace").Post("/trace", "address", "klartext@example.se", "from", j.Date(-34), "until", j.Date(-30)).Sees("Inget brev")
	})
}

func TestTheHelpDeskSeesWhatFails(t *testing.T) {
	j := newJourney(t)
	desk := j.Follower()
	t.Run("a letter without a number waits for its sender", func(t *testing.T) {
		j.Send(letter{to: []string{"vantar@example.se.s"}, subject: "x", body: "x"})
		desk.by("vantar@example.se").Sees("Att göra:", "Avsändaren har fått ett mejl som ber om numret")
	})
	t.Run("a notice that came back says that nobody has the address", func(t *testing.T) {
		j.Send(letter{to: []string{annaSecure}, subject: "x", body: "x"})
		back := strings.Trim(headerOf(j.Await("email", anna, 1).Raw, "Return-Path"), "<>")
		j.Send(letter{from: "mailer-daemon@mx.example.se", to: []string{back}, raw: "From: MAILER-DAEMON@mx.example.se\nTo: " + back + "\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
			"--b\n\nx\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.se\n\nFinal-Recipient: rfc822; " + anna + "\nAction: failed\nStatus: 5.1.1\n\n--b--\n"})
		desk.by(anna).Sees("Aviseringen kom inte fram", "Adressen finns inte. Avsändaren skickar ett nytt brev")
	})
}
