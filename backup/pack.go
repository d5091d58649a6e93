package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// packBytes is how much goes into a pack, in bytes of blobs: what is written again if a
// target goes in the middle, and what one that ends gives back.
const packBytes = 256 << 20

// packing is the blobs' part of a set.
type packing struct {
	b     *Backup
	at    time.Time
	names []string         // of packs that the set's rows need, in order
	have  map[mail.ID]bool // what they hold; of a whole set only
	blobs int              // written
	bytes int64
}

// whole looks what the packs hold of what is there, lets those go of which more than half has
// ended, and writes the rest.
func (p *packing) whole(ctx context.Context) error {
	there, err := p.b.c.Store.NamedBlobs(ctx)
	if err != nil {
		return err
	}
	p.have = map[mail.ID]bool{}
	var kept []string
	for _, name := range p.names {
		ids, ok, err := loadPack(p.b.c.State, name)
		if err != nil {
			return err
		}
		ended := len(ids)
		for _, id := range ids {
			if there[id] {
				ended--
			}
		}
		if !ok || 2*ended > len(ids) {
			continue
		}
		kept = append(kept, name)
		for _, id := range ids {
			p.have[id] = true
		}
	}
	p.names = kept
	list := make([]mail.ID, 0, len(there))
	for id := range there {
		list = append(list, id)
	}
	slices.SortFunc(list, func(a, b mail.ID) int { return strings.Compare(string(a[:]), string(b[:])) })
	return p.add(ctx, list)
}

// add writes blobs into new packs, but for those that the packs hold.
func (p *packing) add(ctx context.Context, ids []mail.ID) error {
	ids = slices.DeleteFunc(ids, func(id mail.ID) bool { return p.have[id] })
	for len(ids) > 0 {
		n, err := p.one(ctx, ids)
		if err != nil {
			return err
		}
		ids = ids[n:]
		if err := p.b.keepUp(ctx); err != nil {
			return err
		}
	}
	return nil
}

// one writes a pack, and returns how many of the blobs it has taken care of. One that has
// ended meanwhile is left out.
func (p *packing) one(ctx context.Context, ids []mail.ID) (took int, err error) {
	st := Statement{Series: Packs, Name: string(Packs) + "/" + mail.NewID().String() + ending, At: p.at, Number: 1, Kind: Whole}
	var held []mail.ID
	st, err = p.b.w.container(ctx, st, func(c *container) error {
		var bytes int64
		for took < len(ids) && bytes < packBytes {
			n, err := p.blob(c, ids[took])
			if err != nil {
				return err
			}
			if n >= 0 {
				held = append(held, ids[took])
			}
			took, bytes = took+1, bytes+max(n, 0)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if len(held) == 0 {
		return took, p.b.c.Target.Remove(ctx, st.Name, false)
	}
	if _, err := p.b.w.state(ctx, st); err != nil {
		return 0, err
	}
	if err := savePack(p.b.c.State, st.Name, held); err != nil {
		return 0, err
	}
	p.names = append(p.names, st.Name)
	slices.Sort(p.names)
	p.blobs, p.bytes = p.blobs+len(held), p.bytes+st.Size
	for _, id := range held {
		if p.have != nil {
			p.have[id] = true
		}
	}
	return took, nil
}

// blob writes a blob; -1 says that it has ended.
func (p *packing) blob(c *container, id mail.ID) (int64, error) {
	f, size, err := p.b.c.Store.OpenBlob(id)
	if mail.KindOf(err) == mail.Absent {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	name := fmt.Sprintf("blobs/%s/%s", hex.EncodeToString(id[:1]), id)
	return size, errors.Join(c.entry(name, size, io.NewSectionReader(f, 0, size)), f.Close())
}
