package office

import (
	"context"
	"slices"
	"strings"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// directoryRead is the directory as it was read: rows as of a table, and what is kept of
// each.
type directoryRead struct {
	o        *Office
	gather   *org.Gathering
	entries  int
	reached  int               // of those with an address
	seen     map[[32]byte]bool // all ids
	disabled map[[32]byte]bool
	nameless map[string]bool // addresses of entries without an id, by key
	lines    map[int]mail.DirectoryPerson
	bare     map[int]bool // lines without a department
	problems org.Report
}

// readDirectory reads the directory whole. A directory in which there is nobody is an
// error: it is a filter that does not fit, or a right that was lost, and never that
// everybody has left. So is one in which nobody has an id, or an address.
func (o *Office) readDirectory(ctx context.Context) (*directoryRead, error) {
	r := &directoryRead{
		o: o, gather: org.NewGathering(), seen: map[[32]byte]bool{}, disabled: map[[32]byte]bool{}, nameless: map[string]bool{}, lines: map[int]mail.DirectoryPerson{}, bare: map[int]bool{},
	}
	if err := o.Directory.Read(ctx, r.entry); err != nil {
		return nil, err
	}
	if len(r.seen) == 0 || r.reached == 0 {
		return nil, mail.E(mail.Invalid, "error.directory.empty", nil)
	}
	return r, nil
}

func (r *directoryRead) entry(e mail.DirectoryEntry) error {
	r.entries++
	if r.entries > org.MaxRows {
		return mail.E(mail.TooLarge, "error.directory.many", nil)
	}
	if e.Address != "" {
		r.reached++
	}
	if e.ID == "" { // it could not be known again
		r.problems.Add(r.entries, "error.directory.id", e.Address)
		if a, err := mail.ParseAddress(e.Address); err == nil {
			r.nameless[a.Key()] = true
		}
		return nil
	}
	id := [32]byte(r.o.App.Tag("directory", e.ID))
	if r.seen[id] {
		r.problems.Add(r.entries, "error.directory.twice", e.Address)
		return nil
	}
	r.seen[id] = true
	if e.Disabled {
		r.disabled[id] = true
		return nil
	}
	units := slices.Concat(r.o.Directory.Unit, e.Units)
	r.bare[r.entries] = len(e.Units) == 0
	if r.gather.Add(r.entries, e.Address, e.Name, units, e.CostCentre) {
		r.lines[r.entries] = mail.DirectoryPerson{
			// With the address, so that the rows do not show who is called the same.
			ID: id, Name: [32]byte(r.o.App.Tag("directory.name", strings.ToLower(strings.TrimSpace(e.Address))+"\n"+strings.TrimSpace(e.Name))),
			Units: [32]byte(r.o.App.Tag("directory.units", strings.Join(units, "\n"))),
		}
	}
	return nil
}
