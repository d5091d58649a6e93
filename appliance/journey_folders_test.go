package appliance_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// letters returns the ids of the letters that a list shows, from the top.
func (b *browser) letters() (ids []string) {
	for _, m := range regexp.MustCompile(`type="checkbox" name="id" value="([0-9a-z]+)"`).FindAllStringSubmatch(b.page, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

// chosen are the fields of a form in which letters are chosen.
func chosen(ids []string, more ...string) []string {
	for _, id := range ids {
		more = append(more, "id", id)
	}
	return more
}

// undo presses the button beside what was just moved.
func (b *browser) undo() *browser {
	b.j.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="([^"]+/move)">(.*?)</form>`).FindStringSubmatch(b.page)
	if form == nil {
		b.j.Fatalf("nothing to undo on\n%s", b.page)
	}
	return b.sendsHidden(form[1], form[2])
}

// presses sends the form of a page that leads to a path, as it stands there.
func (b *browser) presses(path string) *browser {
	b.j.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="` + path + `"[^>]*>(.*?)</form>`).FindStringSubmatch(b.page)
	if form == nil {
		b.j.Fatalf("%s has no form to %s:\n%s", b.at, path, b.page)
	}
	return b.sendsHidden(path, form[1])
}

// sendsHidden posts what a form holds that nobody fills in.
func (b *browser) sendsHidden(path, form string) *browser {
	b.j.Helper()
	var fields []string
	for _, m := range regexp.MustCompile(`name="([a-z]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		if m[1] != "csrf" {
			fields = append(fields, m[1], html.UnescapeString(m[2]))
		}
	}
	return b.Post(path, fields...)
}

