package vault_test

import (
	"slices"
	"testing"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestJournalBackwards(t *testing.T) {
	db := open(t, t.TempDir())
	began := time.Date(2026, 4, 25, 9, 0, 0, 0, time.UTC)
	update(t, db, func(tx *vault.Tx) error {
		for i := range 30 {
			kind := journal.Opened
			if i%10 == 4 { // 5, 15 and 25
				kind = journal.Accepted
			}
			actor := mail.ActorSystem
			if i == 9 || i == 19 {
				actor = mail.ActorGuest
			}
			at := began.Add(time.Duration(i/10) * time.Hour)
			if err := tx.Note(mail.Event{Kind: kind, At: at, Actor: actor, Part: "test"}); err != nil {
				return err
			}
		}
		return nil
	})
	seqs := func(list []journal.Entry, err error) (n []int64) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			n = append(n, e.Seq)
		}
		return n
	}
	where := func(q journal.Query, n int) func(tx *vault.ReadTx) ([]journal.Entry, error) {
		return func(tx *vault.ReadTx) ([]journal.Entry, error) { return tx.JournalWhere(q, n) }
	}
	guest := mail.ActorGuest
	for name, tc := range map[string]struct {
		read func(tx *vault.ReadTx) ([]journal.Entry, error)
		want []int64
	}{
		"the newest come first":                {where(journal.Query{To: 31}, 3), []int64{30, 29, 28}},
		"the oldest, if that is asked":         {where(journal.Query{From: 4, To: 31, Oldest: true}, 3), []int64{4, 5, 6}},
		"a number is not before itself":        {where(journal.Query{To: 3}, 9), []int64{2, 1}},
		"nothing is before the first":          {where(journal.Query{To: 1}, 9), nil},
		"of a kind, newest first":              {where(journal.Query{To: 31, Kind: journal.Accepted}, 9), []int64{25, 15, 5}},
		"of a kind, oldest first":              {where(journal.Query{To: 31, Kind: journal.Accepted, Oldest: true}, 2), []int64{5, 15}},
		"of a kind, no more than asked":        {where(journal.Query{To: 25, Kind: journal.Accepted}, 1), []int64{15}},
		"of a kind, no further than is looked": {where(journal.Query{From: 15, To: 25, Kind: journal.Accepted}, 9), []int64{15}},
		"of a kind, one entry less far":        {where(journal.Query{From: 16, To: 25, Kind: journal.Accepted}, 9), nil},
		"by who has acted":                     {where(journal.Query{To: 31, Actor: &guest}, 9), []int64{20, 10}},
		"by kind and who has acted":            {where(journal.Query{To: 31, Kind: journal.Accepted, Actor: &guest}, 9), nil},
	} {
		t.Run(name, func(t *testing.T) {
			view(t, db, func(tx *vault.ReadTx) error {
				if got := seqs(tc.read(tx)); !slices.Equal(got, tc.want) {
					t.Errorf("%v, not %v", got, tc.want)
				}
				return nil
			})
		})
	}
	t.Run("a moment leads to the first entry that is not older", func(t *testing.T) {
		for after, want := range map[time.Duration]int64{-time.Hour: 1, 0: 1, time.Minute: 11, time.Hour: 11, 2 * time.Hour: 21, 3 * time.Hour: 31} {
			view(t, db, func(tx *vault.ReadTx) error {
				if n, err := tx.JournalAt(began.Add(after)); n != want || err != nil {
					t.Errorf("%v: %d, not %d; %v", after, n, want, err)
				}
				return nil
			})
		}
	})
	t.Run("in an empty journal that is the first one to come", func(t *testing.T) {
		view(t, open(t, t.TempDir()), func(tx *vault.ReadTx) error {
			if n, err := tx.JournalAt(began); n != 1 || err != nil {
				t.Errorf("%d; %v", n, err)
			}
			return nil
		})
	})
}
