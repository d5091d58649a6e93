package keyring_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

var here = keyring.Installation{0x4f, 0x0a, 1, 2, 3, 4, 5, 6}

func newKit() keyring.Kit { return keyring.NewKit(here, keyring.DefaultSharing) }

func text(t testing.TB, p keyring.Page) string {
	t.Helper()
	s, err := p.Text()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func words(t testing.TB, p keyring.Page) string {
	t.Helper()
	return strings.Join(p.Words(), " ")
}

// read reads pages as they are typed from paper.
func read(t testing.TB, pages ...keyring.Page) (list []keyring.Page) {
	t.Helper()
	for _, p := range pages {
		got, err := keyring.ParsePage(text(t, p))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, got)
	}
	return list
}

func TestKit(t *testing.T) {
	t.Run("a seed and its age identity have the same public key", func(t *testing.T) {
		for range 20 {
			seed := seal.NewSecret()
			text, err := keyring.Identity(seed)
			if err != nil {
				t.Fatal(err)
			}
			id, err := age.ParseHybridIdentity(text)
			if err != nil {
				t.Fatal(err)
			}
			recipient, err := keyring.Recipient(seed)
			if err != nil || recipient != id.Recipient().String() {
				t.Fatalf("recipient differs: %v", err)
			}
			// What is sealed to the HPKE key is not opened by age's use of the same seed, and
			// the other way round: see seal.PublicKey.Seal.
			if len(seal.PrivateKeyOf(seed).Public().Bytes()) != seal.PublicKeySize {
				t.Fatal("public key of another length")
			}
		}
	})
	t.Run("a file of the kit is written once, readable by its owner only, and never over another", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "kit")
		if err := keyring.WriteKit(path, []byte("page")); err != nil {
			t.Fatal(err)
		}
		st, _ := os.Stat(path)
		if st.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", st.Mode())
		}
		if err := keyring.WriteKit(path, []byte("another")); err == nil {
			t.Error("a second kit was written over the first")
		}
		if b, _ := os.ReadFile(path); string(b) != "page" {
			t.Errorf("%q", b)
		}
	})
	t.Run("it has a page for B, one for K_app, and the shares", func(t *testing.T) {
		kit := newKit()
		pages := kit.Pages()
		if len(pages) != 5 || pages[0].Kind != keyring.PageBackup || pages[1].Kind != keyring.PageApp {
			t.Fatalf("%v", pages)
		}
		if !pages[0].Secret().Equal(kit.Backup) || !pages[1].Secret().Equal(kit.App) {
			t.Error("another secret")
		}
		for i, p := range pages[2:] {
			if p.Kind != keyring.PageShare || p.Number != i+1 || p.Sharing != keyring.DefaultSharing || p.Secret().Equal(kit.Recovery) {
				t.Errorf("%v", p)
			}
		}
	})
	t.Run("no secret is printed with a page", func(t *testing.T) {
		for _, p := range newKit().Pages() {
			s := fmt.Sprintf("%v %+v %#v", p, p, p)
			if strings.Contains(s, words(t, p)[:20]) || strings.Contains(s, text(t, p)[30:50]) || strings.Contains(s, fmt.Sprintf("%x", p.Secret().Bytes())) {
				t.Error(s)
			}
		}
	})
}

