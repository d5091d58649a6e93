package vault_test

import (
	"context"
	"database/sql"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite"

	"sigill/appliance/vault"
	"sigill/embed"
)

var rewrite = flag.Bool("update", false, "write embed/schema.sql anew")

func TestMigrations(t *testing.T) {
	t.Run("all migrations on an empty file give schema.sql, word for word", func(t *testing.T) {
		dir := t.TempDir()
		open(t, dir).Close()
		db := raw(t, dir)
		rows, err := db.Query(`SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY rowid`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		got := "-- Where all migrations lead. A test of vault writes and holds it.\n"
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			got += "\n" + s + ";\n"
		}
		if *rewrite {
			if err := os.WriteFile("../../embed/schema.sql", []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != embed.Schema {
			t.Errorf("the migrations lead elsewhere; if that is meant, run this test with -update\n%s", got)
		}
	})
	t.Run("data of a newer program is refused", func(t *testing.T) {
		dir := t.TempDir()
		open(t, dir).Close()
		if _, err := raw(t, dir).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
			t.Fatal(err)
		}
		_, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet})
		if err == nil || !strings.Contains(err.Error(), "version 9999") {
			t.Fatalf("opened, or another error: %v", err)
		}
	})
}

// raw opens the database of a closed store as anybody could.
func raw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "sigill.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// before makes an empty store of an older version, and leaves it open as raw does.
func before(t *testing.T, dir string, version int64) *sql.DB {
	t.Helper()
	db := raw(t, dir)
	steps, err := fs.Sub(embed.Migrations, "migration")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, steps, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestTheDriverHasItsOwnLibc(t *testing.T) {
	// modernc.org/sqlite is translated for one version of its C library; another one
	// compiles and then corrupts memory.
	out, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}} {{.Version}}", "modernc.org/sqlite", "modernc.org/libc").Output()
	if err != nil {
		t.Skip("no go command here")
	}
	lines := strings.Fields(string(out))
	mod, err := os.ReadFile(filepath.Join(lines[0], "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "modernc.org/libc "+lines[3]+"\n") {
		t.Errorf("go.mod has libc %s, which is not what sqlite %s asks for", lines[3], lines[1])
	}
}

func TestNothingIsBuiltWithSprintf(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if strings.Contains(text, "Sprintf") && (strings.Contains(text, "SELECT") || strings.Contains(text, "INSERT") || strings.Contains(text, "UPDATE ")) {
			t.Errorf("%s has Sprintf near SQL", name)
		}
		if strings.Contains(text, "VACUUM") && name != "doc.go" {
			t.Errorf("%s has VACUUM", name)
		}
	}
}
