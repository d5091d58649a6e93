package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestDomains(t *testing.T) {
	db := open(t, t.TempDir())
	at := time.UnixMilli(1_700_000_000_000).UTC()
	d, err := mail.NewDomain("Skola.Example", at)
	if err != nil {
		t.Fatal(err)
	}
	list := func() (l []mail.Domain) {
		t.Helper()
		if err := db.View(ctx, func(tx *vault.ReadTx) (err error) { l, err = tx.Domains(); return err }); err != nil {
			t.Fatal(err)
		}
		return l
	}
	do := func(f func(tx *vault.Tx) error) error { return db.Update(ctx, f) }
	t.Run("a domain comes back as it was put, and as it was put again", func(t *testing.T) {
		if err := do(func(tx *vault.Tx) error { return tx.PutDomain(d) }); err != nil {
			t.Fatal(err)
		}
		if l := list(); len(l) != 1 || l[0] != d || d.Name != "skola.example" {
			t.Errorf("%+v, not %+v", l, d)
		}
		d.Proof, d.Proven = mail.ProvenByDNS, at.Add(time.Hour)
		if err := do(func(tx *vault.Tx) error { return tx.PutDomain(d) }); err != nil {
			t.Fatal(err)
		}
		if l := list(); len(l) != 1 || l[0] != d {
			t.Errorf("%+v, not %+v", l, d)
		}
	})
	t.Run("one that is taken away is gone, once", func(t *testing.T) {
		if err := do(func(tx *vault.Tx) error { return tx.DeleteDomain(d.Name) }); err != nil || len(list()) != 0 {
			t.Error(err, list())
		}
		if err := do(func(tx *vault.Tx) error { return tx.DeleteDomain(d.Name) }); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
}
