package org

import (
	"strings"

	"sigill/appliance/mail"
)

// Plan is what a table of people comes to: units to be made, people to be made and
// people to be moved. It holds for the tree that it was made of; what has changed since
// shows when it is carried out.
type Plan struct {
	At    ID        // the unit into which is imported
	Units []NewUnit // each behind the one above it
	New   []Seat
	Moved []Seat // people who are there, with another home
	Same  int    // people who are there already, at home where the table says
}

// NewUnit is a unit to be made. Above is the place in Plan.Units of the one above it, or
// -1 for one that hangs below Below.
type NewUnit struct {
	Label
	Above int
	Below ID
}

// Seat is a person and a home: a unit that is there, or, with Made not negative, the
// place of one in Plan.Units.
type Seat struct {
	Row
	Person ID // zero for somebody new
	Unit   ID
	Made   int
}

// planner makes a plan.
type planner struct {
	t        *Tree
	plan     Plan
	made     map[string]int  // by path, folded
	found    map[string]Unit // the same, of those that are there
	may      func(person ID) bool
	ours     func(mail.Address) bool
	problems []Problem
}

// Plan says what a table comes to below a unit, or what is wrong with its lines: then
// nothing of it may be done. ours tells which addresses are of the house, may who may be
// moved.
func (t *Tree) Plan(at ID, rows []Row, ours func(mail.Address) bool, may func(person ID) bool) (Plan, []Problem) {
	p := &planner{t: t, plan: Plan{At: at}, made: map[string]int{}, found: map[string]Unit{}, may: may, ours: ours}
	for _, r := range rows {
		if say := p.row(r); say != "" {
			p.problems = append(p.problems, Problem{r.Line, say, short(string(r.Address))})
		}
	}
	if len(t.units)+len(p.plan.Units) > MaxUnits {
		p.problems = append(p.problems, Problem{0, "error.unit.many", ""})
	}
	return p.plan, p.problems
}

// row adds one line to the plan, or says why not.
func (p *planner) row(r Row) (say string) {
	if !p.ours(r.Address) {
		return "error.notours"
	}
	s := Seat{Row: r, Made: -1}
	if s.Unit, s.Made, say = p.unit(r); say != "" {
		return say
	}
	have, known := p.t.PersonAt(r.Address)
	switch {
	case !known:
		p.plan.New = append(p.plan.New, s)
	case s.Made < 0 && p.t.Home(have.ID) == s.Unit:
		p.plan.Same++
	case !p.may(have.ID):
		return "error.table.elsewhere"
	default:
		s.Person = have.ID
		p.plan.Moved = append(p.plan.Moved, s)
	}
	return ""
}

// unit finds the unit of a line, or plans it with those above it.
func (p *planner) unit(r Row) (id ID, made int, say string) {
	id, made = p.plan.At, -1
	depth := len(p.t.Path(id))
	for i, name := range r.Path {
		if depth++; depth > MaxDepth {
			return id, made, "error.unit.deep"
		}
		key := fold(strings.Join(r.Path[:i+1], "\n"))
		if at, ok := p.made[key]; ok {
			made = at
			if u := &p.plan.Units[at]; u.CostCentre == "" && i == len(r.Path)-1 {
				u.CostCentre = r.CostCentre
			}
			continue
		}
		if made < 0 {
			if c, ok := p.child(key, id, name); ok {
				id = c.ID
				if c.Kind == mail.Group {
					return id, made, "error.table.group"
				}
				continue
			}
		}
		u := NewUnit{Label: Label{Name: name}, Above: made, Below: id}
		if i == len(r.Path)-1 {
			u.CostCentre = r.CostCentre
		}
		p.plan.Units = append(p.plan.Units, u)
		made = len(p.plan.Units) - 1
		p.made[key] = made
	}
	return id, made, ""
}

// child finds a unit below another by name, in whatever case.
func (p *planner) child(key string, id ID, name string) (Unit, bool) {
	if u, ok := p.found[key]; ok {
		return u, true
	}
	name = fold(name)
	for c := range p.t.children[id] {
		if u := p.t.units[c]; fold(u.Name) == name {
			p.found[key] = *u
			return *u, true
		}
	}
	return Unit{}, false
}
