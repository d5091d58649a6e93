package backup

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

var update = flag.Bool("update", false, "write testdata/v1 anew: only while nobody has backups")

// What stands in testdata/v1: two sets of changes, of which the first was written before
// there were settings, a pack with a blob, and the slots.
var (
	v1Blob     = mail.ID{0x7f, 1, 2, 3}
	v1Content  = bytes.Repeat([]byte("a sealed blob "), 300)
	v1Settings = []byte("[house]\nname = \"Provkommun\"\n")
)

func v1Page(of byte) []byte { return bytes.Repeat([]byte{of}, vault.PageSize) }

const v1Key = "testdata/v1.key"

// TestVersion1 opens what was written by version 1, byte by byte: a fault here means that
// nobody can restore the backups that they have.
func TestVersion1(t *testing.T) {
	t.Parallel()
	if *update {
		writeV1(t)
	}
	text, err := os.ReadFile(v1Key)
	if err != nil {
		t.Fatal(err)
	}
	page, err := keyring.ParsePage(string(bytes.TrimSpace(text)))
	if err != nil {
		t.Fatal(err)
	}
	target, err := OpenDir("testdata/v1", erase.Machine{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		most     int
		first    byte // page
		settings []byte
	}{
		{"of before there were settings", 1, 'a', nil},
		{"with changes, and settings", 2, 'b', v1Settings},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Restoring{Target: target, Key: page.Secret(), Dir: filepath.Join(t.TempDir(), "data"), Disk: erase.Machine{}, Most: c.most}
			done, err := Restore(t.Context(), in)
			if err != nil || len(done.Passed) > 0 || done.Blobs != 1 || done.Set.Number != c.most {
				t.Fatalf("%+v, %v", done, err)
			}
			for name, want := range map[string][]byte{
				"sigill.db":   append(v1Page(c.first), v1Page('z')...),
				"shred.slots": v1Page('s'), "shred.mirror": v1Page('s'),
				"destroyed": []byte("something has ended\n"), "checkpoints": []byte("a signed checkpoint\n"),
				"blobs/7f/" + v1Blob.String(): v1Content,
			} {
				if got, err := os.ReadFile(filepath.Join(in.Dir, name)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: %d bytes, want %d, %v", name, len(got), len(want), err)
				}
			}
			if got, err := ReadSettings(t.Context(), in); err != nil || !bytes.Equal(got, c.settings) {
				t.Errorf("settings %q, %v", got, err)
			}
		})
	}
}

// writeV1 writes testdata/v1 as FORMAT.md has it, with the writer of containers.
func writeV1(t *testing.T) {
	kit := keyring.NewKit(keyring.Installation{1}, keyring.DefaultSharing)
	page, err := kit.Pages()[0].Text()
	must(t, err)
	must(t, os.RemoveAll("testdata/v1"))
	must(t, os.MkdirAll("testdata/v1", 0o755))
	must(t, os.WriteFile(v1Key, []byte(page+"\n"), 0o600))
	to, err := OpenDir("testdata/v1", erase.Machine{})
	must(t, err)
	b, err := keyring.Recipient(kit.Backup)
	must(t, err)
	seals, err := keyring.NewApp(seal.NewSecret(), keyring.NewSalt()).BackupRecipients(b)
	must(t, err)
	sign, err := NewSigner(kit.Installation.String(), make([]byte, 32))
	must(t, err)
	w := &writer{to: to, seal: seals, sign: sign}
	put := func(s Statement, entries ...string) Sum {
		s.At, s.Version, s.Ended = time.Date(2027, 3, 1, 1, 30, 0, 0, time.UTC), "0.9.0 28", 1
		s, err := w.container(t.Context(), s, func(c *container) error {
			for i := 0; i < len(entries); i += 2 {
				if err := c.entry(entries[i], int64(len(entries[i+1])), bytes.NewReader([]byte(entries[i+1]))); err != nil {
					return err
				}
			}
			return nil
		})
		must(t, err)
		sum, err := w.state(t.Context(), s)
		must(t, err)
		return sum
	}
	must(t, to.Put(t.Context(), markName, func(w io.Writer) error {
		_, err := io.WriteString(w, Mark{Installation: kit.Installation.String(), Writer: "v1", Recipient: b, Key: sign.Public()}.text())
		return err
	}))
	pack := "pack/v1" + ending
	put(Statement{Series: Packs, Name: pack, Number: 1, Kind: Whole}, "blobs/7f/"+v1Blob.String(), string(v1Content))
	put(Statement{Series: Slots, Name: copied(1, 1), Number: 1, Kind: Whole, Live: 1}, "slots/00000000", string(v1Page('s')), "destroyed/000000000000", "something has ended\n")
	set := Statement{Series: Sets, Name: numbered(Sets, 1), Number: 1, Kind: Whole, Pages: 2, Packs: []string{pack}}
	set.After = put(set, "checkpoints/000000000000", "a signed checkpoint\n", "pages/00000001", string(v1Page('a'))+string(v1Page('z')), "destroyed/000000000000", "something has ended\n")
	set.Name, set.Number, set.Kind = numbered(Sets, 2), 2, Changes
	put(set, settingsName, string(v1Settings), "pages/00000001", string(v1Page('b')))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