func TestAFullMailbox(t *testing.T) {
	j := newJourney(t)
	for _, subject := range []string{"Underlag ett", "Underlag två", "Kallelse till läkare"} {
		j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: subject, body: "Hej Maria."})
	}
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	maria.Get("/mail").Sees("3 olästa", "Underlag ett")
	all := maria.letters()
	if len(all) != 3 {
		t.Fatalf("%d letters", len(all))
	}
	t.Run("what is unread is counted on each page, and is listed alone", func(t *testing.T) {
		maria.Get("/mail/" + all[0]).Sees("2 olästa")
		maria.Get("/mail?show=unread").Sees("Underlag två").SeesNot("Kallelse till läkare")
		johan.Get("/account").SeesNot("oläst")
	})
	t.Run("letters are moved together, and back by one press", func(t *testing.T) {
		maria.Post("/mail/move", chosen(all[:2], "folder", "inbox", "do", "trash")...).At("/mail").Sees("2 brev ligger i papperskorgen", "Ångra", "Underlag ett").SeesNot("Kallelse till läkare")
		maria.Get("/mail").SeesNot("Ångra").Get("/mail/trash").Sees("Kallelse till läkare", "Underlag två")
		maria.Post("/mail/move", chosen(all[:1], "folder", "trash", "do", "restore")...).At("/mail/trash").Sees("Brevet är tillbaka").undo().Sees("Brevet ligger i papperskorgen")
		maria.Post("/mail/move", chosen(all[:2], "folder", "trash", "do", "restore")...).Get("/mail").Sees("Kallelse till läkare", "2 olästa")
		maria.Post("/mail/move", chosen(all, "folder", "inbox", "do", "trash", "show", "unread")...).At("/mail").undo().Sees("3 brev är tillbaka", "Kallelse till läkare")
		maria.Post("/mail/" + all[0] + "/move").At("/mail").Sees("Brevet ligger i papperskorgen").undo().Sees("Kallelse till läkare")
	})
	t.Run("letters are marked as read and unread, with the way back; who sent them learns nothing", func(t *testing.T) {
		sent := johan.Get("/mail/sent").page
		maria.Get("/mail").Sees("2 olästa")
		maria.Post("/mail/move", chosen(all, "folder", "inbox", "do", "read")...).At("/mail").Sees("2 brev är markerade som lästa").undo().Sees("2 brev är markerade som olästa", "2 olästa")
		maria.Post("/mail/move", chosen(all[:1], "folder", "inbox", "do", "unread")...).Post("/mail/move", chosen(all, "folder", "inbox", "do", "read", "show", "unread")...).At("/mail").Sees("markerade som lästa")
		maria.Get("/mail?show=unread").Sees("Inga olästa brev").Get("/mail").SeesNot("1 oläst", "2 olästa", "3 olästa")
		if johan.Get("/mail/sent").page != sent {
			t.Error("the sender's list has changed")
		}
		maria.Post("/mail/move", chosen(all, "folder", "inbox", "do", "unread")...).Sees("3 brev är markerade som olästa")
		johan.Get("/mail").Post("/mail/move", chosen(all, "folder", "inbox", "do", "read")...)
		maria.Get("/mail").Sees("3 olästa").Get("/mail/" + all[2]).Sees("Markera som oläst").Get("/mail").Sees("2 olästa")
		if maria.Post("/mail/move", chosen(all, "folder", "inbox", "do", "burn")...); maria.code != http.StatusBadRequest {
			t.Error(maria.code)
		}
	})
	t.Run("a window that is behind does what its button says, and says so if there was nothing to do", func(t *testing.T) {
		stale := j.Browser().SignsIn(caseworker).Get("/mail/" + all[0])
		maria.Get("/mail").Post("/mail/move", chosen(all[:1], "folder", "inbox", "do", "trash")...).Sees("Brevet ligger i papperskorgen")
		stale.presses("/mail/"+all[0]+"/move").At("/mail").Sees("Inget brev flyttades").SeesNot("är tillbaka", "Kallelse till läkare")
		maria.Get("/mail/"+all[0]).presses("/mail/"+all[0]+"/move").Sees("Brevet är tillbaka", "Kallelse till läkare")
	})
	t.Run("nobody moves somebody else's", func(t *testing.T) {
		johan.Get("/mail").Post("/mail/move", chosen(all, "folder", "inbox", "do", "trash")...).At("/mail").SeesNot("papperskorgen.")
		if maria.Get("/mail"); !slices.Equal(maria.letters(), all) {
			t.Error("moved")
		}
	})
	t.Run("without a letter chosen it says so", func(t *testing.T) {
		if maria.Post("/mail/move", "folder", "inbox", "do", "trash").Sees("Markera minst ett brev", "Kallelse till läkare"); maria.code != http.StatusUnprocessableEntity {
			t.Error(maria.code)
		}
		if n := strings.Count(maria.Get("/mail?choose=all").page, " checked>"); n != 3 {
			t.Errorf("%d are chosen", n)
		}
	})
	t.Run("words are found without case and accents, and by who wrote", func(t *testing.T) {
		for _, page := range []string{"/account", "/write", "/contacts", "/handbook"} {
			maria.Get(page).Sees("Sök i mina brev")
		}
		maria.Follow("/mail/search").Sees("Till och med")
		maria.Post("/mail/search", "q", "LAKARE johan").Sees("1 brev", "Kallelse till läkare").SeesNot("Underlag")
		maria.Post("/mail/search", "q", "underlag").Sees("2 brev", "Underlag ett", "Underlag två", "Inkorg")
		maria.Post("/mail/search", "q", "bergshem").Sees("Inget brev hittades")
		maria.Post("/mail/search", "q", "underlag", "until", "2020-01-01").Sees("Inget brev hittades")
		johan.Post("/mail/search", "q", "underlag").Sees("2 brev", "Skickat")
	})
	t.Run("what is found beyond the fiftieth stands on the next page, and back", func(t *testing.T) {
		for i := range 53 {
			j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: fmt.Sprintf("Serie %02d", i), body: "Hej."})
		}
		maria.Post("/mail/search", "q", "serie").Sees("53 brev", "Nummer 1 till 50", "Serie 52", "Serie 03", "Äldre brev").SeesNot("Serie 02", "Nyare brev")
		maria.Post("/mail/search", "q", "serie", "skip", "50").Sees("53 brev", "Nummer 51 till 53", "Serie 02", "Serie 00", "Nyare brev").SeesNot("Serie 03", "Äldre brev")
		maria.Post("/mail/search", "q", "serie", "skip", "-7").Sees("Nummer 1 till 50")
		maria.Post("/mail/search", "q", "serie", "skip", "1000000000").Sees("53 brev", "Nyare brev").SeesNot("Serie", "Nummer")
		maria.Post("/mail/search", "q", "serie", "skip", "x").Sees("Nummer 1 till 50")
	})
	t.Run("a question that says nothing is asked for", func(t *testing.T) {
		for _, fields := range [][]string{{"q", "  "}, {"q", "x", "from", "i går"}, {"until", "2027-02-31"}} {
			if maria.Post("/mail/search", fields...).SeesNot(" brev</h2>"); maria.code != http.StatusUnprocessableEntity {
				t.Errorf("%v: %d", fields, maria.code)
			}
		}
	})
	t.Run("a search stands in no log", func(t *testing.T) {
		if strings.Contains(string(j.log.Bytes()), "bergshem") {
			t.Error("it does")
		}
	})
}

