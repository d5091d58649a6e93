package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sigill/appliance/config"
)

const examplePath = "../../embed/system/sigill.toml"

func example(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestExample(t *testing.T) {
	text := example(t)
	t.Run("the example is the default and what is needed, and nothing else", func(t *testing.T) {
		got, err := config.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		want := config.Default()
		want.House.Name, want.House.Department, want.House.Domains = "Exempel kommun", "Socialförvaltningen", []string{"kommun.example"}
		want.Web.BaseURL, want.Web.TLSCert, want.Web.TLSKey = "https://sakerpost.kommun.example", "/etc/sigill/tls/web.pem", "/etc/sigill/tls/web.key"
		want.SMTP.Hostname, want.SMTP.TLSCert, want.SMTP.TLSKey = "sakerpost.kommun.example", "/etc/sigill/tls/smtp.pem", "/etc/sigill/tls/smtp.key"
		want.Smarthost.Host = "smtp.kommun.example"
		want.Notices = config.Notices{From: "sakerpost@kommun.example", Own: "svar.kommun.example"}
		if a, b := slog.AnyValue(got).Resolve().String(), slog.AnyValue(want).Resolve().String(); a != b {
			t.Fatalf("got\n%s\nwant\n%s", a, b)
		}
	})
	t.Run("it is valid as it stands", func(t *testing.T) {
		if _, err := config.Load(examplePath); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("what it shows in comments is valid too", func(t *testing.T) {
		c, err := config.Parse([]byte(uncommented(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		if len(c.Senders.Shared) != 1 || len(c.SMS.Gateways) != 2 || c.SMS.Gateways[1].Header["Authorization"] != "Bearer {{secret}}" {
			t.Fatalf("got %+v", c)
		}
	})
	t.Run("every key is in it, and has a comment with its default", func(t *testing.T) {
		keys(reflect.TypeFor[config.Config](), func(key string) {
			if !strings.Contains(text, "\n"+key+" = ") && !strings.Contains(text, "# "+key+" = ") && !strings.Contains(text, "["+key+"]") &&
				!strings.Contains(text, "."+key+"]]") && !strings.Contains(text, "."+key+"]") {
				t.Errorf("%s is not in the example", key)
			}
		})
		comment, section := "", true
		for line := range strings.Lines(text) {
			switch {
			case strings.HasPrefix(line, "#"):
				comment += line
			case strings.TrimSpace(line) == "":
				comment, section = "", false
			case strings.HasPrefix(line, "["):
				comment = ""
			default:
				if !section && !strings.Contains(comment, "Default:") && !strings.Contains(comment, "Needed.") {
					t.Errorf("no default is told for %s", line)
				}
			}
		}
	})
}

// uncommented takes the # off the commented tables.
func uncommented(text string) string {
	var b strings.Builder
	in := false
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "# ")
		if ok && strings.HasPrefix(rest, "[[") {
			in = true
		}
		in = in && ok
		if in && (strings.HasPrefix(rest, "[") || strings.Contains(rest, " = ")) {
			line = rest
		}
		b.WriteString(line)
	}
	return b.String()
}

func keys(t reflect.Type, f func(string)) {
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("toml")
		if tag == "-" {
			continue
		}
		f(tag)
		switch ft := t.Field(i).Type; {
		case ft.Kind() == reflect.Struct:
			keys(ft, f)
		case ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.Struct:
			keys(ft.Elem(), f)
		}
	}
}

func TestLanguages(t *testing.T) {
	c, err := config.Parse([]byte(example(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name, lang string
		can        []string
		ok         bool
	}{
		{"one that the house can speak is taken", "fi", []string{"en", "fi"}, true},
		{"one that it cannot is refused", "sv", []string{"en", "fi"}, false},
		{"who does not say which there are takes any", "se", nil, true},
		{"but nothing that is no language", "../sv", nil, false},
		{"nor nothing at all", "", nil, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.House.Language = x.lang
			err := c.Validate(x.can...)
			if (err == nil) != x.ok || !x.ok && !strings.HasPrefix(err.Error(), "house.language: ") {
				t.Error(err)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Run("all faults are told at once, each with its key", func(t *testing.T) {
		err := (&config.Config{}).Validate()
		for _, key := range []string{"data:", "keys:", "run:", "house.name:", "house.department:", "house.country:", "house.zone:", "house.language:", "house.recovery:", "house.domains:",
			"web.base_url:", "web.listen:", "smtp.hostname:", "smtp.listen:", "smtp.max_message_bytes:", "smarthost.host:", "smarthost.port:", "smarthost.tls:",
			"notices.from:", "notices.own_domain:", "sms.countries:", "sms.per_number_and_day:", "sms.per_letter:", "sms.per_day:", "sms.currency:", "retention.max_days:"} {
			if err == nil || !strings.Contains("\n"+err.Error(), "\n"+key) {
				t.Errorf("%s is not told: %v", key, err)
			}
		}
	})
	for _, c := range []struct{ name, key, from, to string }{
		{"keys within data", "keys", `keys = "/etc/sigill/keys"`, `keys = "/var/lib/sigill/keys"`},
		{"a path that is not absolute", "data", `data = "/var/lib/sigill"`, `data = "var"`},
		{"plain http for others", "web.base_url", `"https://sakerpost`, `"http://sakerpost`},
		{"a base address with a path", "web.base_url", `kommun.example"` + "\n\n# Where the portal", `kommun.example/x"` + "\n\n# Where the portal"},
		{"no certificate and no proxy", "web.tls_cert", `web.pem"` + "\ntls_key = \"/etc/sigill/tls/web.key\"", `"` + "\ntls_key = \"\""},
		{"a certificate without key", "smtp.tls_key", `tls_key = "/etc/sigill/tls/smtp.key"`, `tls_key = ""`},
		{"mail programs without a certificate", "smtp.submission", `submission = ""`, `submission = ":587"`},
		{"mail programs without a certificate, by TLS from the first byte", "smtp.submissions", `submissions = ""`, `submissions = ":465"`},
		{"a port that is none", "smtp.submissions", `submissions = ""`, `submissions = "465"`},
		{"everybody is no network", "senders.networks[0]", "\nnetworks = []", "\nnetworks = [\"0.0.0.0/0\"]"},
		{"bits behind the mask", "senders.networks[0]", "\nnetworks = []", "\nnetworks = [\"10.1.2.3/8\"]"},
		{"no network at all", "senders.networks[1]", "\nnetworks = []", "\nnetworks = [\"10.0.0.0/8\", \"relay\"]"},
		{"half a hash", "senders.client_certs", "client_certs = []", `client_certs = ["abcd"]`},
		{"a shared relay that proves nothing", "senders.shared[0]", "[smarthost]", "[[senders.shared]]\nname = \"x\"\nnetworks = [\"192.0.2.1\"]\n[smarthost]"},
		{"a secret header that every mail has", "senders.shared[0].header", "[smarthost]", "[[senders.shared]]\nname = \"x\"\nnetworks = [\"192.0.2.1\"]\nheader = \"Subject\"\nsecret_files = [\"/x\"]\n[smarthost]"},
		{"lab elsewhere", "smarthost.tls", `tls = "verify"`, `tls = "lab"`},
		{"a user without password", "smarthost.password_file", `user = ""`, `user = "x"`},
		{"own domain is people's", "notices.own_domain", `own_domain = "svar.kommun.example"`, `own_domain = "kommun.example"`},
		{"a sender with a name", "notices.from", `from = "sakerpost@kommun.example"`, `from = "X <sakerpost@kommun.example>"`},
		{"no budget", "sms.per_day", "per_day = 2000", "per_day = 0"},
		{"a country with a plus", "sms.countries[0]", `countries = ["46", `, `countries = ["+46", `},
		{"a price with a comma", "sms.price", `price = ""`, `price = "0,42"`},
		{"a currency that is a sign", "sms.currency", `currency = "SEK"`, `currency = "kr"`},
		{"an unknown gateway", "sms.gateway[0].kind", "[retention]", "[[sms.gateway]]\nkind = \"x\"\nname = \"x\"\nfrom = \"x\"\n[retention]"},
		{"a gateway in clear", "sms.gateway[0].url", "[retention]", "[[sms.gateway]]\nkind = \"generic\"\nname = \"x\"\nfrom = \"x\"\nurl = \"http://sms.example/\"\nbody = \"{{to}}{{text}}\"\n[retention]"},
		{"reports that nobody knows where to send", "sms.gateway[0].body", "[retention]", "[[sms.gateway]]\nkind = \"generic\"\nname = \"x\"\nfrom = \"x\"\nurl = \"https://sms.example/\"\nbody = \"{{to}}{{text}}\"\nreport_id = \"id\"\nreport_status = \"status\"\nreport_delivered = [\"delivered\"]\n[retention]"},
		{"letters that live for no day", "retention.open_within_days", "open_within_days = 30", "open_within_days = 0"},
		{"and that are read for none", "retention.read_for_days", "read_for_days = 30", "read_for_days = 0"},
		{"less than no day", "retention.min_days", "min_days = 0", "min_days = -1"},
		{"a language that has a name and no tag", "house.language", `language = "sv"`, `language = "svenska"`},
		{"the longest beyond ten years", "retention.max_days", "max_days = 365", "max_days = 4000"},
		{"a lifetime out of bounds", "retention.open_within_days", "open_within_days = 30", "open_within_days = 400"},
		{"a way to share that leaves no share to lose", "house.recovery", `recovery = "2-of-3"`, `recovery = "3-of-3"`},
		{"an unknown zone", "house.zone", `zone = "Europe/Stockholm"`, `zone = "Europe/Atlantis"`},
		{"a country in letters", "house.country", `country = "SE"`, `country = "se"`},
		{"a line break in a name", "house.name", `"Exempel kommun"`, `"Exempel\nkommun"`},
	} {
		t.Run(c.name+" is refused", func(t *testing.T) {
			text := strings.Replace(example(t), c.from, c.to, 1)
			if text == example(t) {
				t.Fatal("nothing was changed")
			}
			if strings.HasPrefix(c.name, "mail programs without a certificate") {
				text = strings.NewReplacer(`"/etc/sigill/tls/smtp.pem"`, `""`, `"/etc/sigill/tls/smtp.key"`, `""`).Replace(text)
			}
			if c.key == "web.tls_cert" {
				text = strings.Replace(text, `tls_cert = "/etc/sigill/tls/"`, `tls_cert = ""`, 1)
			}
			got, err := config.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			err = got.Validate()
			if err == nil || !strings.HasPrefix(err.Error(), c.key+": ") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v, want only %s", err, c.key)
			}
		})
	}
	for name, change := range map[string][2]string{
		"plain http on loopback is allowed":          {`base_url = "https://sakerpost.kommun.example"`, `base_url = "http://localhost:8080"`},
		"listening on loopback needs no certificate": {`listen = ":443"`, `listen = "127.0.0.1:8080"`},
		"a named proxy needs no certificate":         {"trusted_proxies = []", `trusted_proxies = ["10.0.0.7"]`},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(example(t), change[0], change[1], 1)
			if name != "plain http on loopback is allowed" {
				text = strings.NewReplacer(`"/etc/sigill/tls/web.pem"`, `""`, `"/etc/sigill/tls/web.key"`, `""`).Replace(text)
			}
			c, err := config.Parse([]byte(text))
			if err == nil {
				err = c.Validate()
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestPartPrice(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "0": 0, "0.42": 420_000, "1": 1_000_000, "0.000001": 1, "12.5": 12_500_000, "1000": 1_000_000_000, "01.50": 1_500_000} {
		t.Run("a price of "+text+" is so many millionths", func(t *testing.T) {
			if got, err := (config.SMS{Price: text}).PartPrice(); got != want || err != nil {
				t.Errorf("%d %v, not %d", got, err, want)
			}
		})
	}
	for _, text := range []string{"0,42", ".5", "1.", "-1", "+1", "1e3", "0.0000001", "1000.01", "10000", " 1", "kr", ".", "1.2.3", "٣"} {
		t.Run("a price of "+text+" is refused", func(t *testing.T) {
			if got, err := (config.SMS{Price: text}).PartPrice(); err == nil {
				t.Errorf("%d", got)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	write := func(t *testing.T, text string) string {
		path := filepath.Join(t.TempDir(), "sigill.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Run("unknown keys are refused, all of them", func(t *testing.T) {
		_, err := config.Load(write(t, example(t)+"\nnever = 1\n[smpt]\nlisten = \":25\"\n"))
		if err == nil || !strings.Contains(err.Error(), "log.never: there is no such key") || !strings.Contains(err.Error(), "smpt") {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("a wrong kind of value is told with its line", func(t *testing.T) {
		_, err := config.Load(write(t, "\ndata = 5\n"))
		if err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("a huge file is refused", func(t *testing.T) {
		if _, err := config.Load(write(t, example(t)+strings.Repeat("#\n", 40000))); err == nil {
			t.Fatal("taken")
		}
	})
	t.Run("a file that is not there is told", func(t *testing.T) {
		if _, err := config.Load("/nowhere/sigill.toml"); err == nil || !strings.Contains(err.Error(), "/nowhere/sigill.toml") {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("the environment takes the place of keys", func(t *testing.T) {
		t.Setenv("SIGILL_WEB_LISTEN", "127.0.0.1:9")
		t.Setenv("SIGILL_SMARTHOST_PORT", "26")
		t.Setenv("SIGILL_HOUSE_DOMAINS", "a.example, b.example")
		t.Setenv("SIGILL_SMTP_MAX_MESSAGE_BYTES", "2000000")
		t.Setenv("SIGILL_DATA", "/srv/sigill")
		c, err := config.Load(write(t, example(t)))
		if err != nil {
			t.Fatal(err)
		}
		if c.Web.Listen != "127.0.0.1:9" || c.Smarthost.Port != 26 || len(c.House.Domains) != 2 || c.House.Domains[1] != "b.example" || c.SMTP.MaxMessageBytes != 2000000 || c.Data != "/srv/sigill" {
			t.Fatalf("got %+v", c)
		}
	})
	t.Run("a variable that is no key, or no number, is refused beside all other faults", func(t *testing.T) {
		t.Setenv("SIGILL_WEB_LISTN", "x")
		t.Setenv("SIGILL_SMARTHOST_PORT", "many")
		_, err := config.Load(write(t, strings.Replace(example(t), "per_day = 2000", "per_day = 0", 1)))
		for _, want := range []string{"SIGILL_WEB_LISTN: there is no such key", "SIGILL_SMARTHOST_PORT: is not a whole number", "sms.per_day:"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in %v", want, err)
			}
		}
	})
}

// files returns what writes files into a directory, with just this mode.
func files(t *testing.T, dir string) func(name, text string, mode os.FileMode) (path string) {
	return func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
}

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	file := files(t, dir)
	load := func(password, secret string) (config.Config, error) {
		text := strings.NewReplacer(`user = ""`, `user = "sigill"`, `password_file = ""`, fmt.Sprintf("password_file = %q", password),
			"[smarthost]", fmt.Sprintf("[[senders.shared]]\nname = \"x\"\nnetworks = [\"192.0.2.1\"]\nheader = \"X-Key\"\nsecret_files = [%q]\n[smarthost]", secret)).Replace(example(t))
		return config.Load(file("sigill.toml", text, 0o644))
	}
	good, long := file("password", "canary pass word\n", 0o640), file("secret", "canary-0123456789abcdef\n", 0o600)
	t.Run("they are read from files and print nothing", func(t *testing.T) {
		c, err := load(good, long)
		if err != nil {
			t.Fatal(err)
		}
		if string(c.Smarthost.Password) != "canary pass word" || string(c.Senders.Shared[0].Secrets[0]) != "canary-0123456789abcdef" {
			t.Fatal("not read")
		}
		c.SMS.Gateways = []config.Gateway{{Name: "x", URL: "https://sms.example/?key=canary", Body: "canary", Header: map[string]string{"Authorization": "canary"}, Secret: "canary"}}
		j, err := json.Marshal(c.Smarthost)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("configuration", "effective", c, "password", c.Smarthost.Password)
		for _, s := range []string{string(j), log.String(), fmt.Sprintf("%v %+v %#v %s %q %x", c.Smarthost, c.Smarthost, c.Smarthost, c.Senders, c.Senders, c.Smarthost.Password)} {
			if strings.Contains(s, "canary") || strings.Contains(s, "63616e617279") {
				t.Errorf("shown: %s", s)
			}
		}
		if !strings.Contains(log.String(), "sakerpost.kommun.example") {
			t.Errorf("the log does not show the rest: %s", log.String())
		}
	})
	for name, path := range map[string]string{
		"one that everybody can read": file("open", "canary", 0o644),
		"an empty one":                file("empty", "\n", 0o600),
		"one of two lines":            file("two", "canary\ncanary\n", 0o600),
		"a huge one":                  file("huge", strings.Repeat("canary", 1000), 0o600),
		"a directory":                 dir,
		"one that is not there":       filepath.Join(dir, "gone"),
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			_, err := load(path, long)
			if err == nil || !strings.Contains(err.Error(), "smarthost.password_file: ") || strings.Contains(err.Error(), "canary") {
				t.Fatalf("got %v", err)
			}
		})
	}
	t.Run("a short secret for a header is refused", func(t *testing.T) {
		_, err := load(good, file("short", "canary", 0o600))
		if err == nil || !strings.Contains(err.Error(), "senders.shared[0].secret_files[0]: ") || strings.Contains(err.Error(), "canary") {
			t.Fatalf("got %v", err)
		}
	})
}

func FuzzConfig(f *testing.F) {
	// Short seeds: the engine spends its time on making long ones smaller.
	var section string
	for line := range strings.Lines(uncommented(example(f)) + "[") {
		if strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "[sms.gateway.header]") {
			f.Add([]byte(section))
			section = ""
		}
		if !strings.HasPrefix(line, "#") && line != "\n" {
			section += line
		}
	}
	f.Add([]byte("[[sms.gateway]]\n[[senders.shared]]\nnetworks = [\"::/1\"]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := config.Parse(b)
		if err != nil {
			return
		}
		if c.Validate() != nil {
			return
		}
		// What is valid can be used: the lists have no errors, and it can be logged.
		for _, list := range [][]string{c.Senders.Networks, c.Senders.Peers, c.Web.TrustedProxies} {
			if _, err := config.Networks(list); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Senders.Hashes(); err != nil {
			t.Fatal(err)
		}
		if s := c.LogValue().String(); strings.HasPrefix(s, "cannot be shown") {
			t.Fatal(s)
		}
	})
}
