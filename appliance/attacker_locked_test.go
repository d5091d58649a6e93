package appliance_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/peers"
)

// TestWhatALockedDiskGives is the table of 2-security 2.3 for boot modes A and C, with mail in
// the spool: whoever takes the whole disk has what is in KEYS as well.
func TestWhatALockedDiskGives(t *testing.T) {
	t.Parallel()
	k := newKeyless(t)
	s := k.opens(t)
	s.Send(letter{from: "eva@prov.example", to: []string{annaSecure}, subject: "Före", body: "x"})
	s.Await("email", anna, 1)
	page := t.TempDir()
	if err := os.WriteFile(filepath.Join(page, "page"), []byte(pageTwo(t, string(readFile(t, s.kit[1])))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range s.kit { // in their safes
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	key := pick(t, k.f.Keys, isKeyFile)
	tang := peers.NewTang()
	server := httptest.NewServer(tang)
	defer server.Close()
	if said := k.mode(t, "tang", "yes\n", server.URL); !strings.Contains(said, "a key server opens") || !strings.Contains(said, tang.Thumbprint()) {
		t.Fatal(said)
	}
	modeC := pick(t, k.f.Keys, func(string) bool { return true })
	if said := k.mode(t, "passphrase", passphrase+"\n"+passphrase+"\n"); strings.HasPrefix(said, "error") {
		t.Fatal(said)
	}
	s.end()
	h := k.locks(t)
	h.Send(letter{from: "eva@prov.example", to: []string{annaSecure}, subject: "Spolat", body: "x"})
	h.end()
	modeA, data := pick(t, k.f.Keys, func(string) bool { return true }), pick(t, k.f.Data, isData)
	for _, x := range []struct {
		who   string
		dirs  []string
		reads bool
	}{
		{"the disk in mode A", []string{data, modeA}, false},
		{"the disk in mode C, away from the network", []string{data, modeC}, false},
		{"the disk and the key: read-only root, and mode D stolen", []string{data, key}, true},
		{"the disk and page 2 of the kit", []string{data, modeA, page}, true},
		{"page 2 alone", []string{page}, false},
	} {
		t.Run(x.who, func(t *testing.T) {
			g := burgle(t, func(m mail.ID) string { return m.String() }, loot{dirs: x.dirs})
			if slices.Contains(g.content, "Spolat") != x.reads || !x.reads && g.people+g.others+len(g.meta)+len(g.content) > 0 {
				t.Errorf("%+v", g)
			}
		})
	}
}
