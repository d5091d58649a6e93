package appliance_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/locale"
)

func TestEverySettingOfTheFileHasWords(t *testing.T) {
	cat, err := locale.Load(os.DirFS("../embed/locale"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range appliance.Languages() {
		p := cat.For(lang)
		for _, s := range config.Default().Settings() {
			section := "file.section"
			if s.Section() != "" {
				section += "." + s.Section()
			}
			if !p.Has("file.say."+s.Key) || !p.Has(section) || s.Bound != nil && s.Bound.Unit != "" && !p.Has("file.number."+string(s.Bound.Unit)) {
				t.Errorf("%s: %s has no words", lang, s.Key)
			}
		}
	}
	var keys []string
	for _, s := range config.Default().Settings() {
		keys = append(keys, s.Key)
	}
	words, err := os.ReadFile("../embed/locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(words)) {
		if _, rest, ok := strings.Cut(line, `"file.say.`); ok {
			if key, _, _ := strings.Cut(rest, `"`); !slices.Contains(keys, key) {
				t.Errorf("there are words for %s, which is no setting", key)
			}
		}
	}
}

// fileOf is a configuration file with which the program would begin.
func fileOf(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("MARK-of-the-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sigill.toml")
	write(t, path, fmt.Sprintf(`
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
[web]
base_url = "http://localhost:8080"
listen = "127.0.0.1:0"
[smtp]
hostname = "brev.prov.example"
[smarthost]
host = "smtp.prov.example"
user = "sigill"
password_file = %q
[notices]
from = "sakerpost@brev.prov.example"
own_domain = "brev.prov.example"
[[sms.gateway]]
kind = "generic"
name = "prov"
from = "Prov"
url = "https://sms.prov.example/send?key=MARK-of-the-address"
body = "{{to}} {{text}} MARK-of-the-body"
%s`, secret, more))
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSettingsOfTheFile(t *testing.T) {
	path := fileOf(t, "[retention]\nmax_days = 180\n")
	t.Setenv("SIGILL_SMS_PER_DAY", "900")
	f, err := config.Load(path, appliance.Languages()...)
	if err != nil {
		t.Fatal(err)
	}
	j := newJourneyIn(t, t.TempDir(), appliance.LetFile(f))
	boss := j.Organiser(adminAt)
	const at = "/admin/settings"
	t.Run("the administrator alone sees what each does, its default, its value and where that is said", func(t *testing.T) {
		boss.Get("/admin").Sees(`href="`+at+`"`).Get(at).Sees(path, "retention.max_days", "Den längsta tid som en avsändare får välja.", "I dagar, 1–3650.", "365", "180", "filen",
			"miljövariabeln SIGILL_SMS_PER_DAY", "900", "måste fyllas i", "Sigill kör med det som står i den", `id="sms.per_day"`)
		for _, who := range []string{caseworker, karinAt} {
			if b := j.Browser().SignsIn(who).Get(at); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", who, b.code)
			}
		}
	})
	t.Run("every key of the file is there, and no secret is", func(t *testing.T) {
		for _, s := range f.Settings() {
			boss.Sees(`id="` + s.Key + `"`)
		}
		boss.Sees("prov: ", "https://sms.prov.example/send", "ifyllt; visas aldrig").SeesNot("MARK")
	})
	t.Run("they are searched and narrowed, and what was typed stands in no address", func(t *testing.T) {
		boss.Post(at, "list", "settings", "q", "längsta tid").Sees("retention.max_days").SeesNot("smarthost.host", "sms.per_day")
		boss.Get(at+"?is=other").Sees("retention.max_days", "smarthost.host").SeesNot("smarthost.port", "retention.min_days", "sms.gateway.success_from")
		boss.Get(at + "?section=s-sms").Sees("sms.per_day").SeesNot("retention.max_days")
		boss.Post(at, "list", "settings", "as", "csv").Sees(`"retention.max_days";180;365`).SeesNot("MARK")
	})
	t.Run("who changes the file is told that it does not hold yet, and what will", func(t *testing.T) {
		boss.Get("/todo").SeesNot("Konfigurationsfilen")
		text := string(readFile(t, path))
		write(t, path, strings.Replace(text, "max_days = 180", "max_days = 90", 1))
		boss.Get("/todo").Sees("Konfigurationsfilen är ändrad", `href="`+at+`"`)
		boss.Get(at).Sees("Filen är ändrad sedan Sigill startade", "Efter omstart").SeesNot("MARK")
		boss.Get(at+"?is=restart").Sees("retention.max_days", "90").SeesNot("smarthost.host")
		write(t, path, strings.Replace(text, "max_days = 180", "max_days = 0", 1))
		boss.Get("/todo").Sees("Konfigurationsfilen har ett fel")
		boss.Get(at).Sees("Sigill skulle inte starta med den", "retention.max_days: must be between").SeesNot("MARK")
		if log := string(j.log.Bytes()); strings.Contains(log, "längsta tid") || strings.Contains(log, "MARK") {
			t.Error("what was typed, or a secret, stands in the log")
		}
	})
}

func TestSettingsOfTheDemo(t *testing.T) {
	j := newJourney(t)
	j.Organiser(adminAt).Get("/admin/settings").Sees("Demon har ingen konfigurationsfil", `"Exempelkommun"`, "demon").SeesNot("Filen ändrades senast", "startar om")
}
