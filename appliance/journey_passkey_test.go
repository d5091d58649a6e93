package appliance_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"
)

func TestPasskeys(t *testing.T) {
	dir, all := t.TempDir(), t
	j := newJourneyIn(t, dir)
	maria := j.Browser().SignsIn(caseworker)
	maria.Get("/account").Sees("Nycklar för inloggning")
	maria.Get("/account/passkeys").Sees("behöver du inloggning i två steg", "Du har ingen nyckel").SeesNot(`data-passkey="create"`)
	maria.ConnectsApp("/account", mariaPhone, mariaE164)
	j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: "Ärendet", body: "Om Storgatan."})
	phone, stick := newSoftKey(t, true), newSoftKey(t, false)

	t.Run("a passkey is made after the password was given, and its owner is told", func(t *testing.T) {
		maria.Get("/account/passkeys").Sees(`data-passkey="create"`)
		maria.Makes(phone, "Telefonen").At("/account/passkeys").Sees("Nyckeln är tillagd", "Telefonen", "Inget lösenord behövs")
		maria.Makes(stick, "Pinnen").Sees("Pinnen", "Lösenordet behövs också")
		j.AwaitSaying("email", caseworker, "för inloggning har lagts till")
		maria.Get("/account").Sees("Du har 2 nycklar")
		j.Turn(6 * time.Minute)
		maria.Get("/account/passkeys").At("/account/prove")
		maria.Post("/account/passkeys/options").At("/account/prove")
	})
	t.Run("with one that opens the key nothing else is asked", func(t *testing.T) {
		b := j.Browser().Get("/in").Uses(phone).At("/mail").Sees("Ärendet")
		b.first().Sees("Storgatan")
		b.Get("/account/passkeys").At("/account/passkeys").Sees("Senast använd")
	})
	t.Run("with one that does not, the password opens the mailbox, and no code is asked for", func(t *testing.T) {
		b := j.Browser().Get("/in").Uses(stick).At("/in/unlock").Sees("Nyckeln visar vem du är", caseworker)
		b.Get("/mail").At("/in/unlock")
		b.Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/mail").Sees("Ärendet")
	})
	t.Run("it stands in the place of a code at the second step", func(t *testing.T) {
		b := j.Browser().Password(caseworker).At("/in/factor").Sees("Använd nyckel (passkey)")
		a := b.asks("/in/passkey/options")
		if len(a.PublicKey.Allow) != 2 {
			t.Errorf("%d passkeys are asked for", len(a.PublicKey.Allow))
		}
		b.Uses(stick).At("/mail")
	})
	t.Run("and in the place of the password before what is risky", func(t *testing.T) {
		b := j.Browser().Get("/in").Uses(phone).At("/mail")
		j.Turn(6 * time.Minute)
		b.Get("/account/password").At("/account/prove").Sees("Använd nyckel (passkey)")
		b.Uses(phone, "next", "/account/password").At("/account/password")
	})
	t.Run("somebody else's is not, and signs in its owner only", func(t *testing.T) {
		johan := j.Browser().SignsIn(johanAt)
		johan.ConnectsApp("/account", johanPhone, johanE164)
		his := newSoftKey(t, true)
		johan.Get("/account/passkeys").Makes(his, "Min").Sees("Nyckeln är tillagd")
		b := j.Browser().Password(caseworker).At("/in/factor")
		b.Uses(his)
		if b.code != http.StatusUnprocessableEntity || b.at != "/in/passkey" {
			t.Errorf("%d at %s", b.code, b.at)
		}
		j.Browser().Get("/in").Uses(his).At("/mail").SeesNot("Ärendet").Get("/account").Sees("Johan Lind")
		// The same passkey is not taken for two people.
		his.user = nil
		maria := j.Browser().Get("/in").Uses(phone)
		maria.Get("/account/passkeys").Makes(his, "Lånad").Sees("finns redan")
	})
	t.Run("an answer is good once, and for the browser that was asked", func(t *testing.T) {
		b := j.Browser().Get("/in")
		a := b.asks("/in/passkey/options")
		answer := phone.signs(b, a)
		other := j.Browser().SignsIn(karinAt)
		other.Post("/in/passkey", "state", a.State, "response", answer, "prf", text(phone.prf), "next", "/account").Sees("tog för lång tid")
		b.Get("/in").Post("/in/passkey", "state", a.State, "response", answer, "prf", text(phone.prf)).Sees("tog för lång tid")
		b.Uses(phone).At("/mail")
	})
	t.Run("what was asked in one stranger's browser is not answered in another's", func(t *testing.T) {
		b := j.Browser().Get("/in")
		a := b.asks("/in/passkey/options")
		j.Browser().Get("/in").Post("/in/passkey", "state", a.State, "response", phone.signs(b, a), "prf", text(phone.prf)).Sees("tog för lång tid")
	})
	t.Run("it is not good after five minutes", func(t *testing.T) {
		b := j.Browser().Get("/in")
		a := b.asks("/in/passkey/options")
		j.Turn(5 * time.Minute)
		b.Post("/in/passkey", "state", a.State, "response", phone.signs(b, a), "prf", text(phone.prf)).Sees("tog för lång tid")
	})
	t.Run("a copy that has counted less is refused", func(t *testing.T) {
		old := *phone
		j.Browser().Get("/in").Uses(phone).At("/mail")
		old.count = phone.count - 1
		j.Browser().Get("/in").Uses(&old).At("/in/passkey").Sees("kopia")
	})
	t.Run("one that nobody has is told as such", func(t *testing.T) {
		k := newSoftKey(t, true)
		k.user = phone.user
		j.Browser().Get("/in").Uses(k).At("/in/passkey").Sees("går inte att logga in med")
	})
	t.Run("an auditor sees the copy, and whose it is, and nothing of what names nobody", func(t *testing.T) {
		copied := 0
		boss := j.Organiser(adminAt)
		for _, f := range boss.failures(1) {
			if f == "sign_in_failed "+boss.person(caseworker)[len("/org/person/"):]+" passkey" {
				copied++
			} else {
				t.Errorf("beside it %q", f)
			}
		}
		if copied == 0 {
			t.Error("not in the journal")
		}
	})
	t.Run("all of it is there after a restart", func(t *testing.T) {
		j.stop()
		j = newJourneyIn(all, dir) // the rest goes on there
		j.Browser().Get("/in").Uses(phone).At("/mail").Sees("Ärendet")
	})
	t.Run("it outlives another password", func(t *testing.T) {
		b := j.Browser().Get("/in").Uses(phone)
		b.Get("/account/password").Post("/account/password", "password", "sex nya ord som passar", "repeat", "sex nya ord som passar").At("/account")
		j.Browser().Get("/in").Uses(phone).At("/mail").Sees("Ärendet")
	})
	t.Run("removed it signs in nobody, and who was in elsewhere is out", func(t *testing.T) {
		thief := j.Browser().Get("/in").Uses(phone).At("/mail")
		b := j.Browser().Get("/in").Uses(stick).Post("/in/unlock", "password", "sex nya ord som passar").At("/mail")
		b.Get("/account/passkeys").Post("/account/passkeys/remove", "id", passkeyOn(b, "Telefonen")).Sees("Nyckeln är borttagen").SeesNot("Telefonen")
		thief.Get("/mail").At("/in")
		j.Browser().Get("/in").Uses(phone).At("/in/passkey").Sees("går inte att logga in med")
		j.AwaitSaying("email", caseworker, "för inloggning har tagits bort")
	})
}

// passkeyOn is the id of a passkey on the page that is open.
func passkeyOn(b *browser, name string) string {
	b.j.Helper()
	m := regexp.MustCompile(`(?s)` + regexp.QuoteMeta(name) + `.*?name="id" value="([^"]+)"`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("no %s on:\n%s", name, b.page)
	}
	return m[1]
}
