package appliance_test

import (
	"net/http"

	"sigill/appliance/mail"
)

const (
	johanPhone = "0701112200"
	johanE164  = "+46701112200"
)

// enterers are those who have given the password and nothing more: one has a second
// factor, one must set one up.
func (w *town) enterers(johan *browser) {
	w.Helper()
	johan.ConnectsApp("/account", johanPhone, johanE164)
	johan.Prints()
	johan.Get("/account/apps").Post("/account/apps", "name", "Skrivaren").Sees("visas bara den här gången")
	var id []byte
	if err := w.db.QueryRow("SELECT id FROM app_password").Scan(&id); err != nil {
		w.Fatal(err)
	}
	w.ids["Skrivaren"] = mail.ID(id).String()
	w.enters("who has given the password and lacks the code", johanAt, "/in/factor", "second")
	w.required.Store(true)
	w.enters("who must set a second factor up", karinAt, "/in/phone", "enrols")
	w.required.Store(false)
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
	w.may("GET /in/phone", enrols, "/in/phone", "Hos oss behövs inloggning i två steg")
	leads("GET /in/app", enrols)
	w.post("POST /in/app", enrols, "/in/app", http.StatusSeeOther, false, fill{"code", "000000"})
	w.post("POST /in/phone", enrols, "/in/phone", http.StatusSeeOther, false, fill{"phone", "0701112211"})
	w.may("GET /in/phone/pin", enrols, "/in/phone/pin", "slutar på 11")
	w.post("POST /in/phone/pin", enrols, "/in/phone/pin", http.StatusUnprocessableEntity, false, fill{"pin", "00000"})

	w.may("GET /account", owner, "/account", "Maria Ek")
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
	w.may("GET /account/off", johan, "/account/off", "Stäng av")
	w.post("POST /account/off", johan, "/account/off", http.StatusSeeOther, true)
}
