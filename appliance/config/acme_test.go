package config_test

import (
	"os"
	"strings"
	"testing"

	"sigill/appliance/config"
)

func TestCertificates(t *testing.T) {
	const web = "base_url = \"https://sakerpost.kommun.example\""
	acme := strings.NewReplacer(`tls = "files"`, `tls = "acme"`)
	for _, x := range []struct {
		name, key string // "" is valid
		change    []string
	}{
		{"an authority for both", "", nil},
		{"without files", "", []string{`"/etc/sigill/tls/web.pem"`, `""`, `"/etc/sigill/tls/web.key"`, `""`, `"/etc/sigill/tls/smtp.pem"`, `""`, `"/etc/sigill/tls/smtp.key"`, `""`}},
		{"an authority and a name that only this computer knows", "web.tls", []string{web, `base_url = "https://localhost"`}},
		{"an authority and an address", "web.tls", []string{web, `base_url = "https://192.0.2.1"`}},
		{"an authority and a name that certificates write otherwise", "smtp.tls", []string{`hostname = "sakerpost.kommun.example"`, `hostname = "säkerpost.kommun.example"`}},
		{"an authority in the clear", "acme.directory", []string{"https://acme-v02.api.letsencrypt.org/directory\"\n\n# To whom", "http://acme.example/directory\"\n\n# To whom"}},
		{"a contact that is no address", "acme.contact", []string{`contact = ""`, `contact = "drift"`}},
		{"half an account", "acme.account_file", []string{`account = ""`, `account = "x"`}},
		{"a port that is none", "acme.listen", []string{`listen = ":80"`, `listen = "80"`}},
		{"no port, where the portal answers for both names", "", []string{`listen = ":80"`, `listen = ""`}},
		{"no port, and another name for mail", "acme.listen", []string{`listen = ":80"`, `listen = ""`, `hostname = "sakerpost.kommun.example"`, `hostname = "mx.kommun.example"`}},
		{"names that the portal had before", "", []string{"former_hosts = []", `former_hosts = ["brev.kommun.example", "post.kommun.example"]`}},
		{"a former name with https:// before it", "web.former_hosts[0]", []string{"former_hosts = []", `former_hosts = ["https://brev.kommun.example"]`}},
		{"a former name with a port", "web.former_hosts[0]", []string{"former_hosts = []", `former_hosts = ["brev.kommun.example:443"]`}},
		{"a former name in capitals", "web.former_hosts[0]", []string{"former_hosts = []", `former_hosts = ["Brev.kommun.example"]`}},
		{"a former name that browsers write otherwise", "web.former_hosts[0]", []string{"former_hosts = []", `former_hosts = ["säkerpost.kommun.example"]`}},
		{"a former name that is in use", "web.former_hosts[1]", []string{"former_hosts = []", `former_hosts = ["brev.kommun.example", "sakerpost.kommun.example"]`}},
		{"a former name twice", "web.former_hosts[1]", []string{"former_hosts = []", `former_hosts = ["brev.kommun.example", "brev.kommun.example"]`}},
		{"a former name that only this computer knows", "web.former_hosts[0]", []string{"former_hosts = []", `former_hosts = ["localhost"]`}},
	} {
		t.Run(x.name, func(t *testing.T) {
			text := strings.NewReplacer(x.change...).Replace(acme.Replace(example(t)))
			if len(x.change) > 0 && text == acme.Replace(example(t)) {
				t.Fatal("nothing was changed")
			}
			c, err := config.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			err = c.Validate()
			if x.key == "" && err != nil || x.key != "" && (err == nil || !strings.HasPrefix(err.Error(), x.key+": ") || strings.Contains(err.Error(), "\n")) {
				t.Errorf("got %v, want %q", err, x.key)
			}
		})
	}
	t.Run("where no authority is used, nothing of it is looked at", func(t *testing.T) {
		c, err := config.Parse([]byte(strings.NewReplacer(`listen = ":80"`, `listen = "x"`, `account = ""`, `account = "x"`).Replace(example(t))))
		if err != nil || c.Validate() != nil {
			t.Error(err, c.Validate())
		}
	})
	t.Run("a certificate from nowhere is refused, each with its door", func(t *testing.T) {
		c, err := config.Parse([]byte(strings.ReplaceAll(example(t), `tls = "files"`, `tls = "magic"`)))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "web.tls: must be one of files, acme, internal") || !strings.Contains(err.Error(), "smtp.tls: must") {
			t.Error(err)
		}
	})
	t.Run("this machine's own goes with https, and mail programs may use it", func(t *testing.T) {
		text := strings.NewReplacer(`tls = "files"`, `tls = "internal"`, `submission = ""`, `submission = ":587"`, `"/etc/sigill/tls/web.pem"`, `""`, `"/etc/sigill/tls/web.key"`, `""`, `"/etc/sigill/tls/smtp.pem"`, `""`, `"/etc/sigill/tls/smtp.key"`, `""`).Replace(example(t))
		c, err := config.Parse([]byte(text))
		if err == nil {
			err = c.Validate()
		}
		if err != nil {
			t.Fatal(err)
		}
		c.Web.BaseURL = "http://localhost:8080"
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), "web.tls: ") {
			t.Error(err)
		}
	})
	t.Run("an account's key is read from its file, where an authority is used, and prints nothing", func(t *testing.T) {
		file := files(t, t.TempDir())
		text := strings.NewReplacer(`account = ""`, `account = "kid"`, `account_file = ""`, `account_file = "`+file("account", "canary\n", 0o600)+`"`).Replace(acme.Replace(example(t)))
		path := file("sigill.toml", text, 0o600)
		c, err := config.Load(path)
		if err != nil || string(c.ACME.Key) != "canary" || strings.Contains(c.LogValue().String(), "canary") {
			t.Error(err, c.LogValue())
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, `tls = "acme"`, `tls = "files"`)), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err = config.Load(path); err != nil || c.ACME.Key != "" {
			t.Error(err)
		}
	})
}
