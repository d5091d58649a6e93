package vault_test

import (
	"os"
	"path/filepath"
	"testing"

	"sigill/appliance/mail"
)

func TestDestroyed(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	now := newClock().Now()
	first, last := mail.Ended{What: mail.EndsMessage, ID: mail.NewID(), At: now}, mail.Ended{What: mail.EndsHolder, ID: mail.NewID(), At: now}
	if err := db.Destroyed(ctx, []mail.Ended{first}); err != nil {
		t.Fatal(err)
	}
	t.Run("a line that was cut within its number is not read as another number", func(t *testing.T) {
		path := filepath.Join(dir, "destroyed")
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(whole, "holder "+last.ID.String()+" 17"...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := db.Destroyed(ctx, []mail.Ended{last}); err != nil {
			t.Fatal(err)
		}
		list, err := db.LoadDestroyed(ctx)
		same(t, "destroyed", list, []mail.Ended{first, last})
		if err != nil {
			t.Error(err)
		}
	})
}
