package org

import (
	"errors"
	"io"
	"slices"
	"strings"

	"sigill/appliance/mail"
)

// Bounds of a table of people.
const (
	MaxTable   = 32 << 20 // bytes
	MaxRows    = 100_000  // good, bad and empty ones
	MaxRecord  = 64 << 10 // bytes of one row, also if it goes over many lines
	MaxColumns = 200
)

// Row is one person of a table.
type Row struct {
	Line       int // of the file, from 1
	Address    mail.Address
	Name       string
	Path       []string // names of units, from the one into which is imported; empty is that one
	CostCentre string   // of the last unit of the path, if it is made
	Lang       string   // in which somebody new is invited; "": the house's
}

// Heads are what a table may call its columns beside the words that are always known: what
// the page that asked for it has called them.
type Heads struct {
	Address, Name, Unit, CostCentre, Language string

	Languages []string // tags that may stand in the column of languages
}

// ReadTable reads a table of people as spreadsheets write it: comma, semicolon or
// tabulator (RFC 4180, section 2, and what is usual in our countries), UTF-8 or
// Windows-1252, with a first line that says what the columns are. The columns that are
// known stand in columns; others are passed over.
//
// What is wrong with single lines is told for each; the error is about the whole: Invalid,
// or in's own. Nothing of in is kept but the rows, and it is read no further than it is
// good.
func ReadTable(in io.Reader, also ...Heads) ([]Row, Report, error) {
	l := newLines(in)
	head, _, err := l.record()
	if errors.Is(err, io.EOF) {
		err = mail.E(mail.Invalid, "error.table.empty", nil)
	}
	if err != nil {
		return nil, Report{}, err
	}
	at, err := columns(head, also)
	if err != nil {
		return nil, Report{}, err
	}
	t := table{columns: at, lines: map[string]int{}}
	for _, h := range also {
		t.languages = append(t.languages, h.Languages...)
	}
	for range MaxRows {
		record, line, err := l.record()
		if errors.Is(err, io.EOF) {
			return t.rows, t.report, nil
		}
		if err != nil {
			return nil, Report{}, err
		}
		t.add(line, record)
	}
	switch _, _, err := l.record(); {
	case errors.Is(err, io.EOF):
		return t.rows, t.report, nil
	case err != nil:
		return nil, Report{}, err
	}
	return nil, Report{}, mail.E(mail.Invalid, "error.table.rows", nil)
}

// column is one that is known.
type column int

const (
	colAddress column = iota
	colName
	colUnit
	colCost
	colLang
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
	case colLang:
		return []string{"språk", "language", "lang"}
	}
	return nil
}

// columns finds the columns by what the first line calls them. There must be one of
// addresses, and none twice.
func columns(head []string, also []Heads) (at [colCount]int, err error) {
	for c := range colCount {
		at[c] = -1
		known := c.words()
		for _, h := range also {
			known = append(known, fold([...]string{h.Address, h.Name, h.Unit, h.CostCentre, h.Language}[c]))
		}
		for i, h := range head {
			if word := fold(strings.TrimSpace(h)); word == "" || !slices.Contains(known, word) {
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
	columns [colCount]int
	rows    []Row
	report  Report
	lines   map[string]int // of addresses that were met

	languages []string
}

// short is a value as a report shows it.
func short(s string) string {
	s = s[:min(len(s), 1000)]
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
	if !slices.ContainsFunc(record, func(s string) bool { return strings.TrimSpace(s) != "" }) {
		return // spreadsheets write empty lines at the end
	}
	var cell [colCount]string
	for c := range colCount {
		if i := t.columns[c]; i >= 0 && i < len(record) {
			cell[c] = strings.TrimSpace(record[i])
		}
	}
	row, say, with := rowOf(cell)
	if row.Lang = strings.Clone(strings.ToLower(cell[colLang])); row.Lang != "" && say == "" && !slices.Contains(t.languages, row.Lang) {
		say, with = "error.table.language", cell[colLang]
	}
	t.take(line, row, say, with)
}

// take keeps a row, or tells what is wrong with it.
func (t *table) take(line int, row Row, say, with string) {
	if say == "" {
		if _, twice := t.lines[row.Address.Key()]; twice {
			say, with = "error.table.again", string(row.Address)
		}
	}
	if say != "" {
		t.report.add(line, say, with)
		return
	}
	row.Line = line
	t.lines[row.Address.Key()] = line
	t.rows = append(t.rows, row)
}

// rowOf is a row of its cells, or what is wrong with it and the cell that is. It keeps
// nothing of the record.
func rowOf(cell [colCount]string) (row Row, say, with string) {
	if formula(cell[colUnit]) {
		return row, "error.table.formula", cell[colUnit]
	}
	var units []string
	for name := range strings.FieldsFuncSeq(cell[colUnit], func(r rune) bool { return r == '/' || r == '>' }) {
		if units = append(units, name); len(units) == MaxDepth {
			break
		}
	}
	if cell[colUnit] != "" && len(units) == 0 {
		return row, "error.table.unit", cell[colUnit]
	}
	return rowIn(cell, units)
}

// shown are the names of units as a report has them: enough to know them again.
func shown(units []string) string {
	list := make([]string, 0, 3)
	for _, u := range units[:min(len(units), 3)] {
		list = append(list, u[:min(len(u), 100)])
	}
	return strings.Join(list, "/")
}

// rowIn is rowOf with the names of the units as they are.
func rowIn(cell [colCount]string, units []string) (row Row, say, with string) {
	// A cell that a spreadsheet would run as a formula is no name, and would be one in
	// whatever is exported later.
	for _, s := range cell {
		if formula(s) {
			return row, "error.table.formula", s
		}
	}
	a, err := mail.ParseAddress(strings.Clone(cell[colAddress]))
	if err != nil {
		return row, "error.table.address", cell[colAddress]
	}
	names, err := path(units)
	if err != nil {
		return row, "error.table.unit", shown(units)
	}
	if slices.ContainsFunc(names, formula) {
		return row, "error.table.formula", shown(units)
	}
	if tooLong(cell[colName], MaxName) || tooLong(cell[colCost], MaxCode) {
		return row, "error.table.name", cell[colName]
	}
	return Row{Address: a, Name: strings.Clone(cell[colName]), Path: names, CostCentre: strings.Clone(cell[colCost])}, "", ""
}

// formula reports whether a spreadsheet would run a text.
func formula(s string) bool { return s != "" && strings.IndexByte("=+-@", s[0]) >= 0 }

// path are the names of units as they will be called.
func path(names []string) ([]string, error) {
	if len(names) >= MaxDepth {
		return nil, mail.E(mail.Invalid, "error.unit.deep", nil)
	}
	var list []string
	for _, name := range names {
		l, err := Label{Name: name}.Clean()
		if err != nil {
			return nil, err
		}
		list = append(list, strings.Clone(l.Name))
	}
	return list, nil
}
