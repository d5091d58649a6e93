package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigill/appliance/config"
)

func TestPutBack(t *testing.T) {
	text := []byte(strings.Replace(example(t), `name = "Exempel kommun"`, `name = "Provkommun"`, 1))
	for _, c := range []struct {
		name, have, at string
	}{
		{"where there is none", "", "sigill.toml"},
		{"in the place of the example", example(t), "sigill.toml"},
		{"beside one that somebody has filled in", "[house]\n", "sigill.toml" + config.Beside},
		{"nowhere, if it is there", string(text), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "sigill.toml")
			if c.have != "" {
				if err := os.WriteFile(path, []byte(c.have), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			at, err := config.PutBack(path, text)
			if err != nil || at != "" && filepath.Base(at) != c.at || (at == "") != (c.at == "") {
				t.Fatalf("%q, %v", at, err)
			}
			if at == "" {
				at = path
			}
			if got, err := os.ReadFile(at); err != nil || string(got) != string(text) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if got, _ := os.ReadFile(path); c.at != "sigill.toml" && string(got) != c.have {
				t.Error("what was there is another one")
			}
			if st, err := os.Stat(at); err != nil || st.Mode().Perm()&0o007 != 0 {
				t.Errorf("anybody may read it: %v, %v", st.Mode(), err)
			}
		})
	}
}

// TestFiles finds what a configuration names, in tables and in lists of them.
func TestFiles(t *testing.T) {
	c, err := config.Parse([]byte(example(t) + `
[[backup]]
name = "elsewhere"
kind = "sftp"
key_file = "/etc/sigill/secrets/backup.key"
[[senders.shared]]
name = "cloud"
secret_files = ["/etc/sigill/secrets/rule", "/etc/sigill/secrets/rule.next"]
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/etc/sigill/secrets/backup.key", "/etc/sigill/secrets/rule", "/etc/sigill/secrets/rule.next",
		"/etc/sigill/tls/smtp.key", "/etc/sigill/tls/smtp.pem", "/etc/sigill/tls/web.key", "/etc/sigill/tls/web.pem",
	}
	if got := c.Files(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
