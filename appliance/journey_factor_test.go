package appliance_test

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sigill/appliance"
)

const (
	mariaPhone = "0709876543"
	mariaE164  = "+46709876543"
)

var (
	keyOn     = regexp.MustCompile(`class="mono key"[^>]*>([A-Z2-7 ]+)<`)
	qrOn      = regexp.MustCompile(`src="data:image/png;base64,([^"]+)"`)
	printedOn = regexp.MustCompile(`<li class="mono">([0-9A-Z]{5}-[0-9A-Z]{5})</li>`)
)

// TOTP is what an app with this key shows now, or some steps away.
func (j *journey) TOTP(key string, steps int) string {
	j.Helper()
	code, err := totp.GenerateCode(key, j.demo.Clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		j.Fatal(err)
	}
	return code
}

// WrongTOTP is a code that is none of those that are good now.
func (j *journey) WrongTOTP(key string) string {
	j.Helper()
	for i := range 10 {
		code := fmt.Sprintf("%06d", i*111)
		if code != j.TOTP(key, -1) && code != j.TOTP(key, 0) && code != j.TOTP(key, 1) {
			return code
		}
	}
	j.Fatal("all are right")
	return ""
}

// Step waits for the next code of every app.
func (j *journey) Step() { j.Helper(); j.Turn(30 * time.Second) }

// ConnectsApp goes from a page that asks for a phone to the first code of an app, and
// returns its key.
func (b *browser) ConnectsApp(base, phone, e164 string) string {
	b.j.Helper()
	b.Get(base+"/phone").Post(base+"/phone", "phone", phone).At(base + "/phone/pin")
	b.Post(base+"/phone/pin", "pin", b.j.LastPIN(e164)).At(base + "/app")
	key := b.Key()
	b.Post(base+"/app", "code", b.j.TOTP(key, 0)).At("/account/codes").Sees("Inloggning i två steg är på")
	return key
}

// Key is the key that the page shows.
func (b *browser) Key() string {
	b.j.Helper()
	m := keyOn.FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("no key on %s:\n%s", b.at, b.page)
	}
	return strings.ReplaceAll(m[1], " ", "")
}

// Prints makes printed codes.
func (b *browser) Prints() (codes []string) {
	b.j.Helper()
	for _, m := range printedOn.FindAllStringSubmatch(b.Get("/account/codes").Post("/account/codes").page, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		b.j.Fatalf("%d codes on:\n%s", len(codes), b.page)
	}
	return codes
}

// Password gives somebody's password, wherever that leads.
func (b *browser) Password(address string) *browser {
	b.j.Helper()
	return b.Get("/in").Post("/in", "address", address, "password", b.j.passwordOf(address))
}

func (j *journey) passwordOf(address string) string {
	j.Helper()
	for _, a := range j.info.Accounts {
		if a.Email == address {
			return a.Password
		}
	}
	j.Fatalf("%s is nobody in the demo", address)
	return ""
}

