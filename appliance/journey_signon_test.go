package appliance_test

import (
	"net/http"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
)

// signOnJourney is one whose people come by a sign-on.
func signOnJourney(t testing.TB, dir string, idp *provider, by appliance.SignOn) *journey {
	t.Helper()
	j := newJourneyIn(t, dir, appliance.LetSignOn(by))
	idp.mu.Lock()
	defer idp.mu.Unlock()
	idp.portal = j.info.Portal
	return j
}

func TestSignOn(t *testing.T) {
	dir := t.TempDir()
	idp := newProvider(t)
	j := signOnJourney(t, dir, idp, appliance.SignOn{Provider: idp})
	idp.is("maria", caseworker, "Maria Ek")

	t.Run("the sign-on shows who somebody is, and the password opens the mailbox", func(t *testing.T) {
		maria := j.Browser().Get("/in").Sees("Logga in med Exempelkommuns konto", "Lösenord").SignsOn().At("/in/unlock").Sees(caseworker)
		for _, path := range []string{"/mail", "/account", "/write", "/in"} {
			maria.Get(path).At("/in/unlock")
		}
		maria.Post("/in/unlock", "password", "fel lösenord").Sees("Lösenordet stämmer inte")
		maria.Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/mail")
	})
	t.Run("whom nobody has met yet chooses a password, and is one of the house", func(t *testing.T) {
		idp.is("ny", "ny.person@exempelkommun.se", "Ny Person")
		b := j.Browser().SignsOn().At("/in/arrive").Sees("Ny Person", "ny.person@exempelkommun.se")
		b.Post("/in/arrive", "password", "kort", "repeat", "kort").Sees("minst 12")
		b.Post("/in/arrive", "password", "fyra ord som passar", "repeat", "fyra andra ord").Sees("inte lika")
		b.Post("/in/arrive", "password", "fyra ord som passar", "repeat", "fyra ord som passar").At("/mail")
		j.Send(letter{from: caseworker, to: []string{"ny.person@exempelkommun.se.s"}, subject: "Välkommen", body: "Hej."})
		b.Get("/mail").Sees("Välkommen")
		b = j.Browser().SignsOn().At("/in/unlock")
		b.Post("/in/unlock", "password", "fyra ord som passar").At("/mail").Sees("Välkommen")
		if n := len(j.Trapped("email", "ny.person@exempelkommun.se")); n > 2 { // the letter, and another browser
			t.Error(j.summary())
		}
	})
	t.Run("an address of elsewhere is let in nowhere", func(t *testing.T) {
		idp.is("x", "anna@example.se", "Anna")
		j.Browser().SignsOn().Sees("hör inte till organisationen").SeesNot("Inkorg")
	})
	t.Run("an account that was given the address of somebody else does not get in", func(t *testing.T) {
		idp.is("another maria", caseworker, "Maria Ek")
		j.Browser().SignsOn().Sees("hör redan till ett annat konto")
		t.Run("until an organiser undoes the bond", func(t *testing.T) {
			karin := j.Organiser(karinAt)
			at := "/org/person/" + karin.look().people[caseworker]
			karin.Get(at).Sees("organisationens inloggning").Post(at + "/signon").Sees("Kopplingen är borttagen")
			j.Browser().SignsOn().At("/in/unlock")
			idp.is("maria", caseworker, "Maria Ek")
			j.Browser().SignsOn().Sees("hör redan till ett annat konto")
		})
	})
	t.Run("who is invited again after a try is found by the sign-on all the same", func(t *testing.T) {
		boss := j.Organiser(adminAt)
		boss.adds("Bygglov", "olle@exempelkommun.se", "Olle Bygg")
		j.Await("email", "olle@exempelkommun.se", 1) // it is lost
		idp.is("olle", "olle@exempelkommun.se", "Olle Bygg")
		j.Browser().SignsOn().At("/in/unlock").Sees("inbjudan som du inte har använt")
		at := "/org/person/" + boss.look().people["olle@exempelkommun.se"]
		boss.Get(at).Post(at + "/invite")
		b := j.Browser().ShowCode(j.CodeOf(j.Await("email", "olle@exempelkommun.se", 2))).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		j.Browser().SignsOn().At("/in/unlock").Post("/in/unlock", "password", "fyra gröna hästar").At("/mail")
	})
	t.Run("an answer is good once, in the browser that asked", func(t *testing.T) {
		idp.is("ny", "ny.person@exempelkommun.se", "Ny Person")
		j.Browser().Get("/in/sso/back?code=1&state=s").Sees("tog för lång tid")
		j.Browser().Get("/in/sso/done").Sees("tog för lång tid")
		j.Browser().Get("/in/arrive").Sees("tog för lång tid")
		b := j.Browser().Get("/in/sso")
		b.Get("/in/sso/back?code=1&state=s").Sees("tog för lång tid")
		b.Get("/in/sso/done").At("/in/unlock").Post("/in/unlock", "password", "fyra ord som passar").At("/mail")
		b.Get("/in/sso/done").Sees("tog för lång tid")
	})
	t.Run("who turns back there sees why, where other ways are", func(t *testing.T) {
		idp.refuses(mail.E(mail.Denied, "error.signon.cancelled", nil))
		b := j.Browser().Get("/in/sso").At("/in/sso/back").Sees("avbröts", "Lösenord")
		if b.code != http.StatusUnprocessableEntity {
			t.Error(b.code)
		}
		b.Get("/in/sso/done").Sees("tog för lång tid")
		idp.refuses(nil)
	})
	t.Run("the second step is asked for, unless the sign-on vouches for it", func(t *testing.T) {
		johan := j.Browser().SignsIn(johanAt)
		key := johan.ConnectsApp("/account", johanPhone, johanE164)
		j.Step()
		idp.is("johan", johanAt, "Johan Lind")
		j.Browser().SignsOn().Post("/in/unlock", "password", j.passwordOf(johanAt)).At("/mail")
		idp.vouches = false
		b := j.Browser().SignsOn().Post("/in/unlock", "password", j.passwordOf(johanAt)).At("/in/factor")
		b.Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
		idp.vouches = true
	})
}

