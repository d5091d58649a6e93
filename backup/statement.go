package backup

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Statement says what a container is (FORMAT.md, 2.2). It has no id of a letter in it.
type Statement struct {
	Series  Series
	Name    string // of the container
	Size    int64  // of the container, in bytes
	Sum     Sum    // of the container
	At      time.Time
	Number  int
	Kind    Kind
	After   Sum // of the statement before in the series; zero: the first
	Pages   uint32
	Packs   []string
	Version string // of the program, and of the schema behind a blank
	Live    int
	Ended   int
}

// Series is what a container belongs to.
type Series string

// The series.
const (
	Sets  Series = "set"
	Packs Series = "pack"
	Slots Series = "slots"
)

// Kind says whether a container stands for itself.
type Kind string

// The kinds.
const (
	Whole   Kind = "whole"
	Changes Kind = "changes" // to the one before it in the series
)

// Sum is a SHA-256.
type Sum [32]byte

// String writes it in hexadecimal digits, and a zero one as "none".
func (s Sum) String() string {
	if s == (Sum{}) {
		return "none"
	}
	return hex.EncodeToString(s[:])
}

// maxStatement bounds a statement, in bytes: some 20,000 packs, 5 TiB of blobs.
const maxStatement = 1 << 20

const statementMark = "sigill/backup/1 "

var errStatement = errors.New("malformed statement")

// text writes the lines that are signed.
func (s Statement) text() string {
	var b strings.Builder
	line := func(key, value string) { fmt.Fprintf(&b, "%s %s\n", key, value) }
	b.WriteString(statementMark + string(s.Series) + "\n")
	line("name", s.Name)
	line("size", strconv.FormatInt(s.Size, 10))
	line("sha256", s.Sum.String())
	line("at", s.At.UTC().Format(time.RFC3339))
	line("number", strconv.Itoa(s.Number))
	line("kind", string(s.Kind))
	line("after", s.After.String())
	if s.Series == Sets {
		line("pages", strconv.FormatUint(uint64(s.Pages), 10))
		for _, p := range s.Packs {
			line("pack", p)
		}
		line("version", s.Version)
	}
	if s.Series == Slots {
		line("live", strconv.Itoa(s.Live))
	}
	if s.Series != Packs {
		line("ended", strconv.Itoa(s.Ended))
	}
	return b.String()
}

// parseStatement reads what text wrote, and nothing else.
func parseStatement(text string) (s Statement, err error) {
	r := &lines{rest: text}
	head, ok := strings.CutPrefix(r.next(), statementMark)
	s.Series = Series(head)
	if !ok || !slices.Contains([]Series{Sets, Packs, Slots}, s.Series) {
		return s, errStatement
	}
	s.Name = r.value("name")
	s.Size = r.number("size")
	s.Sum = r.sum("sha256")
	s.At = r.time("at")
	s.Number = int(r.number("number"))
	s.Kind = Kind(r.value("kind"))
	s.After = r.sum("after")
	if s.Series == Sets {
		s.Pages = uint32(r.number("pages"))
		for strings.HasPrefix(r.rest, "pack ") {
			s.Packs = append(s.Packs, r.value("pack"))
		}
		s.Version = r.value("version")
	}
	if s.Series == Slots {
		s.Live = int(r.number("live"))
	}
	if s.Series != Packs {
		s.Ended = int(r.number("ended"))
	}
	// Written again it must be the same: so one statement has one spelling, and nothing of
	// it was passed by.
	if s.Kind != Whole && s.Kind != Changes || s.text() != text {
		return Statement{}, errStatement
	}
	return s, nil
}

// lines reads "key value" lines in order. What is not there, or wrong, gives zero values;
// the whole is compared in the end.
type lines struct{ rest string }

func (l *lines) next() string {
	line, rest, _ := strings.Cut(l.rest, "\n")
	l.rest = rest
	return line
}

func (l *lines) value(key string) string {
	v, ok := strings.CutPrefix(l.next(), key+" ")
	if !ok {
		return ""
	}
	return v
}

func (l *lines) number(key string) int64 {
	n, err := strconv.ParseInt(l.value(key), 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

func (l *lines) sum(key string) (s Sum) {
	b, err := hex.DecodeString(l.value(key))
	if err != nil || len(b) != len(s) {
		return Sum{}
	}
	return Sum(b)
}

func (l *lines) time(key string) time.Time {
	t, err := time.Parse(time.RFC3339, l.value(key))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