func TestTwoSteps(t *testing.T) {
	t.Parallel()
	whole := t
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	maria := j.Browser().SignsIn(caseworker)
	maria.Get("/account").Sees("Ditt konto skyddas bara av lösenordet")
	key := maria.ConnectsApp("/account", mariaPhone, mariaE164)
	maria.Get("/account").Sees("slutar på 43", "0 koder kvar", "Skriv ut koder")
	codes := maria.Prints()
	maria.Sees("Koderna visas bara den här gången").Get("/account/codes").Sees("10 koder kvar").SeesNot(codes[0])
	maria.Get("/account").Sees("10 koder kvar").SeesNot("Skriv ut koder för den dag")
	if m := j.Await("email", caseworker, 1); !strings.HasPrefix(m.Subject, "Inloggning i två steg är på") {
		t.Errorf("told %q", m.Subject)
	}

	t.Run("the password alone opens no page", func(t *testing.T) {
		b := j.Browser().Password(caseworker).At("/in/factor").Sees("Öppna appen", "slutar på 43")
		for _, path := range []string{"/mail", "/write", "/account", "/account/codes", "/account/app", "/account/phone", "/in/phone", "/in/app", "/in"} {
			b.Get(path).At("/in/factor").SeesNot("Inkorg")
		}
		if b.Get("/welcome").At("/m"); b.code != 200 {
			t.Error(b.code)
		}
	})
	t.Run("with the app's code one is in, and the code is good once", func(t *testing.T) {
		j.Step()
		code := j.TOTP(key, 0)
		b := j.Browser().Password(caseworker).Post("/in/factor", "code", j.WrongTOTP(key)).At("/in/factor").Sees("Koden stämmer inte")
		b.Post("/in/factor", "code", code[:3]+" "+code[3:]).At("/mail")
		other := j.Browser().Password(caseworker).Post("/in/factor", "code", code).At("/in/factor").Sees("redan använd")
		j.Step()
		other.Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	})
	t.Run("nor is it good again after a restart, with the clock set back", func(t *testing.T) {
		j.Step()
		code := j.TOTP(key, 0)
		j.Browser().Password(caseworker).Post("/in/factor", "code", code).At("/mail")
		j.stop()
		j = newJourneyIn(whole, dir)
		b := j.Browser().Password(caseworker).Post("/in/factor", "code", code).Sees("redan använd")
		j.demo.Clock.Set(-45 * time.Second)
		b.Post("/in/factor", "code", code).Sees("redan använd")
		b.Post("/in/factor", "code", j.TOTP(key, 0)).Sees("redan använd")
		j.demo.Clock.Set(0)
	})
	t.Run("a printed code is good once, however it is typed", func(t *testing.T) {
		j.Browser().Password(caseworker).Post("/in/factor", "code", strings.ToLower(strings.ReplaceAll(codes[0], "-", " "))).At("/mail").
			Get("/account").Sees("9 koder kvar")
		j.Browser().Password(caseworker).Post("/in/factor", "code", codes[0]).At("/in/factor").Sees("redan använd")
	})
	t.Run("whoever came in before the app is out once there is one, and when it or the phone is another", func(t *testing.T) {
		j := newJourney(t)
		in, old := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(caseworker)
		key := in.ConnectsApp("/account", mariaPhone, mariaE164)
		old.Get("/mail").At("/in")
		j.Step()
		old.Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
		j.Turn(2 * time.Minute)
		in.Get("/account/phone").Post("/account/phone", "phone", "0709876544").Post("/account/phone/pin", "pin", j.LastPIN("+46709876544")).At("/account")
		old.Get("/mail").At("/in")
		j.Step()
		old.Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
		in.Get("/account/app")
		key = in.Key()
		in.Post("/account/app", "code", j.TOTP(key, 0)).At("/account")
		old.Get("/mail").At("/in")
		j.Step()
		old.Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
		in.Get("/account/off").Post("/account/off").At("/account")
		old.Get("/mail").At("/in")
		in.Get("/mail").At("/mail")
	})
	t.Run("codes are made five times a day", func(t *testing.T) {
		j := newJourney(t)
		in := j.Browser().SignsIn(caseworker)
		in.ConnectsApp("/account", mariaPhone, mariaE164)
		for range 5 {
			in.Prints()
		}
		in.Get("/account/codes").Post("/account/codes").Sees("fem gånger det senaste dygnet", "10 koder kvar").At("/account/codes")
	})
	t.Run("a code by SMS comes to the reserve phone when it is asked for", func(t *testing.T) {
		before := len(j.Trapped("sms", mariaE164))
		j.Turn(2 * time.Minute)
		b := j.Browser().Password(caseworker).At("/in/factor")
		if n := len(j.Trapped("sms", mariaE164)); n != before {
			t.Fatalf("%d SMS by the password alone", n-before)
		}
		b.Post("/in/factor/sms").At("/in/factor").Sees("Vi har skickat en kod", "slutar på 43")
		pin := j.LastPIN(mariaE164)
		j.Browser().Password(caseworker).Post("/in/factor", "code", pin, "by", "pin").At("/in/factor") // of another sign-in
		b.Post("/in/factor", "code", "000000", "by", "pin").Sees("försök kvar")
		b.Post("/in/factor", "code", pin, "by", "pin").At("/mail")
	})
	t.Run("another number ends what was sent to the old one", func(t *testing.T) {
		j.Step()
		in := j.Browser().Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
		j.Turn(2 * time.Minute)
		b := j.Browser().Password(caseworker).Post("/in/factor/sms")
		old := j.LastPIN(mariaE164)
		in.Get("/account/phone").Post("/account/phone", "phone", "0709876544").Post("/account/phone/pin", "pin", j.LastPIN("+46709876544")).At("/account").Sees("slutar på 44")
		b.Post("/in/factor", "code", old, "by", "pin").At("/in")
		j.Step()
		j.Browser().Password(caseworker).Sees("slutar på 44").Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	})
	t.Run("who takes too long begins anew", func(t *testing.T) {
		b := j.Browser().Password(caseworker)
		j.Turn(10 * time.Minute)
		b.Post("/in/factor", "code", j.TOTP(key, 0)).At("/in")
	})
	t.Run("new codes end the old ones, and without a factor there are none", func(t *testing.T) {
		j.Step()
		b := j.Browser().Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
		fresh := b.Prints()
		j.Browser().Password(caseworker).Post("/in/factor", "code", codes[1]).Sees("redan använd")
		j.Browser().Password(caseworker).Post("/in/factor", "code", fresh[1]).At("/mail")
		b.Get("/account/off").Post("/account/off").At("/account").Sees("Inloggning i två steg är av", "skyddas bara av lösenordet")
		b.Get("/account/codes").At("/account").Get("/account/off").At("/account")
		j.Browser().Password(caseworker).At("/mail")
	})
	t.Run("each change is told by mail", func(t *testing.T) {
		j.Turn(time.Second)
		told := map[string]int{}
		for _, m := range j.Trapped("email", caseworker) {
			told[m.Subject]++
		}
		for _, s := range []string{"Inloggning i två steg är av", "Ny inloggning"} {
			found := false
			for subject := range told {
				found = found || strings.HasPrefix(subject, s)
			}
			if !found {
				t.Errorf("%s: %v", s, told)
			}
		}
	})
}