func TestSentLettersThatNotEverybodyHasRead(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure, johanAt + ".s"}, subject: "Till båda", body: "Hej."})
	j.Send(letter{to: []string{annaSecure}, subject: "Återtaget", body: "Hej."})
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	waits := func() *browser { return maria.Get("/mail/sent?show=unread").Sees("Inte lästa av alla") }
	waits().Sees("Till båda", "Återtaget")
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone)
	t.Run("it waits as long as one has not read it", func(t *testing.T) {
		waits().Sees("Till båda", "Återtaget")
		johan.Get("/mail").first()
		waits().SeesNot("Till båda").Sees("Återtaget")
	})
	t.Run("what is recalled waits no more", func(t *testing.T) {
		maria.first().presses(strings.TrimSuffix(maria.at, "/") + "/recall")
		waits().Sees("Inget skickat brev väntar på att bli läst")
		maria.Get("/mail/sent").Sees("Till båda")
	})
}

func TestDraftsAreDestroyedTogether(t *testing.T) {
	j := newJourney(t)
	id := j.Organiser(karinAt).mailbox(caseworker)
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	write := func(b *browser, at, subject string) {
		b.Get(at).SendForm(at, []fill{{"subject", subject}, {"text", "Hej."}, {"do", "save"}}, nil)
	}
	for _, subject := range []string{"Ett", "Två", "Tre"} {
		write(maria, "/write", subject)
	}
	write(johan, "/write", "Johans")
	own, his := maria.Get("/mail/drafts").Sees("Ingen mottagare än").letters(), johan.Get("/mail/drafts").letters()
	t.Run("none is without a word that says what it means", func(t *testing.T) {
		if maria.Post("/mail/drafts/drop").Sees("Markera minst ett utkast"); maria.code != http.StatusUnprocessableEntity {
			t.Error(maria.code)
		}
		maria.Post("/mail/drafts/drop", chosen(own[:2])...).Sees("2 utkast och deras bilagor förstörs genast", "Kasta 2 utkast", "Avbryt")
		if n := len(maria.letters()); n != 0 || !strings.Contains(maria.page, "Tre") || strings.Contains(maria.page, ">Ett<") {
			t.Errorf("%d can be chosen beside what is asked", n)
		}
		if n := len(maria.Get("/mail/drafts").letters()); n != 3 {
			t.Errorf("%d are left", n)
		}
	})
	t.Run("then these are gone, and nobody else's", func(t *testing.T) {
		maria.Post("/mail/drafts/drop", chosen(append(his, own[:2]...), "sure", "yes")...).At("/mail/drafts").Sees("Utkasten är förstörda", "Ett").SeesNot("Två", "Tre")
		johan.Get("/mail/drafts").Sees("Johans")
	})
	t.Run("a window that is behind says that there was nothing to do", func(t *testing.T) {
		maria.Post("/mail/drafts/drop", chosen(own[:1], "sure", "yes")...).At("/mail/drafts").Sees("Inget utkast förstördes")
		maria.Post("/mail/drafts/drop", chosen(own[:1])...).At("/mail/drafts").Sees("Inget utkast förstördes")
		maria.Post("/mail/drafts/drop", chosen(own[2:], "sure", "yes")...).At("/mail/drafts").Sees("Utkastet är förstört", "Inga utkast")
	})
	t.Run("so it is in a function mailbox", func(t *testing.T) {
		box := "/box/" + id
		write(maria, box+"/write", "Funktionens")
		drafts := maria.Get(box + "/drafts").Sees("Funktionens").letters()
		maria.Post(box+"/drafts/drop", chosen(drafts)...).Sees("Utkastet och dess bilagor förstörs genast")
		maria.Post(box+"/drafts/drop", chosen(drafts, "sure", "yes")...).At(box + "/drafts").Sees("Utkastet är förstört").SeesNot("Funktionens")
	})
}

