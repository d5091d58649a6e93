package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/config"
)

func TestDirectory(t *testing.T) {
	valid := func(t *testing.T, change func(*config.Directory)) error {
		t.Helper()
		c, err := config.Parse([]byte(example(t)))
		if err != nil {
			t.Fatal(err)
		}
		c.Directory.URL, c.Directory.Base = "ldaps://ldap.kommun.example:1636", "ou=people,dc=kommun,dc=example"
		change(&c.Directory)
		return c.Validate()
	}
	for name, c := range map[string]struct {
		key    string
		change func(*config.Directory)
	}{
		"in clear elsewhere":                {"starttls", func(d *config.Directory) { d.URL = "ldap://ldap.kommun.example" }},
		"TLS twice":                         {"starttls", func(d *config.Directory) { d.StartTLS = true }},
		"a web page":                        {"url", func(d *config.Directory) { d.URL = "https://kommun.example" }},
		"a name in its address":             {"url", func(d *config.Directory) { d.URL = "ldaps://x:y@ldap.kommun.example" }},
		"something behind its host":         {"url", func(d *config.Directory) { d.URL = "ldaps://ldap.kommun.example/dc=x" }},
		"no base":                           {"base", func(d *config.Directory) { d.Base = "" }},
		"a filter without parentheses":      {"filter", func(d *config.Directory) { d.Filter = "mail=*" }},
		"no filter":                         {"filter", func(d *config.Directory) { d.Filter = "" }},
		"a filter of the disabled without":  {"disabled", func(d *config.Directory) { d.Disabled = "employeeType=left" }},
		"an attribute that is a filter":     {"mail", func(d *config.Directory) { d.Mail = "mail)(x=*" }},
		"no attribute that stays":           {"id", func(d *config.Directory) { d.ID = "" }},
		"a user without a password":         {"password_file", func(d *config.Directory) { d.BindDN = "cn=reader" }},
		"a password without a user":         {"password_file", func(d *config.Directory) { d.PasswordFile = "/x" }},
		"a schedule that is none":           {"schedule", func(d *config.Directory) { d.Schedule = "@hourly" }},
		"a brake that holds nothing":        {"brake", func(d *config.Directory) { d.Brake = 101 }},
		"a brake that holds everything":     {"brake", func(d *config.Directory) { d.Brake = 0 }},
		"a unit that is more than one line": {"unit", func(d *config.Directory) { d.Unit = "a\nb" }},
	} {
		t.Run(name, func(t *testing.T) {
			err := valid(t, c.change)
			if err == nil || !strings.HasPrefix(err.Error(), "directory."+c.key+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want only %s", err, c.key)
			}
		})
	}
	for name, change := range map[string]func(*config.Directory){
		"as it stands":                    func(*config.Directory) {},
		"in clear on this computer":       func(d *config.Directory) { d.URL = "ldap://127.0.0.1:389" },
		"StartTLS elsewhere":              func(d *config.Directory) { d.URL, d.StartTLS = "ldap://ldap.kommun.example", true },
		"off, whatever else stands there": func(d *config.Directory) { *d = config.Directory{} },
		"departments by place":            func(d *config.Directory) { d.Departments = "dn" },
		"no departments":                  func(d *config.Directory) { d.Departments = "" },
	} {
		t.Run(name+" is allowed", func(t *testing.T) {
			if err := valid(t, change); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a variable takes a key's place that is true or false, and nothing else", func(t *testing.T) {
		t.Setenv("SIGILL_DIRECTORY_SUSPEND_GONE", "false")
		if c, err := config.Load(examplePath); err != nil || c.Directory.SuspendGone {
			t.Error(c.Directory.SuspendGone, err)
		}
		t.Setenv("SIGILL_DIRECTORY_SUSPEND_GONE", "no")
		if _, err := config.Load(examplePath); err == nil {
			t.Error("no is taken")
		}
	})
	t.Run("the password is read from its file, and never told", func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "password")
		if err := os.WriteFile(file, []byte("kungshamn\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("[directory]\n", "[directory]\n", "\nurl = \"\"", "\nurl = \"ldaps://ldap.kommun.example\"", "\nbase = \"\"", "\nbase = \"dc=x\"",
			"bind_dn = \"\"\npassword_file = \"\"", "bind_dn = \"cn=reader\"\npassword_file = \""+file+"\"").Replace(example(t))
		at := filepath.Join(dir, "sigill.toml")
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(at)
		if err != nil || string(c.Directory.Password) != "kungshamn" || !c.Directory.On() || !c.Directory.SuspendGone {
			t.Errorf("%v %v", c.Directory, err)
		}
		if s := c.Directory.Password.String(); strings.Contains(s, "kungshamn") {
			t.Error(s)
		}
	})
}
