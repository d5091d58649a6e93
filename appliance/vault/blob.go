package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
)

// perDir is how many ids one directory gets before the next has its turn.
const perDir = 256

// Blob is an open blob file.
type Blob interface {
	io.ReaderAt
	io.Closer
}

// blobStore is DATA/blobs: one file a blob, written once under its final name.
// There is no temporary name, because a file without a row is erased at Open
// anyway, and a rename would be one more thing to make durable.
type blobStore struct {
	disk  erase.Disk
	dir   string
	swept int // by sweep
	kept  int // by sweep, since the database is damaged

	mu    sync.Mutex // guards the rest
	made  [256]bool  // directories whose names are durable
	next  byte       // the directory of new ids
	given int        // ids given out in it
	dirty map[byte]bool
}

// NewBlobID returns an id for a new blob. Ids given out one after another share
// their first byte, which is the directory, so that a batch has one directory to
// sync and not one for each blob.
func (db *DB) NewBlobID() mail.ID { return db.blobs.newID() }

// PutBlob writes a part into a blob file and makes its content durable. Its name
// becomes durable with the Update that puts the part that refers to it; a blob
// without a part is erased at the next Open. It returns the size in bytes. The
// error is Again if the disk is full or failed, else that of write.
func (db *DB) PutBlob(ctx context.Context, id mail.ID, write mail.Ciphertext) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := errors.Join(db.Fault(), db.content()); err != nil {
		return 0, err
	}
	n, err := db.blobs.put(id, write)
	return n, db.answer("put blob", err)
}

// OpenBlob opens a blob for reading and tells its size in bytes. The error is
// Absent if there is none. An open blob may be erased; its reader then gets zeros,
// which no seal accepts.
func (db *DB) OpenBlob(id mail.ID) (Blob, int64, error) {
	f, err := db.blobs.disk.Open(db.blobs.path(id), os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, absent()
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", err)
	}
	size, err := f.Size()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("size of blob: %w", err), f.Close())
	}
	return f, size, nil
}

// EraseBlob overwrites a blob in place and takes its name away, and returns when
// the disk has both. A blob that is not there is no error. The error is Again if
// the disk did not do it; then it may be repeated.
//
// After a Fault nothing is erased: the commit that failed may come true at the next
// start, and must then find its blobs. If it does not, that start erases them.
func (db *DB) EraseBlob(ctx context.Context, id mail.ID) error {
	if err := errors.Join(ctx.Err(), db.Fault()); err != nil {
		return err
	}
	if err := erase.Remove(db.blobs.disk, db.blobs.path(id)); err != nil {
		return mail.E(mail.Again, "error.again", fmt.Errorf("erase blob: %w", err))
	}
	return nil
}

// openBlobs makes DATA/blobs if it is not there, and learns which directories it has.
func openBlobs(disk erase.Disk, dir string) (*blobStore, error) {
	if err := os.Mkdir(dir, 0o700); err == nil {
		if err := disk.SyncDir(filepath.Dir(dir)); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	// What was made before a crash may stand there and not be durable yet.
	if err := disk.SyncDir(dir); err != nil {
		return nil, err
	}
	// Any directory may be the first: a random one fills them evenly over restarts.
	s := &blobStore{disk: disk, dir: dir, next: mail.NewID()[0], dirty: map[byte]bool{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if b, err := hex.DecodeString(e.Name()); err == nil && len(b) == 1 && e.Name() == hex.EncodeToString(b) {
			s.made[b[0]] = true
		}
	}
	return s, nil
}

// makeDir makes a directory, the first time that a blob goes there. Its name is durable
// before anybody writes into it: a row must never outlive the directory of its blob.
func (s *blobStore) makeDir(d byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made[d] {
		return nil
	}
	if err := os.Mkdir(s.dirOf(d), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.disk.SyncDir(s.dir); err != nil {
		return syncFault{fmt.Errorf("sync directory of blobs: %w", err)}
	}
	s.made[d] = true
	return nil
}

func (s *blobStore) dirOf(d byte) string {
	return filepath.Join(s.dir, hex.EncodeToString([]byte{d}))
}

func (s *blobStore) path(id mail.ID) string {
	return filepath.Join(s.dirOf(id[0]), id.String())
}

func (s *blobStore) newID() mail.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given++; s.given > perDir {
		s.next, s.given = s.next+1, 1
	}
	id := mail.NewID()
	id[0] = s.next
	return id
}

func (s *blobStore) put(id mail.ID, write mail.Ciphertext) (n int64, err error) {
	if err := s.makeDir(id[0]); err != nil {
		return 0, err
	}
	path := s.path(id)
	// O_EXCL: a blob is written once. Written again in place, a crash could leave
	// half of each.
	f, err := s.disk.Open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	closed := false
	defer func() {
		if !closed {
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			// Half a file of which nobody has the key; what cannot be removed now, Open
			// erases.
			_ = s.disk.Remove(path)
		}
	}()
	counted := &counter{w: f}
	if err := write(counted); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		if diskFull(err) {
			return 0, err // blocks are only given out now on some file systems
		}
		return 0, syncFault{fmt.Errorf("sync blob: %w", err)}
	}
	closed = true
	if err := f.Close(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.dirty[id[0]] = true
	s.mu.Unlock()
	return counted.n, nil
}

// syncDirs makes the names of blobs durable, for those directories that have new
// ones. The mark goes before the sync: a blob made in between marks it again.
func (s *blobStore) syncDirs(ids []mail.ID) error {
	s.mu.Lock()
	var list []byte
	for _, id := range ids {
		if s.dirty[id[0]] {
			delete(s.dirty, id[0])
			list = append(list, id[0])
		}
	}
	s.mu.Unlock()
	for _, d := range list {
		if err := s.disk.SyncDir(s.dirOf(d)); err != nil {
			return syncFault{fmt.Errorf("sync blob directory: %w", err)}
		}
	}
	return nil
}

// sweep erases what no part refers to: blobs of an Update that never came, and
// files half erased, which have no id for a name any more.
func (s *blobStore) sweep(known map[mail.ID]bool, may sweeper) error {
	for i := range s.made {
		if !s.made[i] {
			continue
		}
		dir := s.dirOf(byte(i))
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			id, err := mail.ParseID(e.Name())
			if err == nil && known[id] && id[0] == byte(i) {
				continue
			}
			if !may() {
				s.kept++
				continue
			}
			if err := erase.Remove(s.disk, filepath.Join(dir, e.Name())); err != nil {
				return err
			}
			s.swept++
		}
	}
	return nil
}

// counter counts what goes through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
