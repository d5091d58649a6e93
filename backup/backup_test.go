package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
	"sigill/backup"
)

var ctx = context.Background()

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// clock is one that is turned.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}
func (c *clock) Running() time.Duration { return 0 }
func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a store, a target, and the keys of both.
type house struct {
	testing.TB
	*clock
	db     *vault.DB
	app    *keyring.App
	kit    keyring.Kit
	dir    string // of the target
	target backup.Target
	backup *backup.Backup
	from   time.Time // when this house was restored; zero: it never was
	state  string    // where it remembers what was backed up

	settings func() ([]byte, error) // its configuration file; nil: it has none
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{TB: t, clock: newClock(), dir: t.TempDir()}
	var err error
	if h.db, err = vaulttest.Open(t, vault.Config{Dir: filepath.Join(t.TempDir(), "data"), Clock: h.clock, Log: quiet}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	salt := keyring.NewSalt()
	h.kit = keyring.NewKit(keyring.InstallationOf(salt), keyring.DefaultSharing)
	h.app = keyring.NewApp(h.kit.App, salt)
	if h.target, err = backup.OpenDir(h.dir, erase.Machine{}); err != nil {
		t.Fatal(err)
	}
	h.open(t.TempDir())
	return h
}

// open begins to back up, with what is remembered in a directory.
func (h *house) open(state string) {
	h.Helper()
	if err := h.tries(state); err != nil {
		h.Fatal(err)
	}
}

func (h *house) signer() *backup.Signer {
	h.Helper()
	s, err := backup.NewSigner(h.kit.Installation.String(), h.app.BackupSeed())
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func (h *house) verifier() backup.Verifier {
	h.Helper()
	v, err := backup.ParseVerifier(h.signer().Public())
	if err != nil {
		h.Fatal(err)
	}
	return v
}

func (h *house) tries(state string) error {
	h.Helper()
	h.state = state
	b, err := keyring.Recipient(h.kit.Backup)
	if err != nil {
		h.Fatal(err)
	}
	to, err := h.app.BackupRecipients(b)
	if err != nil {
		h.Fatal(err)
	}
	h.backup, err = backup.Open(ctx, backup.Config{
		Target: h.target, Store: h.db, Seal: to, Sign: h.signer(), Installation: h.kit.Installation.String(), Recipient: b, Version: "test 1",
		CopySigned: func(from int64, w io.Writer) (int64, error) { return from, nil }, State: state, Settings: h.settings, Restored: h.from, Clock: h.clock, Log: quiet,
	})
	return err
}

// letter is a message with one blob.
type letter struct {
	message mail.ID
	slot    mail.Slot
	value   mail.SlotValue
	blob    mail.ID
	content []byte
}

func (h *house) letter(size int) *letter {
	h.Helper()
	slots, err := h.db.Reserve(mail.Shred, 2)
	if err != nil {
		h.Fatal(err)
	}
	l := &letter{message: mail.NewID(), slot: slots[0], blob: h.db.NewBlobID(), content: make([]byte, size)}
	rand.Read(l.content)
	rand.Read(l.value[:])
	var other mail.SlotValue
	rand.Read(other[:])
	if _, err := h.db.PutBlob(ctx, l.blob, func(w io.Writer) error { _, err := w.Write(l.content); return err }); err != nil {
		h.Fatal(err)
	}
	now := h.Now().Truncate(time.Millisecond)
	owner := mail.NewID()
	box := make([]byte, 1000)
	rand.Read(box)
	house := mail.NewID()
	s := &mail.Sealed{
		Message: mail.Message{ID: l.message, Thread: l.message, Way: mail.Out, State: mail.Active, Owner: owner, Slot: slots[0], Envelope: box, Size: int64(size), At: now, LastDay: now.Add(90 * 24 * time.Hour)},
		Head:    box,
		Parts:   []mail.Part{{Message: l.message, N: mail.PartFile, Size: int64(size), Blob: l.blob}},
		Holders: []mail.Holder{{ID: house, Message: l.message, Kind: mail.HolderPerson, Owner: owner, House: true, Folder: mail.Sent, State: mail.Active, Slot: slots[1], Columns: box, ReadUntil: now.Add(90 * 24 * time.Hour), Opened: now}},
		Wraps:   []mail.Wrap{{Holder: house, Kind: mail.WrapEpoch, Ref: mail.NewID(), Box: box[:60]}},
		Slots:   []mail.SlotWrite{{Slot: slots[0], Value: l.value}, {Slot: slots[1], Value: other}},
	}
	if err := h.db.Update(ctx, func(tx *vault.Tx) error { return tx.PutSealed(s) }); err != nil {
		h.Fatal(err)
	}
	return l
}

// ends takes the rows of a letter's parts away.
func (h *house) ends(l *letter) func(tx *vault.Tx) error {
	return func(tx *vault.Tx) error {
		_, err := tx.DeleteParts(l.message)
		return err
	}
}

func (h *house) run(kind backup.Kind) backup.Done {
	h.Helper()
	d, err := h.backup.Run(ctx, kind)
	if err != nil {
		h.Fatal(err)
	}
	return d
}

// restored is a store that was restored, with a key of the kit.
func (h *house) restored(key seal.Secret) (*vault.DB, backup.Restored) {
	h.Helper()
	dir := filepath.Join(h.TempDir(), "data")
	r, err := backup.Restore(ctx, backup.Restoring{Target: h.target, Key: key, Dir: dir, Disk: erase.Machine{}})
	if err != nil {
		h.Fatal(err)
	}
	db, err := vaulttest.Open(h, vault.Config{Dir: dir, Clock: h.clock, Log: quiet})
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { db.Close() })
	if err := db.Sound(ctx); err != nil {
		h.Fatal(err)
	}
	return db, r
}

// has wants a letter to be there with its blob and its key.
func (h *house) has(db *vault.DB, l *letter) {
	h.Helper()
	if err := db.View(ctx, func(tx *vault.ReadTx) error {
		if _, err := tx.Message(l.message); err != nil {
			return err
		}
		v, err := tx.SlotValue(l.slot)
		if err == nil && v != l.value {
			h.Error("the key is another one")
		}
		return err
	}); err != nil {
		h.Fatalf("rows: %v", err)
	}
	f, size, err := db.OpenBlob(l.blob)
	if err != nil {
		h.Fatalf("blob: %v", err)
	}
	defer f.Close()
	got := make([]byte, size)
	if _, err := f.ReadAt(got, 0); err != nil && err != io.EOF || !bytes.Equal(got, l.content) {
		h.Errorf("the blob is another one: %v", err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.letter(100_000)
	first := h.run(backup.Changes)
	if first.Kind != backup.Whole || first.Blobs != 1 {
		t.Errorf("%+v, want a whole one with one blob", first)
	}
	b := h.letter(200_000)
	h.turn(time.Minute)
	second := h.run(backup.Changes)
	if second.Kind != backup.Changes || second.Blobs != 1 || second.Bytes > 300_000 {
		t.Errorf("%+v, want the changes alone", second)
	}

	t.Run("with B, and with the drill's key, everything is there again", func(t *testing.T) {
		for _, key := range []seal.Secret{h.kit.Backup, h.app.DrillSeed()} {
			db, r := h.restored(key)
			h.has(db, a)
			h.has(db, b)
			if r.Set.Number != 2 || len(r.Passed) > 0 {
				t.Errorf("%+v", r)
			}
		}
	})

	t.Run("another key opens nothing", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		_, err := backup.Restore(ctx, backup.Restoring{Target: h.target, Key: h.kit.App, Dir: dir, Disk: erase.Machine{}})
		if err == nil || !strings.Contains(err.Error(), keyring.ErrNotForKey.Error()) {
			t.Errorf("%v", err)
		}
		if list, _ := filepath.Glob(filepath.Dir(dir) + "/*"); len(list) > 0 {
			t.Errorf("it has left %v", list)
		}
	})

	t.Run("nothing at the target tells a key or an id", func(t *testing.T) {
		for name, file := range h.files() {
			for _, secret := range [][]byte{a.value[:], b.content[:64], []byte(a.blob.String()), []byte(a.message.String())} {
				if bytes.Contains(file, secret) || strings.Contains(name, string(secret)) {
					t.Errorf("%s has it", name)
				}
			}
		}
	})

	t.Run("it is verified without a key", func(t *testing.T) {
		v, err := backup.Verify(ctx, h.target, backup.Verifier{})
		if err != nil || len(v.Faults) > 0 || v.Sets != 2 || v.Packs != 2 || len(v.Left) > 0 {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

// files are the target's, by name.
func (h *house) files() map[string][]byte {
	h.Helper()
	all := map[string][]byte{}
	for o, err := range h.target.List(ctx, "") {
		if err != nil {
			h.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(h.dir, o.Name))
		if err != nil {
			h.Fatal(err)
		}
		all[o.Name] = b
	}
	return all
}
