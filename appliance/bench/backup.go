package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
	"sigill/backup"
)

// Rows 7 and 8 are of so many blobs, of so many bytes each: 1 GiB.
const (
	backedUp  = 20_000
	blobBytes = giga / backedUp
)

// backup is rows 7 and 8: how long the first backup of a store takes, and the one after 1 %
// of it is new, against restic, which finds that out by looking at every file. Both write to
// directories beside the store, and each copies all of it: rows, blobs and slots.
func (b *bench) backup(ctx context.Context) error {
	restic, err := exec.LookPath("restic")
	if !b.Peers || err != nil {
		return errors.New("no restic is installed, or no peers are wanted")
	}
	dir := filepath.Join(b.dir, "backup")
	defer os.RemoveAll(dir)
	s, err := newStored(ctx, dir)
	if err != nil {
		return err
	}
	defer s.db.Close()
	count := backedUp
	if b.Blobs > 0 {
		count = b.Blobs
	}
	b.say("row 7: a store of %d blobs", count)
	if err := s.add(ctx, count); err != nil {
		return err
	}
	var ours, theirs [2][]float64
	for round := range b.Rounds {
		r := &backupRound{s: s, dir: filepath.Join(dir, "round"), restic: restic}
		if err := r.begin(ctx); err != nil {
			return err
		}
		for step, kind := range []backup.Kind{backup.Whole, backup.Changes} {
			if step == 1 {
				if err := s.add(ctx, max(1, count/100)); err != nil {
					return err
				}
			}
			// Who is first finds the disk as the other left it: they take turns.
			sides := []func() error{
				func() error { return timed(&ours[step], func() error { return r.ours(ctx, kind) }) },
				func() error { return timed(&theirs[step], func() error { return r.theirs(ctx) }) },
			}
			for i := range sides {
				if err := sides[(i+round)%2](); err != nil {
					return err
				}
			}
		}
		if err := r.end(); err != nil {
			return err
		}
	}
	size := fmt.Sprintf("%d blobs of %d kB", count, blobBytes/1000)
	for step, row := range []struct {
		n     int
		what  string
		bound float64
	}{{7, "first backup of " + size, 0.45}, {8, "backup of them after 1 %", 0.1}} {
		if b.wants(row.n) {
			b.found(row.n, row.what+", against restic", atMost(row.bound, "×"), ratios(ours[step], theirs[step]), map[string][]float64{"s": ours[step], "restic s": theirs[step]})
		}
	}
	return nil
}

// timed measures in seconds. What others have written is on the disk before.
func timed(to *[]float64, do func() error) error {
	syscall.Sync()
	begin := time.Now()
	err := do()
	*to = append(*to, time.Since(begin).Seconds())
	return err
}

// stored is a store with letters in it, without an appliance around it.
type stored struct {
	dir string // of the store
	db  *vault.DB
	kit keyring.Kit
	app *keyring.App
}

func newStored(ctx context.Context, dir string) (*stored, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	salt := keyring.NewSalt()
	s := &stored{dir: filepath.Join(dir, "data"), kit: keyring.NewKit(keyring.InstallationOf(salt), keyring.DefaultSharing)}
	s.app = keyring.NewApp(s.kit.App, salt)
	var err error
	s.db, err = vault.Open(ctx, vault.Config{Dir: s.dir, Clock: wall{}, Log: slog.New(slog.DiscardHandler)})
	return s, err
}

// wall is the clock of the machine.
type wall struct{}

func (wall) Now() time.Time         { return time.Now() }
func (wall) Running() time.Duration { return 0 }