func TestWhatWaitsIsMendedInItsFolder(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{"bo@example.se.s", annaSecure}, subject: "Beslut", body: "Till två."})
	maria := j.Browser().SignsIn(caseworker)
	maria.Get("/mail").Sees("Väntar på nummer").Get("/mail/held").Sees("Beslut", "bo@example.se", "Skicka brevet").SeesNot(anna)
	to := maria.Action("/mail/[0-9a-z]{26}/to/[0-9a-z]{26}")
	t.Run("numbers that differ are not taken", func(t *testing.T) {
		if maria.Post(to, "do", "mend", "back", "held", "phone", "0707654321", "repeat", "0707654322").Sees("Numren är inte lika"); maria.code != http.StatusUnprocessableEntity {
			t.Error(maria.code)
		}
	})
	t.Run("then the letter goes, and nothing waits", func(t *testing.T) {
		maria.Post(to, "do", "mend", "back", "held", "phone", "0707654321", "repeat", "0707654321").At("/mail/held").Sees("Inget väntar")
		j.Browser().Opens(j.Await("email", "bo@example.se", 1), "+46707654321").Sees("Till två.")
		maria.Get("/mail").SeesNot("Väntar på nummer")
	})
	t.Run("a guess at an address is confirmed with the number", func(t *testing.T) {
		j.Send(letter{to: []string{"cecilia@example.ses"}, subject: "Nästan", body: "Till Cecilia."})
		to := maria.Get("/mail/held").Sees("nästan en säker adress", `value="cecilia@example.se"`).Action("/mail/[0-9a-z]{26}/to/[0-9a-z]{26}")
		maria.Post(to, "do", "mend", "back", "held", "address", "cilla@example.se", "phone", "0707654399", "repeat", "0707654399").At("/mail/held").Sees("Inget väntar")
		j.Browser().Opens(j.Await("email", "cilla@example.se", 1), "+46707654399").Sees("Till Cecilia.")
	})
}

func TestAConversationStandsTogether(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut", body: "Du får hjälp."})
	guest := j.Browser().Opens(j.Await("email", anna, 1), annaPhone)
	guest.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack så mycket.", nil)
	maria := j.Browser().SignsIn(caseworker)
	t.Run("an answer shows the letter that it answers", func(t *testing.T) {
		maria.Get("/mail").Sees("2 brev i konversationen").first().Sees("Tack så mycket.", "1 brev till i samma konversation", "Du får hjälp.")
	})
	t.Run("what is unread is a link: its first sight is written down", func(t *testing.T) {
		j.Turn(60e9)
		guest.Get("/m/letter/reply").Upload("/m/letter/reply", "En sak till.", nil)
		maria.Get("/mail/sent").first().Sees("Tack så mycket.", "2 brev till", "Oläst").SeesNot("En sak till.")
	})
}

