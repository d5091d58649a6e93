package org

import (
	"cmp"
	"slices"
)

// MaxProblems is how many lines a Report tells of; the others are counted.
const MaxProblems = 200

// Problem is what is wrong with a line.
type Problem struct {
	Line int
	Say  string // key
	With string // what it is about: a value of the file, or the line that said it first
}

// Report is what is wrong with the lines of a table. However large the table is, the
// report is not.
type Report struct {
	Problems []Problem // up to MaxProblems, by line
	More     int       // that are not among them
}

// Good reports whether nothing is wrong.
func (r Report) Good() bool { return len(r.Problems) == 0 }

// And is two reports of one table as one.
func (r Report) And(other Report) Report {
	list := slices.Concat(r.Problems, other.Problems)
	slices.SortStableFunc(list, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	shown := min(len(list), MaxProblems)
	return Report{list[:shown], r.More + other.More + len(list) - shown}
}

// Add tells of one more line.
func (r *Report) Add(line int, say, with string) { r.add(line, say, with) }

func (r *Report) add(line int, say, with string) {
	if len(r.Problems) == MaxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{line, say, short(with)})
}
