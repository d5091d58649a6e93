package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Catalogue is what a target has, by its statements.
type Catalogue struct {
	Mark  Mark
	Sets  []Stated             // in their order
	Packs map[string]Stated    // by the container's name
	Slots map[int][]Stated     // by generation, in their order
	Other map[string]time.Time // containers without a statement, and since when they are there: what a crash has left
	// Faults are objects that are not what they should be. What they tell of does not count.
	Faults []error
}

// Stated is a statement, as it was found.
type Stated struct {
	Statement
	Signed Sum // of the statement
}

// ReadCatalogue reads all statements of a target and holds them against the key, the zero
// Verifier being the one in the target's mark: then it proves only that all is one
// appliance's. It reads no container.
func ReadCatalogue(ctx context.Context, t Target, key Verifier) (*Catalogue, error) {
	c := &Catalogue{Packs: map[string]Stated{}, Slots: map[int][]Stated{}, Other: map[string]time.Time{}}
	var err error
	if c.Mark, err = ReadMark(ctx, t); err != nil {
		return nil, err
	}
	if key.Verifier == nil {
		if key, err = ParseVerifier(c.Mark.Key); err != nil {
			return nil, err
		}
	}
	sizes := map[string]int64{}
	var names []string
	for o, err := range t.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		switch {
		case strings.HasSuffix(o.Name, ending):
			sizes[o.Name] = o.Size
			c.Other[o.Name] = o.At
		case strings.HasSuffix(o.Name, stated):
			names = append(names, o.Name)
		}
	}
	for _, name := range names {
		s, err := c.open(ctx, t, key, name, sizes)
		switch {
		case errors.Is(err, ErrAbsent): // removed meanwhile
		case err != nil:
			c.Faults = append(c.Faults, fmt.Errorf("%s: %w", name, err))
		default:
			c.put(s)
		}
	}
	return c, nil
}

// open reads a statement, and looks whether its container is there in its length.
func (c *Catalogue) open(ctx context.Context, t Target, key Verifier, name string, sizes map[string]int64) (s Stated, err error) {
	b, err := readSmall(ctx, t, name, maxStatement)
	if err != nil {
		return s, err
	}
	if s.Statement, s.Signed, err = key.Open(b); err != nil {
		return s, err
	}
	if statementOf(s.Name) != name {
		return s, fmt.Errorf("it is the statement of %s", s.Name)
	}
	delete(c.Other, s.Name)
	switch size, ok := sizes[s.Name]; {
	case !ok:
		return s, errors.New("its container is not there")
	case size != s.Size:
		return s, fmt.Errorf("its container has %d bytes, not %d", size, s.Size)
	}
	return s, nil
}

func (c *Catalogue) put(s Stated) {
	switch s.Series {
	case Sets:
		c.Sets = append(c.Sets, s)
	case Packs:
		c.Packs[s.Name] = s
	case Slots:
		var g int
		if _, err := fmt.Sscanf(s.Name, string(Slots)+"/%d/", &g); err == nil {
			c.Slots[g] = append(c.Slots[g], s)
		}
	}
}

// Chain returns the sets that set number n needs, the whole one first. The error says what
// is missing.
func (c *Catalogue) Chain(n int) (chain []Stated, err error) {
	for {
		i := slices.IndexFunc(c.Sets, func(s Stated) bool { return s.Number == n })
		if i < 0 {
			return nil, fmt.Errorf("set %d is not there", n)
		}
		s := c.Sets[i]
		if len(chain) > 0 && chain[0].After != s.Signed {
			return nil, fmt.Errorf("set %d is not the one on which set %d was made", n, chain[0].Number)
		}
		for _, p := range s.Packs {
			if _, ok := c.Packs[p]; !ok && len(chain) == 0 {
				return nil, fmt.Errorf("set %d needs %s, which is not there", n, p)
			}
		}
		chain = slices.Insert(chain, 0, s)
		if s.Kind == Whole {
			return chain, nil
		}
		n--
	}
}

// Newest returns the chain of the newest set that has all it needs, at or before number most
// (0: any), and why newer ones were passed by.
func (c *Catalogue) Newest(most int) (chain []Stated, passed []error, err error) {
	for i := len(c.Sets) - 1; i >= 0; i-- {
		n := c.Sets[i].Number
		if most > 0 && n > most {
			continue
		}
		chain, err := c.Chain(n)
		if err == nil {
			return chain, passed, nil
		}
		passed = append(passed, err)
	}
	return nil, passed, errors.New("no set can be restored")
}

// Generation returns the newest copies of the slots that stand for themselves: a whole one and
// the changes behind it.
func (c *Catalogue) Generation() (copies []Stated, err error) {
	newest := 0
	for g := range c.Slots {
		newest = max(newest, g)
	}
	for g := newest; g > 0 && g > newest-2; g-- {
		list := c.Slots[g]
		var run []Stated
		for i, s := range list {
			switch {
			case s.Kind == Whole:
				run = []Stated{s}
			case i > 0 && len(run) > 0 && s.After == list[i-1].Signed:
				run = append(run, s)
			}
		}
		if len(run) > 0 {
			return run, nil
		}
	}
	return nil, errors.New("there is no whole copy of the slots")
}
