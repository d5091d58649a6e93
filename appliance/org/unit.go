package org

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sigill/appliance/mail"
)

// Bounds of a tree.
const (
	MaxUnits = 20_000
	MaxDepth = 20  // units from the root down
	MaxName  = 100 // characters
	MaxCode  = 40  // characters of a cost centre
)

// Unit is a department or a sponsored group, in clear.
type Unit struct {
	ID, Parent ID
	Kind       mail.UnitKind
	Label
	Starts  time.Time // see mail.Unit
	Ends    time.Time
	PaysSMS bool
	At      time.Time
	// See mail.Unit.
	FactorFrom time.Time
	TwoHelp    bool
	Plan       mail.Plan
	Listing    mail.Listing
	Links      mail.Links
}

// ID is mail's.
type ID = mail.ID

// Label is what people call a unit. It is sealed at rest.
type Label struct {
	Name       string `json:"name,omitempty"`
	CostCentre string `json:"cost,omitempty"`
}

// Clean takes blanks off the ends and refuses what nobody could read. The error is
// Invalid.
func (l Label) Clean() (Label, error) {
	l.Name, l.CostCentre = strings.TrimSpace(l.Name), strings.TrimSpace(l.CostCentre)
	switch {
	case l.Name == "":
		return l, mail.E(mail.Invalid, "error.unit.name", nil)
	case tooLong(l.Name, MaxName) || tooLong(l.CostCentre, MaxCode):
		return l, mail.E(mail.Invalid, "error.unit.long", nil)
	}
	return l, nil
}

// tooLong reports whether a text has more than n characters, or some that no page shows.
func tooLong(s string, n int) bool {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	return !utf8.ValidString(s) || utf8.RuneCountInString(s) > n || strings.ContainsFunc(s, odd)
}

// IsOn reports whether a unit counts at a moment: a department always, a group between
// its dates.
func (u Unit) IsOn(now time.Time) bool {
	return u.Kind != mail.Group || !now.Before(u.Starts) && (u.Ends.IsZero() || now.Before(u.Ends))
}

// Unit returns a unit. The error is Absent.
func (t *Tree) Unit(id ID) (Unit, error) {
	u, ok := t.units[id]
	if !ok {
		return Unit{}, mail.E(mail.Absent, "error.absent", nil)
	}
	return *u, nil
}

// Children returns the units right below one, by name.
func (t *Tree) Children(id ID) []Unit {
	list := make([]Unit, 0, len(t.children[id]))
	for c := range t.children[id] {
		list = append(list, *t.units[c])
	}
	slices.SortFunc(list, byName)
	return list
}

func byName(a, b Unit) int {
	return cmp.Or(strings.Compare(fold(a.Name), fold(b.Name)), a.ID.Compare(b.ID))
}

// Path returns the units from the root down to one.
func (t *Tree) Path(id ID) []Unit {
	var path []Unit
	for u := range t.up(id) {
		path = append(path, *u)
	}
	slices.Reverse(path)
	return path
}

// up goes from a unit to the root.
func (t *Tree) up(id ID) iter.Seq[*Unit] {
	return func(yield func(*Unit) bool) {
		for u := t.units[id]; u != nil; u = t.units[u.Parent] {
			if !yield(u) {
				return
			}
		}
	}
}

// Within reports whether a unit is another one or below it.
func (t *Tree) Within(id, branch ID) bool {
	for u := range t.up(id) {
		if u.ID == branch {
			return true
		}
	}
	return false
}

// Node is a unit in a list of a whole branch.
type Node struct {
	Unit
	Depth int // 0 for the branch's own
}

// Branch returns a unit and all below it, each before its children.
func (t *Tree) Branch(id ID) []Node {
	var list []Node
	var walk func(id ID, depth int)
	walk = func(id ID, depth int) {
		u, ok := t.units[id]
		if !ok {
			return
		}
		list = append(list, Node{*u, depth})
		for _, c := range t.Children(id) {
			walk(c.ID, depth+1)
		}
	}
	walk(id, 0)
	return list
}

// height is how many units stand below one on the longest way down.
func (t *Tree) height(id ID) int {
	most := 0
	for c := range t.children[id] {
		most = max(most, 1+t.height(c))
	}
	return most
}

// MayAdd reports whether a unit may be made below another. The errors are Absent, and
// Invalid for a tree that would be too deep or too large, a group that has units
// below it, or dates the wrong way round.
func (t *Tree) MayAdd(u Unit) error {
	parent, err := t.Unit(u.Parent)
	if err != nil {
		return err
	}
	if len(t.units) >= MaxUnits {
		return mail.E(mail.Invalid, "error.unit.many", nil)
	}
	if err := u.sound(); err != nil {
		return err
	}
	return t.mayHang(parent, u.Kind, 0)
}

// MayChange reports whether what a unit says of itself may become this.
func (t *Tree) MayChange(u Unit) error {
	old, err := t.Unit(u.ID)
	if err != nil {
		return err
	}
	if old.Kind != u.Kind {
		return mail.E(mail.Invalid, "error.unit.kind", nil)
	}
	return u.sound()
}

// MayMove reports whether a unit may hang below another. The errors are Absent, and
// Invalid for the root, for a place below itself, and for one that would be too deep.
func (t *Tree) MayMove(id, to ID) error {
	u, err := t.Unit(id)
	if err != nil {
		return err
	}
	parent, err := t.Unit(to)
	if err != nil {
		return err
	}
	if id == mail.RootUnit {
		return mail.E(mail.Invalid, "error.unit.root", nil)
	}
	if t.Within(to, id) {
		return mail.E(mail.Invalid, "error.unit.loop", nil)
	}
	return t.mayHang(parent, u.Kind, t.height(id))
}

func (t *Tree) mayHang(parent Unit, kind mail.UnitKind, height int) error {
	if parent.Kind == mail.Group {
		return mail.E(mail.Invalid, "error.unit.group", nil)
	}
	if len(t.Path(parent.ID))+1+height > MaxDepth {
		return mail.E(mail.Invalid, "error.unit.deep", nil)
	}
	return nil
}

// MayRemove reports whether a unit may go. The error is Invalid while there are people,
// mailboxes or units in it: nobody is moved or forgotten by the way.
func (t *Tree) MayRemove(id ID) error {
	switch _, err := t.Unit(id); {
	case err != nil:
		return err
	case id == mail.RootUnit:
		return mail.E(mail.Invalid, "error.unit.root", nil)
	case len(t.children[id]) > 0 || len(t.members[id]) > 0 || len(t.boxes.units[id]) > 0:
		return mail.E(mail.Invalid, "error.unit.inuse", nil)
	}
	return nil
}

func (u Unit) sound() error {
	if u.Kind != mail.Department && u.Kind != mail.Group {
		return mail.E(mail.Internal, "error.internal", errors.New("a unit of no kind"))
	}
	if u.Kind == mail.Group && !u.Ends.IsZero() && !u.Starts.Before(u.Ends) {
		return mail.E(mail.Invalid, "error.unit.dates", nil)
	}
	return nil
}

// fold is how names are compared: without regard to case.
func fold(s string) string { return strings.ToLower(s) }
