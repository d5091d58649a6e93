package vault

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
)

// database is the file of the rows.
const database = "sigill.db"

// Config is what a store needs.
type Config struct {
	// Dir is the data directory. It is made, with mode 0700, if it is not there; what
	// stands above it must be.
	Dir string
	// Clock gives each transaction its time. It must not be nil.
	Clock mail.Clock
	// Log must not be nil.
	Log *slog.Logger
	// Readers is how many transactions may read at once. Default: 4.
	Readers int
	// Disk is the file system for slots, blobs and the list of what was destroyed.
	// Default: erase.Machine. Tests break its steps.
	Disk erase.Disk
}

// DB is an open store.
type DB struct {
	cfg     Config
	lock    *os.File
	pool    *pool
	slots   [2]*slotFile // by mail.SlotFile
	blobs   *blobStore
	ended   *destroyedFile
	ballast *ballast
	writer  *writer

	remembering remembering // backups

	readers chan *conn
	keeper  chan struct{} // closed to end the goroutine that syncs the mirrors
	running sync.WaitGroup
	fault   atomic.Pointer[mail.Error] // set once: why no more changes are taken
	close   sync.Once
	closed  error
}

// Open opens the store in cfg.Dir, or makes a new one. It repairs slots from the
// mirror and erases what a crash left without a row. The error is Busy if another
// process has the store open.
func Open(ctx context.Context, cfg Config) (_ *DB, err error) {
	if cfg.Readers <= 0 {
		cfg.Readers = 4
	}
	if cfg.Disk == nil {
		cfg.Disk = erase.Machine{}
	}
	if err := makeDir(cfg.Dir); err != nil {
		return nil, err
	}
	db := &DB{cfg: cfg, keeper: make(chan struct{}), readers: make(chan *conn, cfg.Readers)}
	if db.lock, err = lockDir(cfg.Dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.release())
		}
	}()
	// First of all: on a full disk the start itself needs its room.
	if db.ballast, err = openBallast(filepath.Join(cfg.Dir, "reserve")); err != nil {
		return nil, fmt.Errorf("open reserve: %w", err)
	}
	if db.pool, err = openPool(ctx, filepath.Join(cfg.Dir, database)); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := migrate(ctx, db.pool.write); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	first, err := db.pool.writer(ctx)
	if err != nil {
		return nil, fmt.Errorf("open writer: %w", err)
	}
	db.writer = newWriter(db, first)
	if err := db.openFiles(first); err != nil {
		return nil, err
	}
	for range cfg.Readers {
		c, err := db.pool.reader(ctx)
		if err != nil {
			return nil, fmt.Errorf("open reader: %w", err)
		}
		db.readers <- c
	}
	if err := db.writer.loadHead(); err != nil {
		return nil, fmt.Errorf("read the journal's head: %w", err)
	}
	db.running.Go(db.writer.run)
	db.running.Go(db.keepMirrors)
	return db, nil
}

// Close waits for the running batch, refuses what comes later with Again, and
// closes all files. It may be called twice.
func (db *DB) Close() error {
	db.close.Do(func() {
		db.writer.stop()
		close(db.keeper)
		db.running.Wait()
		// Readers that are still at work give their connections back first.
		for range db.cfg.Readers {
			<-db.readers
		}
		db.closed = db.release()
	})
	return db.closed
}

// Fault tells why the store takes no more changes: nil while it does. Only
// opening it again clears it.
func (db *DB) Fault() error {
	if f := db.fault.Load(); f != nil {
		return f
	}
	return nil
}

// Checked is what Open found in the slot files.
type Checked struct {
	Slots    int // live slots, in both files
	Repaired int // slots that were made whole from the other copy
	Lost     int // slots that a row names and that are damaged in both copies
	Swept    int // slots and blobs that no row named; they were erased
	Kept     int // the same, but the database is damaged
}

// Checked tells what Open found and mended.
func (db *DB) Checked() Checked {
	c := Checked{Swept: db.blobs.swept, Kept: db.blobs.kept}
	for _, f := range db.slots {
		c.Slots += f.found.Slots
		c.Repaired += f.found.Repaired
		c.Lost += f.found.Lost
		c.Swept += f.found.Swept
		c.Kept += f.found.Kept
	}
	return c
}

func (db *DB) openFiles(c *conn) (err error) {
	may := db.mayErase(c)
	for _, which := range []mail.SlotFile{mail.Shred, mail.Link} {
		named, err := namedSlots(c, which)
		if err != nil {
			return fmt.Errorf("list named slots: %w", err)
		}
		if db.slots[which], err = openSlots(db.cfg.Disk, db.cfg.Dir, which, named, may); err != nil {
			return fmt.Errorf("open slots: %w", err)
		}
	}
	db.slots[mail.Shred].touched = db.remembering.slots
	if db.blobs, err = openBlobs(db.cfg.Disk, filepath.Join(db.cfg.Dir, "blobs")); err != nil {
		return fmt.Errorf("open blobs: %w", err)
	}
	known, err := namedBlobs(c)
	if err != nil {
		return fmt.Errorf("list named blobs: %w", err)
	}
	if err := db.blobs.sweep(known, may); err != nil {
		return fmt.Errorf("sweep blobs: %w", err)
	}
	db.ended = &destroyedFile{disk: db.cfg.Disk, path: filepath.Join(db.cfg.Dir, "destroyed")}
	if c := db.Checked(); c.Repaired+c.Lost+c.Swept+c.Kept > 0 {
		db.cfg.Log.Warn("store mended", "part", "vault", "repaired", c.Repaired, "lost", c.Lost, "swept", c.Swept, "kept", c.Kept)
	}
	return nil
}

// release closes what is open, in the order in which nothing is cut off.
func (db *DB) release() error {
	var errs []error
	for _, f := range db.slots {
		if f != nil {
			errs = append(errs, f.close())
		}
	}
	if db.pool != nil {
		errs = append(errs, db.pool.close())
	}
	// The lock goes last: until then nobody else may touch the files.
	return errors.Join(append(errs, db.lock.Close())...)
}
