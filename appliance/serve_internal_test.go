package appliance

import (
	"crypto/sha1"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/config"
	"sigill/appliance/mail"
)

func TestPasswordsAreTakenFromTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwned")
	const password = "nio svarta får på berget"
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(fmt.Sprintf("%X:17\r\n", sha1.Sum([]byte(password))))
	c := Config{Log: slog.New(slog.DiscardHandler)}
	f := config.Default()
	f.Passwords.Leaked = path
	t.Run("what stands in the operator's file may not be chosen", func(t *testing.T) {
		if err := passwords(&c, f); err != nil || !c.Leaked.Holds(password) || c.Leaked.Holds("fyra gröna hästar") {
			t.Error(err)
		}
	})
	t.Run("a file that is none is told at start, with its key", func(t *testing.T) {
		write("nothing of the kind")
		if err := passwords(&c, f); err == nil || !strings.HasPrefix(err.Error(), "passwords.leaked: "+path) {
			t.Error(err)
		}
	})
}

func TestSignOnIsTakenFromTheFile(t *testing.T) {
	c := Config{BaseURL: "https://post.prov.example", Clock: NewWall(), Log: slog.New(slog.DiscardHandler)}
	f := config.Default()
	t.Run("without issuer there is none", func(t *testing.T) {
		if err := signOn(&c, f); err != nil || c.SignOn.Provider != nil {
			t.Error(err)
		}
	})
	f.SignOn.Issuer, f.SignOn.ClientID, f.SignOn.Secret = "https://idp.prov.example", "post", "secret"
	t.Run("with one there is, and it is asked for nothing", func(t *testing.T) {
		if err := signOn(&c, f); err != nil || c.SignOn.Provider == nil {
			t.Error(err)
		}
	})
	for name, change := range map[string]func(*config.SignOn){
		"sign_on: ":         func(s *config.SignOn) { s.Secret, s.Key = "", "-----BEGIN RSA PRIVATE KEY-----" },
		"sign_on.ca_file: ": func(s *config.SignOn) { s.CAFile = "/nowhere" },
	} {
		t.Run("what is wrong is told at start as "+name, func(t *testing.T) {
			bad := f
			change(&bad.SignOn)
			if err := signOn(&c, bad); err == nil || !strings.HasPrefix(err.Error(), name) {
				t.Error(err)
			}
		})
	}
}

func TestDemoPasswordsMayBeChosen(t *testing.T) {
	d, err := NewDemo(t.Context(), DemoConfig{Dir: t.TempDir(), Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		d.close()
		if err := d.Appliance.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, a := range demoAccounts() {
		t.Run("that of "+a.name, func(t *testing.T) {
			if err := OfficeOf(d).CheckPassword(a.Password, mail.Profile{Address: mail.Address(a.Email), Name: a.name}); err != nil {
				t.Error(err)
			}
		})
	}
}
