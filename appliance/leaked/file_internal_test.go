package leaked

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// counted counts what is read.
type counted struct {
	io.ReaderAt
	reads, bytes int
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	c.reads, c.bytes = c.reads+1, c.bytes+len(p)
	return c.ReaderAt.ReadAt(p, at)
}

// endless is a file of lines of 64 bytes, each with its own number as its hash: as large as
// a test wants it.
type endless struct{ lines int64 }

func (e endless) size() int64 { return e.lines * 64 }

func (endless) line(n int64) string { return fmt.Sprintf("%040X:%022d\n", n*2, n) }

func (e endless) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		if at >= e.size() {
			return n, io.EOF
		}
		c := copy(p[n:], e.line(at / 64)[at%64:])
		n, at = n+c, at+int64(c)
	}
	return n, nil
}

func TestFind(t *testing.T) {
	t.Run("in a file of any size it reads a few lines", func(t *testing.T) {
		for _, lines := range []int64{1, 2, 3, 1000, 1 << 30, 1 << 50} {
			f := &counted{ReaderAt: endless{lines}}
			size := endless{lines}.size()
			for _, n := range []int64{0, 1, lines / 3, lines/2 + 1, lines - 2, lines - 1} {
				if n < 0 || n >= lines {
					continue
				}
				f.reads, f.bytes = 0, 0
				if in, err := find(f, size, endless{}.line(n)[:40]); !in || err != nil || f.reads > 64 || f.bytes > 64*2*maxLine {
					t.Errorf("%d of %d: %v %v after %d reads", n, lines, in, err, f.reads)
				}
				if in, err := find(f, size, fmt.Sprintf("%040X", n*2+1)); in || err != nil {
					t.Errorf("beside %d of %d: %v %v", n, lines, in, err)
				}
			}
			if err := check(f, size); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a disk that fails is told", func(t *testing.T) {
		broken := errors.New("input/output error")
		if in, err := find(failing{broken}, 1000, strings.Repeat("A", 40)); in || !errors.Is(err, broken) {
			t.Error(in, err)
		}
	})
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

// FuzzFind: whatever stands in a file, looking for a hash ends soon, and finds it only if a
// line begins with it; and in a file that is in order it finds every one.
func FuzzFind(f *testing.F) {
	line := strings.Repeat("A", 40) + ":1\n"
	f.Add([]byte(line), uint16(0))
	f.Add([]byte(strings.Repeat("0", 40)+":22\r\n"+line), uint16(3))
	f.Add([]byte("\n\n:\n"), uint16(1))
	f.Add([]byte(strings.Repeat("f", 300)), uint16(9))
	f.Fuzz(func(t *testing.T, text []byte, n uint16) {
		hash := strings.Repeat("A", 40)
		r := &counted{ReaderAt: bytes.NewReader(text)}
		in, err := find(r, int64(len(text)), hash)
		if r.reads > 64 || r.bytes > 64*2*maxLine {
			t.Fatalf("%d reads", r.reads)
		}
		if in && (err != nil || !bytes.Contains(bytes.ToUpper(text), []byte(hash+":"))) {
			t.Fatalf("found in %q, %v", text, err)
		}
		_ = check(r, int64(len(text))) // must come back

		// What was given is made into the hashes of a file in order.
		var hashes []string
		for piece := range slices.Chunk(text, 3) {
			hashes = append(hashes, fmt.Sprintf("%040X", piece))
		}
		slices.Sort(hashes)
		hashes = slices.Compact(hashes)
		var file bytes.Buffer
		for i, h := range hashes {
			fmt.Fprintf(&file, "%s:%d%s", h, uint64(n)<<(i%48), []string{"\n", "\r\n"}[n%2])
		}
		sorted := bytes.NewReader(file.Bytes())
		for _, h := range hashes {
			if in, err := find(sorted, sorted.Size(), h); !in || err != nil {
				t.Fatalf("%s is not found: %v", h, err)
			}
		}
		if in, err := find(sorted, sorted.Size(), hash); err != nil || in != slices.Contains(hashes, hash) {
			t.Fatalf("%v %v", in, err)
		}
		if len(hashes) > 0 {
			if err := check(sorted, sorted.Size()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzHolds(f *testing.F) {
	for _, s := range []string{"", "Sommar2026!!", "a", "1234567890", "!!password!!!", "\xff\u0301x", "İstanbul2024"} {
		f.Add(s)
	}
	l := &List{}
	f.Fuzz(func(t *testing.T, s string) {
		// One word more makes a phrase of it, which is never refused for its parts.
		if l.Holds(s) && l.Holds(s+" brunnsborrning") {
			t.Errorf("%q is refused as a phrase, too", s)
		}
	})
}
