package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"sigill/appliance/mail"
)

const (
	johanPhone = "0701112200"
	johanE164  = "+46701112200"
)

// enterers are those who have given the password and nothing more: one has a second
// factor, one must set one up.
func (w *town) enterers(johan, organiser *browser) {
	w.Helper()
	johan.ConnectsApp("/account", johanPhone, johanE164)
	johan.Prints()
	johan.Get("/account/apps").Post("/account/apps", "name", "Skrivaren").Sees("visas bara den här gången")
	var id []byte
	if err := w.db.QueryRow("SELECT id FROM app_password").Scan(&id); err != nil {
		w.Fatal(err)
	}
	w.ids["Skrivaren"] = mail.ID(id).String()
	w.unlocks(johan)
	w.arrives()
	w.enters("who has given the password and lacks the code", johanAt, "/in/factor", "second")
	w.asks(organiser)
	w.required.Store(true)
	w.enters("who must set a second factor up", karinAt, "/in/phone", "enrols")
	w.required.Store(false)
}

// unlocks is who has shown a passkey that does not open the key.
func (w *town) unlocks(johan *browser) {
	w.Helper()
	k := newSoftKey(w, false)
	w.ids["Pinnen"] = passkeyOn(johan.Get("/account/passkeys").Makes(k, "Pinnen"), "Pinnen")
	a := w.join("who has shown a passkey and lacks the password", w.Browser().Get("/in").Uses(k).At("/in/unlock"), "/in/unlock", "unlocks")
	a.again = func() {
		b := w.Browser().Get("/in").Uses(k).At("/in/unlock")
		a.b.c.Jar, a.csrf = b.c.Jar, formToken.FindStringSubmatch(b.page)[1]
	}
}

// arrives is who comes by the sign-on, and whom nobody has met yet.
func (w *town) arrives() {
	w.Helper()
	w.idp.is("arrives", "kommer.ny@exempelkommun.se", "Kommer Ny")
	a := w.join("who comes by the sign-on for the first time", w.Browser().SignsOn().At("/in/arrive"), "/in/arrive")
	a.again = func() {
		b := w.Browser().SignsOn().At("/in/arrive")
		a.b.c.Jar, a.csrf = b.c.Jar, formToken.FindStringSubmatch(b.page)[1]
	}
}

// asks begins a question for help with Maria's password, and asks another one.
func (w *town) asks(organiser *browser) {
	w.Helper()
	b := w.Browser()
	b.Get("/in/help").Post("/in/help", "address", caseworker).Post("/in/help/ask").At("/in/help/wait")
	m := questionOn.FindStringSubmatch(organiser.Get("/org/help").page)
	if m == nil {
		w.Fatal("no question: " + organiser.page)
	}
	w.ids["question"] = m[2]
	for _, a := range w.askers {
		if a.name == "a colleague with a letter from the owner" {
			w.owns(a, "question", "question")
		}
	}
	begins := func() *browser {
		return w.Browser().Get("/in/help").Post("/in/help", "address", caseworker).At("/in/help/proof")
	}
	a := w.join("who asks for help with a password", begins(), "/in/help/proof", "asking")
	begun := w.demo.Clock.Running()
	a.again = func() {
		// It is over after half an hour, and one network may not begin very many.
		if now := w.demo.Clock.Running(); now-begun < 10*time.Minute && a.b.Get("/in/help/proof").code == http.StatusOK {
			return
		}
		begun = w.demo.Clock.Running()
		b := begins()
		a.b.c.Jar, a.csrf = b.c.Jar, formToken.FindStringSubmatch(b.page)[1]
	}
}

// enters lets somebody in as far as the password leads, and again whenever time has gone
// by: it is good for ten minutes.
func (w *town) enters(name, address, page, class string) {
	w.Helper()
	a := w.join(name, w.Browser().Password(address).At(page), page, class)
	a.again = func() {
		w.required.Store(class == "enrols")
		defer w.required.Store(false)
		b := w.Browser().Password(address).At(page)
		a.b.c.Jar, a.csrf = b.c.Jar, formToken.FindStringSubmatch(b.page)[1]
	}
}