func TestTwoStepsAreBounded(t *testing.T) {
	t.Parallel()
	whole := t
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	maria := j.Browser().SignsIn(caseworker)
	key := maria.ConnectsApp("/account", mariaPhone, mariaE164)
	maria.Get("/mail").Post("/out").At("/in")
	wrong := func(n int) *browser {
		t.Helper()
		b := j.Browser().Password(caseworker).At("/in/factor")
		for range n {
			b.Post("/in/factor", "code", j.WrongTOTP(key)).Sees("Koden stämmer inte")
		}
		return b
	}
	wrong(7)
	t.Run("a restart gives no try back", func(t *testing.T) {
		j.stop()
		j = newJourneyIn(whole, dir)
		b := wrong(3)
		j.Step()
		b.Post("/in/factor", "code", j.TOTP(key, 0)).At("/in/factor").Sees("för många fel koder")
		b.Post("/in/factor/sms").Sees("för många fel koder")
		j.Turn(time.Second)
		n := 0
		for _, m := range j.Trapped("email", caseworker) {
			if strings.HasPrefix(m.Subject, "Någon försöker logga in som du") {
				n++
			}
		}
		if n != 1 || len(j.Trapped("sms", mariaE164)) != 0 {
			t.Errorf("told %d times: %v", n, j.summary())
		}
	})
	t.Run("nor does another browser", func(t *testing.T) {
		j.Step()
		j.Browser().Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).Sees("för många fel koder")
	})
	t.Run("but where she has signed in before, the owner comes in", func(t *testing.T) {
		portal, err := url.Parse(j.info.Portal)
		if err != nil {
			t.Fatal(err)
		}
		b := j.Browser()
		b.c.Jar.SetCookies(portal, marksOf(maria, portal))
		j.Step()
		b.Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	})
	t.Run("after the pause the right code is good again", func(t *testing.T) {
		j.Turn(15 * time.Minute)
		j.Browser().Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	})
}

