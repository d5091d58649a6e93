package appliance_test

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/keyring"
)

// newTownOfKinds is a demo with an account of every kind.
func newTownOfKinds(t *testing.T, dir string, prepare ...func(*appliance.Demo)) (j *journey, kinds []string) {
	t.Helper()
	makes := func(d *appliance.Demo) {
		if err := appliance.MakeKinds(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	j = newJourneyIn(t, dir, append([]func(*appliance.Demo){makes}, prepare...)...)
	j.Browser().SignsIn(caseworker).ConnectsApp("/account", mariaPhone, mariaE164)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Registers(annaPhone, annaPassword)
	return j, []string{caseworker, appliance.SignOnAt, appliance.InvitedAt, anna, appliance.SuspendedAt}
}

// nobodyLike is an address that nobody has, as long as one that somebody has.
func nobodyLike(address string) string { return "q" + address[1:] }

// stranger is a browser from an address of its own that follows no redirect, and shows each
// answer whole.
type stranger struct {
	*visitor
	address string
	token   string   // of the last form that was shown
	said    []string // its answers, without what is random or was typed
}

func (j *journey) stranger(address string) *stranger {
	s := &stranger{visitor: newVisitor(j.info.Portal), address: address}
	s.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// random are tokens, nonces and numbers by which answers differ from one to the next.
var random = regexp.MustCompile(`[A-Za-z0-9_-]{20,}|\b[0-9]{6}\b|\b[0-9A-F]{8}\b`)

func (s *stranger) sends(t *testing.T, method, path string, fields ...string) {
	t.Helper()
	if token := s.csrf(); token != "" {
		s.token = token
	}
	form := url.Values{"csrf": {s.token}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	var body io.Reader = http.NoBody
	if method == "POST" {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, s.portal+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := s.c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if s.page = string(page); res.StatusCode >= 500 || res.StatusCode == http.StatusForbidden {
		t.Fatalf("%s %s: %d %.2000s", method, path, res.StatusCode, s.page)
	}
	res.Header.Del("Date")
	var head strings.Builder
	res.Header.Write(&head)
	whole := fmt.Sprintf("%s %s: %d\n%s\n%s", method, path, res.StatusCode, head.String(), s.page)
	s.said = append(s.said, random.ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(whole, s.address, "ADDRESS"), url.QueryEscape(s.address), "ADDRESS"), "RANDOM"))
}

// TestKnownAndUnknownAreAnsweredAlike holds the answers of every door that takes an address,
// byte for byte, at an account of each kind against those at an address that nobody has. The
// passkey door takes none: whoever is no one yet gets the same question.
func TestKnownAndUnknownAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	j, kinds := newTownOfKinds(t, t.TempDir())
	doors := []struct {
		name string
		sees []string // on one of its answers, or they are not what they are meant to be
		goes func(t *testing.T, s *stranger)
	}{
		{"a wrong password, and those after it until the door is shut", []string{"många försök"}, func(t *testing.T, s *stranger) {
			s.sends(t, "GET", "/in")
			for range 12 {
				s.sends(t, "POST", "/in", "address", s.address, "password", "solrosor i motvind")
			}
		}},
		{"a password that is far too long", []string{"stämmer inte"}, func(t *testing.T, s *stranger) {
			s.sends(t, "POST", "/in", "address", s.address, "password", strings.Repeat("solros ", 300))
		}},
		{"a wrong code on paper, and those after it until the door is shut", []string{"många försök"}, func(t *testing.T, s *stranger) {
			for range 12 {
				s.sends(t, "POST", "/in/lost", "address", s.address, "code", keyring.NewRecoveryCode().Text(), "password", annaPassword, "repeat", annaPassword)
			}
		}},
		{"help with a password: the question, an SMS, wrong proofs until there are no more, and what follows", []string{"Koden stämmer inte", "försökts för många gånger", "så många sms", "Läs upp det här numret"}, func(t *testing.T, s *stranger) {
			s.sends(t, "POST", "/in/help", "address", s.address)
			s.sends(t, "GET", "/in/help/proof")
			for range 3 {
				s.sends(t, "POST", "/in/help/sms")
				s.sends(t, "GET", "/in/help/proof")
			}
			for _, typed := range [][2]string{{"pin", "000000"}, {"app", "000000"}, {"app", "ABCDE-FGHJK"}, {"app", "x"}, {"pin", "000001"}, {"app", "000001"}, {"app", "000002"}} {
				s.sends(t, "POST", "/in/help/proof", "by", typed[0], "code", typed[1])
			}
			s.sends(t, "POST", "/in/help/ask")
			s.sends(t, "GET", "/in/help/wait")
			s.sends(t, "GET", "/in/help/password")
		}},
		{"the passkey door", []string{"publicKey"}, func(t *testing.T, s *stranger) {
			s.sends(t, "POST", "/in/passkey/options", "address", s.address)
			s.sends(t, "POST", "/in/passkey", "address", s.address, "answer", "{}", "state", "x")
		}},
	}
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			j.Turn(25 * time.Hour)
			for _, kind := range kinds {
				known, unknown := j.stranger(kind), j.stranger(nobodyLike(kind))
				door.goes(t, known)
				door.goes(t, unknown)
				known.close()
				unknown.close()
				for _, words := range door.sees {
					if !strings.Contains(strings.ToLower(html.UnescapeString(strings.Join(known.said, ""))), strings.ToLower(words)) {
						t.Errorf("%s is never told %q", kind, words)
					}
				}
				for i := range known.said {
					if known.said[i] != unknown.said[i] {
						t.Errorf("%s, answer %d:\n%s\nand at an address that nobody has:\n%s", kind, i, known.said[i], unknown.said[i])
						break
					}
				}
			}
		})
	}
	t.Run("control: whoever has the password is answered otherwise", func(t *testing.T) {
		right, wrong := j.stranger(caseworker), j.stranger(nobodyLike(caseworker))
		right.sends(t, "POST", "/in", "address", caseworker, "password", j.passwordOf(caseworker))
		wrong.sends(t, "POST", "/in", "address", wrong.address, "password", j.passwordOf(caseworker))
		if slices.Equal(right.said, wrong.said) {
			t.Error("alike")
		}
	})
}

