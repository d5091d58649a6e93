package keyring_test

import (
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

func TestInboxProof(t *testing.T) {
	app := keyring.NewApp(seal.NewSecret(), keyring.NewSalt())
	anna, bo := seal.ID{1}, seal.ID{2}
	made := time.Date(2026, 4, 26, 12, 0, 0, 0, time.UTC)
	proof := app.InboxProof("letter", anna, made)
	t.Run("says when it was made, for whom it was made", func(t *testing.T) {
		if at, ok := app.ReadInboxProof("letter", anna, proof); !ok || !at.Equal(made) {
			t.Errorf("%v %v", at, ok)
		}
	})
	for name, is := range map[string]func() bool{
		"is nobody else's":        func() bool { _, ok := app.ReadInboxProof("letter", bo, proof); return ok },
		"is for no other purpose": func() bool { _, ok := app.ReadInboxProof("join", anna, proof); return ok },
		"is no other installation's": func() bool {
			_, ok := keyring.NewApp(seal.NewSecret(), keyring.NewSalt()).ReadInboxProof("letter", anna, proof)
			return ok
		},
		"does not stand with a later time": func() bool {
			later := app.InboxProof("letter", anna, made.Add(time.Hour))
			_, ok := app.ReadInboxProof("letter", anna, later[:10]+proof[10:])
			return ok
		},
		"is not cut":   func() bool { _, ok := app.ReadInboxProof("letter", anna, proof[:20]); return ok },
		"is not empty": func() bool { _, ok := app.ReadInboxProof("letter", anna, ""); return ok },
	} {
		t.Run(name, func(t *testing.T) {
			if is() {
				t.Error("it was taken")
			}
		})
	}
}
