package appliance_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// planHandbook is the help, which is everybody's.
func (w *town) planHandbook() {
	picture := regexp.MustCompile(`/handbook/picture/[^"]+`)
	for _, who := range w.askers {
		w.may("GET /handbook", who, "/handbook", "Handbok")
		w.may("GET /handbook/search", who, "/handbook/search?q=sms", "Sms:et kommer inte")
		w.may("GET /handbook/:book/:chapter", who, "/handbook/administrator/journal", "sigill journal verify")
	}
	for _, e := range editions(w) {
		for _, c := range e.Chapters {
			if p := picture.FindString(string(c.HTML)); p != "" && e.Lang == "sv" {
				w.may("GET /handbook/picture/:sum/:lang/:name", w.askers[0], p, "PNG")
				return
			}
		}
	}
	w.Fatal("no chapter shows a picture")
}

// plan lists what everybody may do, in an order in which all of it works: what ends
// something comes last. Each route stands here at least once.
func (w *town) plan() {
	w.Helper()
	by := map[string]*asker{}
	for _, a := range w.askers {
		by[a.name] = a
	}
	owner, other, inside, boss := by["the owner"], by["another caseworker"], by["a colleague with a letter from the owner"], by["the administrator"]
	reader, second := by["the letter's reader"], by["another letter's reader"]
	code, mender, invited, nobody := by["who holds the letter's code only"], by["who holds the mail that asks for a number"], by["somebody who is invited"], by["nobody"]
	a := w.letters[0]

	for _, who := range w.askers {
		for _, path := range []string{"/", "/about", "/genuine", "/accessibility", "/m"} {
			w.may("GET "+path, who, path, "Exempelkommun")
		}
	}
	w.planHandbook()
	w.post("POST /genuine", nobody, "/genuine", http.StatusUnprocessableEntity, false, fill{"code", "0000-0000-0000"})
	w.post("POST /accessibility", nobody, "/accessibility", http.StatusUnprocessableEntity, false, fill{"text", " "})
	w.may("GET /in", nobody, "/in", "Lösenord")
	w.may("GET /in/lost", nobody, "/in/lost", "Återställningskod")
	w.post("POST /in/lost", nobody, "/in/lost", http.StatusUnprocessableEntity, false, fill{"address", adminAt}, fill{"code", "0000-0000"}, fill{"password", "fyra gröna hästar"}, fill{"repeat", "fyra gröna hästar"})
	w.planReaders(reader, second, nobody, a)
	w.planCopies(owner, inside, a)
	w.planDrafts(owner, other, a)
	w.planRecipient(by["a registered recipient"], reader, second)
	w.planMailbox(other, owner)
	w.planAccounts(by)
	w.planOrganisation(inside, boss)
	w.may("GET /journal", boss, "/journal?kind=accepted", "Brev togs emot")
	w.may("GET /journal/csv", boss, "/journal/csv?from=1", "Brev togs emot")
	w.may("GET /org/directory", boss, "/org/directory", "ldaps://ldap.exempelkommun.se")
	w.acts = append(w.acts, act{route: "POST /org/directory/try", by: boss, path: "/org/directory/try", status: http.StatusOK, sees: "Förbindelsen fungerar"},
		act{route: "POST /org/directory/plan", by: boss, path: "/org/directory/plan", status: http.StatusOK, sees: "Det här skulle hända"})
	w.post("POST /org/directory/start", boss, "/org/directory/start", http.StatusUnprocessableEntity, false, fill{"allow", "x"})
	w.may("GET /trace", boss, "/trace", "Ämne, text och filer visas aldrig")
	w.acts = append(w.acts, act{route: "POST /trace", by: boss, path: "/trace", form: []fill{{"address", "ingen@example.se"}, {"from", "2026-01-01"}, {"until", "2026-01-02"}}, status: http.StatusOK, sees: "Inget brev", changes: true})
	w.may("GET /org/domains", boss, "/org/domains", "exempelkommun.se")
	w.post("POST /org/domains", boss, "/org/domains", http.StatusSeeOther, true, fill{"form", "add"}, fill{"domain", "skola.example"})
	w.post("POST /org/domains/prove", boss, "/org/domains/prove", http.StatusUnprocessableEntity, false, fill{"domain", "skola.example"})
	w.post("POST /account/prove", boss, "/account/prove", http.StatusSeeOther, false, fill{"password", w.passwordOf(adminAt)})
	w.post("POST /org/domains/vouch", boss, "/org/domains/vouch", http.StatusSeeOther, true, fill{"domain", "skola.example"}, fill{"typed", "skola.example"})
	w.post("POST /org/domains/remove", boss, "/org/domains/remove", http.StatusSeeOther, true, fill{"domain", "skola.example"})
	w.may("GET /admin", boss, "/admin", "Återkommande arbete")
	w.may("GET /admin/path", boss, "/admin/path", "Brevets väg")
	w.post("POST /admin/path", boss, "/admin/path", http.StatusForbidden, false) // the file names no address from which it would come; to others the page is not there
	w.may("GET /admin/doctor", boss, "/admin/doctor", "Hälsokontroll")
	w.post("POST /admin/doctor", boss, "/admin/doctor", http.StatusOK, false)
	w.may("GET /admin/certificates", boss, "/admin/certificates", "Utfärdaren av certifikat för mx.exempelkommun.se svarar inte")
	w.may("GET /admin/certificates/root", boss, "/admin/certificates/root", "BEGIN CERTIFICATE")
	w.post("POST /admin/certificates", boss, "/admin/certificates", http.StatusSeeOther, false)
	w.may("GET /admin/settings", boss, "/admin/settings", "house.name")
	w.may("GET /admin/update", boss, "/admin/update", "Demon uppdateras inte")
	for _, what := range []string{"look", "fetch", "install", "return"} { // in the demo none of them does anything
		w.post("POST /admin/update/"+what, boss, "/admin/update/"+what, http.StatusUnprocessableEntity, false)
	}
	w.acts = append(w.acts, act{route: "POST /admin/update/file", by: boss, path: "/admin/update/file", file: true, status: http.StatusUnprocessableEntity, sees: "Uppdateringar"})
	w.acts = append(w.acts, act{route: "POST /admin/settings", by: boss, path: "/admin/settings", form: []fill{{"list", "settings"}, {"q", "smarthost"}}, status: http.StatusOK, sees: "smarthost.host"})
	w.may("GET /admin/backup", boss, "/admin/backup", "Senaste säkerhetskopian")
	w.post("POST /admin/backup", boss, "/admin/backup", http.StatusSeeOther, false, fill{"name", "nas"}, fill{"task", "now"})
	w.may("GET /admin/accessibility", boss, "/admin/accessibility", "Hur väl uppfyller sidorna lagen?")
	w.post("POST /admin/accessibility", boss, "/admin/accessibility", http.StatusSeeOther, true, fill{"meets", "partly"})
	w.post("POST /admin/clock", boss, "/admin/clock", http.StatusSeeOther, true)
	w.post("POST /hook/sms/:provider/:secret", nobody, w.hook, http.StatusNoContent, false, fill{"id", "s1"}, fill{"status", "delivered"})

	w.may("GET /m/pin", code, "/m/pin", "67")
	w.post("POST /m/again", code, "/m/again", http.StatusSeeOther, true)
	w.post("POST /m/pin", code, "/m/pin", http.StatusUnprocessableEntity, true, fill{"pin", "000000"})
	w.post("POST /m/wrong", code, "/m/wrong", http.StatusOK, true)
	w.may("GET /m/mend", mender, "/m/mend", "hugo@example.se")
	w.post("POST /m/mend/:holder", mender, "/m/mend/"+w.ids["Hotell.guest"], http.StatusSeeOther, true, fill{"address", "hugo@example.se"}, fill{"phone", "0705678901"}, fill{"repeat", "0705678901"})
	w.may("GET /welcome", invited, "/welcome", "Lösenord")
	w.post("POST /welcome", invited, "/welcome", http.StatusSeeOther, true, fill{"password", "fyra gröna hästar"}, fill{"repeat", "fyra gröna hästar"})

	to := "/mail/" + w.ids["Alfa.house"] + "/to/" + w.ids["Alfa.guest"]
	for _, form := range [][]fill{
		{{"do", "number"}, {"phone", "0709998877"}, {"repeat", "0709998877"}}, {{"do", "unlock"}}, {{"do", "end"}, {"days", "3"}}, {{"do", "code"}},
	} {
		w.post("POST /mail/:holder/to/:recipient", owner, to, http.StatusSeeOther, true, form...)
	}
	w.post("POST /mail/:holder/to/:recipient", owner, "/mail/"+w.ids["India.house"]+"/to/"+w.ids["India.guest"], http.StatusSeeOther, true,
		fill{"do", "mend"}, fill{"phone", "0709998866"}, fill{"repeat", "0709998866"})
	w.post("POST /m/letter/done", second, "/m/letter/done", http.StatusOK, true)
	w.post("POST /mail/:holder/recall", owner, "/mail/"+w.ids["Cesar.house"]+"/recall", http.StatusSeeOther, true)
	w.post("POST /mail/:holder/move", owner, "/mail/"+w.ids["Alfa.house"]+"/move", http.StatusSeeOther, true)
	w.post("POST /mail/:holder/move", other, "/mail/"+w.ids["Kilo.colleague"]+"/move", http.StatusSeeOther, true)
	w.post("POST /box/:box/trash/empty", other, "/box/"+w.ids["Socialtjänsten"]+"/trash/empty", http.StatusSeeOther, true)
	w.post("POST /box/:box/leave", other, "/box/"+w.ids["Socialtjänsten"]+"/leave", http.StatusSeeOther, true)
	w.post("POST /mail/trash/empty", owner, "/mail/trash/empty", http.StatusSeeOther, true)
	w.post("POST /m", nobody, "/m", http.StatusUnprocessableEntity, false, fill{"code", "0000-1111-2222-3333-4444"})
	w.post("POST /in", nobody, "/in", http.StatusUnprocessableEntity, false, fill{"address", adminAt}, fill{"password", "fel lösenord"})
	ivar, of := by["a citizen who is invited"], fill{"person", w.ids["ivar@example.se"]}
	w.may("GET /welcome/phone", ivar, "/welcome/phone", "slutar på 55")
	w.post("POST /welcome/phone", ivar, "/welcome/phone", http.StatusSeeOther, false)
	w.may("GET /welcome/pin", ivar, "/welcome/pin", "slutar på 55")
	w.post("POST /welcome/pin", ivar, "/welcome/pin", http.StatusUnprocessableEntity, false, fill{"pin", "00000"})
	w.may("GET /org/recipients", inside, "/org/recipients", "Ingen väntar")
	w.acts = append(w.acts, act{route: "POST /org/recipients/search", by: inside, path: "/org/recipients/search", form: []fill{{"list", "waiting"}, {"q", "finns.inte@"}}, status: http.StatusOK, sees: "Här finns inget sådant"})
	// The administrator has invited him: to another organiser he is not there.
	w.post("POST /org/recipients/again", inside, "/org/recipients/again", http.StatusNotFound, false, of)
	w.post("POST /org/recipients/withdraw", inside, "/org/recipients/withdraw", http.StatusNotFound, false, of)
	w.post("POST /org/recipients", inside, "/org/recipients", http.StatusSeeOther, true, fill{"address", "ines2@example.se"}, fill{"phone", "0708905566"}, fill{"repeat", "0708905566"})
	w.post("POST /org/recipients/withdraw", boss, "/org/recipients/withdraw", http.StatusSeeOther, true, of)
	citizen := by["a registered recipient"]
	// She made the account herself, and so only administrators may suspend it: to others it is
	// as one that there is not.
	w.post("POST /org/recipients/suspend", inside, "/org/recipients/suspend", http.StatusUnprocessableEntity, false, fill{"whom", "ingen@example.se"}, fill{"why", "misuse"})
	w.post("POST /org/recipients/resume", inside, "/org/recipients/resume", http.StatusNotFound, false, fill{"person", w.ids["rita@example.se"]})
	w.post("POST /org/recipients/close", inside, "/org/recipients/close", http.StatusNotFound, false, fill{"person", w.ids["rita@example.se"]})
	w.acts = append(w.acts, act{route: "GET /account/join", by: citizen, path: "/account/join", status: http.StatusSeeOther, sees: "/account/prove"})
	w.post("POST /account/join/not", citizen, "/account/join/not", http.StatusSeeOther, false)
	for _, route := range []string{"/in/mail/", "/in/join/"} {
		w.acts = append(w.acts, act{route: "GET " + route + ":proof", by: nobody, path: route + strings.Repeat("A", 32), status: http.StatusSeeOther, sees: "Location: /mail"})
	}
	w.acts = append(w.acts, act{route: "GET /account/close", by: citizen, path: "/account/close", status: http.StatusSeeOther, sees: "/account/prove"})
	w.post("POST /account/prove", citizen, "/account/prove", http.StatusSeeOther, false, fill{"password", annaPassword})
	w.may("GET /account/close", citizen, "/account/close", "Det går inte att ångra")
	w.post("POST /account/join", citizen, "/account/join", http.StatusNotFound, false) // no mail has asked her
	w.acts = append(w.acts, act{route: "POST /account/close", by: citizen, path: "/account/close", form: []fill{}, status: http.StatusOK, sees: "Kontot är avslutat", changes: true})
	w.post("POST /m/leave", reader, "/m/leave", http.StatusSeeOther, false)
	w.post("POST /out", owner, "/out", http.StatusSeeOther, false)
}

