package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestFactors(t *testing.T) {
	db := open(t, t.TempDir())
	ulla, bo := mail.Person{ID: mail.NewID(), Lookup: [32]byte{1}}, mail.Person{ID: mail.NewID(), Lookup: [32]byte{2}}
	at := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	f := mail.Factor{Person: ulla.ID, Box: mail.Box("box"), Step: 7, At: at}
	set := mail.SignInCodes{Salt: make([]byte, 16), Hashes: [][32]byte{{1}, {2}, {3}}, At: at}
	update(t, db, func(tx *vault.Tx) error {
		for _, p := range []mail.Person{ulla, bo} {
			if err := tx.PutPerson(p); err != nil {
				return err
			}
		}
		return tx.PutFactor(f)
	})
	absent := func(t *testing.T, err error) {
		t.Helper()
		if err == nil || mail.KindOf(err) != mail.Absent {
			t.Errorf("%v", err)
		}
	}
	t.Run("a factor comes back as it was put, and who has none has none", func(t *testing.T) {
		view(t, db, func(tx *vault.ReadTx) error {
			got, err := tx.Factor(ulla.ID)
			same(t, "factor", got, f)
			_, none := tx.Factor(bo.ID)
			absent(t, none)
			return err
		})
	})
	t.Run("a step is used up once, with those before it", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			absent(t, tx.UseStep(ulla.ID, 7))
			absent(t, tx.UseStep(ulla.ID, 6))
			if err := tx.UseStep(ulla.ID, 9); err != nil {
				t.Error(err)
			}
			absent(t, tx.UseStep(ulla.ID, 9))
			absent(t, tx.UseStep(ulla.ID, 8))
			absent(t, tx.UseStep(bo.ID, 8))
			return nil
		})
	})
	t.Run("printed codes are used up once, and a new set takes the place of the old one", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.PutSignInCodes(ulla.ID, set); err != nil {
				return err
			}
			got, err := tx.SignInCodes(ulla.ID)
			same(t, "codes", got, set)
			if err := tx.UseSignInCode(ulla.ID, [32]byte{2}); err != nil {
				t.Error(err)
			}
			absent(t, tx.UseSignInCode(ulla.ID, [32]byte{2}))
			absent(t, tx.UseSignInCode(ulla.ID, [32]byte{9}))
			absent(t, tx.UseSignInCode(bo.ID, [32]byte{1}))
			fresh := mail.SignInCodes{Salt: []byte("another salt 16b"), Hashes: [][32]byte{{5}}, At: at.Add(time.Hour)}
			if err := tx.PutSignInCodes(ulla.ID, fresh); err != nil {
				return err
			}
			got, _ = tx.SignInCodes(ulla.ID)
			same(t, "fresh codes", got, fresh)
			return err
		})
	})
	t.Run("another app keeps the codes, and without a factor there are none", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.PutFactor(mail.Factor{Person: ulla.ID, Box: mail.Box("another"), Step: 3, At: at}); err != nil {
				return err
			}
			got, _ := tx.SignInCodes(ulla.ID)
			same(t, "kept", len(got.Hashes), 1)
			if err := tx.DeleteFactor(ulla.ID); err != nil {
				return err
			}
			got, err := tx.SignInCodes(ulla.ID)
			same(t, "gone", got, mail.SignInCodes{})
			absent(t, tx.DeleteFactor(ulla.ID))
			return err
		})
	})
	t.Run("a count that is forgotten begins anew", func(t *testing.T) {
		name := []byte("name")
		for range 3 {
			if _, err := db.Count(ctx, name, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Forget(ctx, name); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Counted(ctx, name); err != nil || n != 0 {
			t.Error(n, err)
		}
	})
}
