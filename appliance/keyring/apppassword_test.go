package keyring_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

func TestAppPassword(t *testing.T) {
	app, other := keyring.NewApp(seal.NewSecret(), keyring.NewSalt()), keyring.NewApp(seal.NewSecret(), keyring.NewSalt())
	ulla, bo := seal.ID{1}, seal.ID{2}
	t.Run("what is kept of one is as FORMAT.md says, for ever", func(t *testing.T) {
		kapp, err := seal.SecretOf([]byte("0123456789abcdef0123456789abcdef"))
		if err != nil {
			t.Fatal(err)
		}
		got := keyring.NewApp(kapp, []byte("saltsaltsaltsalt")).AppPassword(ulla, []byte("K7FQ2QDM9XWT4HBNT6RC"))
		const want = "9ce18c0df216d780b4f167d05fab78308ebacb15904ed89497c8590096ad3c62"
		if hex.EncodeToString(got[:]) != want {
			t.Errorf("%x", got)
		}
	})
	t.Run("it differs by person, password and appliance", func(t *testing.T) {
		seen := map[[32]byte]bool{}
		for _, c := range []struct {
			app      *keyring.App
			u        seal.ID
			password string
		}{{app, ulla, "a"}, {app, bo, "a"}, {app, ulla, "b"}, {other, ulla, "a"}, {app, ulla, ""}} {
			h := c.app.AppPassword(c.u, []byte(c.password))
			if seen[h] {
				t.Errorf("%+v is another's", c)
			}
			seen[h] = true
		}
	})
	t.Run("its name opens for its own row, with its own appliance", func(t *testing.T) {
		box := app.SealAppName(ulla, []byte("Skrivaren"))
		if b, err := app.OpenAppName(ulla, box); err != nil || string(b) != "Skrivaren" {
			t.Error(string(b), err)
		}
		for name, err := range map[string]error{
			"another row":       errOf(app.OpenAppName(bo, box)),
			"another appliance": errOf(other.OpenAppName(ulla, box)),
			"a profile's key":   errOf(app.OpenProfile(ulla, box)),
		} {
			if !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
