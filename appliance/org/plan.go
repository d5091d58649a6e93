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
	depth int                     // of the unit into which is imported
	made  map[string]int          // by path, folded
	below map[ID]map[string]*Unit // by name, folded; of the parents that were asked for
	may   func(person ID) bool
	ours  func(mail.Address) bool
}

// Plan says what a table comes to below a unit, or what is wrong with its lines: then
// nothing of it may be done. ours tells which addresses are of the house, may who may be
// moved; whoever may not is taken in as a member.
func (t *Tree) Plan(at ID, rows []Row, ours func(mail.Address) bool, may func(person ID) bool) (Plan, Report) {
	p := &planner{
		t: t, plan: Plan{At: at, Rows: len(rows)}, depth: len(t.Path(at)),
		made: map[string]int{}, below: map[ID]map[string]*Unit{}, may: may, ours: ours,
	}
	var report Report
	for _, r := range rows {
		say := p.row(r)
		if say != "" {
			report.add(r.Line, say, string(r.Address))
		}
		if say == tooMany {
			break // nor would any line after it have room
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
			if c, ok := p.child(id, name); ok {
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

// child finds a unit below another by name, in whatever case.
func (p *planner) child(id ID, name string) (*Unit, bool) {
	if p.below[id] == nil {
		p.below[id] = p.t.named(id)
	}
	u, ok := p.below[id][fold(name)]
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