func TestShares(t *testing.T) {
	for _, tc := range []struct{ need, of int }{{1, 1}, {2, 3}, {2, 4}, {2, 5}, {3, 4}, {3, 5}} {
		t.Run(fmt.Sprintf("any %d of %d shares give R and H", tc.need, tc.of), func(t *testing.T) {
			s, err := keyring.NewSharing(tc.need, tc.of)
			if err != nil {
				t.Fatal(err)
			}
			kit := keyring.NewKit(here, s)
			shares := read(t, kit.Pages()[2:]...)
			for mask := range 1 << tc.of {
				var some []keyring.Page
				for i := range tc.of {
					if mask>>i&1 == 1 {
						some = append(some, shares[i])
					}
				}
				slices.Reverse(some)
				c, err := keyring.Combine(some)
				if len(some) < tc.need {
					if err == nil {
						t.Fatalf("%d shares were enough", len(some))
					}
					continue
				}
				if err != nil || !c.Recovery.Equal(kit.Recovery) || !c.Helper.Equal(kit.Helper) {
					t.Fatalf("%b: %v", mask, err)
				}
			}
		})
	}
	t.Run("other ways to share are refused", func(t *testing.T) {
		for _, tc := range [][2]int{{0, 0}, {1, 2}, {1, 5}, {2, 2}, {3, 3}, {2, 6}, {4, 5}, {-1, 3}, {3, 2}} {
			if _, err := keyring.NewSharing(tc[0], tc[1]); err == nil {
				t.Errorf("%v was taken", tc)
			}
		}
		for _, s := range []string{"", "2/", "2/3/", "22/3", "a/b", "2-3", "0/0", " 2/3"} {
			if _, err := keyring.ParseSharing(s); err == nil {
				t.Errorf("%q was taken", s)
			}
		}
	})
	t.Run("a share more than is needed is held against the others", func(t *testing.T) {
		a, b := newKit().Pages()[2:], newKit().Pages()[2:]
		if _, err := keyring.Combine([]keyring.Page{a[0], a[1], b[2]}); err == nil || !strings.Contains(err.Error(), "share 3 does not fit") {
			t.Error(err)
		}
	})
	t.Run("shares that do not go together are told apart", func(t *testing.T) {
		a := newKit().Pages()[2:]
		other := keyring.NewKit(keyring.Installation{9}, keyring.DefaultSharing).Pages()[2:]
		more := keyring.NewKit(here, keyring.Sharing{Need: 2, Of: 4}).Pages()[2:]
		for want, pages := range map[string][]keyring.Page{
			"no share":                          nil,
			"only 1 was given":                  {a[0]},
			"given twice":                       {a[0], a[0]},
			"is of the installation":            {a[0], other[1]},
			"they are of two kits":              {a[0], more[1]},
			"a page that is no share was given": {a[0], newKit().Pages()[0]},
		} {
			if _, err := keyring.Combine(pages); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		}
	})
	t.Run("shares of another kit of the same house give another key", func(t *testing.T) {
		a, b := newKit(), newKit()
		c, err := keyring.Combine([]keyring.Page{a.Pages()[2], b.Pages()[3]})
		if err == nil && (c.Recovery.Equal(a.Recovery) || c.Recovery.Equal(b.Recovery)) {
			t.Error("it is one of the two")
		}
	})
}

