package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigill/appliance/config"
)

// settingsOf are the settings of a file with a text, by their key.
func settingsOf(t *testing.T, path string) map[string]config.Setting {
	t.Helper()
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]config.Setting{}
	for _, s := range c.Settings() {
		all[s.Key] = s
	}
	return all
}

// copied is the example with other words, as a file of its own.
func copied(t *testing.T, replace ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sigill.toml")
	if err := os.WriteFile(path, []byte(strings.NewReplacer(replace...).Replace(example(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettings(t *testing.T) {
	t.Run("what the example says of a default is the default", func(t *testing.T) {
		all, section, comment := settingsOf(t, examplePath), "", ""
		for line := range strings.Lines(example(t)) {
			line = strings.TrimSpace(line)
			name, value, is := strings.Cut(line, " = ")
			switch {
			case strings.HasPrefix(line, "#"):
				comment += " " + strings.TrimSpace(strings.TrimPrefix(line, "#"))
			case line == "":
				comment = ""
			case strings.HasPrefix(line, "["):
				section, comment = strings.Trim(line, "[]")+".", ""
			case is:
				s, ok := all[section+name]
				_, said, told := strings.Cut(comment, "Default:")
				switch {
				case !ok:
					t.Errorf("%s is no setting", section+name)
				case s.Needed && !strings.HasSuffix(comment, "Needed."):
					t.Errorf("%s is not called needed", s.Key)
				case told && s.Default != "" && !strings.Contains(said, s.Default):
					t.Errorf("%s: by the comment%s, in truth %s", s.Key, said, s.Default)
				case told && s.Default == "" && !strings.Contains(said, `""`) && !strings.Contains(said, "[]") && !strings.Contains(said, "none"):
					t.Errorf("%s: by the comment%s, in truth nothing", s.Key, said)
				case s.Default != "" && s.Default != value:
					t.Errorf("%s stands there as %s; its default is %s", s.Key, value, s.Default)
				}
			}
		}
	})
	t.Run("what is needed is what the default lacks", func(t *testing.T) {
		c := config.Default()
		var lacks []string
		for line := range strings.SplitSeq(c.Validate().Error(), "\n") {
			key, _, _ := strings.Cut(line, ":")
			lacks = append(lacks, key)
		}
		for _, s := range c.Settings() {
			// A certificate is needed unless a proxy has one.
			if s.Needed != slices.Contains(lacks, s.Key) && s.Key != "web.tls_cert" {
				t.Errorf("%s: %v, %s", s.Key, s.Needed, lacks)
			}
		}
	})
	t.Run("a number has bounds, and they are what is checked", func(t *testing.T) {
		for _, s := range config.Default().Settings() {
			number := strings.Trim(s.Default, "0123456789") == "" && s.Default != ""
			if number && s.Bound == nil {
				t.Errorf("%s has no bounds", s.Key)
			}
			if s.Bound == nil || strings.HasPrefix(s.Key, "sms.gateway.") || strings.HasPrefix(s.Key, "backup.") {
				continue
			}
			for n, wrong := range map[int64]bool{s.Bound.Least - 1: true, s.Bound.Least: false, s.Bound.Most: false, s.Bound.Most + 1: true} {
				if told := faultOf(t, s.Key, n); told != wrong {
					t.Errorf("%s = %d: a fault is told: %v", s.Key, n, told)
				}
			}
		}
	})
	t.Run("a choice is one that is taken", func(t *testing.T) {
		for _, s := range config.Default().Settings() {
			for _, word := range s.Choices {
				if strings.Contains(s.Key, "gateway") || strings.HasPrefix(s.Key, "backup.") || word == config.TLSLab {
					continue // lab goes with a server on this computer
				}
				path := copied(t, s.Key[strings.LastIndex(s.Key, ".")+1:]+" = "+s.Default, s.Key[strings.LastIndex(s.Key, ".")+1:]+fmt.Sprintf(" = %q", word))
				if got := settingsOf(t, path)[s.Key].Values[0].Text; got != fmt.Sprintf("%q", word) {
					t.Errorf("%s: %s", s.Key, got)
				}
			}
		}
	})
}

// faultOf reports whether a number is told to be wrong, where all others leave room for it.
func faultOf(t *testing.T, key string, n int64) bool {
	t.Helper()
	c := config.Default()
	c.Retention = config.Retention{OpenWithin: 1, ReadFor: 1, Max: 3650}
	if key == "retention.max_days" {
		c.Retention.Max = 1
	}
	if key == "retention.min_days" && n > 0 {
		c.Retention = config.Retention{OpenWithin: 3650, ReadFor: 3650, Max: 3650}
	}
	c.Directory.URL = "ldaps://ldap.kommun.example"
	section, name, _ := strings.Cut(key, ".")
	field(t, field(t, reflect.ValueOf(&c).Elem(), section), name).SetInt(n)
	err := c.Validate()
	if key == "retention.min_days" && n > 3650 { // then the longest life is too short
		key = "retention.max_days"
	}
	return err != nil && strings.Contains("\n"+err.Error(), "\n"+key+":")
}

func field(t *testing.T, v reflect.Value, tag string) reflect.Value {
	t.Helper()
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("toml") == tag {
			return v.Field(i)
		}
	}
	t.Fatalf("no %s", tag)
	return v
}

func TestWhereASettingComesFrom(t *testing.T) {
	path := copied(t, "max_days = 365\n", "", "brake = 5", "brake = 7", "# [[senders.shared]]", "[[senders.shared]]\nname = \"Relay\"\nnetworks = [\"192.0.2.0/24\"]\ndkim_domains = [\"kommun.example\"]\n#")
	t.Setenv("SIGILL_SMS_PER_DAY", "900")
	all := settingsOf(t, path)
	for key, want := range map[string]struct {
		source config.Source
		value  string
	}{
		"retention.max_days":      {config.FromDefault, "365"},
		"directory.brake":         {config.FromFile, "7"},
		"directory.suspend_gone":  {config.FromFile, "true"},
		"sms.per_day":             {config.FromEnvironment, "900"},
		"senders.shared":          {config.FromFile, `"Relay"`},
		"senders.shared.networks": {config.FromFile, `["192.0.2.0/24"]`},
		"senders.shared.header":   {config.FromDefault, ""},
		"house.admin":             {config.FromFile, ""},
	} {
		s := all[key]
		got := ""
		if len(s.Values) > 0 {
			got = s.Values[0].Text
		}
		if s.Source != want.source || got != want.value {
			t.Errorf("%s: from %d, %s", key, s.Source, got)
		}
	}
	if s := all["sms.per_day"]; s.Variable != "SIGILL_SMS_PER_DAY" || s.Default != "2000" || s.Section() != "sms" {
		t.Errorf("%+v", s)
	}
	if all["senders.shared.name"].Variable != "" || all["sign_on.require"].Variable != "" {
		t.Error("a table has a variable")
	}
}

func TestSettingsShowNoSecret(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("MARK-in-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := copied(t, "[passwords]", fmt.Sprintf(`[[sms.gateway]]
kind = "generic"
name = "other"
from = "Kommunen"
secret_file = %q
url = "https://user:MARK-before@sms.example/send?key=MARK-behind"
body = "{{to}} {{text}} MARK-in-a-body"
[sms.gateway.header]
Authorization = "Bearer MARK-in-a-header"

[passwords]`, secret), `password_file = ""`, fmt.Sprintf("password_file = %q", secret), `user = ""`, `user = "u"`, `bind_dn = ""`, `bind_dn = "cn=x"`)
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", c.Book()); strings.Contains(text, "MARK") || !strings.Contains(text, "https://sms.example/send") || !strings.Contains(text, secret) {
		t.Error(text)
	}
	for _, s := range c.Settings() {
		if s.Hidden && s.Values[0].Text != "[secret]" {
			t.Errorf("%+v", s)
		}
	}
}

func TestBook(t *testing.T) {
	path := copied(t)
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	rewrite := func(old, new string) config.Book {
		t.Helper()
		if err := os.WriteFile(path, []byte(strings.Replace(example(t), old, new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		return c.Book()
	}
	t.Run("a file that says the same has not changed, whenever it was written", func(t *testing.T) {
		if b := rewrite("", ""); b.Changed || b.Fault != nil || b.Path != path || b.Written.IsZero() {
			t.Errorf("%+v", b)
		}
	})
	t.Run("one that says something else is known, with what will hold", func(t *testing.T) {
		b := rewrite("max_days = 365", "max_days = 180")
		if !b.Changed || b.Fault != nil {
			t.Fatalf("%+v", b)
		}
		for _, s := range b.All {
			if s.Differs != (s.Key == "retention.max_days") || s.Differs && (s.Next[0].Text != "180" || s.Values[0].Text != "365") {
				t.Errorf("%+v", s)
			}
		}
	})
	t.Run("so is one with which the program would not begin, and one that is gone", func(t *testing.T) {
		if b := rewrite("max_days = 365", "max_days = 0"); !b.Changed || b.Fault == nil || !strings.Contains(b.Fault.Error(), "retention.max_days") {
			t.Errorf("%+v", b)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if b := c.Book(); !b.Changed || b.Fault == nil || !b.Written.IsZero() {
			t.Errorf("%+v", b)
		}
	})
	t.Run("without a file there is none, and what differs from the defaults is the program's", func(t *testing.T) {
		c := config.Default()
		c.House.Name = "Demo"
		b := c.Book()
		for _, s := range b.All {
			if (s.Source == config.FromProgram) != (s.Key == "house.name") {
				t.Errorf("%+v", s)
			}
		}
		if b.Path != "" || b.Changed {
			t.Errorf("%+v", b)
		}
	})
}
