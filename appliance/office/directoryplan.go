package office

import (
	"context"
	"slices"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// directoryPlan is what a reading comes to. It holds for the organisation as it was then;
// what has changed since shows when it is carried out.
type directoryPlan struct {
	o        *Office
	read     *directoryRead
	known    []mail.DirectoryPerson
	byID     map[[32]byte]mail.DirectoryPerson
	byPerson map[mail.ID]mail.DirectoryPerson

	all      []org.Row // of all who may sign in there
	rows     []org.Row // to be imported
	same     int       // people of whom the directory says what it said before
	names    []renaming
	costs    []costing
	said     map[string]string // see DirectoryRun
	stays    map[int]bool      // lines whose department is not taken
	links    []linking
	suspend  []leaving                        // after keepOut: who was
	resume   map[mail.ID]mail.DirectoryPerson // by person
	cleared  []mail.DirectoryPerson           // let in by hand, and back there
	leaves   map[mail.ID]bool                 // those of suspend
	in       int                              // people of the directory who are not suspended
	kept     int                              // people who have left and cannot be suspended
	begun    bool                             // see DirectoryRun
	problems org.Report
	plan     org.Plan
}

// renaming is a person and what they are called there.
type renaming struct {
	line    int
	address mail.Address
	name    string
}

// linking is what is to be kept of an entry, once the person at the address is there.
type linking struct {
	mail.DirectoryPerson
	line    int
	address mail.Address
}

// leaving is somebody who is to be suspended.
type leaving struct {
	mail.DirectoryPerson
	who org.Person
}

// planDirectory reads the directory and says what it comes to.
func (o *Office) planDirectory(ctx context.Context) (*directoryPlan, error) {
	read, err := o.readDirectory(ctx)
	if err != nil {
		return nil, err
	}
	p := &directoryPlan{o: o, read: read, byID: map[[32]byte]mail.DirectoryPerson{}, byPerson: map[mail.ID]mail.DirectoryPerson{}, resume: map[mail.ID]mail.DirectoryPerson{}, leaves: map[mail.ID]bool{}, stays: map[int]bool{}}
	err = o.Store.View(ctx, func(tx ReadTx) (err error) {
		p.known, err = tx.DirectoryPeople()
		return err
	})
	if err != nil {
		return nil, err
	}
	last, _, err := o.LastDirectory(ctx, mail.SystemActor("directory"))
	if err != nil {
		return nil, err
	}
	p.begun, p.said = last.Begun, last.Said
	for _, d := range p.known {
		p.byID[d.ID], p.byPerson[d.Person] = d, d
	}
	rows, problems := read.gather.Done()
	p.all = rows
	p.problems = problems.And(read.problems)
	o.Tree(func(t *org.Tree) {
		for _, r := range rows {
			p.row(t, r)
		}
		var report org.Report
		p.plan, report = t.Plan(mail.RootUnit, p.rows, o.ours, func(mail.ID) bool { return true })
		p.problems = p.problems.And(report)
		p.names = slices.DeleteFunc(p.names, func(n renaming) bool { return p.plan.Refused[n.line] })
		p.links = slices.DeleteFunc(p.links, func(l linking) bool { return p.plan.Refused[l.line] })
		p.costCentres(t)
		p.gone(t)
	})
	return p, nil
}

// row is one of the directory's people who may sign in there.
func (p *directoryPlan) row(t *org.Tree, r org.Row) {
	said := p.read.lines[r.Line]
	have, there := t.PersonAt(r.Address)
	old, known := p.byID[said.ID]
	if who, err := t.Person(old.Person); known && err == nil {
		p.back(who, old)
		// Another address is another name for the mailbox: letters, numbers and sign-ins hang
		// on it. So it is told, and somebody decides.
		if who.Address.Key() != r.Address.Key() {
			p.problems.Add(r.Line, "error.directory.address", string(who.Address)+" → "+string(r.Address))
			return
		}
	} else if known = false; there {
		if old, known = p.byPerson[have.ID]; known && !p.again(have, old, said) {
			// The address of somebody who came from the directory as somebody else: their letters
			// are not for whoever has got the address since.
			p.problems.Add(r.Line, "error.directory.taken", string(r.Address))
			return
		}
		if known {
			p.back(have, old)
		}
	}
	if known && p.read.bare[r.Line] && old.Units != said.Units {
		// Rather a right to read that was lost than somebody without a department: they stay
		// where they are.
		p.problems.Add(r.Line, "error.directory.units", string(r.Address))
		said.Units = old.Units
		p.stays[r.Line] = true
	}
	if r.Name != "" && there && r.Name != have.Name && (!known || old.Name != said.Name) {
		p.names = append(p.names, renaming{r.Line, r.Address, r.Name})
	}
	if !known || old != (mail.DirectoryPerson{ID: said.ID, Person: old.Person, Name: said.Name, Units: said.Units}) {
		p.links = append(p.links, linking{said, r.Line, r.Address})
	}
	if known && old.Units == said.Units {
		// Whoever was moved by hand since stays there.
		p.same++
		return
	}
	p.rows = append(p.rows, r)
}

// sameFor is how long after somebody went out a new entry at their address, called the same,
// is still they and no namesake who has got the address since.
const sameFor = 14 * 24 * time.Hour

// again reports whether an entry is an account made anew for the person of an older one:
// that one is gone or disabled, and who has it is called the same and was here just now.
func (p *directoryPlan) again(who org.Person, old, said mail.DirectoryPerson) bool {
	gone := !p.read.seen[old.ID] || p.read.disabled[old.ID]
	return gone && old.Name == said.Name && (!who.Out() || p.o.Clock.Now().Sub(who.Suspended) <= sameFor)
}

// back lets in again whom the directory itself has kept out; not who was suspended by
// hand.
func (p *directoryPlan) back(who org.Person, old mail.DirectoryPerson) {
	if old.Out.IsZero() {
		return
	}
	if who.Out() {
		p.resume[who.ID] = old
		return
	}
	old.Out = time.Time{}
	p.cleared = append(p.cleared, old)
}

// gone finds those who came from the directory and may not sign in there, or are not in
// it any more.
func (p *directoryPlan) gone(t *org.Tree) {
	relinked := map[mail.ID]bool{}
	for _, l := range p.links {
		if who, ok := t.PersonAt(l.address); ok {
			relinked[who.ID] = true
		}
	}
	for _, d := range p.known {
		who, err := t.Person(d.Person)
		if err != nil || who.Out() {
			continue
		}
		p.in++
		if relinked[d.Person] && (!p.read.seen[d.ID] || p.read.disabled[d.ID]) {
			continue // they have another entry
		}
		left := !p.read.seen[d.ID] && !p.read.nameless[who.Address.Key()] && p.o.Directory.SuspendGone
		// Who was let in again by hand stays in until the directory has had them back.
		if !left && !p.read.disabled[d.ID] || !d.Out.IsZero() {
			continue
		}
		if !p.mustStay(t, who) {
			p.suspend = append(p.suspend, leaving{d, who})
			p.leaves[d.Person] = true
		}
	}
}

// mustStay reports whether somebody cannot be suspended by itself, and tells why.
func (p *directoryPlan) mustStay(t *org.Tree, who org.Person) bool {
	switch {
	case who.Roles&mail.RoleAdmin != 0:
		p.problems.Add(0, "error.directory.admin", string(who.Address))
	case p.lastOrganiser(t, who.ID):
		p.problems.Add(0, "error.directory.organiser", string(who.Address))
	default:
		return false
	}
	p.kept++
	return true
}

// lastOrganiser reports whether nobody would organise some unit without a person and those
// who leave before.
func (p *directoryPlan) lastOrganiser(t *org.Tree, person mail.ID) bool {
	for _, u := range t.Organised(person) {
		left := slices.DeleteFunc(t.HelpersOver(u.ID), func(id mail.ID) bool { return id == person || p.leaves[id] })
		if len(left) == 0 {
			return true
		}
	}
	return false
}

// run is what it comes to, or came to.
func (p *directoryPlan) run() DirectoryRun {
	return DirectoryRun{DirectoryCounts: p.counts(), Problems: p.problems, Kept: p.kept, Begun: p.begun, Said: p.said}
}

func (p *directoryPlan) counts() DirectoryCounts {
	return DirectoryCounts{
		Entries: p.read.entries, Disabled: len(p.read.disabled), Units: len(p.plan.Units), New: len(p.plan.New), Moved: len(p.plan.Moved) + len(p.plan.Joined),
		Renamed: len(p.names), Costs: len(p.costs), Suspended: len(p.suspend), Resumed: len(p.resume), Same: p.same + p.plan.Same,
	}
}