func TestPages(t *testing.T) {
	pages := newKit().Pages()
	t.Run("what is printed reads back, also in small letters, with blanks and look-alikes", func(t *testing.T) {
		for _, p := range pages {
			line := text(t, p)
			sloppy := strings.NewReplacer("-", " ", "0", "o", "1", "l", ":", " : ").Replace(strings.ToLower(line))
			if p.Kind == keyring.PageBackup {
				sloppy = strings.ToLower(line[:20]) + "\n " + line[20:]
			}
			for _, s := range []string{line, sloppy} {
				got, err := keyring.ParsePage(s)
				if err != nil || !got.Secret().Equal(p.Secret()) || got.Number != p.Number || got.Sharing != p.Sharing {
					t.Errorf("%c %d: %v", p.Kind, p.Number, err)
				}
			}
		}
	})
	t.Run("the words read back with the number and the check value, whole or by their first four letters", func(t *testing.T) {
		for _, p := range pages {
			var numbered, short []string
			for i, w := range strings.Fields(words(t, p)) {
				numbered = append(numbered, fmt.Sprintf("%2d. %s", i+1, strings.ToUpper(w)))
				short = append(short, w[:min(4, len(w))])
			}
			meant := keyring.Page{Kind: p.Kind, Installation: p.Installation, Sharing: p.Sharing, Number: p.Number}
			for _, s := range []string{words(t, p), strings.Join(numbered, "\n"), strings.Join(short, ", ")} {
				got, err := keyring.ParseWords(s, meant, " "+strings.ToLower(p.Check()))
				if err != nil || !got.Secret().Equal(p.Secret()) {
					t.Errorf("%c %d: %v", p.Kind, p.Number, err)
				}
			}
		}
	})
	t.Run("words of one share with another's number or check value are refused", func(t *testing.T) {
		a, b := pages[2], pages[3]
		for _, tc := range []struct {
			number int
			check  string
		}{{b.Number, a.Check()}, {a.Number, b.Check()}, {a.Number, ""}, {a.Number, "0000-0000"}} {
			meant := keyring.Page{Kind: keyring.PageShare, Installation: here, Sharing: a.Sharing, Number: tc.number}
			if _, err := keyring.ParseWords(words(t, a), meant, tc.check); err == nil {
				t.Errorf("%+v was taken", tc)
			}
		}
		elsewhere := keyring.Page{Kind: keyring.PageShare, Installation: keyring.Installation{1}, Sharing: a.Sharing, Number: a.Number}
		if _, err := keyring.ParseWords(words(t, a), elsewhere, a.Check()); err == nil {
			t.Error("taken for another installation's")
		}
	})
	t.Run("words that are misread are told", func(t *testing.T) {
		w := strings.Fields(words(t, pages[2]))
		swapped := slices.Clone(w)
		for i := range swapped[1:] {
			if swapped[i] != swapped[i+1] {
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				break
			}
		}
		for name, list := range map[string][]string{"a word less": w[:23], "a word more": append(slices.Clone(w), "zoo"), "no word": append(slices.Clone(w[:23]), "sigill"), "three letters": append(slices.Clone(w[:23]), "zxc")} {
			if _, err := keyring.ReadWords(strings.Join(list, " ")); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		// The words' own sum has 8 bits; the check value finds the rest.
		meant := keyring.Page{Kind: keyring.PageShare, Installation: here, Sharing: pages[2].Sharing, Number: 1}
		if _, err := keyring.ParseWords(strings.Join(swapped, " "), meant, pages[2].Check()); err == nil {
			t.Error("swapped words were taken")
		}
	})
	t.Run("every character counts: a page with one changed is refused", func(t *testing.T) {
		for _, p := range pages {
			line := text(t, p)
			for i := range line {
				for _, c := range "07AQZ:/-" {
					bent := line[:i] + string(c) + line[i+1:]
					got, err := keyring.ParsePage(bent)
					if err == nil && text(t, got) != line {
						t.Fatalf("%c %d: a page with character %d changed to %q reads as another one", p.Kind, p.Number, i, c)
					}
				}
			}
			for n := range line {
				if got, err := keyring.ParsePage(line[:n]); err == nil {
					t.Fatalf("cut at %d it reads as %v", n, got)
				}
			}
		}
	})
	t.Run("what is no page is refused, and never quoted", func(t *testing.T) {
		for _, s := range []string{"", "x", strings.Repeat("0", 64), strings.Repeat("g", 64), "SIGILL1:R:2/3:4:" + strings.Repeat("0", 16), "SIGILL2:K:a:b:c", strings.Repeat("a", 5000), "AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-PQ-1QQQQQQQ", "SIGILL1:R:9/9:1:4f0a010203040506:" + strings.Repeat("7", 52) + ":00000000"} {
			if _, err := keyring.ParsePage(s); err == nil || len(s) > 20 && strings.Contains(err.Error(), s[:20]) {
				t.Errorf("%.30q: %v", s, err)
			}
		}
	})
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "appliance.key")
	kapp := seal.NewSecret()
	if err := keyring.WriteKeyFile(path, kapp); err != nil {
		t.Fatal(err)
	}
	t.Run("it is read back", func(t *testing.T) {
		got, err := keyring.ReadKeyFile(path)
		if err != nil || !got.Equal(kapp) {
			t.Fatalf("another key came back: %v", err)
		}
	})
	t.Run("it is never written over", func(t *testing.T) {
		if err := keyring.WriteKeyFile(path, seal.NewSecret()); err == nil {
			t.Fatal("a second key was written")
		}
	})
	t.Run("a file that others may read is refused", func(t *testing.T) {
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := keyring.ReadKeyFile(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Fatalf("taken, or without a hint: %v", err)
		}
	})
	t.Run("what is no key is refused", func(t *testing.T) {
		for _, s := range []string{"", "x", "sigill/appliance-key/1\n", "sigill/appliance-key/1\nzz", "sigill/appliance-key/2\n" + strings.Repeat("00", 32) + "\n", "sigill/appliance-key/1\n" + strings.Repeat("00", 33) + "\n"} {
			p := filepath.Join(t.TempDir(), "k")
			if err := os.WriteFile(p, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := keyring.ReadKeyFile(p); err == nil {
				t.Errorf("%q was taken for a key", s)
			}
		}
	})
}
