package leaked

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"sigill/embed"
)

// List tells which passwords were leaked. It may be used by many at once.
type List struct {
	file string
	log  *slog.Logger
}

// New returns the built-in lists, and with a path the file of Have I Been Pwned beside
// them. The error says what is wrong with that file. log must not be nil.
func New(path string, log *slog.Logger) (*List, error) {
	if path != "" {
		if err := withFile(path, checkFile); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return &List{path, log}, nil
}

// Holds reports whether a password is one of those that are tried first, however it is
// capitalised.
//
// If the operator's file is not there any more, or broken, that is logged, and the
// built-in lists alone decide. To refuse every password instead would keep people out who
// must choose a new one, above all when theirs was stolen; what is let through then is
// long all the same.
func (l *List) Holds(password string) bool {
	low := strings.ToLower(password)
	if has(embed.LeakedLong, low) || isDecorated(low) {
		return true
	}
	if l.file == "" {
		return false
	}
	found := false
	err := withFile(l.file, func(f *os.File, size int64) error {
		for _, p := range []string{password, low} {
			sum := sha1.Sum([]byte(p)) // the file's choice; nothing is protected by it here
			in, err := find(f, size, fmt.Sprintf("%X", sum))
			if found = found || in; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.log.Error("leaked passwords", "part", "leaked", "file", l.file, "err", err)
	}
	return found
}

// withFile opens a file for one look. It is opened anew each time, so that a newer one may
// take its place.
func withFile(path string, look func(f *os.File, size int64) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return plain(err)
	}
	if !info.Mode().IsRegular() { // a pipe would keep us waiting
		return errors.New("is not a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return plain(err)
	}
	defer f.Close()
	return look(f, info.Size())
}

// plain takes the path off an error: whoever tells it names it.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// has reports whether a sorted text has a line.
func has(text, line string) bool {
	low, high := 0, len(text) // where a line begins that may be it
	for low < high {
		middle := low + (high-low)/2
		begin := low + 1 + strings.LastIndexByte(text[low:middle], '\n')
		end := len(text)
		if n := strings.IndexByte(text[begin:], '\n'); n >= 0 {
			end = begin + n
		}
		switch c := strings.Compare(line, text[begin:end]); {
		case c == 0:
			return true
		case c < 0:
			high = begin
		default:
			low = end + 1
		}
	}
	return false
}
