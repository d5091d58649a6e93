package vault

import (
	"encoding/binary"
	"fmt"
	"os"
)

// The log's format (sqlite.org/fileformat2.html, 4.1): a head with two salts, which are new
// each time that it begins anew, then frames, each with the number of its page.
const (
	logHead   = 32
	frameHead = 24
	pageSize  = 4096
)

// logReader reads from SQLite's log which pages were written. It reads only what is committed
// and was not copied and begun over, which the writer knows; a handle of its own drops no
// lock, for SQLite has none on the log.
type logReader struct {
	path string
	salt [8]byte
	seen int64 // frames of this salt that were read
}

// pages returns the numbers of the pages in the frames up to the one with number end which
// were not read before. A page that was written twice stands there twice.
func (l *logReader) pages(end int64) (ns []uint32, err error) {
	if end <= 0 {
		return nil, nil
	}
	f, err := os.Open(l.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var head [logHead]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return nil, fmt.Errorf("head of the log: %w", err)
	}
	if size := binary.BigEndian.Uint32(head[8:]); size != pageSize {
		return nil, fmt.Errorf("the log has pages of %d bytes", size)
	}
	seen := l.seen
	salt := [8]byte(head[16:])
	if salt != l.salt {
		seen = 0
	}
	for ; seen < end; seen++ {
		var frame [frameHead]byte
		if _, err := f.ReadAt(frame[:], logHead+seen*(frameHead+pageSize)); err != nil {
			return nil, fmt.Errorf("frame %d of the log: %w", seen, err)
		}
		if [8]byte(frame[8:]) != salt {
			return nil, fmt.Errorf("frame %d of the log is an old one", seen)
		}
		ns = append(ns, binary.BigEndian.Uint32(frame[:]))
	}
	l.salt, l.seen = salt, seen
	return ns, nil
}
