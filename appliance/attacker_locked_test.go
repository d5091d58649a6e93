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
	read := []string{"Spolat"}
	for _, x := range []struct {
		who  string
		dirs []string
		want []string
	}{
		{"the disk in mode A", []string{data, modeA}, nil},
		{"the disk in mode C, away from the network", []string{data, modeC}, nil},
		{"the disk and the key: read-only root, and mode D stolen", []string{data, key}, read},
		{"the disk and page 2 of the kit", []string{data, modeA, page}, read},
		{"page 2 alone", []string{page}, nil},
	} {
		t.Run(x.who, func(t *testing.T) {
			g := burgle(t, func(m mail.ID) string { return m.String() }, loot{dirs: x.dirs})
			if !slices.Equal(g.content, x.want) || x.want == nil && g.people+g.others+len(g.meta) > 0 {
				t.Errorf("%+v", g)
			}
		})
	}
}
