package keyring_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

// house is an installation with one person, as the appliance has it.
type house struct {
	kit  keyring.Kit
	app  *keyring.App
	u    seal.ID
	seed seal.Secret
	sw   seal.Secret
	box  []byte
}

var made = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{kit: newKit(), app: keyring.NewApp(seal.NewSecret(), keyring.NewSalt()), u: seal.ID{7, 7}, seed: seal.NewSecret(), sw: seal.NewSecret()}
	var err error
	if h.box, err = keyring.SealSeedTo(keyring.SeedByRecoveryKey, seal.PrivateKeyOf(h.kit.Recovery).Public(), h.u, h.sw, h.seed); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) public() seal.PublicKey { return seal.PrivateKeyOf(h.seed).Public() }

func (h *house) wanted() keyring.Wanted {
	return keyring.Wanted{
		Installation: h.kit.Installation, Sharing: h.kit.Sharing, Person: h.u, Address: "anna@kommun.example", Public: h.public(),
		Recovery: seal.PrivateKeyOf(h.kit.Recovery).Public(), Slot: h.sw, Box: h.box,
	}
}

func (h *house) request(t testing.TB) keyring.Request {
	t.Helper()
	r, err := h.app.NewRequest(h.wanted(), made)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (h *house) answer(t testing.TB, r keyring.Request) keyring.Answer {
	t.Helper()
	a, err := r.Answer(h.kit.Custody)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRequestAndAnswer(t *testing.T) {
	h := newHouse(t)
	r := h.request(t)
	t.Run("a request that was carried is answered with the shares, and the answer opens the seed", func(t *testing.T) {
		for _, file := range [][]byte{r.Marshal(), []byte(strings.ReplaceAll(string(r.Marshal()), "\n", "\r\n"))} {
			q, err := keyring.ParseRequest(file)
			if err != nil {
				t.Fatal(err)
			}
			if q.Address != "anna@kommun.example" || q.Person != h.u || !q.Made.Equal(made) || q.Sharing != h.kit.Sharing || q.Fingerprint() != r.Fingerprint() || string(q.Marshal()) != string(r.Marshal()) {
				t.Errorf("%+v", q)
			}
			c, err := q.Custody(read(t, h.kit.Pages()...)[2:4])
			if err != nil {
				t.Fatal(err)
			}
			a, err := q.Answer(c)
			if err != nil {
				t.Fatal(err)
			}
			back, err := keyring.ParseAnswer(a.Marshal())
			if err != nil {
				t.Fatal(err)
			}
			if seed, err := h.app.OpenAnswer(back, h.sw, h.public()); err != nil || !seed.Equal(h.seed) {
				t.Error(err)
			}
		}
	})
	t.Run("neither holds the seed, the slot's key or R in clear", func(t *testing.T) {
		for _, file := range [][]byte{r.Marshal(), h.answer(t, r).Marshal()} {
			_, text, _ := strings.Cut(string(file), "\n")
			b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []seal.Secret{h.seed, h.sw, h.kit.Recovery, h.kit.App} {
				if strings.Contains(string(b), string(s.Bytes())) {
					t.Error("a secret stands in it")
				}
			}
		}
	})
	t.Run("two requests have other transport keys and fingerprints", func(t *testing.T) {
		again := h.request(t)
		if again.Fingerprint() == r.Fingerprint() {
			t.Error("the same fingerprint")
		}
		a := h.answer(t, r)
		a.Request = again.ID
		if _, err := h.app.OpenAnswer(a, h.sw, h.public()); err == nil {
			t.Error("an answer to one opened as an answer to the other")
		}
	})
	t.Run("a request that was changed on its way has another fingerprint, of 80 bits in four groups", func(t *testing.T) {
		seen := map[string]bool{r.Fingerprint(): true}
		for i := range contentOf(t, r.Marshal()) {
			q, err := keyring.ParseRequest(bent(t, r.Marshal(), i))
			if err != nil {
				continue
			}
			f := q.Fingerprint()
			if !fingerprint.MatchString(f) || seen[f] {
				t.Fatalf("byte %d: %s", i, f)
			}
			seen[f] = true
		}
		if len(seen) < 2*1216 { // at the least both public keys take any bytes
			t.Errorf("only %d requests were read", len(seen))
		}
	})
	t.Run("an answer opens only for its person, its moment, its slot and its appliance", func(t *testing.T) {
		a := h.answer(t, r)
		other, late := a, a
		other.Person, late.Made = seal.ID{8}, a.Made.Add(time.Second)
		elsewhere := keyring.NewApp(seal.NewSecret(), keyring.NewSalt())
		for name, err := range map[string]error{
			"another person's":   faultOf(h.app.OpenAnswer(other, h.sw, h.public())),
			"another moment":     faultOf(h.app.OpenAnswer(late, h.sw, h.public())),
			"another slot":       faultOf(h.app.OpenAnswer(a, seal.NewSecret(), h.public())),
			"an erased slot":     faultOf(h.app.OpenAnswer(a, seal.Secret{}, h.public())),
			"another appliance":  faultOf(elsewhere.OpenAnswer(a, h.sw, h.public())),
			"another public key": faultOf(h.app.OpenAnswer(a, h.sw, newHouse(t).public())),
		} {
			if err == nil {
				t.Errorf("%s: it opens", name)
			}
		}
	})
	t.Run("R of another kit is told, and nothing is answered", func(t *testing.T) {
		if _, err := r.Answer(newKit().Custody); err == nil || !strings.Contains(err.Error(), "another recovery kit") {
			t.Error(err)
		}
		if _, err := r.Answer(keyring.Custody{}); err == nil {
			t.Error("answered without R")
		}
	})
	t.Run("pages that do not hold R, or of another installation, are told", func(t *testing.T) {
		elsewhere := keyring.NewKit(keyring.Installation{1}, keyring.DefaultSharing)
		for want, pages := range map[string][]keyring.Page{
			"none of the pages holds R": read(t, h.kit.Pages()...)[:2],
			"the request is of":         read(t, elsewhere.Pages()...)[2:],
			"too few shares":            read(t, h.kit.Pages()...)[2:3],
		} {
			if _, err := r.Custody(pages); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		}
	})
	t.Run("a request is not made of a wrap that its slot does not open", func(t *testing.T) {
		w := h.wanted()
		w.Slot = seal.NewSecret()
		if _, err := h.app.NewRequest(w, made); err == nil {
			t.Error("made")
		}
		w.Slot = seal.Secret{}
		if _, err := h.app.NewRequest(w, made); err == nil {
			t.Error("made with an erased slot")
		}
	})
	t.Run("a request that swaps the person's key or the seed is not answered", func(t *testing.T) {
		w, liar := h.wanted(), newHouse(t)
		w.Public = liar.public()
		q, err := h.app.NewRequest(w, made)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Answer(h.kit.Custody); err == nil || !strings.Contains(err.Error(), "not this person's key") {
			t.Error(err)
		}
	})
}

var fingerprint = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$`)

// contentOf is what a file carries, without its sum.
func contentOf(t *testing.T, file []byte) []byte {
	t.Helper()
	_, text, _ := strings.Cut(string(file), "\n")
	b := from64(t, strings.ReplaceAll(text, "\n", ""))
	return b[:len(b)-sha256.Size]
}

// bent is a file in which one bit of a byte of the content is turned, with a sum that fits.
func bent(t *testing.T, file []byte, i int) []byte {
	t.Helper()
	mark, _, _ := strings.Cut(string(file), "\n")
	mark += "\n"
	content := contentOf(t, file)
	content[i] ^= 1
	sum := sha256.Sum256(append([]byte(mark), content...))
	text := base64.StdEncoding.EncodeToString(append(content, sum[:]...))
	var b strings.Builder
	b.WriteString(mark)
	for ; len(text) > 64; text = text[64:] {
		b.WriteString(text[:64] + "\n")
	}
	return []byte(b.String() + text + "\n")
}

func faultOf(_ seal.Secret, err error) error { return err }

// TestDamagedFiles bends what is carried in every byte.
func TestDamagedFiles(t *testing.T) {
	h := newHouse(t)
	r := h.request(t)
	a := h.answer(t, r)
	for name, tc := range map[string]struct {
		file  []byte
		parse func([]byte) error
	}{
		"request": {r.Marshal(), func(b []byte) error { _, err := keyring.ParseRequest(b); return err }},
		"answer":  {a.Marshal(), func(b []byte) error { _, err := keyring.ParseAnswer(b); return err }},
	} {
		t.Run("a "+name+" with one bit of any byte flipped is refused", func(t *testing.T) {
			for i := range tc.file {
				bent := append([]byte(nil), tc.file...)
				bent[i] ^= 1 << (i % 8)
				if tc.parse(bent) == nil {
					t.Fatalf("byte %d", i)
				}
			}
		})
		t.Run("a "+name+" cut anywhere, or with something behind it, is refused", func(t *testing.T) {
			for i := range tc.file {
				if tc.parse(tc.file[:i]) == nil {
					t.Fatalf("cut at %d", i)
				}
			}
			for _, more := range []string{"\n", "A", "AAAA\n", " "} {
				if tc.parse(append(append([]byte(nil), tc.file...), more...)) == nil {
					t.Errorf("%q behind it", more)
				}
			}
		})
		t.Run("the other file in place of the "+name+" is refused", func(t *testing.T) {
			for _, other := range [][]byte{r.Marshal(), a.Marshal(), nil, make([]byte, 100_000)} {
				if string(other) != string(tc.file) && tc.parse(other) == nil {
					t.Error("taken")
				}
			}
		})
	}
}

// TestWholeKit is a kit from before there were shares, which must work for ever.
func TestWholeKit(t *testing.T) {
	b, err := os.ReadFile("testdata/kit-whole/installation.json")
	if err != nil {
		t.Fatal(err)
	}
	var is struct{ Recovery, Helper, Backup, App, Person, Slot, Box, Seed string }
	if err := json.Unmarshal(b, &is); err != nil {
		t.Fatal(err)
	}
	paper, err := os.ReadFile("testdata/kit-whole/recovery-kit.txt")
	if err != nil {
		t.Fatal(err)
	}
	var pages []keyring.Page
	for _, l := range regexp.MustCompile(`(?m)^(AGE-\S+|[0-9a-f]{64})$`).FindAllString(string(paper), -1) {
		p, err := keyring.ParsePage(l)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
	if len(pages) != 4 {
		t.Fatalf("%d secrets in the kit", len(pages))
	}
	recovery, err := seal.ParsePublicKey(from64(t, is.Recovery))
	if err != nil {
		t.Fatal(err)
	}
	seed, kapp := secretOf(t, is.Seed), secretOf(t, is.App)
	app := keyring.NewApp(kapp, keyring.NewSalt())
	u := seal.ID(secretHex(t, is.Person))
	t.Run("R of it opens a person's key", func(t *testing.T) {
		r, err := app.NewRequest(keyring.Wanted{
			Person: u, Address: "anna@kommun.example", Public: seal.PrivateKeyOf(seed).Public(), Recovery: recovery, Slot: secretOf(t, is.Slot), Box: from64(t, is.Box),
		}, made)
		if err != nil {
			t.Fatal(err)
		}
		if r, err = keyring.ParseRequest(r.Marshal()); err != nil {
			t.Fatal(err)
		}
		for _, given := range [][]keyring.Page{pages, pages[2:3]} {
			c, err := r.Custody(given)
			if err != nil {
				t.Fatal(err)
			}
			a, err := r.Answer(c)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := app.OpenAnswer(a, secretOf(t, is.Slot), seal.PrivateKeyOf(seed).Public()); err != nil || !got.Equal(seed) {
				t.Error(err)
			}
		}
		if _, err := r.Custody(pages[:2]); err == nil {
			t.Error("B was taken for R")
		}
	})
	t.Run("it can be practised with", func(t *testing.T) {
		known := app.Known(keyring.Sharing{}, is.Backup, recovery)
		if s, err := known.Practise(pages); err != nil || !s.Whole() {
			t.Errorf("%+v %v", s, err)
		}
		if s, err := known.Practise(pages[:2]); err != nil || s.Whole() || !s.Backup || !s.App {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func from64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func secretHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func secretOf(t *testing.T, s string) seal.Secret {
	t.Helper()
	v, err := seal.SecretOf(secretHex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPractise(t *testing.T) {
	kit := newKit()
	salt := append(here[:], make([]byte, 8)...)
	app := keyring.NewApp(kit.App, salt)
	backup, err := keyring.Recipient(kit.Backup)
	if err != nil {
		t.Fatal(err)
	}
	known := app.Known(kit.Sharing, backup, seal.PrivateKeyOf(kit.Recovery).Public())
	pages := read(t, kit.Pages()...)
	t.Run("all pages are good, and what is missing is told", func(t *testing.T) {
		if s, err := known.Practise(pages); err != nil || !s.Whole() {
			t.Errorf("%+v %v", s, err)
		}
		if s, err := known.Practise(pages[:1]); err != nil || s != (keyring.Shown{Backup: true}) {
			t.Errorf("%+v %v", s, err)
		}
		if s, err := known.Practise(pages[3:]); err != nil || s != (keyring.Shown{Recovery: true}) {
			t.Errorf("%+v %v", s, err)
		}
	})
	t.Run("pages of another kit are told", func(t *testing.T) {
		other := read(t, newKit().Pages()...)
		for want, p := range map[string][]keyring.Page{
			"page 1 is not": other[:1], "page 2 is not": other[1:2], "of another recovery kit": other[2:4],
			"a page is of the installation": read(t, keyring.NewKit(keyring.Installation{3}, kit.Sharing).Pages()...)[1:2],
		} {
			if _, err := known.Practise(p); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		}
	})
	t.Run("what the installation tells of its kit is no secret", func(t *testing.T) {
		b, err := json.Marshal(known)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []seal.Secret{kit.App, kit.Recovery, kit.Backup} {
			if strings.Contains(string(b), base64.StdEncoding.EncodeToString(s.Bytes())) || strings.Contains(string(b), hex.EncodeToString(s.Bytes())) {
				t.Error("a secret stands in it")
			}
		}
	})
}

func TestRecoveryCode(t *testing.T) {
	c := keyring.NewRecoveryCode()
	app := keyring.NewApp(seal.NewSecret(), keyring.NewSalt())
	t.Run("it reads back as people type it", func(t *testing.T) {
		for range 200 {
			c := keyring.NewRecoveryCode()
			s := c.Text()
			if len(s) != 34 {
				t.Fatal(len(s))
			}
			for _, typed := range []string{s, strings.ToLower(s), strings.ReplaceAll(s, "-", " "), strings.NewReplacer("-", "", "0", "o", "1", "l").Replace(s), "  " + s + "\n"} {
				got, err := keyring.ParseRecoveryCode(typed)
				if err != nil || !app.RecoveryLockOf(got).Equal(app.RecoveryLockOf(c)) {
					t.Fatalf("%q: %v", typed, err)
				}
			}
		}
	})
	t.Run("a slip in any character is told", func(t *testing.T) {
		s := strings.ReplaceAll(c.Text(), "-", "")
		missed := 0
		for i := range s {
			for _, other := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
				if byte(other) == s[i] {
					continue
				}
				if got, err := keyring.ParseRecoveryCode(s[:i] + string(other) + s[i+1:]); err == nil && !app.RecoveryLockOf(got).Equal(app.RecoveryLockOf(c)) {
					missed++ // 12 bits: once in 4,096
				}
			}
		}
		if missed > 5 {
			t.Errorf("%d of 868 slips passed", missed)
		}
	})
	t.Run("what is no code is refused, and no lock is made of none", func(t *testing.T) {
		for _, s := range []string{"", "x", strings.Repeat("0", 27), strings.Repeat("U", 28), strings.Repeat("0", 29), strings.Repeat("0", 300), c.Text() + "0"} {
			if _, err := keyring.ParseRecoveryCode(s); err == nil {
				t.Errorf("%q was taken", s)
			}
		}
		if !app.RecoveryLockOf(keyring.RecoveryCode{}).IsZero() || (keyring.RecoveryCode{}).Text() != "" {
			t.Error("none is something")
		}
	})
	t.Run("it is never printed", func(t *testing.T) {
		b, _ := json.Marshal(c)
		if s := fmt.Sprintf("%v %+v %s %x %q %s", c, c, c, c, c, b) + c.LogValue().String(); strings.Contains(s, c.Text()[:9]) || !strings.Contains(s, "[secret]") {
			t.Error(s)
		}
	})
}