func (w *town) may(route string, by *asker, path, sees string) {
	w.acts = append(w.acts, act{route: route, by: by, path: path, status: http.StatusOK, sees: sees})
}

func (w *town) post(route string, by *asker, path string, status int, changes bool, form ...fill) {
	w.acts = append(w.acts, act{route: route, by: by, path: path, form: form, status: status, changes: changes})
}

// planReaders is what guests read and answer.
func (w *town) planReaders(reader, second, nobody *asker, a *secret) {
	w.Helper()
	w.may("GET /healthz", nobody, "/healthz", "ok")
	w.acts = append(w.acts, act{route: "GET /stay", by: reader, path: "/stay", status: http.StatusNoContent},
		act{route: "GET /stay", by: nobody, path: "/stay", status: http.StatusForbidden})
	w.may("GET /m/letter", reader, "/m/letter", a.words[1])
	w.may("GET /m/letter/html", reader, "/m/letter/html", a.words[4])
	w.may("GET /m/letter/file/:n", reader, "/m/letter/file/16", a.words[3])
	w.may("GET /m/letter/eml", reader, "/m/letter/eml", a.words[0])
	w.may("GET /m/letter/reply", reader, "/m/letter/reply", a.words[0])
	w.may("GET /m/letter/done", reader, "/m/letter/done", "")
	w.may("GET /m/letter", second, "/m/letter", w.letters[1].words[1])
	w.may("GET /m/answer/:id", reader, "/m/answer/"+w.ids["Answer.guest"], a.words[1])
	w.may("GET /m/answer/:id/file/:n", reader, "/m/answer/"+w.ids["Answer.guest"]+"/file/16", a.words[3])
	// A large picture's address is the right to it: it is random, and good for once.
	viewer, address := *nobody, ""
	viewer.reads = []string{a.name}
	fetch := func() string {
		page := reader.b.Get("/m/letter/html").page
		if address = regexp.MustCompile(`/picture/[A-Za-z0-9_-]{43}`).FindString(page); address == "" {
			w.Fatalf("no large picture in:\n%.2000s", page)
		}
		return address
	}
	w.acts = append(w.acts, act{route: "GET /picture/:token", by: &viewer, late: fetch, status: http.StatusOK, sees: "PNG"},
		act{route: "GET /picture/:token", by: nobody, late: func() string { return address }, status: http.StatusNotFound})
	w.may("GET /tint/:colours/:sum", nobody, w.palette.Path(), "--sigill-line")
	w.may("GET /logo/:logo", nobody, "/logo/"+w.logo, "PNG")
	w.acts = append(w.acts, act{route: "POST /m/letter/reply", by: second, path: "/m/letter/reply", form: []fill{{"text", "Ett svar."}}, file: true, status: http.StatusOK, changes: true})
}