// add puts so many letters with one blob each.
func (s *stored) add(ctx context.Context, count int) error {
	const batch = 200
	for count > 0 {
		n := min(count, batch)
		letters, err := s.letters(ctx, n)
		if err != nil {
			return err
		}
		if err := s.db.Update(ctx, func(tx *vault.Tx) error {
			for _, l := range letters {
				if err := tx.PutSealed(l); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		count -= n
	}
	return nil
}

// letters makes so many, each with its blob in the store. What is in them is chance: so looks
// what is sealed.
func (s *stored) letters(ctx context.Context, n int) ([]*mail.Sealed, error) {
	slots, err := s.db.Reserve(mail.Shred, 2*n)
	if err != nil {
		return nil, err
	}
	letters, errs := make([]*mail.Sealed, n), make([]error, n)
	var wg sync.WaitGroup
	for side := range 8 {
		wg.Go(func() {
			var seed [32]byte
			id := mail.NewID()
			copy(seed[:], id[:])
			chance := rand.NewChaCha8(seed)
			content, box := make([]byte, blobBytes), make([]byte, 1000)
			for i := side; i < n; i += 8 {
				chance.Read(content)
				chance.Read(box)
				id := s.db.NewBlobID()
				if _, errs[i] = s.db.PutBlob(ctx, id, func(w io.Writer) error { _, err := w.Write(content); return err }); errs[i] != nil {
					return
				}
				letters[i] = benchLetter(id, slots[2*i:2*i+2], bytes.Clone(box))
			}
		})
	}
	wg.Wait()
	return letters, errors.Join(errs...)
}

func benchLetter(blob mail.ID, slots []mail.Slot, box []byte) *mail.Sealed {
	id, holder, owner := mail.NewID(), mail.NewID(), mail.NewID()
	now := time.Now().UTC().Truncate(time.Millisecond)
	last := now.Add(90 * 24 * time.Hour)
	var v mail.SlotValue
	copy(v[:], box)
	return &mail.Sealed{
		Message: mail.Message{ID: id, Thread: id, Way: mail.Out, State: mail.Active, Owner: owner, Slot: slots[0], Envelope: box, Size: blobBytes, At: now, LastDay: last},
		Head:    box,
		Parts:   []mail.Part{{Message: id, N: mail.PartFile, Size: blobBytes, Blob: blob}},
		Holders: []mail.Holder{{ID: holder, Message: id, Kind: mail.HolderPerson, Owner: owner, House: true, Folder: mail.Sent, State: mail.Active, Slot: slots[1], Columns: box, ReadUntil: last, Opened: now}},
		Wraps:   []mail.Wrap{{Holder: holder, Kind: mail.WrapEpoch, Ref: mail.NewID(), Box: box[:60]}},
		Slots:   []mail.SlotWrite{{Slot: slots[0], Value: v}, {Slot: slots[1], Value: v}},
	}
}

// backupRound is a fresh target of each side.
type backupRound struct {
	s      *stored
	dir    string
	restic string
	to     *backup.Backup
}

func (r *backupRound) begin(ctx context.Context) error {
	place, state := filepath.Join(r.dir, "target"), filepath.Join(r.dir, "state")
	if err := errors.Join(os.MkdirAll(place, 0o700), os.Mkdir(state, 0o700)); err != nil {
		return err
	}
	t, err := backup.OpenDir(place, erase.Machine{})
	if err != nil {
		return err
	}
	recipient, err := keyring.Recipient(r.s.kit.Backup)
	if err != nil {
		return err
	}
	seal, err := r.s.app.BackupRecipients(recipient)
	if err != nil {
		return err
	}
	sign, err := backup.NewSigner(r.s.kit.Installation.String(), r.s.app.BackupSeed())
	if err != nil {
		return err
	}
	r.to, err = backup.Open(ctx, backup.Config{
		Target: t, Store: r.s.db, Seal: seal, Sign: sign, Installation: r.s.kit.Installation.String(), Recipient: recipient, Version: "bench",
		CopySigned: func(from int64, _ io.Writer) (int64, error) { return from, nil }, State: state, Clock: wall{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	return r.run(ctx, "init")
}

func (r *backupRound) ours(ctx context.Context, kind backup.Kind) error {
	d, err := r.to.Run(ctx, kind)
	if err == nil && d.Kind != kind {
		err = fmt.Errorf("a backup of kind %s, and not %s", d.Kind, kind)
	}
	return err
}

func (r *backupRound) theirs(ctx context.Context) error { return r.run(ctx, "backup", r.s.dir) }

// run runs restic with a repository and a cache of its own.
func (r *backupRound) run(ctx context.Context, args ...string) error {
	c := exec.CommandContext(ctx, r.restic, append([]string{"--quiet", "--repo", filepath.Join(r.dir, "restic"), "--cache-dir", filepath.Join(r.dir, "cache")}, args...)...)
	c.Env = append(os.Environ(), "RESTIC_PASSWORD=bench")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("restic %s: %w: %s", args[0], err, bytes.TrimSpace(out))
	}
	return nil
}

func (r *backupRound) end() error {
	r.to.Close()
	return os.RemoveAll(r.dir)
}
