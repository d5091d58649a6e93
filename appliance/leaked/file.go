package leaked

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	hashLen = 40  // hex digits of SHA-1
	maxLine = 128 // bytes, far more than a hash, a colon and a count
	probes  = 64  // lines that are looked at when the file is first seen
)

// find looks for a hash, in capitals, in a file of lines HASH:COUNT that is sorted by
// hash. It reads at most 64 times, 256 bytes each, however large the file is and whatever
// stands in it.
func find(f io.ReaderAt, size int64, hash string) (bool, error) {
	low, high := int64(0), size // where a line begins that may be it
	for low < high {
		l, err := lineAt(f, size, low, low+(high-low)/2)
		if err != nil {
			return false, err
		}
		switch c := strings.Compare(hash, l.hash); {
		case c == 0:
			return true, nil
		case c < 0:
			high = l.begin
		default:
			low = l.end
		}
	}
	return false, nil
}

// line is one of the file.
type line struct {
	begin, end int64 // end is where the next one begins
	hash       string
}

// lineAt reads the line that has the byte at an offset. None begins before low.
func lineAt(f io.ReaderAt, size, low, offset int64) (line, error) {
	from := max(low, offset-maxLine)
	window := make([]byte, min(offset+maxLine, size)-from)
	if n, err := f.ReadAt(window, from); n < len(window) {
		if err == nil || err == io.EOF {
			err = errors.New("became shorter while it was read")
		}
		return line{}, plain(err)
	}
	at := int(offset - from)
	begin := bytes.LastIndexByte(window[:at], '\n') + 1
	if begin == 0 && from > low {
		return line{}, broken(offset)
	}
	end, next := len(window), len(window)
	if n := bytes.IndexByte(window[at:], '\n'); n >= 0 {
		end, next = at+n, at+n+1
	} else if from+int64(next) < size {
		return line{}, broken(offset)
	}
	hash, err := parse(bytes.TrimSuffix(window[begin:end], []byte("\r")))
	if err != nil {
		return line{}, fmt.Errorf("%w at byte %d", err, from+int64(begin))
	}
	return line{from + int64(begin), from + int64(next), hash}, nil
}

func broken(offset int64) error { return fmt.Errorf("has no line HASH:COUNT at byte %d", offset) }

// parse returns the hash of a line, in capitals.
func parse(text []byte) (string, error) {
	hash, count, ok := bytes.Cut(text, []byte(":"))
	if len(hash) == 32 {
		return "", errors.New("has hashes of another kind; those by SHA-1 are needed, ordered by hash")
	}
	if !ok || len(hash) != hashLen || len(count) == 0 || len(bytes.Trim(count, "0123456789")) > 0 || len(bytes.Trim(hash, "0123456789abcdefABCDEF")) > 0 {
		return "", errors.New("has no line HASH:COUNT")
	}
	return string(bytes.ToUpper(hash)), nil
}

// checkFile looks at lines from all over the file: it must be of the kind that find reads.
func checkFile(f *os.File, size int64) error { return check(f, size) }

func check(f io.ReaderAt, size int64) error {
	if size == 0 {
		return errors.New("is empty")
	}
	before := ""
	for i := range int64(probes) {
		l, err := lineAt(f, size, 0, (size-1)/(probes-1)*i)
		if err != nil {
			return err
		}
		if l.hash < before {
			return fmt.Errorf("is not ordered by hash: look at byte %d", l.begin)
		}
		before = l.hash
	}
	_, err := lineAt(f, size, 0, size-1)
	return err
}
