package records

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"sort"
)

// Sections is a row of pieces that read as one.
type Sections struct {
	list []section
	size int64
}

type section struct {
	from, size int64
	r          io.ReaderAt
}

// Size is how many bytes there are.
func (s *Sections) Size() int64 { return s.size }

// Bytes adds what is in memory.
func (s *Sections) Bytes(b []byte) { s.Add(bytes.NewReader(b), int64(len(b))) }

// Add adds the first size bytes of r.
func (s *Sections) Add(r io.ReaderAt, size int64) {
	s.list = append(s.list, section{s.size, size, r})
	s.size += size
}

// Base64 adds the first size bytes of r in lines of chars characters, a multiple of 4,
// with CRLF between them (RFC 2045, 6.8).
func (s *Sections) Base64(r io.ReaderAt, size int64, chars int) {
	if size > 0 {
		e := base64Of{r, size, int64(chars)}
		s.Add(e, e.length()-2)
	}
}

// ReadAt reads across the pieces.
func (s *Sections) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		if off < 0 || off >= s.size {
			return n, io.EOF
		}
		i := sort.Search(len(s.list), func(i int) bool { return s.list[i].from+s.list[i].size > off })
		sec := s.list[i]
		want := int(min(int64(len(p)-n), sec.from+sec.size-off))
		k, err := sec.r.ReadAt(p[n:n+want], off-sec.from)
		n, off = n+k, off+int64(k)
		if k < want {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return n, err
		}
	}
	return n, nil
}

// mailLine is how long lines are in what we write (RFC 2045, 6.8).
const mailLine = 76

// base64Of is content as base64 in lines that end with CRLF, computed where it is read.
type base64Of struct {
	src   io.ReaderAt
	size  int64 // of the content
	chars int64 // of a line, without its end
}

// perLine is how much content a line holds.
func (e base64Of) perLine() int64 { return e.chars / 4 * 3 }

// length is how many bytes all lines have.
func (e base64Of) length() int64 {
	n := e.size / e.perLine() * (e.chars + 2)
	if rest := e.size % e.perLine(); rest > 0 {
		n += int64(base64.StdEncoding.EncodedLen(int(rest))) + 2
	}
	return n
}

// ReadAt encodes the lines that are asked for.
func (e base64Of) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	many := max(1, 32<<10/e.chars) // lines at once
	in, out := make([]byte, many*e.perLine()), make([]byte, 0, many*(e.chars+2))
	for n < len(p) {
		line := off / (e.chars + 2)
		from := line * e.perLine()
		if from >= e.size {
			return n, io.EOF
		}
		src := in[:min(int64(len(in)), e.size-from)]
		if k, err := e.src.ReadAt(src, from); k < len(src) {
			return n, fmt.Errorf("read a file: %w", err)
		}
		out = out[:0]
		for len(src) > 0 {
			l := src[:min(int64(len(src)), e.perLine())]
			src = src[len(l):]
			out = append(base64.StdEncoding.AppendEncode(out, l), '\r', '\n')
		}
		skip := off - line*(e.chars+2)
		if skip >= int64(len(out)) {
			return n, io.EOF
		}
		k := copy(p[n:], out[skip:])
		n, off = n+k, off+int64(k)
	}
	return n, nil
}
