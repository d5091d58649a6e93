package keyring_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

var fresh = flag.Bool("fresh", false, "make the vectors of a format anew; only before it was released")

// recovery1 is version 1 of what is printed and carried, which must open for ever.
const recovery1 = "testdata/recovery-1.json"

type vector struct {
	Readme  string   `json:"readme"`
	Pages   []string `json:"pages"`
	Words   []string `json:"words"`
	Checks  []string `json:"checks"`
	R       string   `json:"r"`
	H       string   `json:"h"`
	App     string   `json:"app"`
	Backup  string   `json:"backup"`
	Salt    string   `json:"salt"`
	Person  string   `json:"person"`
	Slot    string   `json:"slot"`
	Seed    string   `json:"seed"`
	Request string   `json:"request"`
	Answer  string   `json:"answer"`
	Finger  string   `json:"fingerprint"`
	Code    string   `json:"recoveryCode"`
	Lock    string   `json:"recoveryLock"`
}

func makeVector(t *testing.T) {
	t.Helper()
	h := newHouse(t)
	salt := append(here[:], "saltsalt"...)
	h.app = keyring.NewApp(h.kit.App, salt)
	r := h.request(t)
	code := keyring.NewRecoveryCode()
	x := hex.EncodeToString
	v := vector{
		Readme: "Made once, with the program of the time; every part of it must read and open for ever (seal/FORMAT.md, 6.1, 6.2 and 7.1).",
		R:      x(h.kit.Recovery.Bytes()), H: x(h.kit.Helper.Bytes()), App: x(h.kit.App.Bytes()), Backup: x(h.kit.Backup.Bytes()), Salt: x(salt),
		Person: x(h.u[:]), Slot: x(h.sw.Bytes()), Seed: x(h.seed.Bytes()), Request: string(r.Marshal()), Answer: string(h.answer(t, r).Marshal()),
		Finger: r.Fingerprint(), Code: code.Text(), Lock: x(h.app.RecoveryLockOf(code).Bytes()),
	}
	for _, p := range h.kit.Pages() {
		v.Pages, v.Words, v.Checks = append(v.Pages, text(t, p)), append(v.Words, words(t, p)), append(v.Checks, p.Check())
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recovery1, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestVector(t *testing.T) {
	if *fresh {
		makeVector(t)
	}
	b, err := os.ReadFile(recovery1)
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	app := keyring.NewApp(secretOf(t, v.App), secretHex(t, v.Salt))
	var pages []keyring.Page
	t.Run("every page reads, by its line and by its words", func(t *testing.T) {
		for i, line := range v.Pages {
			p, err := keyring.ParsePage(line)
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind == keyring.PageIdentity { // of B; only the line's form tells no installation
				p.Kind, p.Installation = keyring.PageBackup, here
			}
			pages = append(pages, p)
			if text(t, p) != line || words(t, p) != v.Words[i] || p.Check() != v.Checks[i] {
				t.Errorf("page %d is written otherwise now", i)
			}
			if q, err := keyring.ParseWords(v.Words[i], p, v.Checks[i]); err != nil || !q.Secret().Equal(p.Secret()) {
				t.Error(i, err)
			}
		}
		if !pages[0].Secret().Equal(secretOf(t, v.Backup)) || !pages[1].Secret().Equal(secretOf(t, v.App)) {
			t.Error("another B or K_app")
		}
		for _, two := range [][]keyring.Page{pages[2:4], pages[3:5], {pages[4], pages[2]}} {
			if c, err := keyring.Combine(two); err != nil || !c.Recovery.Equal(secretOf(t, v.R)) || !c.Helper.Equal(secretOf(t, v.H)) {
				t.Error("another R or H", err)
			}
		}
	})
	t.Run("the request is answered, and the answer of that time opens", func(t *testing.T) {
		r, err := keyring.ParseRequest([]byte(v.Request))
		if err != nil || r.Fingerprint() != v.Finger || r.Installation != here {
			t.Fatal(err)
		}
		c, err := r.Custody(pages)
		if err != nil {
			t.Fatal(err)
		}
		now, err := r.Answer(c)
		if err != nil {
			t.Fatal(err)
		}
		then, err := keyring.ParseAnswer([]byte(v.Answer))
		if err != nil {
			t.Fatal(err)
		}
		seed := secretOf(t, v.Seed)
		for _, a := range []keyring.Answer{now, then} {
			if got, err := app.OpenAnswer(a, secretOf(t, v.Slot), seal.PrivateKeyOf(seed).Public()); err != nil || !got.Equal(seed) {
				t.Error(err)
			}
		}
	})
	t.Run("the code on paper gives the same lock", func(t *testing.T) {
		c, err := keyring.ParseRecoveryCode(strings.ToLower(v.Code))
		if err != nil || !app.RecoveryLockOf(c).Equal(secretOf(t, v.Lock)) {
			t.Error(err)
		}
	})
}