// marksOf are the marks by which a browser is known; of the demo before a restart, which
// had another port.
func marksOf(b *browser, portal *url.URL) (list []*http.Cookie) {
	for _, c := range b.c.Jar.Cookies(portal) {
		if c.Name == "sigill-device" {
			list = append(list, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/"})
		}
	}
	return list
}

func TestTwoStepsTellStrangersNothing(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	maria := j.Browser().SignsIn(caseworker)
	maria.ConnectsApp("/account", mariaPhone, mariaE164)
	size := func(b *browser, address string) string {
		page := formToken.ReplaceAllString(strings.ReplaceAll(b.page, address, "ADDRESS"), "")
		return fmt.Sprintf("%d %d %s", b.code, len(page), b.at)
	}
	first := map[string]string{}
	second := map[string]string{}
	for _, address := range []string{caseworker, johanAt, "ingen.alls@exempelkommun.se"} {
		b := j.Browser().Get("/in").Post("/in", "address", address, "password", "fel lösenord")
		first[address] = size(b, address)
		s := ""
		for _, path := range []string{"/in/factor", "/in/factor/sms", "/in/phone", "/in/phone/pin", "/in/app"} {
			b.Get("/in")
			s += size(b.Post(path, "code", "123456", "phone", mariaPhone, "pin", "123456"), address) + "; "
		}
		second[address] = s
	}
	for _, step := range []map[string]string{first, second} {
		for address, s := range step {
			if s != step["ingen.alls@exempelkommun.se"] {
				t.Errorf("%s is told from nobody: %s, not %s", address, s, step["ingen.alls@exempelkommun.se"])
			}
		}
	}
	if n := len(j.Trapped("sms", mariaE164)); n != 1 {
		t.Errorf("strangers sent %d SMS", n-1)
	}
}

func TestASecondFactorIsRequired(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from := time.Now().Add(48 * time.Hour)
	j := newJourneyIn(t, dir, appliance.RequireFactor(from))
	t.Run("before the day there is a hint, and nothing else", func(t *testing.T) {
		j.Browser().SignsIn(johanAt).Sees("behöver du inloggning i två steg").Get("/account").Sees("behöver du inloggning i två steg")
	})
	j.Days(3)
	b := j.Browser().Password(caseworker).At("/in/phone").Sees("Hos oss behövs inloggning i två steg")
	t.Run("from the day on nothing else can be reached", func(t *testing.T) {
		for _, path := range []string{"/mail", "/mail/sent", "/write", "/account", "/account/phone", "/account/app", "/account/codes", "/account/password", "/admin", "/in", "/in/factor", "/in/app"} {
			b.Get(path).At("/in/phone")
		}
	})
	t.Run("who sets one up is in", func(t *testing.T) {
		key := b.ConnectsApp("/in", mariaPhone, mariaE164)
		b.Get("/mail").At("/mail").Get("/account").Sees("slutar på 43").Get("/mail").Post("/out")
		j.Step()
		b.Password(caseworker).At("/in/factor").Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	})
	t.Run("nobody turns off what is required", func(t *testing.T) {
		b.Get("/account").SeesNot("/account/off")
		if b.Get("/account/off"); b.code != http.StatusForbidden {
			t.Error(b.code)
		}
		b.Sees("krävs här")
		if b.Get("/account").Post("/account/off"); b.code != http.StatusForbidden {
			t.Error(b.code)
		}
		j.Browser().Password(caseworker).At("/in/factor")
	})
	t.Run("of two who set one up at the door, the first one's stays", func(t *testing.T) {
		one, two := j.Browser().Password(johanAt).At("/in/phone"), j.Browser().Password(johanAt).At("/in/phone")
		two.Post("/in/phone", "phone", "0701112288").Post("/in/phone/pin", "pin", j.LastPIN("+46701112288")).At("/in/app")
		key := two.Key()
		one.ConnectsApp("/in", "0701112277", "+46701112277")
		two.Post("/in/app", "code", j.TOTP(key, 0)).At("/in")
		one.Get("/account").Sees("slutar på 77")
	})
	t.Run("who is new is led to it from the first password on", func(t *testing.T) {
		j.Send(letter{to: []string{"ny.person@exempelkommun.se.s"}, subject: "Internt", body: "Hej."})
		n := j.Browser().ShowCode(j.codeTo("ny.person@exempelkommun.se")).At("/welcome")
		n.Post("/welcome", "password", "fyra ord som passar", "repeat", "fyra ord som passar").At("/in/phone").Get("/mail").At("/in/phone")
		n.ConnectsApp("/in", "0701112299", "+46701112299")
		n.Get("/mail").At("/mail").Sees("Internt")
	})
}

func TestAFactorAtTheDoorEndsWhatCameInWithout(t *testing.T) {
	t.Parallel()
	var required *atomic.Bool
	j := newJourneyIn(t, t.TempDir(), func(d *appliance.Demo) { required = appliance.FactorSwitch(d) })
	old := j.Browser().SignsIn(caseworker)
	required.Store(true)
	b := j.Browser().Password(caseworker).At("/in/phone")
	b.ConnectsApp("/in", mariaPhone, mariaE164)
	old.Get("/mail").At("/in")
	b.Get("/mail").At("/mail")
}

func TestSessionsAndPassword(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	one, two, three := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(caseworker), j.Browser().SignsIn(caseworker)
	other := j.Browser().SignsIn(johanAt)
	ids := regexp.MustCompile(`name="id" value="([0-9a-z]{26})"`)
	t.Run("one sees one's own sign-ins and no one else's", func(t *testing.T) {
		one.Get("/account").Sees("Här är du inloggad", "Den här")
		if n := len(ids.FindAllString(one.page, -1)); n != 2 {
			t.Errorf("%d others", n)
		}
		if n := len(ids.FindAllString(other.Get("/account").page, -1)); n != 0 {
			t.Errorf("Johan sees %d others", n)
		}
	})
	t.Run("ending one ends that one, at once", func(t *testing.T) {
		id := ids.FindStringSubmatch(one.page)[1]
		other.Post("/account/end", "id", id)
		one.Post("/account/end", "id", id).At("/account").Sees("Inloggningen är avslutad")
		in := 0
		for _, b := range []*browser{two, three} {
			if b.Get("/mail").at == "/mail" {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%d of two are left", in)
		}
	})
	t.Run("ending all others leaves this one", func(t *testing.T) {
		one.Post("/account/end", "id", "others").At("/account").Sees("Alla andra är utloggade")
		two.Get("/mail").At("/in")
		three.Get("/mail").At("/in")
		other.Get("/mail").At("/mail")
	})
	t.Run("what is risky asks for the password when it was not given of late, and leads on to nowhere else", func(t *testing.T) {
		one.Get("/account/password").At("/account/password")
		j.Turn(5 * time.Minute)
		for _, path := range []string{"/account/password", "/account/phone", "/account/app", "/account/codes", "/account/off"} {
			one.Get(path).At("/account/prove").Sees(`name="next" value="` + path + `"`)
		}
		one.Get("/account").Post("/account/password", "password", "ett annat lösenord", "repeat", "ett annat lösenord").At("/account/prove")
		one.Get("/account").Post("/account/off").At("/account/prove")
		for _, evil := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "/mail", "/account/../../evil", "/account/password?x", "javascript:alert(1)", "/account/password//evil"} {
			one.Get("/account/prove?next=" + url.QueryEscape(evil)).Sees(`name="next" value="/account"`).SeesNot("evil")
			one.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			one.Post("/account/prove", "password", j.passwordOf(caseworker), "next", evil)
			one.c.CheckRedirect = nil
			if to := one.head.Get("Location"); to != "/account" {
				t.Errorf("%s leads to %q", evil, to)
			}
		}
		j.Turn(5 * time.Minute)
		one.Get("/account/password").Post("/account/prove", "password", "fel", "next", "/account/password").At("/account/prove").Sees("Lösenordet stämmer inte")
		one.Post("/account/prove", "password", j.passwordOf(caseworker), "next", "/account/password").At("/account/password")
	})
	t.Run("another password ends all other sign-ins, and the old one opens nothing", func(t *testing.T) {
		two.SignsIn(caseworker)
		one.Post("/account/password", "password", "kort", "repeat", "kort").Sees("minst 12 tecken")
		one.Post("/account/password", "password", "Sommar2026!!", "repeat", "Sommar2026!!").Sees("liknar sådana som har läckt")
		one.Post("/account/password", "password", "ett annat lösenord", "repeat", "något helt annat").Sees("inte lika")
		one.Post("/account/password", "password", "ett annat lösenord", "repeat", "ett annat lösenord").At("/account").Sees("Lösenordet är ändrat")
		two.Get("/mail").At("/in")
		j.Browser().Password(caseworker).At("/in").Sees("stämmer inte")
		one.Get("/mail").Post("/out").At("/in").Post("/in", "address", caseworker, "password", "ett annat lösenord").At("/mail")
		j.Turn(time.Second)
		found := false
		for _, m := range j.Trapped("email", caseworker) {
			found = found || strings.HasPrefix(m.Subject, "Lösenordet till din säkra brevlåda")
		}
		if !found {
			t.Errorf("not told: %v", j.summary())
		}
	})
	t.Run("letters from before still open", func(t *testing.T) {
		j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: "Internt", body: "Hej Maria."})
		one.Get("/mail").Follow("/mail/[0-9a-z]{26}").Sees("Hej Maria.")
	})
	t.Run("the language that somebody chooses is that of their pages in every browser", func(t *testing.T) {
		other.Get("/account").Post("/account/language", "lang", "en").At("/account").Sees("The language is changed", "Your account")
		other.Get("/account").Post("/account/language", "lang", "xx")
		if other.code != http.StatusBadRequest {
			t.Errorf("%d for a language that there is not", other.code)
		}
		j.Browser().Password(johanAt).At("/mail").Sees("Inbox")
		j.Turn(time.Second)
		last := j.Trapped("email", johanAt)
		if len(last) == 0 || !strings.HasPrefix(last[len(last)-1].Subject, "New sign-in") {
			t.Errorf("%v", j.summary())
		}
	})
}