// planAccounts is what people do with their own account, and on their way in.
func (w *town) planAccounts(by map[string]*asker) {
	w.Helper()
	owner, johan, inside := by["the owner"], by["another caseworker"], by["a colleague with a letter from the owner"]
	second, enrols := by["who has given the password and lacks the code"], by["who must set a second factor up"]
	leads := func(route string, who *asker) {
		w.acts = append(w.acts, act{route: route, by: who, path: route[len("GET "):], status: http.StatusSeeOther, sees: "Location: /in/phone"})
	}
	w.may("GET /in/factor", second, "/in/factor", "Öppna appen")
	w.post("POST /in/factor", second, "/in/factor", http.StatusUnprocessableEntity, false, fill{"code", "0000000000"})
	w.post("POST /in/factor/sms", second, "/in/factor/sms", http.StatusSeeOther, false)
	w.planWays(by)
	w.may("GET /in/phone", enrols, "/in/phone", "Hos oss behövs inloggning i två steg")
	leads("GET /in/app", enrols)
	w.post("POST /in/app", enrols, "/in/app", http.StatusSeeOther, false, fill{"code", "000000"})
	w.post("POST /in/phone", enrols, "/in/phone", http.StatusSeeOther, false, fill{"phone", "0701112211"})
	w.may("GET /in/phone/pin", enrols, "/in/phone/pin", "slutar på 11")
	w.post("POST /in/phone/pin", enrols, "/in/phone/pin", http.StatusUnprocessableEntity, false, fill{"pin", "00000"})

	w.planHelp(by)
	w.acts = append(w.acts, act{route: "POST /account/nothelp", by: johan, path: "/account/nothelp", late: func() string {
		w.Browser().Get("/in/help").Post("/in/help", "address", johanAt).Post("/in/help/ask").At("/in/help/wait")
		return "/account/nothelp"
	}, status: http.StatusSeeOther, sees: "Location: /account\n", changes: true})
	w.may("GET /account", owner, "/account", "Maria Ek")
	w.post("POST /account/told", owner, "/account/told", http.StatusSeeOther, true, fill{"told", "daily"}, fill{"shared", "each"})
	w.post("POST /account/receipt", owner, "/account/receipt", http.StatusSeeOther, true, fill{"receipt", "mail"})
	w.post("POST /account/language", owner, "/account/language", http.StatusSeeOther, true, fill{"lang", "sv"})
	w.post("POST /account/end", inside, "/account/end", http.StatusSeeOther, false, fill{"id", "others"})
	w.may("GET /account/prove", owner, "/account/prove", "Skriv lösenordet en gång till")
	for _, who := range []*asker{owner, johan} {
		address := map[*asker]string{owner: caseworker, johan: johanAt}[who]
		w.post("POST /account/prove", who, "/account/prove", http.StatusSeeOther, false, fill{"password", w.passwordOf(address)})
	}
	w.may("GET /account/phone", owner, "/account/phone", "Mobilnummer")
	w.post("POST /account/phone", owner, "/account/phone", http.StatusSeeOther, false, fill{"phone", mariaPhone})
	w.may("GET /account/phone/pin", owner, "/account/phone/pin", "slutar på 43")
	w.post("POST /account/phone/pin", owner, "/account/phone/pin", http.StatusUnprocessableEntity, false, fill{"pin", "00000"})
	w.may("GET /account/password", owner, "/account/password", "Nytt lösenord")
	w.post("POST /account/password", owner, "/account/password", http.StatusSeeOther, true, fill{"password", "fem gula båtar i hamn"}, fill{"repeat", "fem gula båtar i hamn"})
	w.may("GET /account/app", johan, "/account/app", "Läs av bilden")
	w.post("POST /account/app", johan, "/account/app", http.StatusUnprocessableEntity, false, fill{"code", "00000"})
	w.may("GET /account/codes", johan, "/account/codes", "10 koder kvar")
	w.acts = append(w.acts, act{route: "POST /account/codes", by: johan, path: "/account/codes", form: []fill{}, status: http.StatusOK, sees: "Skriv ut sidan nu", changes: true})
	w.may("GET /account/recovery", johan, "/account/recovery", "Gör en ny kod")
	w.acts = append(w.acts, act{route: "POST /account/recovery", by: johan, path: "/account/recovery", form: []fill{}, status: http.StatusOK, sees: "Skriv ut sidan nu", changes: true})
	w.may("GET /account/apps", johan, "/account/apps", "Skrivaren")
	w.acts = append(w.acts, act{route: "POST /account/apps", by: johan, path: "/account/apps", form: []fill{{"name", "Telefonen"}}, status: http.StatusOK, sees: "visas bara den här gången", changes: true})
	w.post("POST /account/apps/remove", johan, "/account/apps/remove", http.StatusSeeOther, true, fill{"id", w.ids["Skrivaren"]})
	w.may("GET /account/passkeys", johan, "/account/passkeys", "Pinnen")
	w.acts = append(w.acts, act{route: "POST /account/passkeys/options", by: johan, path: "/account/passkeys/options", form: []fill{}, status: http.StatusOK, sees: "challenge"})
	w.post("POST /account/passkeys", johan, "/account/passkeys", http.StatusUnprocessableEntity, false, fill{"name", "En till"})
	w.post("POST /account/passkeys/remove", johan, "/account/passkeys/remove", http.StatusSeeOther, true, fill{"id", w.ids["Pinnen"]})
	w.acts = append(w.acts, act{route: "GET /account/prove/sso", by: johan, path: "/account/prove/sso", status: http.StatusSeeOther, sees: "Location: " + w.idp.URL})
	w.planExport(johan, "/account/export", "/account/export")
	w.planExport(johan, "/box/:box/export", "/box/"+w.ids["Socialtjänsten"]+"/export")
	w.may("GET /account/off", johan, "/account/off", "Stäng av")
	w.post("POST /account/off", johan, "/account/off", http.StatusSeeOther, true)
}