func TestSignOnAlone(t *testing.T) {
	idp := newProvider(t)
	j := signOnJourney(t, t.TempDir(), idp, appliance.SignOn{Provider: idp, Required: true})
	t.Run("people come by it alone", func(t *testing.T) {
		j.Browser().Get("/in").Post("/in", "address", caseworker, "password", j.passwordOf(caseworker)).At("/in").Sees("Logga in med organisationens inloggning i stället")
		j.Browser().Get("/in").Post("/in", "address", caseworker, "password", "fel lösenord").SeesNot("i stället")
		idp.is("maria", caseworker, "Maria Ek")
		j.Browser().SignsOn().Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/mail")
	})
	t.Run("who runs the machine comes in without, to mend it", func(t *testing.T) {
		j.Browser().SignsIn(adminAt).At("/mail")
	})
	t.Run("somebody of elsewhere, whom it cannot name, comes in by a password", func(t *testing.T) {
		boss := j.Organiser(adminAt)
		social := boss.unit("Socialförvaltningen")
		boss.Get(social).Post(social+"/add", "form", "unit", "name", "Läkare", "kind", "group")
		boss.adds("Läkare", "doktor@vard.example", "Doktor Ek")
		b := j.Browser().ShowCode(j.CodeOf(j.Await("email", "doktor@vard.example", 1)))
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
	})
	t.Run("an invitation leads there, too", func(t *testing.T) {
		j.Send(letter{from: caseworker, to: []string{"ny@exempelkommun.se.s"}, subject: "Hej", body: "Hej."})
		b := j.Browser().ShowCode(j.CodeOf(j.invitationTo("ny@exempelkommun.se"))).At("/welcome")
		idp.is("ny", "ny@exempelkommun.se", "Ny")
		j.Browser().SignsOn().At("/in/unlock").Sees("inbjudan som du inte har använt")
		b.Post("/welcome", "password", "fyra ord som passar", "repeat", "fyra ord som passar").Sees("organisationens inloggning i stället")
		j.Browser().SignsOn().Post("/in/unlock", "password", "fyra ord som passar").At("/mail").Sees("Hej")
	})
}

