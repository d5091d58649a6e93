package backup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Verified is what Verify has found.
type Verified struct {
	Sets, Packs, Copies int
	Bytes               int64 // read
	Newest              Statement
	Faults              []error
	Left                []string // containers without a statement; they do not count
}

// Verify reads everything a target has and holds it against the statements: that it is as it
// was written, by the appliance, and that each set has all it needs. It needs no key but the
// public one.
func Verify(ctx context.Context, t Target, key Verifier) (v Verified, err error) {
	c, err := ReadCatalogue(ctx, t, key)
	if err != nil {
		return v, err
	}
	v.Faults = c.Faults
	v.Left = slices.Sorted(maps.Keys(c.Other))
	all := slices.Clone(c.Sets)
	v.Sets, v.Packs = len(c.Sets), len(c.Packs)
	for _, name := range slices.Sorted(maps.Keys(c.Packs)) {
		all = append(all, c.Packs[name])
	}
	for _, g := range slices.Sorted(maps.Keys(c.Slots)) {
		all = append(all, c.Slots[g]...)
		v.Copies += len(c.Slots[g])
	}
	for _, s := range all {
		n, err := whole(ctx, t, s.Statement)
		v.Bytes += n
		if ctx.Err() != nil {
			return v, ctx.Err()
		}
		if err != nil {
			v.Faults = append(v.Faults, err)
		}
	}
	for _, s := range c.Sets {
		if _, err := c.Chain(s.Number); err != nil {
			v.Faults = append(v.Faults, err)
		}
	}
	if len(c.Sets) > 0 {
		v.Newest = c.Sets[len(c.Sets)-1].Statement
		if _, err := c.Generation(); err != nil {
			v.Faults = append(v.Faults, err)
		}
	}
	return v, nil
}

var errDamaged = errors.New("is damaged: it is not what was written")

// whole reads a container and compares its sum.
func whole(ctx context.Context, t Target, s Statement) (n int64, err error) {
	r, err := t.Get(ctx, s.Name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	h := sha256.New()
	n, err = io.Copy(until{ctx, h}, io.LimitReader(r, s.Size+1))
	if err != nil {
		return n, fmt.Errorf("read %s: %w", s.Name, err)
	}
	if n != s.Size || Sum(h.Sum(nil)) != s.Sum {
		return n, fmt.Errorf("%s %w", s.Name, errDamaged)
	}
	return n, nil
}