// planCopies is what people read in their mailboxes.
func (w *town) planCopies(owner, inside *asker, a *secret) {
	for _, path := range []string{"/mail", "/mail/sent", "/mail/drafts"} {
		w.may("GET "+path, owner, path, a.words[0])
	}
	w.may("GET /mail/trash", owner, "/mail/trash", "")
	w.may("GET /mail/held", owner, "/mail/held", w.letters[slices.IndexFunc(w.letters, func(s *secret) bool { return s.name == "India" })].words[0])
	w.may("GET /mail/search", owner, "/mail/search", "Sök")
	w.acts = append(w.acts, act{route: "POST /mail/search", by: owner, path: "/mail/search", form: []fill{{"q", a.words[0]}}, status: http.StatusOK, sees: a.words[0]})
	for _, do := range []string{"trash", "restore"} {
		w.post("POST /mail/move", owner, "/mail/move", http.StatusSeeOther, true, fill{"id", w.ids["Alfa.house"]}, fill{"id", w.ids["Answer.house"]}, fill{"do", do})
	}
	for _, name := range []string{"Alfa.house", "Answer.house"} {
		p := "/mail/" + w.ids[name]
		w.may("GET /mail/:holder", owner, p, a.words[1])
		w.may("GET /mail/:holder/file/:n", owner, p+"/file/16", a.words[3])
		w.may("GET /mail/:holder/eml", owner, p+"/eml", "Subject: ")
	}
	w.may("GET /mail/:holder/html", owner, "/mail/"+w.ids["Alfa.house"]+"/html", a.words[4])
	c := w.letters[2]
	p := "/mail/" + w.ids["Cesar.colleague"]
	w.may("GET /mail/:holder", inside, p, c.words[1])
	w.may("GET /mail/:holder/html", inside, p+"/html", c.words[4])
	w.may("GET /mail/:holder/file/:n", inside, p+"/file/16", c.words[3])
	w.may("GET /mail/:holder/eml", inside, p+"/eml", c.words[0])
	// Who only got a letter changes nothing of it for others.
	w.post("POST /mail/:holder/recall", inside, p+"/recall", http.StatusNotFound, false)
	w.post("POST /mail/:holder/answer", inside, p+"/answer", http.StatusSeeOther, true)
	w.post("POST /mail/:holder/answer", owner, "/mail/"+w.ids["Answer.house"]+"/answer", http.StatusSeeOther, true)
	w.post("POST /mail/:holder/to/:recipient", inside, p+"/to/"+w.ids["Cesar.colleague"], http.StatusNotFound, false, fill{"do", "end"}, fill{"days", "3"})
	w.post("POST /mail/:holder/to/:recipient", owner, "/mail/"+w.ids["Answer.house"]+"/to/"+w.ids["Answer.guest"], http.StatusNotFound, false, fill{"do", "end"}, fill{"days", "3"})
	w.post("POST /mail/:holder/move", inside, p+"/move", http.StatusSeeOther, true)
}