func TestFoldersOfAFunctionMailbox(t *testing.T) {
	j := newJourney(t)
	karin := j.Organiser(karinAt)
	id := karin.mailbox(caseworker)
	box := "/box/" + id
	j.Send(letter{from: johanAt, to: []string{socialAt + ".s"}, subject: "Orosanmälan", body: "Ring."})
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	maria.Get(box+"/write").SendForm(box+"/write", []fill{{"to", "olle@example.se"}, {"subject", "Utan nummer"}, {"text", "Hej Olle."}, {"do", "send"}}, nil)
	if strings.HasSuffix(maria.at, "/check") {
		maria.Post(strings.TrimSuffix(maria.at, "/check") + "/send")
	}
	t.Run("it has all that one's own has", func(t *testing.T) {
		maria.Get(box).Sees("Ingen har tagit det", box+"/held", box+"/trash")
		ids := maria.letters()
		maria.Post(box+"/search", "q", "oro").Sees("1 brev", "Orosanmälan")
		maria.Post(box+"/move", chosen(ids, "folder", "inbox", "do", "trash")...).At(box).Sees("Brevet ligger i papperskorgen").undo().Sees("Orosanmälan")
		maria.Post(box+"/move", chosen(ids, "folder", "inbox", "do", "read")...).At(box).Sees("Brevet är markerat som läst. Alla som läser i funktionsbrevlådan ser samma sak").undo().Sees("markerat som oläst")
		maria.Get(box+"/held").Sees("Utan nummer", "olle@example.se")
	})
	t.Run("for who does not read there it is not there", func(t *testing.T) {
		ids := maria.Get(box).letters()
		johan.Get(box + "/held")
		if johan.code != http.StatusNotFound {
			t.Error(johan.code)
		}
		for _, path := range []string{"/search", "/move"} {
			if johan.Get("/mail").Post(box+path, chosen(ids, "q", "oro", "do", "trash")...); johan.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, johan.code)
			}
		}
		johan.Get("/mail").Post("/mail/move", chosen(ids, "do", "trash")...)
		maria.Get(box).Sees("Orosanmälan")
	})
}

func TestMailsAboutNewLettersByChoice(t *testing.T) {
	j := newJourney(t)
	j.Noon()
	maria := j.Browser().SignsIn(caseworker)
	comes := func(subject string) {
		j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: subject, body: "Hej."})
	}
	chooses := func(told string) {
		maria.Get("/account").Post("/account/told", "told", told).At("/account").Sees("Ändringen är sparad", `value="`+told+`" selected`)
	}
	told := func() (n int) {
		for _, m := range j.Trapped("email", caseworker) {
			if strings.Contains(m.Subject, "brev i din säkra brevlåda") {
				n++
			}
		}
		return n
	}
	comes("Ett")
	j.Await("email", caseworker, 1)
	t.Run("once a day it says how many have come, and nothing of what they are about", func(t *testing.T) {
		chooses("daily")
		comes("Hemligheten")
		comes("Tre")
		j.Await("email", johanAt, 3) // the reports: both are in
		if n := told(); n != 1 {
			t.Errorf("%d mails", n)
		}
		j.Days(1)
		m := j.Await("email", caseworker, 2)
		if !strings.Contains(m.Text, "Du har 3 nya brev") || strings.Contains(m.Raw, "Hemligheten") || strings.Contains(m.Raw, "Johan") {
			t.Errorf("%s", m.Text)
		}
	})
	t.Run("a day without new letters is a day without a mail", func(t *testing.T) {
		j.Turn(2 * 3600e9)
		j.Days(1)
		j.Days(1)
		if n := told(); n != 2 {
			t.Errorf("%d mails", n)
		}
	})
	t.Run("what was read meanwhile is not told of", func(t *testing.T) {
		maria = j.Browser().SignsIn(caseworker)
		comes("Fyra")
		j.Await("email", johanAt, 4)
		maria.Get("/mail").first()
		j.Days(1)
		if n := told(); n != 2 {
			t.Errorf("%d mails", n)
		}
	})
	t.Run("never means never, and each letter each", func(t *testing.T) {
		maria = j.Browser().SignsIn(caseworker)
		chooses("never")
		comes("Fem")
		j.Await("email", johanAt, 5)
		j.Days(1)
		if n := told(); n != 2 {
			t.Errorf("%d mails", n)
		}
		maria = j.Browser().SignsIn(caseworker)
		chooses("each")
		comes("Sex")
		j.await("mail about the letter", func() (trapped, bool) { return trapped{}, told() == 3 })
		if maria.Get("/account").Post("/account/told", "told", "often"); maria.code != http.StatusBadRequest {
			t.Error(maria.code)
		}
	})
}

