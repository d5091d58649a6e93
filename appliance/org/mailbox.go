package org

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Bounds of function mailboxes.
const (
	MaxStaff = 500 // of one mailbox
	MaxAlarm = 60  // working days
)

// Mailbox is a function mailbox, in clear.
type Mailbox struct {
	ID, Unit ID
	Address  mail.Address
	Name     string
	Rules    mail.MailboxRules
	Alarm    int // working days; 0: never
	At       time.Time

	Ends     time.Time // see mail.FunctionMailbox
	Decision string
	Reminded time.Time
	Left     bool // it was a person's who has left
}

// Clean takes blanks off the ends of the name and refuses what nobody could read, and an
// alarm out of bounds. The error is Invalid.
func (m Mailbox) Clean() (Mailbox, error) {
	m.Name = strings.TrimSpace(m.Name)
	switch {
	case m.Name == "":
		return m, mail.E(mail.Invalid, "error.mailbox.name", nil)
	case tooLong(m.Name, MaxName):
		return m, mail.E(mail.Invalid, "error.mailbox.long", nil)
	case m.Alarm < 0 || m.Alarm > MaxAlarm:
		return m, mail.E(mail.Invalid, "error.mailbox.alarm", nil)
	}
	return m, nil
}

// Colleague is somebody's place in a function mailbox.
type Colleague struct {
	Person
	Role  mail.MailboxRole
	Asks  bool // wants what came before
	Asker ID   // see mail.MailboxMember
	Since time.Time
}

// boxes are the function mailboxes of a tree.
type boxes struct {
	all       map[ID]*Mailbox
	addresses map[string]ID
	units     map[ID]set                       // by unit
	staff     map[ID]map[ID]mail.MailboxMember // by mailbox and person
	of        map[ID]set                       // by person, whatever the role
}

func newBoxes() boxes {
	return boxes{all: map[ID]*Mailbox{}, addresses: map[string]ID{}, units: map[ID]set{}, staff: map[ID]map[ID]mail.MailboxMember{}, of: map[ID]set{}}
}

// PutMailbox adds a function mailbox or puts it in the place of the one with its id.
func (t *Tree) PutMailbox(m Mailbox) {
	t.boxes.forget(m.ID)
	t.boxes.all[m.ID] = &m
	t.boxes.addresses[m.Address.Key()] = m.ID
	add(t.boxes.units, m.Unit, m.ID)
}

// DropMailbox takes a function mailbox away, with everybody's place in it.
func (t *Tree) DropMailbox(id ID) {
	for p := range t.boxes.staff[id] {
		delete(t.boxes.of[p], id)
	}
	delete(t.boxes.staff, id)
	t.boxes.forget(id)
}

func (b *boxes) forget(id ID) {
	old := b.all[id]
	if old == nil {
		return
	}
	delete(b.addresses, old.Address.Key())
	delete(b.units[old.Unit], id)
	delete(b.all, id)
}

// PutColleague gives somebody a place in a function mailbox, or changes it.
func (t *Tree) PutColleague(m mail.MailboxMember) {
	if t.boxes.staff[m.Mailbox] == nil {
		t.boxes.staff[m.Mailbox] = map[ID]mail.MailboxMember{}
	}
	t.boxes.staff[m.Mailbox][m.Person] = m
	add(t.boxes.of, m.Person, m.Mailbox)
}

// DropColleague ends somebody's place in a function mailbox.
func (t *Tree) DropColleague(mailbox, person ID) {
	delete(t.boxes.staff[mailbox], person)
	delete(t.boxes.of[person], mailbox)
}

// Mailbox returns a function mailbox. The error is Absent.
func (t *Tree) Mailbox(id ID) (Mailbox, error) {
	m, ok := t.boxes.all[id]
	if !ok {
		return Mailbox{}, mail.E(mail.Absent, "error.absent", nil)
	}
	return *m, nil
}