// planRecipient is what a registered recipient does in a mailbox of their own, and how a
// reader comes to one.
func (w *town) planRecipient(recipient, reader, second *asker) {
	w.Helper()
	s := w.letters[slices.IndexFunc(w.letters, func(s *secret) bool { return s.name == "Rita" })]
	letter := "/mail/" + w.ids["Rita.moved"]
	w.may("GET /mail", recipient, "/mail", s.words[0])
	w.may("GET /mail/:holder", recipient, letter, s.words[1])
	w.may("GET /mail/:holder/file/:n", recipient, letter+"/file/16", s.words[3])
	w.may("GET /mail/:holder/reply", recipient, letter+"/reply", s.words[0])
	w.acts = append(w.acts, act{route: "POST /mail/:holder/reply", by: recipient, path: letter + "/reply", form: []fill{{"text", "Ett svar."}}, file: true, status: http.StatusOK, changes: true})
	w.may("GET /account", recipient, "/account", "rita@example.se")
	w.may("GET /mail/new", recipient, "/mail/new", "Maria Ek")
	w.may("GET /mail/new/:to", recipient, "/mail/new/"+w.ids[caseworker], "Skriv till Maria Ek")
	w.acts = append(w.acts, act{route: "POST /mail/new/:to", by: recipient, path: "/mail/new/" + w.ids[caseworker], form: []fill{{"subject", "Fråga"}, {"text", "Hej."}}, file: true, status: http.StatusSeeOther, changes: true})
	for _, method := range []string{"GET", "POST"} { // nobody is signed in, into whose mailbox it could move
		w.acts = append(w.acts, act{route: method + " /m/letter/account", by: reader, path: "/m/letter/account", status: http.StatusSeeOther, sees: "Location: /m/letter\n"})
	}
	w.may("GET /m/register", reader, "/m/register", "slutar på 67")
	for _, route := range []string{"GET /m/register/pin", "GET /m/register/password", "POST /m/register/pin", "POST /m/register/password"} {
		method, path, _ := strings.Cut(route, " ")
		x := act{route: route, by: reader, path: path, status: http.StatusSeeOther, sees: "Location: /m/register\n"} // no PIN was asked for
		if method == "POST" {
			x.form = []fill{{"pin", "000000"}, {"password", annaPassword}, {"repeat", annaPassword}}
		}
		w.acts = append(w.acts, x)
	}
	w.post("POST /m/register", second, "/m/register", http.StatusSeeOther, true)
}

