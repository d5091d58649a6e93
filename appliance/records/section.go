package records

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"sort"
)

// sections is a row of pieces that read as one.
type sections struct {
	list []section
	size int64
}

type section struct {
	from, size int64
	r          io.ReaderAt
}

func (s *sections) bytes(b []byte) { s.add(bytes.NewReader(b), int64(len(b))) }

func (s *sections) add(r io.ReaderAt, size int64) {
	s.list = append(s.list, section{s.size, size, r})
	s.size += size
}

// ReadAt reads across the pieces.
func (s *sections) ReadAt(p []byte, off int64) (int, error) {
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

const (
	lineBytes = 57 // of content in a line
	lineChars = 78 // 76 and CRLF (RFC 2045, 6.8)
)

// base64Of is content as base64 in lines, computed where it is read.
type base64Of struct {
	src  io.ReaderAt
	size int64
}

func base64Size(n int64) int64 {
	size := n / lineBytes * lineChars
	if rest := n % lineBytes; rest > 0 {
		size += int64(base64.StdEncoding.EncodedLen(int(rest))) + 2
	}
	return size
}

// ReadAt encodes the lines that are asked for.
func (e base64Of) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	in, out := make([]byte, 512*lineBytes), make([]byte, 0, 512*lineChars)
	for n < len(p) {
		line := off / lineChars
		from := line * lineBytes
		if from >= e.size {
			return n, io.EOF
		}
		src := in[:min(int64(len(in)), e.size-from)]
		if k, err := e.src.ReadAt(src, from); k < len(src) {
			return n, fmt.Errorf("read a file: %w", err)
		}
		out = out[:0]
		for len(src) > 0 {
			l := src[:min(len(src), lineBytes)]
			src = src[len(l):]
			out = append(base64.StdEncoding.AppendEncode(out, l), '\r', '\n')
		}
		skip := off - line*lineChars
		if skip >= int64(len(out)) {
			return n, io.EOF
		}
		k := copy(p[n:], out[skip:])
		n, off = n+k, off+int64(k)
	}
	return n, nil
}