// MailboxAt returns the function mailbox that has an address.
func (t *Tree) MailboxAt(a mail.Address) (Mailbox, bool) {
	id, ok := t.boxes.addresses[a.Key()]
	if !ok {
		return Mailbox{}, false
	}
	return *t.boxes.all[id], true
}

// Mailboxes returns the function mailboxes of a unit itself, by name.
func (t *Tree) Mailboxes(unit ID) []Mailbox { return t.boxes.list(t.boxes.units[unit]) }

// AllMailboxes returns every function mailbox, by name.
func (t *Tree) AllMailboxes() []Mailbox {
	ids := set{}
	for id := range t.boxes.all {
		ids[id] = true
	}
	return t.boxes.list(ids)
}

// MailboxesOf returns the function mailboxes in which a person reads, by name.
func (t *Tree) MailboxesOf(person ID) []Mailbox {
	ids := set{}
	for id := range t.boxes.of[person] {
		ids[id] = t.Reads(person, id)
	}
	return t.boxes.list(ids)
}

func (b *boxes) list(ids set) []Mailbox {
	list := make([]Mailbox, 0, len(ids))
	for id, on := range ids {
		if on {
			list = append(list, *b.all[id])
		}
	}
	slices.SortFunc(list, func(x, y Mailbox) int {
		return cmp.Or(strings.Compare(fold(x.Name), fold(y.Name)), x.ID.Compare(y.ID))
	})
	return list
}

// Reads reports whether a person is one of those who read a function mailbox.
func (t *Tree) Reads(person, mailbox ID) bool {
	return t.boxes.staff[mailbox][person].Role == mail.MailboxReader
}

// Staff returns everybody who has a place in a function mailbox: those who read it
// first, each by name.
func (t *Tree) Staff(mailbox ID) []Colleague {
	var list []Colleague
	for id, m := range t.boxes.staff[mailbox] {
		if p := t.people[id]; p != nil {
			list = append(list, Colleague{*p, m.Role, m.Asks, m.Asker, m.Since})
		}
	}
	slices.SortFunc(list, func(a, b Colleague) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmpPeople(a.Person, b.Person))
	})
	return list
}

// Readers returns those who read a function mailbox, by name.
func (t *Tree) Readers(mailbox ID) []Colleague {
	list := t.Staff(mailbox) // those who read come first
	for i, c := range list {
		if c.Role != mail.MailboxReader {
			return list[:i]
		}
	}
	return list
}

// OrganisesMailbox reports whether a person may organise a function mailbox: by a right
// over its unit.
func (t *Tree) OrganisesMailbox(person, mailbox ID) bool {
	m, ok := t.boxes.all[mailbox]
	return ok && t.Organises(person, m.Unit)
}

// MayPutMailbox reports whether a function mailbox may be as it is asked to be. The
// errors are Absent without its unit, and Invalid for a group, or for the address of
// another mailbox. Whether a person has the address is the caller's to know.
func (t *Tree) MayPutMailbox(m Mailbox) error {
	u, err := t.Unit(m.Unit)
	if err != nil {
		return err
	}
	if u.Kind != mail.Department {
		return mail.E(mail.Invalid, "error.mailbox.group", nil)
	}
	if other, ok := t.MailboxAt(m.Address); ok && other.ID != m.ID {
		return mail.E(mail.Invalid, "error.mailbox.known", nil)
	}
	return nil
}

// MayJoin reports whether somebody may get a place in a function mailbox. The errors are
// Absent, and Invalid if it has as many as it can have.
func (t *Tree) MayJoin(mailbox, person ID) error {
	if _, err := t.Mailbox(mailbox); err != nil {
		return err
	}
	if _, err := t.Person(person); err != nil {
		return err
	}
	staff := t.boxes.staff[mailbox]
	if _, there := staff[person]; !there && len(staff) >= MaxStaff {
		return mail.E(mail.Invalid, "error.mailbox.full", nil)
	}
	return nil
}
