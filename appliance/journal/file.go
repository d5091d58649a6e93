package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Checkpoints is the file of signed checkpoints. It is only ever appended to.
type Checkpoints struct {
	signer *Signer

	mu     sync.Mutex
	f      *os.File
	last   Checkpoint
	size   int64
	bare   bool  // the empty line behind the last note is missing
	broken error // a write or sync that went wrong; nothing is written after it
}

// OpenCheckpoints opens the file at path, or makes it. A torn note at the end is
// cut off: it was never said to be there.
func OpenCheckpoints(path string, s *Signer) (*Checkpoints, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	c := &Checkpoints{signer: s, f: f}
	if err := errors.Join(c.load(), syncDir(filepath.Dir(path))); err != nil {
		f.Close()
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	return c, nil
}

// load finds the newest checkpoint and the end. What stands before is Verify's
// matter: a forged note must not keep the appliance from writing true ones.
func (c *Checkpoints) load() error {
	r := newNoteReader(c.f)
	var newest []byte
	for {
		note, err := r.next()
		if err == nil {
			newest = note
			continue
		}
		switch err {
		case errTorn:
			if err := errors.Join(c.f.Truncate(r.end), c.f.Sync()); err != nil {
				return err
			}
		case errMalformed: // evidence; it stays, and Verify tells of it
			st, err := c.f.Stat()
			if err != nil {
				return err
			}
			r.end = st.Size()
		case io.EOF:
		default:
			return err
		}
		break
	}
	c.size, c.bare = r.end, r.bare
	if last, err := c.signer.Public().Open(newest); err == nil {
		c.last = last
	}
	return nil
}

// Last returns the newest checkpoint; the zero one if there is none.
func (c *Checkpoints) Last() Checkpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// Add signs p, writes it durably and returns the note, to be sent to witnesses. It
// refuses a checkpoint that contradicts the newest one: the journal shrank or was
// rewritten, and that must not be signed.
func (c *Checkpoints) Add(p Checkpoint) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return nil, c.broken
	}
	if p.Size < c.last.Size || p.Size == c.last.Size && c.last.Size > 0 && p.Root != c.last.Root {
		return nil, fmt.Errorf("journal: %d entries contradict the newest checkpoint of %d", p.Size, c.last.Size)
	}
	note := c.signer.Sign(p)
	if err := c.write(note); err != nil {
		c.broken = fmt.Errorf("write checkpoint: %w", err)
		return nil, c.broken
	}
	c.last = p
	return note, nil
}

func (c *Checkpoints) write(note []byte) error {
	b := append(append([]byte(nil), note...), '\n')
	if c.bare {
		b = append([]byte{'\n'}, b...)
	}
	if _, err := c.f.Write(b); err != nil {
		// Nobody was told of this note. If this fails too, the next start cuts it off.
		return errors.Join(err, c.f.Truncate(c.size))
	}
	if err := c.f.Sync(); err != nil {
		return err
	}
	c.size, c.bare = c.size+int64(len(b)), false
	return nil
}

// Reader opens the file as it stands on disk by now, for Verify beside a running
// journal: what is added later is not read, so entries that are read afterwards are
// at least those that the checkpoints count, and no note is seen half-written.
func (c *Checkpoints) Reader() (io.ReadCloser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := os.Open(c.f.Name())
	if err != nil {
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, st.Size()), f}, nil
}

// Close closes the file. It may be called twice.
func (c *Checkpoints) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
