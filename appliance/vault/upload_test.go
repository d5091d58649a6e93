package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestUploads(t *testing.T) {
	clock := newClock()
	db := openWith(t, vault.Config{Dir: t.TempDir(), Clock: clock})
	l := newLetter(t, db, clock.Now())
	update(t, db, l.put)
	m, person, at := l.sealed.Message.ID, mail.NewID(), time.UnixMilli(1_700_000_000_000).UTC()
	one := mail.Upload{Message: m, N: 17, Person: person, Size: 1 << 40, Box: mail.Box("one"), At: at}
	two := mail.Upload{Message: m, N: 16, Person: mail.NewID(), Box: mail.Box("two"), At: at.Add(time.Hour)}
	list := func() []mail.Upload {
		t.Helper()
		return read(t, db, func(tx *vault.ReadTx) ([]mail.Upload, error) { return tx.Uploads(m) })
	}
	t.Run("they come back as they were put, by number, and are written again", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error { return tx.PutUpload(one) })
		update(t, db, func(tx *vault.Tx) error { return tx.PutUpload(two) })
		same(t, "uploads", list(), []mail.Upload{two, one})
		one.Box, one.At = mail.Box("more"), at.Add(time.Minute)
		update(t, db, func(tx *vault.Tx) error { return tx.PutUpload(one) })
		same(t, "uploads", list(), []mail.Upload{two, one})
	})
	t.Run("of a person they are counted, and old ones found", func(t *testing.T) {
		if n := read(t, db, func(tx *vault.ReadTx) (int64, error) { return tx.CountUploads(person) }); n != 1 {
			t.Errorf("%d", n)
		}
		old := read(t, db, func(tx *vault.ReadTx) ([]mail.Upload, error) { return tx.UploadsBefore(at.Add(time.Hour), 10) })
		same(t, "old", old, []mail.Upload{one})
	})
	t.Run("one of no message is refused", func(t *testing.T) {
		other := one
		other.Message = mail.NewID()
		if err := db.Update(ctx, func(tx *vault.Tx) error { return tx.PutUpload(other) }); err == nil {
			t.Error("taken")
		}
	})
	t.Run("one goes once, and all of a message's", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteUpload(m, 17) })
		want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteUpload(m, 17) }), mail.Absent)
		same(t, "uploads", list(), []mail.Upload{two})
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteUploads(m) })
		if left := list(); len(left) != 0 {
			t.Errorf("%+v", left)
		}
	})
}
