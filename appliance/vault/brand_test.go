package vault_test

import (
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestBrand(t *testing.T) {
	dir := t.TempDir()
	before(t, dir, 19).Close() // the last one without
	db := open(t, dir)
	unit := mail.NewID()
	brands := func() (list []mail.BrandRow) {
		t.Helper()
		if err := db.View(ctx, func(tx *vault.ReadTx) (err error) {
			list, err = tx.Brands()
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return list
	}
	update := func(f func(tx *vault.Tx) error) {
		t.Helper()
		if err := db.Update(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("in a store of the version before nobody says anything", func(t *testing.T) {
		if l := brands(); len(l) != 0 {
			t.Errorf("%v", l)
		}
	})
	t.Run("what is said again stands in the place of what was said", func(t *testing.T) {
		update(func(tx *vault.Tx) error {
			return tx.PutUnit(mail.Unit{ID: unit, Parent: mail.RootUnit, Kind: mail.Department, Columns: mail.Box("x"), At: tx.Now()})
		})
		for _, says := range []string{"a", "b"} {
			update(func(tx *vault.Tx) error {
				return tx.PutBrand(mail.BrandRow{Unit: unit, Columns: mail.Box(says), At: tx.Now()})
			})
		}
		if l := brands(); len(l) != 1 || l[0].Unit != unit || string(l[0].Columns) != "b" || l[0].At.IsZero() {
			t.Errorf("%v", l)
		}
	})
	t.Run("a unit takes it along when it goes, and nothing is taken back twice", func(t *testing.T) {
		update(func(tx *vault.Tx) error { return tx.DeleteUnit(unit) })
		update(func(tx *vault.Tx) error { return tx.DeleteBrand(unit) })
		if l := brands(); len(l) != 0 {
			t.Errorf("%v", l)
		}
	})
	t.Run("nobody says anything who is no unit", func(t *testing.T) {
		err := db.Update(ctx, func(tx *vault.Tx) error {
			return tx.PutBrand(mail.BrandRow{Unit: mail.NewID(), Columns: mail.Box("x"), At: tx.Now()})
		})
		if err == nil {
			t.Error("it was taken")
		}
	})
}