// TestAuthenticators connects an app that is not ours: oathtool for the codes, zbarimg
// for the picture.
func TestAuthenticators(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to ask oathtool and zbarimg")
	}
	t.Parallel()
	j := newJourney(t)
	b := j.Browser().SignsIn(caseworker)
	b.Get("/account/phone").Post("/account/phone", "phone", mariaPhone).Post("/account/phone/pin", "pin", j.LastPIN(mariaE164)).At("/account/app")
	m := qrOn.FindStringSubmatch(html.UnescapeString(b.page))
	if m == nil {
		t.Fatalf("no picture on:\n%s", b.page)
	}
	png, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "qr.png")
	if err := os.WriteFile(path, png, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("zbarimg", "--quiet", "--raw", path).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	u, err := url.Parse(strings.TrimSpace(string(said)))
	if err != nil {
		t.Fatal(err)
	}
	key := u.Query().Get("secret")
	if key != b.Key() || u.Path != "/Exempelkommun:"+caseworker || u.Query().Get("issuer") != "Exempelkommun" {
		t.Fatalf("the picture says %s", u.Redacted())
	}
	code := func() string {
		t.Helper()
		out, err := exec.Command("oathtool", "--totp", "--base32", "--now", j.demo.Clock.Now().UTC().Format("2006-01-02 15:04:05 MST"), key).Output()
		if err != nil {
			t.Fatalf("oathtool: %v", err)
		}
		return strings.TrimSpace(string(out))
	}
	b.Post("/account/app", "code", code()).At("/account/codes")
	b.Get("/mail").Post("/out")
	j.Step()
	b.Password(caseworker).Post("/in/factor", "code", code()).At("/mail")
}
