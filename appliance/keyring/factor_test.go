package keyring_test

import (
	"context"
	"errors"
	"testing"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

func TestFactor(t *testing.T) {
	app, other := keyring.NewApp(seal.NewSecret(), keyring.NewSalt()), keyring.NewApp(seal.NewSecret(), keyring.NewSalt())
	ulla, bo := seal.ID{1}, seal.ID{2}
	t.Run("a second factor opens for its own person, with its own appliance", func(t *testing.T) {
		box := app.SealFactor(ulla, []byte("secret"))
		if b, err := app.OpenFactor(ulla, box); err != nil || string(b) != "secret" {
			t.Error(b, err)
		}
		for name, err := range map[string]error{
			"another person":    errOf(app.OpenFactor(bo, box)),
			"another appliance": errOf(other.OpenFactor(ulla, box)),
			"a profile's key":   errOf(app.OpenProfile(ulla, box)),
			"cut":               errOf(app.OpenFactor(ulla, box[:len(box)-1])),
		} {
			if !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("what is kept of a printed code differs by person, salt and appliance", func(t *testing.T) {
		s := keyring.NewStretcher(keyring.DefaultCost, 1, nil)
		seen := map[[32]byte]bool{}
		for _, c := range []struct {
			app        *keyring.App
			u          seal.ID
			code, salt string
		}{{app, ulla, "K0FQ21DM9X", "a"}, {app, bo, "K0FQ21DM9X", "a"}, {app, ulla, "K0FQ21DM9Y", "a"}, {app, ulla, "K0FQ21DM9X", "b"}, {other, ulla, "K0FQ21DM9X", "a"}} {
			h, err := c.app.SignInCode(context.Background(), s, c.u, []byte(c.code), []byte(c.salt+"123456789012345"))
			if err != nil || seen[h] {
				t.Errorf("%v: %v", c, err)
			}
			seen[h] = true
		}
	})
	t.Run("a lock by password opens later what it could have opened at once", func(t *testing.T) {
		s, key, seed := keyring.NewStretcher(keyring.DefaultCost, 1, nil), seal.NewSecret(), seal.NewSecret()
		box, err := s.SealSeedByPassword(context.Background(), ulla, []byte("password"), key, seed)
		if err != nil {
			t.Fatal(err)
		}
		lock, err := s.PasswordLock(context.Background(), []byte("password"), box)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := keyring.OpenSeedByLock(ulla, lock, key, box); err != nil || !got.Equal(seed) {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"without the slot's key": errOf(keyring.OpenSeedByLock(ulla, lock, seal.Secret{}, box)),
			"with another one":       errOf(keyring.OpenSeedByLock(ulla, lock, seal.NewSecret(), box)),
			"of another person":      errOf(keyring.OpenSeedByLock(bo, lock, key, box)),
			"of no box":              errOf(keyring.OpenSeedByLock(ulla, lock, key, nil)),
		} {
			if !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func errOf[T any](_ T, err error) error { return err }
