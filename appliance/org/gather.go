package org

import "strings"

// Gathering takes rows from another source than a table, one by one, and holds each
// against the same rules.
type Gathering struct{ t table }

// NewGathering returns one without rows.
func NewGathering() *Gathering { return &Gathering{table{lines: map[string]int{}}} }

// Add takes somebody, whose units are named from the top, and reports whether it is a row:
// if not, Done tells why. Of two with one address the first is one.
func (g *Gathering) Add(line int, address, name string, units []string, costCentre string) bool {
	var cell [colCount]string
	cell[colAddress], cell[colName], cell[colCost] = strings.TrimSpace(address), strings.TrimSpace(name), strings.TrimSpace(costCentre)
	had := len(g.t.rows)
	row, say, with := rowIn(cell, units)
	g.t.take(line, row, say, with)
	return len(g.t.rows) > had
}

// Done returns the rows, and what is wrong with the lines that are none.
func (g *Gathering) Done() ([]Row, Report) { return g.t.rows, g.t.report }