// planMailbox is what who reads in a function mailbox does there.
func (w *town) planMailbox(reader, asker *asker) {
	k := w.letters[slices.IndexFunc(w.letters, func(s *secret) bool { return s.name == "Kilo" })]
	box, copy := "/box/"+w.ids["Socialtjänsten"], "/mail/"+w.ids["Kilo.colleague"]
	w.may("GET /box/:box", reader, box, k.words[0])
	w.may("GET /box/:box", asker, box, "Från tiden innan")
	w.acts = append(w.acts, act{route: "POST /box/:box/search", by: reader, path: box + "/search", form: []fill{{"q", k.words[0]}}, status: http.StatusOK, sees: k.words[0]})
	for _, do := range []string{"trash", "restore"} {
		w.post("POST /box/:box/move", reader, box+"/move", http.StatusSeeOther, true, fill{"id", w.ids["Kilo.colleague"]}, fill{"do", do})
	}
	for _, folder := range []string{"/sent", "/drafts", "/held", "/trash", "/write", "/leave"} {
		w.may("GET /box/:box"+folder, reader, box+folder, "Socialtjänsten")
	}
	w.may("GET /box/:box/people", reader, box+"/people", "Maria Ek")
	w.may("GET /mail/:holder", reader, copy, k.words[1])
	did := func(route, path string, form ...fill) {
		w.post("POST "+route, reader, path+route[strings.LastIndex(route, "/"):], http.StatusSeeOther, true, form...)
	}
	did("/mail/:holder/claim", copy)
	did("/mail/:holder/remark", copy, fill{"text", "Ring henne."})
	did("/mail/:holder/release", copy)
	w.acts = append(w.acts, act{route: "POST /box/:box/write", by: reader, path: box + "/write", form: []fill{{"subject", "Nytt"}, {"do", "save"}}, file: true, status: http.StatusSeeOther, changes: true})
	w.post("POST /box/:box/drafts/drop", reader, box+"/drafts/drop", http.StatusUnprocessableEntity, false)
	// The password was not given just now: nothing is given before it is.
	w.post("POST /box/:box/give", reader, box+"/give", http.StatusSeeOther, false, fill{"person", w.ids[caseworker]})
	did("/box/:box/refuse", box, fill{"person", w.ids[caseworker]})
}

