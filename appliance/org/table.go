package org

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"sigill/appliance/mail"
)

// Bounds of a table of people.
const (
	MaxTable = 32 << 20 // bytes
	MaxRows  = 100_000
)

// Row is one person of a table.
type Row struct {
	Line       int // of the file, from 1
	Address    mail.Address
	Name       string
	Path       []string // names of units, from the one into which is imported; empty is that one
	CostCentre string   // of the last unit of the path, if it is made
}

// Problem is what is wrong with a line.
type Problem struct {
	Line int
	Say  string // key
	With string // what it is about: a value of the file, or the line that said it first
}

// ReadTable reads a table of people as spreadsheets write it: comma, semicolon or
// tabulator (RFC 4180, section 2, and what is usual in our countries), UTF-8 or
// Windows-1252, with a first line that says what the columns are. The columns that are
// known stand in columns; others are passed over.
//
// What is wrong with single lines is told for each; the error is about the whole: Invalid,
// or in's own.
func ReadTable(in io.Reader) ([]Row, []Problem, error) {
	b, err := io.ReadAll(io.LimitReader(in, MaxTable+1))
	if err != nil {
		return nil, nil, err
	}
	if len(b) > MaxTable {
		return nil, nil, mail.E(mail.Invalid, "error.table.large", nil)
	}
	text, err := clear(b)
	if err != nil {
		return nil, nil, err
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = separator(text)
	r.FieldsPerRecord = -1
	r.LazyQuotes, r.TrimLeadingSpace, r.ReuseRecord = true, true, true
	head, err := r.Read()
	if err != nil {
		return nil, nil, mail.E(mail.Invalid, "error.table.empty", nil)
	}
	at, err := columns(head)
	if err != nil {
		return nil, nil, err
	}
	t := table{columns: at, lines: map[string]int{}}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t.rows, t.problems, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			t.bad(line, "error.table.line", "")
			continue
		}
		if len(t.rows) == MaxRows {
			return nil, nil, mail.E(mail.Invalid, "error.table.rows", nil)
		}
		t.add(line, record)
	}
}

// clear is the file as UTF-8. A file that is not UTF-8 is what Excel writes in western
// Europe.
func clear(b []byte) ([]byte, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if bytes.IndexByte(b, 0) >= 0 {
		return nil, mail.E(mail.Invalid, "error.table.kind", nil) // a workbook, or UTF-16
	}
	if utf8.Valid(b) {
		return b, nil
	}
	return charmap.Windows1252.NewDecoder().Bytes(b)
}

// separator is the one that stands most often in the first line.
func separator(b []byte) rune {
	first, _, _ := bytes.Cut(b, []byte("\n"))
	best, most := ',', 0
	for _, r := range []rune{',', ';', '\t'} {
		if n := bytes.Count(first, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

// column is one that is known.
type column int

const (
	colAddress column = iota
	colName
	colUnit
	colCost
	colCount
)

// words are what a column may be called, in any case.
func (c column) words() []string {
	switch c {
	case colAddress:
		return []string{"e-post", "epost", "e-postadress", "adress", "email", "e-mail", "mail", "address", "email address"}
	case colName:
		return []string{"namn", "name", "full name"}
	case colUnit:
		return []string{"avdelning", "enhet", "förvaltning", "department", "unit"}
	case colCost:
		return []string{"kostnadsställe", "kst", "cost centre", "cost center"}
	}
	return nil
}

// columns finds the columns by what the first line calls them. There must be one of
// addresses, and none twice.
func columns(head []string) (at [colCount]int, err error) {
	for c := range colCount {
		at[c] = -1
		for i, h := range head {
			if !slices.Contains(c.words(), fold(strings.TrimSpace(h))) {
				continue
			}
			if at[c] >= 0 {
				return at, mail.E(mail.Invalid, "error.table.twice", nil)
			}
			at[c] = i
		}
	}
	if at[colAddress] < 0 {
		return at, mail.E(mail.Invalid, "error.table.head", nil)
	}
	return at, nil
}

// table is what has been read of one.
type table struct {
	columns  [colCount]int
	rows     []Row
	problems []Problem
	lines    map[string]int // of addresses that were met
}

func (t *table) bad(line int, say, with string) {
	t.problems = append(t.problems, Problem{line, say, short(with)})
}

// short is a value as a report shows it.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func (t *table) add(line int, record []string) {
	cell := func(c column) string {
		if i := t.columns[c]; i >= 0 && i < len(record) {
			return strings.TrimSpace(strings.Clone(record[i]))
		}
		return ""
	}
	if strings.TrimSpace(strings.Join(record, "")) == "" {
		return // spreadsheets write empty lines at the end
	}
	row := Row{Line: line, Name: cell(colName), CostCentre: cell(colCost)}
	// A cell that a spreadsheet would run as a formula is no name, and would be one in
	// whatever is exported later.
	for c := range colCount {
		if s := cell(c); s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
			t.bad(line, "error.table.formula", s)
			return
		}
	}
	a, err := mail.ParseAddress(cell(colAddress))
	if err != nil {
		t.bad(line, "error.table.address", cell(colAddress))
		return
	}
	if _, twice := t.lines[a.Key()]; twice {
		t.bad(line, "error.table.again", string(a))
		return
	}
	if row.Path, err = path(cell(colUnit)); err != nil {
		t.bad(line, "error.table.unit", cell(colUnit))
		return
	}
	if tooLong(row.Name, MaxName) || tooLong(row.CostCentre, MaxCode) {
		t.bad(line, "error.table.name", row.Name)
		return
	}
	t.lines[a.Key()] = line
	row.Address = a
	t.rows = append(t.rows, row)
}

// path takes "Socialförvaltningen / Barn och familj" apart; > separates as well.
func path(s string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	var list []string
	for _, name := range strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '>' }) {
		l, err := Label{Name: name}.Clean()
		if err != nil {
			return nil, err
		}
		list = append(list, l.Name)
	}
	if len(list) == 0 || len(list) >= MaxDepth {
		return nil, mail.E(mail.Invalid, "error.unit.deep", nil)
	}
	return list, nil
}
