// Package alarm decides what people are told of the machine's faults: each that lasts once,
// and its end once.
//
// It sends nothing and asks nothing: it is pure, from what was found now and what was known
// before to what is to be told. It never names a person or a letter.
//
// What it must remember over a restart are rows of the table fault.
//
// What holds always: a fault is told when it was found twice in a row, so that one passing
// moment wakes nobody, and its end when it was not found twice in a row. What could not be
// asked is neither found nor mended.
package alarm

import (
	"slices"
	"strings"
	"time"

	"sigill/appliance/doctor"
	"sigill/appliance/mail"
)

// holds is how often in a row a fault must be found, or not found, until it is told.
const holds = 2

// Calls is how often a webhook is tried for one thing: each five minutes, about two hours
// long. Who listens there and was away for longer asks the metrics, or looks at the page.
const Calls = 24

// Raised is a fault that is to be told.
type Raised struct {
	Fault   mail.Fault
	Finding doctor.Finding
}

// Change is what one look has brought.
type Change struct {
	Keep   []mail.Fault // all that is to be remembered
	Raised []Raised     // to be told now
	Ended  []mail.Fault // the end of these is to be told now
	Again  bool         // something was seen that must be looked at once more, soon
}

// Look is what was looked at, and when.
type Look struct {
	At    time.Time
	Found []doctor.Finding
	// Least is the grave from which on people are told.
	Least doctor.Grave
	// Of reports whether a check was made in this look; what was not is left as it is.
	Of func(check string) bool
	// Hook says that a webhook is to be called too.
	Hook bool
}

// Next holds what was found against what is known.
func Next(known []mail.Fault, l Look) (c Change) {
	found := map[string]doctor.Finding{}
	unasked := map[string]bool{}
	for _, f := range l.Found {
		switch {
		case f.Grave >= l.Least:
			found[f.Key()] = f
		case f.Unasked():
			unasked[f.Check] = true
		}
	}
	for _, k := range known {
		f, is := found[k.Name]
		delete(found, k.Name)
		switch check := CheckOf(k); {
		case !l.Of(check), !is && unasked[check]:
			c.Keep = append(c.Keep, k)
		case is && k.Ended.IsZero():
			c.still(k, f, l)
		case is: // it has come back before the webhook was told of its end
			c.first(f, l.At)
		default:
			c.gone(k, l)
		}
	}
	for _, f := range l.Found { // in their order, not the map's
		if _, new := found[f.Key()]; new {
			delete(found, f.Key())
			c.first(f, l.At)
		}
	}
	slices.SortFunc(c.Keep, func(a, b mail.Fault) int { return strings.Compare(a.Name, b.Name) })
	return c
}

func (c *Change) first(f doctor.Finding, at time.Time) {
	c.Keep = append(c.Keep, mail.Fault{Name: f.Key(), Seen: at, Times: 1})
	c.Again = true
}

func (c *Change) still(k mail.Fault, f doctor.Finding, l Look) {
	k.Times, k.Missed = min(k.Times+1, holds), 0
	if k.Told.IsZero() && k.Times == holds {
		k.Told = l.At
		if l.Hook {
			k.Calls = Calls
		}
		c.Raised = append(c.Raised, Raised{k, f})
	}
	c.Keep = append(c.Keep, k)
}

func (c *Change) gone(k mail.Fault, l Look) {
	switch {
	case k.Told.IsZero(): // it did not hold
		return
	case !k.Ended.IsZero():
		if k.Calls > 0 {
			c.Keep = append(c.Keep, k)
		}
		return
	}
	if k.Missed = min(k.Missed+1, holds); k.Missed < holds {
		c.Keep, c.Again = append(c.Keep, k), true
		return
	}
	k.Ended, k.Calls = l.At, 0
	if l.Hook {
		k.Calls = Calls
	}
	c.Ended = append(c.Ended, k)
	if k.Calls > 0 { // else nothing is left to be done
		c.Keep = append(c.Keep, k)
	}
}

// CheckOf is the check that has found a fault.
func CheckOf(f mail.Fault) string {
	check, _, _ := strings.Cut(f.Name, " ")
	return check
}
