package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestAppPasswords(t *testing.T) {
	db := open(t, t.TempDir())
	ulla, bo := mail.Person{ID: mail.NewID(), Lookup: [32]byte{1}}, mail.Person{ID: mail.NewID(), Lookup: [32]byte{2}}
	at := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	first := mail.AppPassword{ID: mail.NewID(), Person: ulla.ID, Name: mail.Box("box"), Hash: [32]byte{7}, At: at}
	second := mail.AppPassword{ID: mail.NewID(), Person: ulla.ID, Name: mail.Box("box 2"), Hash: [32]byte{8}, At: at.Add(time.Minute), Used: at.Add(time.Hour)}
	update(t, db, func(tx *vault.Tx) error {
		for _, p := range []mail.Person{ulla, bo} {
			if err := tx.PutPerson(p); err != nil {
				return err
			}
		}
		for _, p := range []mail.AppPassword{second, first} {
			if err := tx.PutAppPassword(p); err != nil {
				return err
			}
		}
		return nil
	})
	has := func(t *testing.T, person mail.ID, want ...mail.AppPassword) {
		t.Helper()
		view(t, db, func(tx *vault.ReadTx) error {
			got, err := tx.AppPasswords(person)
			same(t, "app passwords", got, want)
			return err
		})
	}
	t.Run("they come back as they were put, the oldest first, and who has none has none", func(t *testing.T) {
		has(t, ulla.ID, first, second)
		has(t, bo.ID)
	})
	t.Run("the last use is kept", func(t *testing.T) {
		first.Used = at.Add(3 * time.Hour)
		update(t, db, func(tx *vault.Tx) error { return tx.UseAppPassword(first.ID, first.Used) })
		has(t, ulla.ID, first, second)
	})
	t.Run("one is taken away by its owner alone, and once", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.DeleteAppPassword(bo.ID, first.ID); mail.KindOf(err) != mail.Absent || err == nil {
				t.Errorf("by another: %v", err)
			}
			if err := tx.DeleteAppPassword(ulla.ID, first.ID); err != nil {
				t.Error(err)
			}
			if err := tx.DeleteAppPassword(ulla.ID, first.ID); mail.KindOf(err) != mail.Absent || err == nil {
				t.Errorf("again: %v", err)
			}
			if err := tx.UseAppPassword(first.ID, at); mail.KindOf(err) != mail.Absent || err == nil {
				t.Errorf("used after that: %v", err)
			}
			return nil
		})
		has(t, ulla.ID, second)
	})
	t.Run("nobody's is refused", func(t *testing.T) {
		err := db.Update(ctx, func(tx *vault.Tx) error {
			return tx.PutAppPassword(mail.AppPassword{ID: mail.NewID(), Person: mail.NewID(), Name: mail.Box("x"), At: at})
		})
		if err == nil {
			t.Error("taken")
		}
	})
}
