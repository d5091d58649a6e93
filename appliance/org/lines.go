package org

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"sigill/appliance/mail"
)

// maxLines is how many lines a table may have, empty ones and those within cells among
// them: as many as a spreadsheet has, and its first.
const maxLines = 1<<20 + 1

// lines gives a table to a csv.Reader, in UTF-8, and never more than one line at a time:
// so it is known how long a record is before the reader has taken it apart, which costs
// many times its length. A cell in quotes may go over many lines, and all of them count.
type lines struct {
	in    *bufio.Reader
	csv   *csv.Reader
	n     int    // lines so far
	total int    // bytes so far
	begin int    // line at which the record begins
	size  int    // bytes of the record so far; 0 before its first
	rest  []byte // of the line that is being given
	utf8  []byte // room for a line of another encoding
	err   error
}

func newLines(in io.Reader) *lines {
	l := &lines{in: bufio.NewReaderSize(in, MaxRecord)}
	l.err = l.next()
	l.csv = csv.NewReader(l)
	l.csv.Comma = separator(l.rest)
	l.csv.FieldsPerRecord = -1
	l.csv.LazyQuotes, l.csv.ReuseRecord = true, true
	l.csv.TrimLeadingSpace = l.csv.Comma != '\t' // which is a blank, too: an empty cell would be lost
	return l
}

// record returns the next record and the line at which it begins. What it returned
// before is overwritten. The errors are io.EOF, Invalid, and those of what is read.
func (l *lines) record() ([]string, int, error) {
	record, err := l.csv.Read()
	l.size = 0
	if l.err != nil && !errors.Is(l.err, io.EOF) {
		return nil, 0, l.err
	}
	if err != nil {
		return nil, 0, err
	}
	line, _ := l.csv.FieldPos(0)
	if len(record) > MaxColumns {
		return nil, 0, wide(line)
	}
	return record, line, nil
}

// Read is for the csv.Reader.
func (l *lines) Read(b []byte) (int, error) {
	if len(l.rest) == 0 && l.err == nil {
		l.err = l.next()
	}
	if len(l.rest) == 0 {
		return 0, l.err
	}
	n := copy(b, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// next reads a line into rest.
func (l *lines) next() error {
	line, err := l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return wide(l.n + 1)
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return err
	}
	if l.n++; l.n > maxLines {
		return mail.E(mail.Invalid, "error.table.rows", nil)
	}
	if l.total += len(line); l.total > MaxTable {
		return mail.E(mail.Invalid, "error.table.large", nil)
	}
	if l.count(line); l.size > MaxRecord {
		return wide(l.begin)
	}
	l.rest, err = l.clear(line)
	return err
}

// count adds a line to the record. Empty ones before it are none of its own.
func (l *lines) count(line []byte) {
	if l.size == 0 {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return
		}
		l.begin = l.n
	}
	l.size += len(line)
}

// clear is a line as UTF-8. One that is not UTF-8 is what Excel writes in western Europe.
func (l *lines) clear(line []byte) ([]byte, error) {
	if l.n == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	if bytes.IndexByte(line, 0) >= 0 {
		return nil, mail.E(mail.Invalid, "error.table.kind", nil) // a workbook, or UTF-16
	}
	if utf8.Valid(line) {
		return line, nil
	}
	if l.utf8 == nil {
		l.utf8 = make([]byte, utf8.UTFMax*MaxRecord)
	}
	n, _, err := charmap.Windows1252.NewDecoder().Transform(l.utf8, line, true)
	return l.utf8[:n], err
}

// wide refuses a record that is no person's.
func wide(line int) error {
	return mail.E(mail.Invalid, "error.table.wide", nil).Tell("Line", strconv.Itoa(line))
}

// separator is the one that stands most often in the first line.
func separator(first []byte) rune {
	best, most := ',', 0
	for _, r := range []rune{',', ';', '\t'} {
		if n := bytes.Count(first, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}
