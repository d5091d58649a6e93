package vault_test

import (
	"slices"
	"testing"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestJournalBackwards(t *testing.T) {
	db := open(t, t.TempDir())
	update(t, db, func(tx *vault.Tx) error {
		for i := range 30 {
			kind := journal.Opened
			if i%10 == 4 { // 5, 15 and 25
				kind = journal.Accepted
			}
			if err := tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: mail.ActorSystem, Part: "test"}); err != nil {
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
	for name, tc := range map[string]struct {
		read func(tx *vault.ReadTx) ([]journal.Entry, error)
		want []int64
	}{
		"the newest come first":         {func(tx *vault.ReadTx) ([]journal.Entry, error) { return tx.JournalBefore(31, 3) }, []int64{30, 29, 28}},
		"a number is not before itself": {func(tx *vault.ReadTx) ([]journal.Entry, error) { return tx.JournalBefore(3, 9) }, []int64{2, 1}},
		"nothing is before the first":   {func(tx *vault.ReadTx) ([]journal.Entry, error) { return tx.JournalBefore(1, 9) }, nil},
		"of a kind, newest first": {func(tx *vault.ReadTx) ([]journal.Entry, error) {
			return tx.JournalKindBefore(journal.Accepted, 31, 30, 9)
		}, []int64{25, 15, 5}},
		"of a kind, no more than asked for": {func(tx *vault.ReadTx) ([]journal.Entry, error) {
			return tx.JournalKindBefore(journal.Accepted, 25, 30, 1)
		}, []int64{15}},
		"of a kind, no further than is looked": {func(tx *vault.ReadTx) ([]journal.Entry, error) {
			return tx.JournalKindBefore(journal.Accepted, 25, 10, 9)
		}, []int64{15}},
		"of a kind, one entry less far": {func(tx *vault.ReadTx) ([]journal.Entry, error) {
			return tx.JournalKindBefore(journal.Accepted, 25, 9, 9)
		}, nil},
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
}