func TestKeysThatTheServerHolds(t *testing.T) {
	dir := t.TempDir()
	idp := newProvider(t)
	j := signOnJourney(t, dir, idp, appliance.SignOn{Provider: idp, ServerHeld: true})
	idp.is("maria", caseworker, "Maria Ek")
	j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: "Ärendet", body: "Om Storgatan."})
	t.Run("the password is asked for once, and it is said what that means", func(t *testing.T) {
		maria := j.Browser().SignsOn().At("/in/unlock").Sees("servern kan då öppna din brevlåda")
		maria.Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/mail").Sees("Ärendet")
		maria = j.Browser().SignsOn().At("/mail").Sees("Ärendet").first().Sees("Storgatan")
		maria.Get("/account").Sees("servern kan öppna din brevlåda")
		j.Browser().SignsIn(adminAt).Get("/admin").Sees("Brevlådor som servern kan öppna", "1 person")
	})
	t.Run("who comes for the first time is in at once", func(t *testing.T) {
		idp.is("ny", "ny@exempelkommun.se", "Ny Person")
		j.Browser().SignsOn().At("/mail").Sees("servern kan öppna din brevlåda").Get("/account").Sees("Ny Person", "servern kan öppna", "Välj lösenord")
	})
	t.Run("who has chosen a password is let in by nobody's word alone", func(t *testing.T) {
		j.Send(letter{from: johanAt, to: []string{"inbjuden@exempelkommun.se.s"}, subject: "Hemligt", body: "Hej."})
		b := j.Browser().ShowCode(j.CodeOf(j.invitationTo("inbjuden@exempelkommun.se"))).At("/welcome").Sees("Ingen annan kan läsa dem")
		b.Post("/welcome", "password", "fyra ord som passar", "repeat", "fyra ord som passar").At("/mail")
		idp.is("somebody there", "inbjuden@exempelkommun.se", "Inbjuden")
		j.Browser().SignsOn().At("/in/unlock").Sees("servern kan då öppna").SeesNot("Hemligt")
		idp.is("ny", "ny@exempelkommun.se", "Ny Person")
	})
	t.Run("what is risky is shown again at the provider, and freshly", func(t *testing.T) {
		b := j.Browser().SignsOn().At("/mail").Get("/account/recovery").At("/account/prove").SeesNot(`name="password"`)
		b.Get("/account/prove/sso?next=/account/recovery").Sees("/in/sso/done").Get("/in/sso/done").At("/account/recovery")
		if !idp.asked.Fresh {
			t.Error("an older sign-on is enough")
		}
		b.Post("/account/recovery").Sees("visas bara den här gången")
	})
	t.Run("when that is turned off, the server opens nobody's mailbox who has another way", func(t *testing.T) {
		j.stop()
		j = signOnJourney(t, dir, idp, appliance.SignOn{Provider: idp})
		idp.is("maria", caseworker, "Maria Ek")
		j.Browser().SignsOn().At("/in/unlock").SeesNot("servern kan")
		idp.is("ny", "ny@exempelkommun.se", "Ny Person")
		b := j.Browser().SignsOn().At("/account/prove").Sees("Välj ett lösenord")
		b.Get("/account/prove/sso?next=/account/password").Get("/in/sso/done").At("/account/password")
		b.Post("/account/password", "password", "fyra ord som passar", "repeat", "fyra ord som passar").At("/account").SeesNot("servern kan")
		j.Browser().SignsOn().At("/in/unlock").Post("/in/unlock", "password", "fyra ord som passar").At("/mail")
	})
}

// A domain becomes the house's at which somebody has registered as a recipient: the sign-on
// says who has the address today, and not whose that account is.
func TestTheSignOnAtARecipientsAddress(t *testing.T) {
	dir := t.TempDir()
	idp := newProvider(t)
	j := signOnJourney(t, dir, idp, appliance.SignOn{Provider: idp})
	const ada, number = "ada@nya.example", "+46701234577"
	j.Send(letter{to: []string{ada + ".0701234577.s"}, subject: "Det första brevet", body: "Hej."})
	in := j.Browser().Opens(j.Await("email", ada, 1), number).Registers(number, annaPassword)
	boss := j.Organiser(adminAt)
	boss.Get("/org/domains").Post("/org/domains", "form", "add", "domain", "nya.example").Sees("Domänen är tillagd")
	boss.Post("/org/domains/vouch", "domain", "nya.example", "typed", "nya.example").Sees("Domänen är husets nu")
	idp.is("ada", ada, "Ada Ny")
	t.Run("they are told of it where they sign in, and see nothing of the house", func(t *testing.T) {
		b := j.Browser().SignsOn().Sees("konto för brev på din adress", "Lösenord")
		if b.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", b.code)
		}
		for _, path := range []string{"/mail", "/account", "/write"} {
			b.Get(path).At("/in")
		}
		in.Get("/mail").Sees("Det första brevet")
	})
	t.Run("once its owner has taken it along, the sign-on means them", func(t *testing.T) {
		j.Turn(2 * time.Hour)
		asked := joinIn.FindString(j.AwaitSaying("email", ada, "/in/join/").Text)
		in = j.Browser().SignsInByPhone(ada, annaPassword, number).Get(asked)
		if in.at == "/account/prove" {
			in.Post("/account/prove", "password", annaPassword, "next", "/account/join")
		}
		in.At("/account/join").Post("/account/join").At("/in")
		j.Browser().SignsOn().At("/in/unlock").Sees(ada)
	})
}
