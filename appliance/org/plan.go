package org

import (
	"strings"

	"sigill/appliance/mail"
)

// Plan is what a table of people comes to: units to be made, people to be made, and
// people to be moved or taken in. It holds for the tree that it was made of; what has
// changed since shows when it is carried out.
type Plan struct {
	At     ID // the unit into which is imported
	Rows   int
	Units  []NewUnit // each behind the one above it
	New    []Seat
	Joined []Seat // people who keep the home that they have, and become members; see Plan.In
	Moved  []Seat // people who are there, with another home
	Same   int    // people who are there already, where the table says
	// Refused are the lines of which nothing comes, all that the report tells of and more.
	Refused map[int]bool
}

// In is how many people come in who are none of the planner's own: new ones, and those
// who become members. Which of them the house knows already is not for an organiser of a
// branch to know before they are in: a table of guesses would find everybody.
func (p Plan) In() int { return len(p.New) + len(p.Joined) }

// Changes is how many units and people a plan has to do with.
func (p Plan) Changes() int { return len(p.Units) + p.In() + len(p.Moved) }

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
	t     *Tree
	plan  Plan
	depth int            // of the unit into which is imported
	made  map[string]int // by path, folded
	names Names
	may   func(person ID) bool
	ours  func(mail.Address) bool
}

// Plan says what a table comes to below a unit, or what is wrong with its lines: then
// nothing of it may be done. ours tells which addresses are of the house, may who may be
// moved; whoever may not is taken in as a member.
func (t *Tree) Plan(at ID, rows []Row, ours func(mail.Address) bool, may func(person ID) bool) (Plan, Report) {
	p := &planner{
		t: t, plan: Plan{At: at, Rows: len(rows), Refused: map[int]bool{}}, depth: len(t.Path(at)),
		made: map[string]int{}, names: t.Names(), may: may, ours: ours,
	}
	var report Report
	for i, r := range rows {
		say := p.row(r)
		if say != "" {
			report.add(r.Line, say, string(r.Address))
			p.plan.Refused[r.Line] = true
		}
		if say == tooMany { // nor would any line after it have room
			for _, r := range rows[i:] {
				p.plan.Refused[r.Line] = true
			}
			break
		}
	}
	return p.plan, report
}

const tooMany = "error.unit.many"

// row adds one line to the plan, or says why not.
func (p *planner) row(r Row) (say string) {
	if !p.ours(r.Address) {
		return "error.notours"
	}
	if _, shared := p.t.MailboxAt(r.Address); shared {
		return "error.mailbox.taken"
	}
	s := Seat{Row: r, Made: -1}
	if s.Unit, s.Made, say = p.unit(r); say != "" {
		return say
	}
	have, known := p.t.PersonAt(r.Address)
	s.Person = have.ID
	switch {
	case !known:
		p.plan.New = append(p.plan.New, s)
	case s.Made < 0 && p.t.Home(have.ID) == s.Unit:
		p.plan.Same++
	case p.may(have.ID):
		p.plan.Moved = append(p.plan.Moved, s)
	case s.Made < 0 && p.t.members[s.Unit][have.ID]:
		p.plan.Same++
	default:
		p.plan.Joined = append(p.plan.Joined, s)
	}
	return ""
}

// unit finds the unit of a line, or plans it with those above it.
func (p *planner) unit(r Row) (id ID, made int, say string) {
	id, made = p.plan.At, -1
	depth := p.depth
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
			if c, ok := p.names.child(id, name); ok {
				id = c.ID
				if c.Kind == mail.Group {
					return id, made, "error.table.group"
				}
				continue
			}
		}
		if len(p.t.units)+len(p.plan.Units) >= MaxUnits {
			return id, made, tooMany
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

// Names finds units by what they are called, in whatever case. It lives no longer than the
// tree may be read.
type Names struct {
	t     *Tree
	below map[ID]map[string]*Unit // by name, folded; of the parents that were asked for
}

// Names returns what finds units by name.
func (t *Tree) Names() Names { return Names{t, map[ID]map[string]*Unit{}} }

// Unit returns the unit that is reached from another by a path of names.
func (n Names) Unit(from ID, path []string) (Unit, bool) {
	u, ok := n.t.units[from]
	for _, name := range path {
		if !ok {
			break
		}
		u, ok = n.child(u.ID, name)
	}
	if !ok {
		return Unit{}, false
	}
	return *u, true
}

// child finds a unit right below another.
func (n Names) child(id ID, name string) (*Unit, bool) {
	if n.below[id] == nil {
		n.below[id] = n.t.named(id)
	}
	u, ok := n.below[id][fold(name)]
	return u, ok
}

// named are the units right below one by name, folded. Of two that are called the same
// it is the one with the lower id.
func (t *Tree) named(id ID) map[string]*Unit {
	names := make(map[string]*Unit, len(t.children[id]))
	for c := range t.children[id] {
		u := t.units[c]
		if have := names[fold(u.Name)]; have == nil || u.ID.Compare(have.ID) < 0 {
			names[fold(u.Name)] = u
		}
	}
	return names
}
