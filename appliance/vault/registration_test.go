package vault_test

import (
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
	"sigill/embed"
)

func TestRegistrations(t *testing.T) {
	db := open(t, t.TempDir())
	anna, bo := mail.Person{ID: mail.NewID(), Lookup: [32]byte{1}, Kind: mail.RecipientPerson}, mail.Person{ID: mail.NewID(), Lookup: [32]byte{2}}
	now := newClock().Now()
	at := now.Add(-2 * time.Hour)
	r := mail.Registration{Person: anna.ID, Inbox: at, Phone: at.Add(time.Hour), Why: mail.ForMisuse}
	update(t, db, func(tx *vault.Tx) error {
		for _, p := range []mail.Person{anna, bo} {
			if err := tx.PutPerson(p); err != nil {
				return err
			}
		}
		return tx.PutRegistration(r)
	})
	is := func(t *testing.T, want mail.Registration) {
		t.Helper()
		view(t, db, func(tx *vault.ReadTx) error {
			got, err := tx.Registration(anna.ID)
			same(t, "registration", got, want)
			return err
		})
	}
	t.Run("it comes back as it was put, and who has none has none", func(t *testing.T) {
		is(t, r)
		view(t, db, func(tx *vault.ReadTx) error {
			if _, err := tx.Registration(bo.ID); mail.KindOf(err) != mail.Absent {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
	t.Run("what is shown and what is lost go forward only, and make nobody a recipient", func(t *testing.T) {
		for _, change := range []time.Duration{-time.Hour, time.Minute} {
			update(t, db, func(tx *vault.Tx) error { return tx.ShowInbox(anna.ID, at.Add(change)) })
			update(t, db, func(tx *vault.Tx) error { return tx.LoseInbox(anna.ID, at.Add(2*change)) })
			update(t, db, func(tx *vault.Tx) error { return tx.ShowInbox(bo.ID, at) })
		}
		r.Inbox, r.Lost = at.Add(time.Minute), at.Add(2*time.Minute)
		is(t, r)
	})
	t.Run("of a time to come nothing is shown, and what was there gives way", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error { return tx.ShowInbox(anna.ID, now.Add(time.Minute)) })
		is(t, r)
		leapt := r
		leapt.Inbox, leapt.Lost = now.AddDate(10, 0, 0), now.AddDate(10, 0, 0)
		update(t, db, func(tx *vault.Tx) error { return tx.PutRegistration(leapt) })
		update(t, db, func(tx *vault.Tx) error { return tx.ShowInbox(anna.ID, r.Inbox) })
		update(t, db, func(tx *vault.Tx) error { return tx.LoseInbox(anna.ID, r.Lost) })
		is(t, r)
	})
	t.Run("put again it takes the place of what was there, and taken away it is gone", func(t *testing.T) {
		r.Offered, r.Offers, r.Why = at, 2, ""
		update(t, db, func(tx *vault.Tx) error { return tx.PutRegistration(r) })
		is(t, r)
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteRegistration(anna.ID) })
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteRegistration(anna.ID) })
		view(t, db, func(tx *vault.ReadTx) error {
			if _, err := tx.Registration(anna.ID); mail.KindOf(err) != mail.Absent {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
}

// Who had registered before there were registrations had shown inbox and phone that day; since
// nobody has written down what they have shown later, all have 90 days of the 400 left at least.
func TestWhoHasRegisteredBefore(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	at := time.Now().UTC().Truncate(time.Millisecond).AddDate(0, 0, -10) // SQLite's clock makes the migration's day
	came := mail.Person{ID: mail.NewID(), Lookup: [32]byte{1}, Kind: mail.RecipientPerson, Active: true, At: at}
	long := mail.Person{ID: mail.NewID(), Lookup: [32]byte{4}, Kind: mail.RecipientPerson, Active: true, At: at.AddDate(-5, 0, 0)}
	invited := mail.Person{ID: mail.NewID(), Lookup: [32]byte{2}, Kind: mail.RecipientPerson, At: at}
	house := mail.Person{ID: mail.NewID(), Lookup: [32]byte{3}, Active: true, At: at}
	update(t, db, func(tx *vault.Tx) error {
		for _, p := range []mail.Person{came, long, invited, house} {
			if err := tx.PutPerson(p); err != nil {
				return err
			}
		}
		return nil
	})
	db.Close()
	b, err := embed.Migrations.ReadFile("migration/0017_registration.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := raw(t, dir)
	if _, err := old.Exec(`DROP TABLE registration`); err != nil {
		t.Fatal(err)
	}
	if _, err := old.Exec(strings.TrimPrefix(string(b), "-- +goose Up")); err != nil {
		t.Fatal(err)
	}
	old.Close()
	view(t, open(t, dir), func(tx *vault.ReadTx) error {
		got, err := tx.Registration(came.ID)
		same(t, "who came", got, mail.Registration{Person: came.ID, Inbox: at, Phone: at})
		lasts, err1 := tx.Registration(long.ID)
		if age := time.Since(lasts.Inbox); err1 != nil || !lasts.Inbox.Equal(lasts.Phone) || age < 310*24*time.Hour || age > 310*24*time.Hour+time.Hour {
			t.Errorf("who came long ago has shown both %v ago: %v", age, err1)
		}
		waits, err2 := tx.Registration(invited.ID)
		same(t, "who was invited", waits, mail.Registration{Person: invited.ID})
		if _, err := tx.Registration(house.ID); mail.KindOf(err) != mail.Absent {
			t.Errorf("one of the house: %v", err)
		}
		if err == nil {
			err = err2
		}
		return err
	})
}
