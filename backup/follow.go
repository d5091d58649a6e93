package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Followed is what a look at a target has brought.
type Followed struct {
	New, Gone int       // containers that came, objects that went
	Bytes     int64     // of the new ones
	Set       time.Time // of the newest set that is here
	Slots     time.Time // of the newest copy of the slots that is here
}

// Follow makes a target here like another: a machine that stands by holds what it needs to
// take over, though the other target burns with the machine that writes to it. It needs no
// key, and leaves what is here as it is while the other cannot be read.
//
// What has gone there goes here, slots overwritten. So what was erased is gone here within a
// day, if both can be reached.
func Follow(ctx context.Context, from Target, to *Dir) (f Followed, err error) {
	if err := follows(ctx, from, to); err != nil {
		return f, err
	}
	there, err := objects(ctx, from)
	if err != nil {
		return f, err
	}
	here, err := objects(ctx, to)
	if err != nil {
		return f, err
	}
	if !there.hasSets() && here.hasSets() {
		return f, errEmptied
	}
	for _, name := range there.statements() {
		if same, ok := here[name]; ok && same.Size == there[name].Size {
			continue
		}
		container := strings.TrimSuffix(name, stated) + ending
		err := copyObject(ctx, from, to, container)
		if err == nil {
			err = copyObject(ctx, from, to, name)
		}
		if errors.Is(err, ErrAbsent) {
			continue // removed meanwhile
		}
		if err != nil {
			return f, err
		}
		f.New, f.Bytes = f.New+1, f.Bytes+there[container].Size
	}
	if f.Gone, err = removeGone(ctx, to, there, here); err != nil {
		return f, err
	}
	c, err := ReadCatalogue(ctx, to, Verifier{})
	if err != nil {
		return f, err
	}
	if chain, _, err := c.Newest(0); err == nil {
		f.Set = chain[len(chain)-1].At
	}
	if copies, err := c.Generation(); err == nil {
		f.Slots = copies[len(copies)-1].At
	}
	return f, nil
}

// errEmptied keeps what is here where somebody has removed everything there.
var errEmptied = errors.New("there is no set any more at the target that is followed: what is here stays as it is")

func (b byName) hasSets() bool {
	for name := range b {
		if strings.HasPrefix(name, string(Sets)+"/") && strings.HasSuffix(name, stated) {
			return true
		}
	}
	return false
}

// follows takes the mark over, which says who writes there. The error is ErrForeign if what
// is here is another installation's.
func follows(ctx context.Context, from Target, to *Dir) error {
	theirs, err := ReadMark(ctx, from)
	if err != nil {
		return err
	}
	ours, err := ReadMark(ctx, to)
	switch {
	case errors.Is(err, ErrAbsent):
		if err := vacantTarget(ctx, to); err != nil {
			return err
		}
	case err != nil:
		return err
	case ours == theirs:
		return nil
	case ours.Installation != theirs.Installation || ours.Key != theirs.Key:
		return ErrForeign
	}
	return copyObject(ctx, from, to, markName)
}

// vacantTarget is an error if something lies at a target that has no mark.
func vacantTarget(ctx context.Context, t Target) error {
	for o, err := range t.List(ctx, "") {
		if err != nil {
			return err
		}
		return fmt.Errorf("the target has no mark but is not empty: there is %s", o.Name)
	}
	return nil
}

// byName are objects in the order of their names, and found by them.
type byName map[string]Object

func objects(ctx context.Context, t Target) (byName, error) {
	all := byName{}
	for o, err := range t.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		all[o.Name] = o
	}
	return all, nil
}

// statements are the names of the statements in the order in which they are copied: a set
// comes behind its packs, and behind slots that are as new.
func (b byName) statements() (list []string) {
	for _, series := range []Series{Packs, Slots, Sets} {
		for _, name := range b.names() {
			if strings.HasPrefix(name, string(series)+"/") && strings.HasSuffix(name, stated) {
				list = append(list, name)
			}
		}
	}
	return list
}

func (b byName) names() []string {
	list := make([]string, 0, len(b))
	for name := range b {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func copyObject(ctx context.Context, from Target, to *Dir, name string) error {
	r, err := from.Get(ctx, name)
	if err != nil {
		return err
	}
	err = to.Put(ctx, name, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
	return errors.Join(err, r.Close())
}

// removeGone removes what is not there any more: statements first, for ".txt" sorts behind.
func removeGone(ctx context.Context, to *Dir, there, here byName) (gone int, err error) {
	for _, name := range slices.Backward(here.names()) {
		if _, ok := there[name]; ok {
			continue
		}
		if err := to.Remove(ctx, name, isSlots(name)); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

func isSlots(name string) bool {
	return strings.HasPrefix(name, string(Slots)+"/") && strings.HasSuffix(name, ending)
}
