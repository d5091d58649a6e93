package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestListed(t *testing.T) {
	db := open(t, t.TempDir())
	at := time.UnixMilli(1_700_000_000_000).UTC()
	l := mail.Listed{ID: mail.NewID(), Unit: mail.RootUnit, Columns: mail.Box("box"), At: at}
	do := func(f func(tx *vault.Tx) error) error { return db.Update(ctx, f) }
	list := func(unit mail.ID) []mail.Listed {
		t.Helper()
		return read(t, db, func(tx *vault.ReadTx) ([]mail.Listed, error) { return tx.ListedIn(unit) })
	}
	t.Run("an entry comes back as it was put, in its unit's list alone", func(t *testing.T) {
		if err := do(func(tx *vault.Tx) error { return tx.PutListed(l) }); err != nil {
			t.Fatal(err)
		}
		got := list(mail.RootUnit)
		if len(got) != 1 || got[0].ID != l.ID || got[0].Unit != l.Unit || string(got[0].Columns) != "box" || !got[0].At.Equal(at) {
			t.Errorf("%+v", got)
		}
		if got := list(mail.NewID()); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("written again it stays in its list, whatever unit is said", func(t *testing.T) {
		again := l
		again.Columns, again.Unit = mail.Box("other"), mail.NewID()
		if err := do(func(tx *vault.Tx) error { return tx.PutListed(again) }); err != nil {
			t.Fatal(err)
		}
		got := read(t, db, func(tx *vault.ReadTx) (mail.Listed, error) { return tx.Listed(l.ID) })
		if string(got.Columns) != "other" || got.Unit != mail.RootUnit {
			t.Errorf("%+v", got)
		}
	})
	t.Run("one in a unit that is not there is refused", func(t *testing.T) {
		if err := do(func(tx *vault.Tx) error {
			return tx.PutListed(mail.Listed{ID: mail.NewID(), Unit: mail.NewID(), Columns: mail.Box("box"), At: at})
		}); err == nil {
			t.Error("taken")
		}
	})
	t.Run("one that is taken out is gone, once", func(t *testing.T) {
		out := func() error { return do(func(tx *vault.Tx) error { return tx.DeleteListed(l.ID) }) }
		if err := out(); err != nil || len(list(mail.RootUnit)) != 0 {
			t.Error(err)
		}
		if err := out(); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
}
