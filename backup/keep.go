package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Keep says how long sets are kept: all of the last day, one of each day for so many days, then
// of each week, then of each month. It is a whole one if there is such, so that it needs no
// others, else the newest. What the newest set needs is always kept.
type Keep struct {
	Days, Weeks, Months int
}

// DefaultKeep is what is kept if nobody has said otherwise. What has ended cannot be read in
// any of them after a day: older sets are there for what was changed by mistake or malice.
var DefaultKeep = Keep{Days: 14, Weeks: 5, Months: 0}

// leftFor is how long a container without a statement stays: somebody may be writing it.
const leftFor = 24 * time.Hour

const day = 24 * time.Hour

// stays returns which sets are kept, by number, with those that they are made on. Nil: none
// can be restored, and nothing must be removed.
func (k Keep) stays(c *Catalogue, now time.Time) map[int]bool {
	newest, _, err := c.Newest(0)
	if err != nil {
		return nil
	}
	stays := map[int]bool{}
	for _, s := range newest {
		stays[s.Number] = true
	}
	seen := map[string]bool{}
	for _, s := range k.order(c.Sets) {
		span, ok := k.span(s.At, now)
		if !ok || seen[span] {
			continue
		}
		chain, err := c.Chain(s.Number)
		if err != nil {
			// It cannot be restored as a whole, but somebody may want what is left of it.
			stays[s.Number] = stays[s.Number] || now.Sub(s.At) < time.Duration(k.Days)*day
			continue
		}
		if span != "" {
			seen[span] = true
		}
		for _, s := range chain {
			stays[s.Number] = true
		}
	}
	return stays
}

// order is the order in which sets are taken for their spans: the newest first, but those that
// need no others before.
func (k Keep) order(sets []Stated) []Stated {
	list := slices.Clone(sets)
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b Stated) int { return strings.Compare(string(b.Kind), string(a.Kind)) })
	return list
}

// span is the time of which one set is kept: "" if all are. It is false if none is.
func (k Keep) span(at, now time.Time) (string, bool) {
	switch age := now.Sub(at); {
	case age < day:
		return "", true
	case age < time.Duration(k.Days)*day:
		return at.Format(time.DateOnly), true
	case age < time.Duration(k.Weeks)*7*day:
		year, week := at.ISOWeek()
		return fmt.Sprintf("%d week %d", year, week), true
	case at.After(now.AddDate(0, -k.Months, 0)):
		return at.Format("2006-01"), true
	}
	return "", false
}

// Clean removes what is not kept: sets, packs that no kept set needs, and what a crash has
// left. It returns how many containers are gone.
func (b *Backup) Clean(ctx context.Context, k Keep) (gone int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.claim(ctx); err != nil {
		return 0, err
	}
	c, err := ReadCatalogue(ctx, b.c.Target, Verifier{b.c.Sign.verifier})
	if err != nil {
		return 0, err
	}
	stays := k.stays(c, b.now())
	if stays == nil {
		return 0, nil
	}
	needed := map[string]bool{}
	for _, s := range c.Sets {
		if !stays[s.Number] {
			continue
		}
		for _, p := range s.Packs {
			needed[p] = true
		}
	}
	var names []string
	for _, s := range c.Sets {
		if !stays[s.Number] {
			names = append(names, s.Name)
		}
	}
	for name := range c.Packs {
		if !needed[name] {
			names = append(names, name)
		}
	}
	for o, at := range c.Other {
		if b.now().Sub(at) > leftFor {
			names = append(names, o)
		}
	}
	if t, ok := b.c.Target.(sweeper); ok {
		if err := t.Sweep(ctx, b.now().Add(-leftFor)); err != nil {
			return 0, err
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := b.remove(ctx, name); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

// sweeper is a target on which what is half written stays there under another name.
type sweeper interface {
	Sweep(ctx context.Context, before time.Time) error
}

// remove takes a container away: its statement first, for one without does not count.
func (b *Backup) remove(ctx context.Context, name string) error {
	if err := b.c.Target.Remove(ctx, statementOf(name), false); err != nil {
		return err
	}
	if err := b.c.Target.Remove(ctx, name, false); err != nil {
		return err
	}
	if err := os.Remove(packFile(b.c.State, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