// planOrganisation is what an organiser does in the own branch, and the administrator
// everywhere.
func (w *town) planOrganisation(organiser, boss *asker) {
	unit := func(name string) string { return "/org/unit/" + w.ids[name] }
	person := func(name string) string { return "/org/person/" + w.ids[name] }
	w.may("GET /todo", organiser, "/todo", "Att göra")
	w.may("GET /todo", boss, "/todo", "återställningspaketet")
	w.may("GET /org", organiser, "/org", "Barn och familj")
	w.may("GET /org/usage", organiser, "/org/usage", "Användning och kostnad")
	w.may("GET /org/usage/csv", boss, "/org/usage/csv", "")
	w.acts = append(w.acts, act{route: "POST /org/usage/search", by: organiser, path: "/org/usage/search", form: []fill{{"list", "used"}, {"q", "familj"}}, status: http.StatusOK, sees: "Barn och familj"})
	w.may("GET /org/figures", organiser, "/org/figures", "Brev och sms per dag")
	w.may("GET /org/figures/csv", boss, "/org/figures/csv?by=unit", "")
	w.may("GET /org/unit/:unit", organiser, unit("Barn och familj"), "Johan Lind")
	w.may("GET /org/unit/:unit", boss, unit("Bygglov"), "2110")
	w.acts = append(w.acts, act{route: "POST /org/unit/:unit/search", by: organiser, path: unit("Barn och familj") + "/search", form: []fill{{"list", "people"}, {"q", "johan"}}, status: http.StatusOK, sees: "Johan Lind"})
	w.may("GET /org/people", organiser, "/org/people", "Johan Lind")
	w.may("GET /org/people", boss, "/org/people", adminAt)
	w.may("GET /org/units", organiser, "/org/units", "Barn och familj")
	w.may("GET /org/units", boss, "/org/units", "Bygglov")
	w.may("GET /org/mailboxes", organiser, "/org/mailboxes", "socialtjansten@")
	search := func(path, list, q, sees string, by *asker) {
		w.acts = append(w.acts, act{route: "POST " + path, by: by, path: path, form: []fill{{"list", list}, {"q", q}}, status: http.StatusOK, sees: sees})
	}
	search("/org/people/search", "people", "johan", "Johan Lind", organiser)
	search("/org/units/search", "units", "familj", "Barn och familj", organiser)
	search("/org/mailboxes/search", "mailboxes", "social", "socialtjansten@", organiser)
	search("/org/domains/search", "domains", "kommun", "exempelkommun.se", boss)
	w.may("GET /org/person/:person", organiser, person(caseworker), "Ekonomiskt bist")
	w.may("GET /org/person/:person", boss, person(adminAt), "Roller i hela huset")
	did := func(route, of string, form ...fill) {
		w.post("POST "+route, organiser, of+route[strings.LastIndex(route, "/"):], http.StatusSeeOther, true, form...)
	}
	did("/org/unit/:unit/add", unit("Socialförvaltningen"), fill{"name", "Familjerätt"}, fill{"cost", "5130"})
	did("/org/unit/:unit/people", unit("Barn och familj"), fill{"address", "nils@exempelkommun.se"}, fill{"name", "Nils"})
	w.may("GET /org/unit/:unit/import", organiser, unit("Tom")+"/import", "en person per rad")
	// The matrix' file is no table; without one nothing waits for the word.
	w.acts = append(w.acts, act{route: "POST /org/unit/:unit/import", by: organiser, path: unit("Tom") + "/import", file: true, status: http.StatusUnprocessableEntity, sees: "Första raden"})
	w.post("POST /org/unit/:unit/import/start", organiser, unit("Tom")+"/import/start", http.StatusUnprocessableEntity, false)
	w.may("GET /org/unit/:unit/brand", organiser, unit("Barn och familj")+"/brand", "Utseende och texter")
	brand := []fill{{"name", "Barn och unga"}, {"main", "#0b4f8a"}}
	w.acts = append(w.acts, act{route: "POST /org/unit/:unit/brand", by: organiser, path: unit("Barn och familj") + "/brand", form: brand, status: http.StatusOK, sees: "Barn och unga, Exempelkommun"})
	did("/org/unit/:unit/brand/save", unit("Barn och familj")+"/brand", brand...)
	did("/org/unit/:unit/brand/reset", unit("Barn och familj")+"/brand")
	w.may("GET /org/unit/:unit/contacts", organiser, unit("Socialförvaltningen")+"/contacts", "Advokat Lind")
	did("/org/unit/:unit/contacts", unit("Socialförvaltningen"), fill{"name", "Tolken"}, fill{"address", "tolk@tolkar.example"})
	w.post("POST /org/unit/:unit/contacts/change", organiser, unit("Socialförvaltningen")+"/contacts/change", http.StatusSeeOther, true, fill{"entry", w.ids["Advokat Lind"]}, fill{"name", "Advokat Lund"}, fill{"address", "lund@advokat.example"})
	w.post("POST /org/unit/:unit/contacts/remove", organiser, unit("Socialförvaltningen")+"/contacts/remove", http.StatusSeeOther, true, fill{"entry", w.ids["Advokat Lind"]})
	w.acts = append(w.acts, act{route: "POST /org/unit/:unit/contacts/search", by: organiser, path: unit("Socialförvaltningen") + "/contacts/search", form: []fill{{"list", "list"}, {"q", "tolk"}}, status: http.StatusOK, sees: "Tolken"})
	w.acts = append(w.acts, act{route: "POST /org/unit/:unit/templates/search", by: organiser, path: unit("Socialförvaltningen") + "/templates/search", form: []fill{{"list", "templates"}, {"q", "kall"}}, status: http.StatusOK, sees: "Kallelse"})
	w.may("GET /org/unit/:unit/templates", organiser, unit("Socialförvaltningen")+"/templates", "Kallelse")
	did("/org/unit/:unit/templates", unit("Socialförvaltningen"), fill{"form", "add"}, fill{"name", "Beslut"}, fill{"text", "Hej."})
	w.post("POST /org/unit/:unit/templates/change", organiser, unit("Socialförvaltningen")+"/templates/change", http.StatusSeeOther, true, fill{"entry", w.ids["Kallelse"]}, fill{"name", "Möte"}, fill{"text", "Hej."})
	w.post("POST /org/unit/:unit/templates/signature", organiser, unit("Socialförvaltningen")+"/templates/signature", http.StatusSeeOther, true, fill{"form", "signature"}, fill{"signature", "Socialtjänsten"})
	w.post("POST /org/unit/:unit/templates/remove", organiser, unit("Socialförvaltningen")+"/templates/remove", http.StatusSeeOther, true, fill{"entry", w.ids["Kallelse"]})
	did("/org/unit/:unit/change", unit("Tom"), fill{"name", "Töm"}, fill{"sms", "yes"})
	did("/org/unit/:unit/move", unit("Tom"), fill{"to", w.ids["Barn och familj"]})
	did("/org/unit/:unit/appoint", unit("Barn och familj"), fill{"address", johanAt})
	did("/org/unit/:unit/dismiss", unit("Barn och familj"), fill{"person", w.ids[johanAt]})
	did("/org/person/:person/name", person(caseworker), fill{"name", "Maria Ek-Lind"})
	did("/org/person/:person/join", person(caseworker), fill{"unit", w.ids["Tom"]})
	did("/org/person/:person/leave", person(caseworker), fill{"unit", w.ids["Tom"]})
	did("/org/person/:person/home", person(caseworker), fill{"unit", w.ids["Barn och familj"]})
	did("/org/person/:person/leaving", person("inbjuden@exempelkommun.se"), fill{"last", "2099-12-31"})
	did("/org/person/:person/suspend", person("inbjuden@exempelkommun.se"))
	w.post("POST /org/person/:person/handover", organiser, person("inbjuden@exempelkommun.se")+"/handover", http.StatusUnprocessableEntity, false, fill{"address", "ingen@exempelkommun.se"})
	did("/org/person/:person/resume", person("inbjuden@exempelkommun.se"))
	did("/org/person/:person/invite", person("inbjuden@exempelkommun.se"))
	box := "/org/mailbox/" + w.ids["Socialtjänsten"]
	w.may("GET /org/mailbox/:mailbox", organiser, box, "socialtjansten@")
	did("/org/unit/:unit/mailbox", unit("Barn och familj"), fill{"form", "mailbox"}, fill{"name", "Barn"}, fill{"address", "barn@exempelkommun.se"})
	did("/org/mailbox/:mailbox/change", box, fill{"form", "change"}, fill{"name", "Socialtjänst"}, fill{"unit", w.ids["Socialförvaltningen"]}, fill{"alarm", "2"})
	did("/org/mailbox/:mailbox/substitute", box, fill{"form", "substitute"}, fill{"address", karinAt})
	did("/org/mailbox/:mailbox/leave", box, fill{"person", w.ids[karinAt]})
	did("/org/mailbox/:mailbox/join", box, fill{"form", "reader"}, fill{"address", caseworker}, fill{"from", "start"})
	// Who asked does not give as well.
	w.post("POST /org/mailbox/:mailbox/give", organiser, box+"/give", http.StatusUnprocessableEntity, false, fill{"person", w.ids[caseworker]})
	did("/org/mailbox/:mailbox/refuse", box, fill{"person", w.ids[caseworker]})
	w.post("POST /org/mailbox/:mailbox/end", organiser, box+"/end", http.StatusSeeOther, true, fill{"form", "end"}, fill{"last", "2099-12-31"}, fill{"decision", "KS 2026/17"})
	w.post("POST /org/mailbox/:mailbox/remove", organiser, box+"/remove", http.StatusUnprocessableEntity, false)
	w.post("POST /org/person/:person/factor", organiser, person(johanAt)+"/factor", http.StatusUnprocessableEntity, false)
	w.post("POST /org/person/:person/signon", organiser, person(johanAt)+"/signon", http.StatusUnprocessableEntity, false)
	did("/org/unit/:unit/remove", unit("Tom"))
	w.post("POST /org/person/:person/plan", boss, person(caseworker)+"/plan", http.StatusSeeOther, true, fill{"plan", "pro"})
	w.post("POST /org/person/:person/roles", boss, person(caseworker)+"/roles", http.StatusSeeOther, true, fill{"role", "auditor"})
}