// TestMailProgramsAreAnsweredAlike tries wrong passwords until the door is shut, at who has
// one for a mail program, at who has none, and at nobody.
func TestMailProgramsAreAnsweredAlike(t *testing.T) {
	s := newSubmitting(t)
	maria := s.Browser().SignsIn(caseworker)
	maria.makesApp(caseworker, "Datorn")
	s.implicit = implicitOn.FindStringSubmatch(maria.page)[1]
	var said [3]string
	for i, address := range []string{caseworker, johanAt, "ingen.alls@exempelkommun.se"} {
		for range 12 {
			_, err := s.guesses(t, address)
			said[i] += fmt.Sprintln(err)
		}
	}
	if said[0] != said[1] || said[0] != said[2] || strings.Count(said[0], "535") != 10 || strings.Count(said[0], "454") != 2 {
		t.Errorf("%s\n%s\n%s", said[0], said[1], said[2])
	}
}

// TestCodesOfLinksAreAnsweredAlike has a code that is good, but for its last character, and
// one that shares nothing with it, at both pages that take one, which count them together; and
// the page that waits for it knows none.
func TestCodesOfLinksAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "S", body: "Hej Anna."})
	code := j.CodeOf(j.Await("email", anna, 1))
	near := code[:len(code)-1] + "0"
	if near == code {
		near = code[:len(code)-1] + "1"
	}
	one, other := j.stranger(near), j.stranger("AAAA-AAAA-AAAA-AAAA-AAAA")
	for _, s := range []*stranger{one, other} {
		s.sends(t, "GET", "/m")
		for i := range 301 {
			j.demo.Clock.Turn(time.Second) // there is a bound on posts, too, whatever is in them
			s.sends(t, "POST", []string{"/m", "/genuine"}[i%2], "code", s.address)
		}
		s.close()
	}
	for i := range one.said {
		if one.said[i] != other.said[i] {
			t.Fatalf("answer %d:\n%s\nand\n%s", i, one.said[i], other.said[i])
		}
	}
	t.Run("too many wrong ones from a network are told so, and keep nobody out who has a right one", func(t *testing.T) {
		if !strings.Contains(one.page, "många försök") {
			t.Errorf("%s", one.page)
		}
		v := newVisitor(j.info.Portal)
		defer v.close()
		if err := v.post("/m", "code", code); err != nil || v.at != "/m/pin" {
			t.Errorf("%s: %v", v.at, err)
		}
	})
	t.Run("right ones are no tries, however many", func(t *testing.T) {
		v := newVisitor(j.info.Portal)
		defer v.close()
		for range 310 {
			j.demo.Clock.Turn(time.Second) // there is a bound on posts, too, whatever is in them
			if err := errors.Join(v.get("/m"), v.post("/m", "code", code)); err != nil || v.at != "/m/pin" {
				t.Fatalf("%s: %v", v.at, err)
			}
		}
	})
}
