package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestTemplates(t *testing.T) {
	db := open(t, t.TempDir())
	row := mail.Template{ID: mail.NewID(), Unit: mail.RootUnit, Columns: mail.Box("box"), At: time.UnixMilli(1_700_000_000_000).UTC()}
	do := func(f func(tx *vault.Tx) error) error { return db.Update(ctx, f) }
	list := func(unit mail.ID) []mail.Template {
		t.Helper()
		return read(t, db, func(tx *vault.ReadTx) ([]mail.Template, error) { return tx.TemplatesOf(unit) })
	}
	t.Run("one comes back as it was put, written again it stays in its unit", func(t *testing.T) {
		for _, box := range []string{"box", "other"} {
			row.Columns = mail.Box(box)
			if err := do(func(tx *vault.Tx) error { return tx.PutTemplate(row) }); err != nil {
				t.Fatal(err)
			}
			got := list(mail.RootUnit)
			if len(got) != 1 || got[0].ID != row.ID || got[0].Unit != mail.RootUnit || string(got[0].Columns) != box || !got[0].At.Equal(row.At) {
				t.Errorf("%+v", got)
			}
			row.Unit = mail.NewID()
		}
	})
	t.Run("one of a unit that is not there is refused", func(t *testing.T) {
		if err := do(func(tx *vault.Tx) error {
			return tx.PutTemplate(mail.Template{ID: mail.NewID(), Unit: mail.NewID(), Columns: mail.Box("box")})
		}); err == nil {
			t.Error("taken")
		}
	})
	t.Run("one that is taken away is gone, once", func(t *testing.T) {
		out := func() error { return do(func(tx *vault.Tx) error { return tx.DeleteTemplate(row.ID) }) }
		if err := out(); err != nil || len(list(mail.RootUnit)) != 0 {
			t.Error(err)
		}
		if err := out(); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
	t.Run("a signature is its owner's alone, the last one holds, and it goes", func(t *testing.T) {
		owner := mail.NewID()
		for _, box := range []string{"one", "two"} {
			if err := do(func(tx *vault.Tx) error { return tx.PutSignature(mail.Signature{Owner: owner, Box: mail.Box(box)}) }); err != nil {
				t.Fatal(err)
			}
		}
		if got := read(t, db, func(tx *vault.ReadTx) (mail.Signature, error) { return tx.Signature(owner) }); string(got.Box) != "two" {
			t.Errorf("%+v", got)
		}
		for range 2 {
			if err := do(func(tx *vault.Tx) error { return tx.DeleteSignature(owner) }); err != nil {
				t.Error(err)
			}
		}
		err := db.View(ctx, func(tx *vault.ReadTx) error { _, err := tx.Signature(owner); return err })
		if mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
}