func TestMailsAboutAFunctionMailboxByChoice(t *testing.T) {
	j := newJourney(t)
	j.Noon()
	karin := j.Organiser(karinAt)
	at := "/org/mailbox/" + karin.mailbox(caseworker, johanAt)
	karin.Get(at).Post(at+"/change", "form", "change", "name", "Socialtjänsten", "unit", strings.TrimPrefix(karin.unit("Socialförvaltningen"), "/org/unit/"), "alarm", "2")
	j.Turn(0)
	// after returns what each of the two is told from here on.
	after := func(do func()) (maria, johan []trapped) {
		t.Helper()
		m, o := len(j.Trapped("email", caseworker)), len(j.Trapped("email", johanAt))
		do()
		j.Turn(0)
		return j.Trapped("email", caseworker)[m:], j.Trapped("email", johanAt)[o:]
	}
	comes := func(to, subject string) {
		j.Send(letter{from: karinAt, to: []string{to + ".s"}, subject: subject, body: "Hej."})
	}
	chooses := func(who, own, shared string) {
		t.Helper()
		j.Browser().SignsIn(who).Get("/account").Sees("Och om brev till dina funktionsbrevlådor?").
			Post("/account/told", "told", own, "shared", shared).At("/account").Sees("Ändringen är sparad", `value="`+shared+`" selected`)
	}
	t.Run("at first everybody who reads there is told of each letter", func(t *testing.T) {
		if m, o := after(func() { comes(socialAt, "Ett") }); len(m) != 1 || len(o) != 1 {
			t.Errorf("%v %v", m, o)
		}
	})
	t.Run("who wants one mail a day gets the own letters and those in one, and the others are told as before", func(t *testing.T) {
		chooses(caseworker, "daily", "daily")
		m, o := after(func() { comes(socialAt, "Två"); comes(caseworker, "Eget") })
		if len(m) != 0 || len(o) != 1 {
			t.Errorf("%v %v", m, o)
		}
		if m, _ = after(func() { j.Days(1) }); len(m) != 1 || !strings.Contains(m[0].Text, "Du har 3 nya brev") || !strings.Contains(m[0].Text, "Varav i funktionsbrevlådor: 2") {
			t.Errorf("%v", m)
		}
	})
	t.Run("of the own letters each, of the others one a day", func(t *testing.T) {
		chooses(caseworker, "each", "daily")
		if m, _ := after(func() { comes(socialAt, "Tre"); comes(caseworker, "Eget") }); len(m) != 1 {
			t.Errorf("%v", m)
		}
		if m, _ := after(func() { j.Days(1) }); len(m) != 1 || !strings.Contains(m[0].Text, "Du har ett nytt brev") {
			t.Errorf("%v", m)
		}
	})
	t.Run("where nobody wants one nobody is told, the mailbox' own address neither; the alarm comes all the same", func(t *testing.T) {
		chooses(caseworker, "each", "never")
		chooses(johanAt, "each", "never")
		if m, o := after(func() { comes(socialAt, "Fyra") }); len(m) != 0 || len(o) != 0 || len(j.Trapped("email", socialAt)) != 0 {
			t.Errorf("%v %v %v", m, o, j.Trapped("email", socialAt))
		}
		if m, o := after(func() { j.Days(7) }); len(m) == 0 || len(o) == 0 {
			t.Error("nobody is told that it lies unread")
		}
	})
	t.Run("a choice that is none is refused, and one that is missing", func(t *testing.T) {
		for _, fields := range [][]string{{"told", "each", "shared", "often"}, {"shared", "each"}} {
			if b := j.Browser().SignsIn(caseworker).Get("/account").Post("/account/told", fields...); b.code != http.StatusBadRequest {
				t.Errorf("%v: %d", fields, b.code)
			}
		}
	})
}
