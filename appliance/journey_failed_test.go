package appliance_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/access"
	"sigill/appliance/mail"
)

// failures waits until the journal tells of n failed sign-ins and stopped tries, which are
// written down beside the answers, and returns them: what, about whom, and by what.
func (b *browser) failures(n int) []string {
	b.j.Helper()
	var list []string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); b.j.pause() {
		list = nil
		for _, x := range b.acts(1) {
			if x[2] == "sign_in_failed" || x[2] == "tries_stopped" {
				list = append(list, x[2]+" "+x[7]+" "+x[8])
			}
		}
		if len(list) >= n {
			slices.Sort(list)
			return list
		}
	}
	b.j.Fatalf("%d failed sign-ins are in the journal, not %d: %q", len(list), n, list)
	return nil
}

func TestAuditorSeesFailedSignIns(t *testing.T) {
	j := newJourney(t)
	boss, johan := j.Organiser(adminAt), j.Browser().SignsIn(johanAt)
	at := boss.person(johanAt)
	boss.Get(at).Post(at+"/roles", "role", "auditor").Sees("Ändringen är sparad")
	maria := boss.look().people[caseworker]
	key := j.Browser().SignsIn(caseworker).ConnectsApp("/account", mariaPhone, mariaE164)
	j.Step()
	guess := func(address, password string) *browser {
		return j.Browser().Get("/in").Post("/in", "address", address, "password", password)
	}

	t.Run("a wrong password, a wrong code and an address that nobody has", func(t *testing.T) {
		guess(caseworker, "solrosor i motvind")
		guess("ingen.alls@exempelkommun.se", "solrosor i motvind")
		waits := j.Browser().Password(caseworker).At("/in/factor")
		waits.Post("/in/factor", "code", j.WrongTOTP(key))
		waits.Post("/in/factor", "code", "ABCDE-FGHJK")
		want := []string{
			"sign_in_failed  password", "sign_in_failed " + maria + " app", "sign_in_failed " + maria + " password", "sign_in_failed " + maria + " printed",
		}
		if got := johan.failures(4); !slices.Equal(got, want) {
			t.Errorf("%q, not %q", got, want)
		}
		waits.Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	})
	t.Run("they stand on the page in words, and nothing that was typed", func(t *testing.T) {
		johan.Get("/journal?kind=sign_in_failed").Sees("<td>Inloggning misslyckades</td>", "<td>lösenord</td>", "<td>kod från appen</td>", "<td>utskriven kod</td>", "<td>Okänd</td>")
		johan.SeesNot("ingen.alls", "@exempelkommun.se", "solrosor", "ABCDE", "maria.ek")
	})
	t.Run("that tries are stopped is told once a window, whoever has the address", func(t *testing.T) {
		for _, address := range []string{"karin.berg@exempelkommun.se", "ingen.annan@exempelkommun.se"} {
			before := len(johan.failures(4))
			for i := range 15 {
				guess(address, fmt.Sprintf("fel lösenord %d", i))
			}
			guess(address, "fel lösenord").Sees("många försök")
			if got := johan.failures(before + 11); len(got) != before+11 {
				t.Errorf("%d entries for fifteen tries of which ten were let through: %q", len(got)-before, got)
			}
		}
		karin := boss.look().people["karin.berg@exempelkommun.se"]
		for _, want := range []string{"tries_stopped  password account", "tries_stopped " + karin + " password account"} {
			if got := johan.failures(26); !slices.Contains(got, want) {
				t.Errorf("no %q in %q", want, got)
			}
		}
		johan.Get("/journal?kind=tries_stopped").Sees("<td>Fler försök stoppades för en stund</td>", "<td>lösenord, mot ett konto</td>").SeesNot("karin", "ingen.annan", "fel lösenord")
	})
	t.Run("strangers are told from nobody by none of it", func(t *testing.T) {
		one, two := guess("karin.berg@exempelkommun.se", "x"), guess("ingen.annan@exempelkommun.se", "x")
		same := func(b *browser, address string) string {
			return formToken.ReplaceAllString(strings.ReplaceAll(b.page, address, ""), "")
		}
		if one.code != two.code || same(one, "karin.berg@exempelkommun.se") != same(two, "ingen.annan@exempelkommun.se") {
			t.Errorf("%d and %d", one.code, two.code)
		}
	})
}

func TestAStopWaitsForWhatFailed(t *testing.T) {
	dir := t.TempDir()
	var sending *access.Sending
	j := newJourneyIn(t, dir, func(d *appliance.Demo) { sending = appliance.SlowFailures(d) })
	j.Turn(0) // what stops before it has begun says nothing of how it stops
	if _, err := sending.SignIn(t.Context(), caseworker, "solrosor i motvind", netip.MustParseAddr("192.0.2.1")); mail.KindOf(err) != mail.Denied {
		t.Fatal(err)
	}
	j.stop()
	var kinds []string
	for _, x := range newJourneyIn(t, dir).Browser().SignsIn(adminAt).acts(1) {
		kinds = append(kinds, x[2])
	}
	failed, stopped := slices.Index(kinds, "sign_in_failed"), slices.Index(kinds, "stopped")
	if failed < 0 || stopped < failed {
		t.Errorf("the journal has %q", kinds)
	}
}

// TestAuditorSeesWrongAppPasswords tries them at the SMTP door.
func TestAuditorSeesWrongAppPasswords(t *testing.T) {
	s := newSubmitting(t)
	maria, reader := s.Browser().SignsIn(caseworker), s.Browser().SignsIn(adminAt)
	password := maria.makesApp(caseworker, "Datorn")
	for at, on := range map[*string]*regexp.Regexp{&s.implicit: implicitOn, &s.starttls: starttlsOn} {
		*at = on.FindStringSubmatch(maria.page)[1]
	}
	for i, m := range []submission{
		{false, caseworker, "solrosor i motvind", caseworker, "x"},
		{true, "ingen.alls@exempelkommun.se", password, caseworker, "x"},
	} {
		if err := s.submit(m); err == nil || !strings.Contains(err.Error(), "535") {
			t.Errorf("%d: %v", i, err)
		}
	}
	got := reader.failures(2)
	t.Run("hers is about her, and nobody's about nobody", func(t *testing.T) {
		if len(got) != 2 || got[0] != "sign_in_failed  app_password" || !regexp.MustCompile(`^sign_in_failed [0-9a-z]{26} app_password$`).MatchString(got[1]) {
			t.Errorf("%q", got)
		}
	})
	t.Run("the page says so in words, and nothing that was typed", func(t *testing.T) {
		if reader.Get("/journal?kind=sign_in_failed").Sees("<td>applösenord i ett e-postprogram</td>"); reader.code != http.StatusOK {
			t.Error(reader.code)
		}
		reader.SeesNot("ingen.alls", "solrosor", password, caseworker)
		s.holdsNot(t, "ingen.alls", "solrosor i motvind", password)
	})
}
