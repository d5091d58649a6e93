package vault_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/vault"
)

func TestCloseLeavesNoFileOpen(t *testing.T) {
	dir := t.TempDir()
	open := func() (list []string) {
		fds, err := filepath.Glob("/proc/self/fd/*")
		if err != nil || len(fds) == 0 {
			t.Skip("no /proc here")
		}
		for _, f := range fds {
			if name, err := os.Readlink(f); err == nil && strings.HasPrefix(name, dir) {
				list = append(list, name)
			}
		}
		return list
	}
	db, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	update(t, db, newLetter(t, db, newClock().Now()).put)
	view(t, db, func(tx *vault.ReadTx) error { _, _, err := tx.JournalHead(); return err })
	if len(open()) == 0 {
		t.Fatal("nothing is seen open")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if left := open(); len(left) > 0 {
		t.Errorf("still open: %v", left)
	}
	if st, err := os.Stat(filepath.Join(dir, "sigill.db-wal")); err != nil || st.Size() == 0 {
		t.Errorf("the log is not kept: %v", err)
	}
}
