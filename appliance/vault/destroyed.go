package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
)

// endsWords are the kinds in DATA/destroyed.
var endsWords = map[mail.Ends]string{mail.EndsHolder: "holder", mail.EndsMessage: "message"}

// maxDestroyed bounds what is read back, in bytes: some 60 million lines.
const maxDestroyed = 4 << 30

// Destroyed writes down in DATA/destroyed, durably, what has ended: random ids, so
// that a machine without its key can do it, and a restored backup can be told what
// must not come back. It comes before the rows say
// Erased. Written again after a crash a line stands twice, which changes nothing.
// The error is Again if the disk did not do it.
func (db *DB) Destroyed(ctx context.Context, list []mail.Ended) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(list) == 0 {
		return nil
	}
	return db.answer("write down what ended", db.ended.append(list))
}

// LoadDestroyed returns what has ended, each once, in the order in which it was
// written down. A line that a crash cut short is passed by: what it told of was
// not done, and stands again further down.
func (db *DB) LoadDestroyed(ctx context.Context) ([]mail.Ended, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return db.ended.load()
}

// CopyDestroyed copies the list from byte from on to w, for a backup, and returns where it
// ends. Only whole lines are in it.
func (db *DB) CopyDestroyed(ctx context.Context, from int64, w io.Writer) (end int64, err error) {
	if err := ctx.Err(); err != nil {
		return from, err
	}
	return db.ended.copy(from, w)
}

type destroyedFile struct {
	disk erase.Disk
	path string
	mu   sync.Mutex
}

func (d *destroyedFile) append(list []mail.Ended) (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.disk.Open(d.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Size()
	if err != nil {
		return err
	}
	var b strings.Builder
	if size > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			b.WriteString(" cut short\n") // by a crash; without the words it could be read as whole
		}
	}
	for _, e := range list {
		fmt.Fprintf(&b, "%s %s %d\n", endsWords[e.What], e.ID, e.At.Unix())
	}
	if _, err := f.WriteAt([]byte(b.String()), size); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return syncFault{err}
	}
	if size == 0 {
		if err := d.disk.SyncDir(filepath.Dir(d.path)); err != nil {
			return syncFault{err}
		}
	}
	return nil
}

func (d *destroyedFile) copy(from int64, w io.Writer) (end int64, err error) {
	d.mu.Lock() // what is being appended is whole, or not in it
	f, size, err := d.opened()
	d.mu.Unlock()
	if err != nil || f == nil {
		return from, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	n, err := io.Copy(w, io.NewSectionReader(f, from, max(size-from, 0)))
	return from + n, err
}

// opened returns the file and its length; nil if nothing has ended yet.
func (d *destroyedFile) opened() (erase.File, int64, error) {
	f, err := d.disk.Open(d.path, os.O_RDONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	size, err := f.Size()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, size, nil
}

func (d *destroyedFile) load() (list []mail.Ended, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, size, err := d.opened()
	if err != nil {
		return nil, err
	}
	if f == nil {
		return []mail.Ended{}, nil
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if size > maxDestroyed {
		return nil, fmt.Errorf("list of what ended has %d bytes", size)
	}
	text := make([]byte, size)
	if _, err := f.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	seen := map[mail.ID]bool{}
	for line := range strings.Lines(string(text)) {
		e, ok := parseEnded(line)
		if ok && !seen[e.ID] {
			seen[e.ID] = true
			list = append(list, e)
		}
	}
	return list, nil
}

// parseEnded reads "holder 0h4w… 1790000000\n". A line without its end is not
// whole: its number could have had more digits.
func parseEnded(line string) (mail.Ended, bool) {
	line, whole := strings.CutSuffix(line, "\n")
	f := strings.Split(line, " ")
	if !whole || len(f) != 3 {
		return mail.Ended{}, false
	}
	e := mail.Ended{}
	for what, word := range endsWords {
		if f[0] == word {
			e.What = what
		}
	}
	id, err := mail.ParseID(f[1])
	if err != nil {
		return mail.Ended{}, false
	}
	sec, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || sec < 0 || e.What == 0 {
		return mail.Ended{}, false
	}
	e.ID, e.At = id, time.Unix(sec, 0).UTC()
	return e, true
}
