package config_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/config"
)

// signOn is the example with single sign-on, by a secret in a file that need not be there.
func signOn(t *testing.T, change ...string) string {
	t.Helper()
	text := strings.NewReplacer(`issuer = ""`, `issuer = "https://login.microsoftonline.com/1111/v2.0"`, `client_id = ""`, `client_id = "2222"`,
		"\nsecret_file = \"\"\nkey_file", "\nsecret_file = \"/etc/sigill/secrets/sign-on\"\nkey_file", `label = ""`, `label = "Logga in med Exempelkommuns konto"`).Replace(example(t))
	for i := 0; i < len(change); i += 2 {
		if !strings.Contains(text, change[i]) {
			t.Fatalf("%s is not in the example", change[i])
		}
		text = strings.Replace(text, change[i], change[i+1], 1)
	}
	return text
}

func TestSignOn(t *testing.T) {
	valid := func(text string) error {
		c, err := config.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return c.Validate()
	}
	t.Run("with an issuer, a client and a secret it is on, with what the example shows", func(t *testing.T) {
		c, err := config.Parse([]byte(signOn(t, "# [sign_on.require]\n# tid", "[sign_on.require]\ntid", "# [sign_on.extra]\n# idp_values", "[sign_on.extra]\nidp_values")))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		s := c.SignOn
		if s.Issuer != "https://login.microsoftonline.com/1111/v2.0" || s.ClientID != "2222" || len(s.Scopes) != 2 || s.Claim != "email" || s.Unverified || s.Required || s.ServerHeld ||
			len(s.Require["tid"]) != 36 || s.Extra["idp_values"] != "mitid_erhverv" {
			t.Errorf("%+v", s)
		}
	})
	for _, c := range []struct{ name, key, from, to string }{
		{"an issuer in the clear", "issuer", "https://login.microsoftonline.com/1111/v2.0", "http://idp.example"},
		{"an issuer with a query", "issuer", "/1111/v2.0", "/1111/v2.0?a=b"},
		{"an issuer that is a word", "issuer", "https://login.microsoftonline.com/1111/v2.0", "entra"},
		{"everybody's Entra", "issuer", "/1111/", "/common/"},
		{"everybody's Entra for work", "issuer", "/1111/", "/organizations/"},
		{"no client", "client_id", `client_id = "2222"`, `client_id = ""`},
		{"no secret and no key", "secret_file", `"/etc/sigill/secrets/sign-on"`, `""`},
		{"a secret and a key", "secret_file", `key_file = ""`, `key_file = "/x"`},
		{"a key id without key", "key_id", `key_id = ""`, `key_id = "x"`},
		{"a scope of two words", "scopes", "\nscopes = [\"email\"", "\nscopes = [\"email groups\""},
		{"an empty acr", "acr_values", `acr_values = []`, `acr_values = [""]`},
		{"no claim", "claim", "\nclaim = \"email\"", "\nclaim = \"\""},
		{"a button without a word", "label", `label = "Logga in med Exempelkommuns konto"`, `label = ""`},
		{"a button of two lines", "label", `label = "Logga in med`, `label = "Logga\nin med`},
		{"a required claim without value", "require", "# [sign_on.require]\n# tid = \"11111111-2222-3333-4444-555555555555\"", "[sign_on.require]\ntid = \"\""},
	} {
		t.Run(c.name+" is refused", func(t *testing.T) {
			if err := valid(signOn(t, c.from, c.to)); err == nil || !strings.HasPrefix(err.Error(), "sign_on."+c.key+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want only sign_on.%s", err, c.key)
			}
		})
	}
	t.Run("without issuer it is off, whatever else stands there, but nobody may be sent there", func(t *testing.T) {
		off := signOn(t, "https://login.microsoftonline.com/1111/v2.0", "")
		if err := valid(off); err != nil {
			t.Error(err)
		}
		if err := valid(strings.Replace(off, "\nrequired = false", "\nrequired = true", 1)); err == nil || !strings.HasPrefix(err.Error(), "sign_on.required: ") {
			t.Error(err)
		}
	})
	t.Run("an issuer in a lab on this computer may be spoken to in the clear", func(t *testing.T) {
		if err := valid(signOn(t, "https://login.microsoftonline.com/1111/v2.0", "http://127.0.0.1:9000")); err != nil {
			t.Error(err)
		}
	})
	t.Run("the environment may say yes or no, and nothing else", func(t *testing.T) {
		dir := t.TempDir()
		path, secret := filepath.Join(dir, "sigill.toml"), filepath.Join(dir, "secret")
		for name, text := range map[string]string{path: signOn(t, "/etc/sigill/secrets/sign-on", secret), secret: "kanarie\n"} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("SIGILL_SIGN_ON_REQUIRED", "true")
		t.Setenv("SIGILL_SIGN_ON_ACR_VALUES", "a, b")
		c, err := config.Load(path)
		if err != nil || !c.SignOn.Required || len(c.SignOn.ACR) != 2 || string(c.SignOn.Secret) != "kanarie" {
			t.Errorf("%+v %v", c.SignOn, err)
		}
		t.Setenv("SIGILL_SIGN_ON_REQUIRED", "yes")
		t.Setenv("SIGILL_SIGN_ON_REQUIRE", "tid=x")
		_, err = config.Load(path)
		for _, want := range []string{"SIGILL_SIGN_ON_REQUIRED: is neither true nor false", "SIGILL_SIGN_ON_REQUIRE: there is no such key"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in %v", want, err)
			}
		}
	})
}

