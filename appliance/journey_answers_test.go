package appliance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sigill/appliance"
	"sigill/appliance/config"
)

// TestSetUpByAnswers is the same by `sigill setup`.
func TestSetUpByAnswers(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	kit, copies := filepath.Join(dir, "kit.html"), filepath.Join(dir, "copies")
	if err := os.Mkdir(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	answers := write("answers.toml", fmt.Sprintf(`
data = %q
keys = %q
run = %q
[administrator]
name = "Karin Berg"
address = %q
password_file = %q
app_key_file = %q
[kit]
out = %q
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
recovery = "2-of-4"
[web]
base_url = "http://localhost:8080"
listen = "127.0.0.1:0"
[smtp]
hostname = "brev.prov.example"
listen = "127.0.0.1:0"
[smarthost]
host = "127.0.0.1"
port = 25
tls = "lab"
[notices]
from = "sakerpost@brev.prov.example"
own_domain = "brev.prov.example"
[[backup]]
name = "nas"
kind = "dir"
path = %q
`, dir+"/data", dir+"/keys", dir+"/run", setupAdmin, write("password", setupPassword+"\n"), write("app", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n"), kit, copies))
	path := filepath.Join(dir, "sigill.toml")
	setUpBy := func(answers string) (string, error) {
		var said strings.Builder
		err := appliance.SetUp(context.Background(), path, answers, func(format string, args ...any) { fmt.Fprintf(&said, format, args...) })
		return said.String(), err
	}
	setUp := func() string {
		t.Helper()
		said, err := setUpBy(answers)
		if err != nil {
			t.Fatal(err)
		}
		return said
	}
	t.Run("a place for backups that cannot be used is said, when all else is done", func(t *testing.T) {
		without := write("without.toml", strings.Replace(string(readFile(t, answers)), copies, copies+"-none", 1))
		said, err := setUpBy(without)
		if err == nil || !strings.Contains(err.Error(), "backup nas") || !strings.Contains(said, "cannot    back up to "+copies+"-none") || !strings.Contains(said, "made      the keys") {
			t.Errorf("%v, and it says:\n%s", err, said)
		}
	})
	if err := errors.Join(os.RemoveAll(dir+"/data"), os.RemoveAll(dir+"/keys"), os.Remove(kit)); err != nil {
		t.Fatal(err)
	}
	if said := setUp(); !strings.Contains(said, "made      the administrator "+setupAdmin) || !strings.Contains(said, "moved     the recovery kit") || strings.Contains(said, setupPassword) ||
		!strings.Contains(said, "tried     "+copies+": what was written there was read, and removed") {
		t.Errorf("it says:\n%s", said)
	}
	t.Run("the kit is where it was asked for, whole, and nowhere else", func(t *testing.T) {
		pages, err := appliance.ReadPages([]string{kit})
		if err != nil || len(pages) != 6 {
			t.Error(len(pages), err)
		}
		if left, _ := filepath.Glob(dir + "/keys/recovery-kit*"); left != nil {
			t.Error(left)
		}
	})
	t.Run("a second time nothing is changed", func(t *testing.T) {
		before := readFile(t, path)
		if said := setUp(); strings.Contains(said, "made") || strings.Contains(said, "wrote") {
			t.Errorf("it says:\n%s", said)
		}
		if string(readFile(t, path)) != string(before) {
			t.Error("the file is another one")
		}
	})
	t.Run("the administrator signs in, and there is no wizard", func(t *testing.T) {
		f, err := config.Load(path, appliance.Languages()...)
		if err != nil {
			t.Fatal(err)
		}
		j := serve(t, f)
		code, err := totp.GenerateCode("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b := j.Browser().Get("/in").Post("/in", "address", setupAdmin, "password", setupPassword, "next", "/admin").At("/in/factor")
		b.Post("/in/factor", "code", code).At("/admin")
		if b.Get("/setup"); b.code != http.StatusNotFound {
			t.Errorf("/setup answers %d", b.code)
		}
	})
	t.Run("what is wrong in it is said, all at once, and nothing is done", func(t *testing.T) {
		bad := write("bad.toml", "[house]\nname = \"\"\n[administrator]\nadress = \"x\"\n")
		if err := appliance.SetUp(context.Background(), filepath.Join(dir, "none.toml"), bad, t.Logf); err == nil || !strings.Contains(err.Error(), "administrator") {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Join(dir, "none.toml")); err == nil {
			t.Error("a file was written")
		}
	})
}