// planExport is how somebody takes the letters of a mailbox along.
func (w *town) planExport(who *asker, route, path string) {
	w.Helper()
	w.may("GET "+route, who, path, "Vem ska kunna öppna filen?")
	w.acts = append(w.acts,
		act{route: "POST " + route + "/key", by: who, path: path + "/key", form: []fill{}, status: http.StatusOK, sees: "AGE-SECRET-KEY-PQ-1"},
		act{route: "POST " + route, by: who, path: path, form: []fill{{"to", ownKey(w).Recipient().String()}}, status: http.StatusOK, sees: "age-encryption.org/v1", changes: true})
}

// planWays is how people come in by other ways than the password.
func (w *town) planWays(by map[string]*asker) {
	w.Helper()
	nobody, unlocks, arrives := by["nobody"], by["who has shown a passkey and lacks the password"], by["who comes by the sign-on for the first time"]
	w.acts = append(w.acts,
		act{route: "GET /in/sso", by: nobody, path: "/in/sso", status: http.StatusSeeOther, sees: "Location: " + w.idp.URL},
		act{route: "POST /in/passkey/options", by: nobody, path: "/in/passkey/options", form: []fill{}, status: http.StatusOK, sees: "challenge"})
	late := func(route string, form ...fill) {
		_, path, _ := strings.Cut(route, " ")
		w.acts = append(w.acts, act{route: route, by: nobody, path: path, form: form, status: http.StatusUnprocessableEntity, sees: "tog för lång tid"})
	}
	w.acts = append(w.acts, act{route: "GET /in/sso/back", by: nobody, path: "/in/sso/back", status: http.StatusUnprocessableEntity, sees: "avbröts"}) // there is no code
	late("GET /in/sso/done")
	late("POST /in/passkey", fill{"state", "x"}, fill{"response", "{}"})
	late("POST /in/arrive", fill{"password", "fyra ord som passar"}, fill{"repeat", "fyra ord som passar"})
	w.may("GET /in/arrive", arrives, "/in/arrive", "Kommer Ny")
	w.post("POST /in/arrive", arrives, "/in/arrive", http.StatusSeeOther, true, fill{"password", "fyra ord som passar"}, fill{"repeat", "fyra ord som passar"})
	w.may("GET /in/unlock", unlocks, "/in/unlock", "Nyckeln visar vem du är")
	w.post("POST /in/unlock", unlocks, "/in/unlock", http.StatusUnprocessableEntity, false, fill{"password", "fel lösenord"})
}

var questionOn = regexp.MustCompile(`action="(/org/help/([0-9a-z]{26}))/give"`)

// planHelp is what who has forgotten the password does, and who organises them.
func (w *town) planHelp(by map[string]*asker) {
	w.Helper()
	asking, nobody, inside := by["who asks for help with a password"], by["nobody"], by["a colleague with a letter from the owner"]
	leads := func(route, to string, form []fill) {
		_, path, _ := strings.Cut(route, " ")
		w.acts = append(w.acts, act{route: route, by: asking, path: path, form: form, status: http.StatusSeeOther, sees: "Location: " + to})
	}
	w.may("GET /in/help", nobody, "/in/help", "Be om hjälp med lösenordet")
	w.post("POST /in/help", nobody, "/in/help", http.StatusUnprocessableEntity, false, fill{"address", "ingen adress"})
	w.may("GET /in/help/proof", asking, "/in/help/proof", "Öppna appen")
	leads("GET /in/help/password", "/in/help/proof", nil)
	w.post("POST /in/help/proof", asking, "/in/help/proof", http.StatusUnprocessableEntity, false, fill{"code", "000000"})
	w.post("POST /in/help/sms", asking, "/in/help/sms", http.StatusSeeOther, false)
	w.post("POST /in/help/ask", asking, "/in/help/ask", http.StatusSeeOther, false) // it is written down beside the answer
	w.may("GET /in/help/wait", asking, "/in/help/wait", "Läs upp det här numret")
	leads("POST /in/help/password", "/in/help/wait", []fill{{"password", "fyra gröna hästar"}, {"repeat", "fyra gröna hästar"}})
	w.post("POST /account/prove", inside, "/account/prove", http.StatusSeeOther, false, fill{"password", w.passwordOf(karinAt)})
	w.may("GET /org/help", inside, "/org/help", "Maria Ek")
	question := "/org/help/" + w.ids["question"]
	w.post("POST /org/help/:question/give", inside, question+"/give", http.StatusUnprocessableEntity, false, fill{"number", "0000"})
	w.post("POST /org/help/:question/refuse", inside, question+"/refuse", http.StatusSeeOther, true)
	w.post("POST /in/help/stop", asking, "/in/help/stop", http.StatusSeeOther, false)
}
