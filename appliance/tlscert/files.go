package tlscert

import (
	"crypto/tls"
	"errors"
	"os"
	"sync/atomic"
	"time"
)

// files is a pair in two files that somebody else looks after.
type files struct {
	cert, key string
	shown     atomic.Pointer[tls.Certificate]
	seen      [2]mark   // the files as they were last tried; for one goroutine at a time
	bad       *Trouble  // why they were not taken; nil if they were; for the same
	told      *Trouble  // the same as others may read it, under the lock of the Keeper
	since     time.Time // when the trouble began; under that lock too
}

// mark is by what a file is known to be another: a rename gives another inode, and a file that
// is written over has another time or length. Inodes are used again, so all count.
type mark struct {
	info os.FileInfo
	at   time.Time
	size int64
}

func markOf(path string) mark {
	info, err := os.Stat(path)
	if err != nil {
		return mark{}
	}
	return mark{info, info.ModTime(), info.Size()}
}

func (m mark) same(o mark) bool {
	if m.info == nil || o.info == nil {
		return m.info == nil && o.info == nil
	}
	return os.SameFile(m.info, o.info) && m.at.Equal(o.at) && m.size == o.size
}

// openFiles reads the pair. Without a good one there is none to begin with, so that is an
// error.
func openFiles(cert, key string) (*files, error) {
	f := &files{cert: cert, key: key}
	f.look()
	if f.bad != nil {
		return nil, errors.New(f.bad.Detail)
	}
	return f, nil
}

// look reads the pair again if a file is another than it was. A pair that does not belong
// together is left: whoever renews it has written one file and not yet the other, or has made
// a mistake. It is then read again each time, for what was wrong may be a mode, which shows in
// no mark.
func (f *files) look() {
	now := [2]mark{markOf(f.cert), markOf(f.key)}
	if f.bad == nil && f.seen[0].same(now[0]) && f.seen[1].same(now[1]) {
		return
	}
	f.seen = now
	p, t := f.read()
	if f.bad = t; t == nil {
		f.shown.Store(p)
	}
}

func (f *files) read() (*tls.Certificate, *Trouble) {
	cert, err := readSome(f.cert)
	if err != nil {
		return nil, &Trouble{Why: Unreadable, Detail: line(err.Error())}
	}
	key, err := readSome(f.key)
	if err != nil {
		return nil, &Trouble{Why: Unreadable, Detail: line(err.Error())}
	}
	p, err := parse(cert, key)
	if err == nil {
		return p, nil
	}
	t := &Trouble{Why: Unreadable, Detail: line(err.Error())}
	if holdsCertificate(cert) && holdsKey(key) { // each is good, so they are of two pairs
		t.Why = Unfit
	}
	return nil, t
}
