package appliance_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/keyring"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// foundedBefore makes a directory as an installation had it whose kit was written before R
// was shared: its public halves, and no word of shares.
func foundedBefore(t *testing.T) (dir, kit string) {
	t.Helper()
	var is struct{ Recovery, Helper, Backup, App string }
	if err := json.Unmarshal(readFile(t, "keyring/testdata/kit-whole/installation.json"), &is); err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	places := appliance.DemoPlaces(dir)
	db, err := vault.Open(t.Context(), vault.Config{Dir: places.Data, Clock: appliance.NewWall(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(tx *vault.Tx) error {
		for name, value := range map[string]string{
			"salt": base64.StdEncoding.EncodeToString(keyring.NewSalt()), "key.recovery": is.Recovery, "key.helper": is.Helper, "key.backup": is.Backup,
		} {
			if err := tx.SetSetting(name, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(is.App)
	if err != nil {
		t.Fatal(err)
	}
	kapp, err := seal.SecretOf(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(places.Keys, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := keyring.WriteKeyFile(filepath.Join(places.Keys, "appliance.key"), kapp); err != nil {
		t.Fatal(err)
	}
	return dir, "keyring/testdata/kit-whole/recovery-kit.txt"
}

// TestAKitFromBefore is an installation that is older than the shares.
func TestAKitFromBefore(t *testing.T) {
	dir, kit := foundedBefore(t)
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{caseworker + ".s"}, subject: "Från förr", body: "Fortfarande här."})
	j.Await("email", caseworker, 1)
	if names, _ := filepath.Glob(filepath.Join(dir, "keys", "recovery-kit*")); len(names) != 0 {
		t.Errorf("a second kit was written: %v", names)
	}
	line := ""
	for l := range strings.Lines(string(readFile(t, kit))) {
		if strings.HasPrefix(l, "AGE-") && line != "" {
			line = l // R stands behind B
			break
		} else if strings.HasPrefix(l, "AGE-") {
			line = l
		}
	}
	places := appliance.DemoPlaces(dir)
	run := func(typed string, files ...string) string {
		t.Helper()
		var said bytes.Buffer
		r := appliance.Recovery{In: strings.NewReader(typed), Out: &said}
		if err := r.All(t.Context(), places, caseworker, files, false); err != nil {
			t.Fatal(err)
		}
		return codeShown.FindStringSubmatch(said.String())[1]
	}
	t.Run("its R opens a mailbox, by the kit's file and typed by hand", func(t *testing.T) {
		run("", kit)
		b := j.Browser().ShowCode(run(line)).At("/welcome").Post("/welcome", "password", newPassword, "repeat", newPassword).At("/mail")
		b.Follow("/mail/[0-9a-z]{26}").Sees("Fortfarande här.")
	})
	t.Run("it can be practised with", func(t *testing.T) {
		var said bytes.Buffer
		r := appliance.Recovery{In: strings.NewReader(""), Out: &said}
		if err := r.Practise(t.Context(), places, []string{kit}); err != nil {
			t.Error(err)
		}
	})
	t.Run("B of it is not taken for R", func(t *testing.T) {
		var said bytes.Buffer
		first, _, _ := strings.Cut(string(readFile(t, kit))[strings.Index(string(readFile(t, kit)), "AGE-"):], "\n")
		r := appliance.Recovery{In: strings.NewReader(strings.Repeat(first+"\n", 5)), Out: &said}
		if err := r.All(t.Context(), places, caseworker, nil, false); err == nil || !strings.Contains(err.Error(), "none of the pages holds R") {
			t.Error(err)
		}
	})
}