func TestSignOnSecrets(t *testing.T) {
	dir := t.TempDir()
	file := files(t, dir)
	load := func(t *testing.T, text string) (config.Config, error) {
		t.Helper()
		return config.Load(file("sigill.toml", text, 0o600))
	}
	byKey := func(t *testing.T, path string) string {
		t.Helper()
		return signOn(t, `"/etc/sigill/secrets/sign-on"`, `""`, `key_file = ""`, fmt.Sprintf("key_file = %q", path))
	}
	const pem = "-----BEGIN PRIVATE KEY-----\nkanarie\n-----END PRIVATE KEY-----\n"
	t.Run("a key of many lines is read from its file and prints nothing", func(t *testing.T) {
		c, err := load(t, byKey(t, file("key", pem, 0o640)))
		if err != nil || string(c.SignOn.Key) != pem || c.SignOn.Secret != "" {
			t.Fatalf("%q %v", string(c.SignOn.Key), err)
		}
		if s := fmt.Sprintf("%v %+v %#v", c.SignOn, c.SignOn, c.SignOn) + slog.AnyValue(c).Resolve().String(); strings.Contains(s, "kanarie") {
			t.Error(s)
		}
	})
	for name, path := range map[string]string{
		"that everybody can read": file("open", pem, 0o644),
		"that is none":            file("none", "kanarie", 0o600),
		"beyond all measure":      file("huge", pem+strings.Repeat("kanarie", 6000), 0o600),
		"that is a directory":     dir,
		"that is not there":       filepath.Join(dir, "gone"),
	} {
		t.Run("a key file "+name+" is refused", func(t *testing.T) {
			if _, err := load(t, byKey(t, path)); err == nil || !strings.Contains(err.Error(), "sign_on.key_file: ") || strings.Contains(err.Error(), "kanarie") {
				t.Error(err)
			}
		})
	}
	t.Run("a secret file that everybody can read is refused", func(t *testing.T) {
		_, err := load(t, signOn(t, "/etc/sigill/secrets/sign-on", file("public", "kanarie", 0o644)))
		if err == nil || !strings.Contains(err.Error(), "sign_on.secret_file: ") || strings.Contains(err.Error(), "kanarie") {
			t.Error(err)
		}
	})
	t.Run("where sign-on is off its files are not looked for", func(t *testing.T) {
		if _, err := load(t, signOn(t, "https://login.microsoftonline.com/1111/v2.0", "")); err != nil {
			t.Error(err)
		}
	})
}

func TestPasswords(t *testing.T) {
	for path, ok := range map[string]bool{"": true, "/srv/pwned.txt": true, "pwned.txt": false} {
		t.Run(fmt.Sprintf("a list of leaked passwords in %q", path), func(t *testing.T) {
			c, err := config.Parse([]byte(strings.Replace(example(t), `leaked = ""`, fmt.Sprintf("leaked = %q", path), 1)))
			if err != nil || c.Passwords.Leaked != path {
				t.Fatal(err)
			}
			if err := c.Validate(); (err == nil) != ok || !ok && !strings.HasPrefix(err.Error(), "passwords.leaked: ") {
				t.Error(err)
			}
		})
	}
}
