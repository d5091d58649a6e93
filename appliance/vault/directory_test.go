package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestDirectory(t *testing.T) {
	db := open(t, t.TempDir())
	now := newClock().Now().Truncate(time.Millisecond).UTC()
	hash := func() [32]byte { return [32]byte(random(32)) }
	people := func() (list []mail.DirectoryPerson) {
		view(t, db, func(tx *vault.ReadTx) (err error) { list, err = tx.DirectoryPeople(); return err })
		return list
	}
	put := func(d mail.DirectoryPerson) {
		update(t, db, func(tx *vault.Tx) error { return tx.PutDirectoryPerson(d) })
	}
	d := mail.DirectoryPerson{ID: hash(), Person: somebody(t, db), Name: hash(), Units: hash()}
	t.Run("somebody comes back as they were put, and as they were written again", func(t *testing.T) {
		put(d)
		same(t, "people", people(), []mail.DirectoryPerson{d})
		d.Name, d.Units, d.Out = hash(), hash(), now
		put(d)
		same(t, "people", people(), []mail.DirectoryPerson{d})
	})
	t.Run("a person is known by one id, and an id is one person", func(t *testing.T) {
		d.ID = hash()
		put(d)
		same(t, "people", people(), []mail.DirectoryPerson{d})
		d.Person = somebody(t, db)
		put(d)
		same(t, "people", people(), []mail.DirectoryPerson{d})
		if err := db.Update(ctx, func(tx *vault.Tx) error {
			return tx.PutDirectoryPerson(mail.DirectoryPerson{ID: hash(), Person: mail.NewID()})
		}); err == nil {
			t.Error("nobody came from there")
		}
	})
	t.Run("who takes another's place is known by their id", func(t *testing.T) {
		to := somebody(t, db)
		update(t, db, func(tx *vault.Tx) error { return tx.MovePlaces(d.Person, to) })
		d.Person = to
		same(t, "people", people(), []mail.DirectoryPerson{d})
	})
	t.Run("the last reading is kept, and no other", func(t *testing.T) {
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.DirectoryRun()
			want(t, err, mail.Absent)
			return nil
		})
		for range 2 {
			r := mail.DirectoryRun{At: now, Box: random(50)}
			update(t, db, func(tx *vault.Tx) error { return tx.PutDirectoryRun(r) })
			view(t, db, func(tx *vault.ReadTx) error {
				got, err := tx.DirectoryRun()
				same(t, "run", got, r)
				return err
			})
		}
	})
}