// planDrafts is what people write.
func (w *town) planDrafts(owner, other *asker, a *secret) {
	w.may("GET /write", owner, "/write", "Mottagare")
	w.may("GET /contacts", owner, "/contacts", "Kontakter")
	w.acts = append(w.acts, act{route: "POST /contacts/search", by: owner, path: "/contacts/search", form: []fill{{"q", "advokat"}}, status: http.StatusOK, sees: "Advokat Lind"})
	w.acts = append(w.acts, act{route: "POST /contacts/known", by: owner, path: "/contacts/known", form: []fill{{"address", "ny@example.se"}}, status: http.StatusOK, sees: "första gången"})
	w.acts = append(w.acts, act{route: "POST /contacts/suggest", by: owner, path: "/contacts/suggest", form: []fill{{"q", "lind@"}}, status: http.StatusOK, sees: "Advokat Lind"})
	w.post("POST /contacts/choose", owner, "/contacts/choose", http.StatusSeeOther, true, fill{"to", w.ids["Advokat Lind"]})
	w.post("POST /contacts/choose", owner, "/contacts/choose", http.StatusSeeOther, true, fill{"to", w.ids["Advokat Lind"]}, fill{"draft", w.ids["Draft.house"]})
	w.acts = append(w.acts, act{route: "POST /write", by: other, path: "/write", form: []fill{{"subject", "Nytt"}, {"do", "save"}}, file: true, status: http.StatusSeeOther, changes: true})
	p := "/write/" + w.ids["Draft.house"]
	w.may("GET /write/:draft", owner, p, a.words[1])
	w.may("GET /write/:draft/check", owner, p+"/check", a.words[1])
	form := []fill{{"to", a.names[0]}, {"phone", "0" + a.names[1]}, {"subject", strings.ToUpper(a.words[0])}, {"text", a.words[1]}, {"do", "save"}}
	w.acts = append(w.acts, act{route: "POST /write/:draft", by: owner, path: p, form: form, file: true, status: http.StatusSeeOther, changes: true},
		// A file and no word: only the file's own check stands before it.
		act{route: "POST /write/:draft", by: owner, path: p, form: []fill{}, file: true, status: http.StatusSeeOther, changes: true})
	w.post("POST /write/:draft/upload", owner, p+"/upload", http.StatusCreated, true, fill{"key", "en nyckel av webbläsaren"}, fill{"name", "fil.txt"}, fill{"size", "3"})
	w.may("GET /write/:draft/upload/:n", owner, p+"/upload/19", `"whole":false`)
	w.post("PATCH /write/:draft/upload/:n", owner, p+"/upload/19", http.StatusOK, true)
	w.may("GET /write/:draft/template/:template", owner, p+"/template/"+w.ids["Kallelse"], "välkommen")
	w.post("POST /write/:draft/template/:template", owner, p+"/template/"+w.ids["Kallelse"], http.StatusSeeOther, true, fill{"do", "below"})
	w.post("POST /account/signature", owner, "/account/signature", http.StatusSeeOther, true, fill{"signature", "Maria"})
	w.post("POST /write/:draft/remove/:n", owner, p+"/remove/17", http.StatusSeeOther, true)
	w.post("POST /write/:draft/send", owner, p+"/send", http.StatusSeeOther, true)
	w.acts = append(w.acts, act{route: "POST /mail/drafts/drop", by: other, path: "/mail/drafts/drop", form: []fill{{"id", w.ids["Mine.house"]}}, status: http.StatusOK, sees: "förstörs genast"})
	w.post("POST /mail/drafts/drop", other, "/mail/drafts/drop", http.StatusSeeOther, false, fill{"sure", "yes"}, fill{"id", w.ids["Draft.house"]}) // another's
	w.post("POST /write/:draft/drop", other, "/write/"+w.ids["Mine.house"]+"/drop", http.StatusSeeOther, true)
}
