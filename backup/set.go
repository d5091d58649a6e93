package backup

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// set writes a set in the order of FORMAT.md, 3: blobs, the rows, blobs that came meanwhile,
// the slots, and only then the statement that makes it count.
func (b *Backup) set(ctx context.Context, st Statement) (Done, error) {
	packs := &packing{b: b, at: st.At, names: slices.Clone(b.state.Set.Packs)}
	next := b.state.Set
	next.Number, next.At, next.Chain = st.Number, st.At, next.Chain+1
	if st.Kind == Whole {
		next.Whole, next.Chain, next.Ledger, next.Signed = st.At, 0, tail{}, tail{}
		if err := packs.whole(ctx); err != nil {
			return Done{}, err
		}
	}
	var rows rows
	st, err := b.w.container(ctx, st, func(c *container) (err error) {
		if err := b.settings(c); err != nil {
			return err
		}
		// What is signed must be in the rows, and what is in the rows must not have ended.
		if next.Signed, err = c.tail("checkpoints", next.Signed, b.c.CopySigned); err != nil {
			return err
		}
		if rows, err = b.rows(ctx, c, st.Kind); err != nil {
			return err
		}
		next.Ledger, err = c.tail("destroyed", next.Ledger, func(from int64, w io.Writer) (int64, error) {
			return b.c.Store.CopyDestroyed(ctx, from, w)
		})
		return err
	})
	if err != nil {
		return Done{}, err
	}
	if err := packs.add(ctx, rows.blobs); err != nil {
		return Done{}, err
	}
	// A set is never without the slots of its rows.
	if err := b.copySlots(ctx); err != nil {
		return Done{}, err
	}
	st.Pages, st.Packs, st.Ended = rows.count, packs.names, next.Ledger.Lines
	if next.After, err = b.w.state(ctx, st); err != nil {
		return Done{}, err
	}
	next.Packs = packs.names
	b.changes.Kept()
	b.state.Set = next
	b.tell(st.At)
	return Done{
		Kind: st.Kind, Set: st.Name, At: st.At, Pages: int(rows.count), Blobs: packs.blobs, Bytes: st.Size + packs.bytes,
	}, b.state.save(b.c.State)
}

// rows is what a set's container has of the database.
type rows struct {
	count uint32    // pages
	blobs []mail.ID // that are new
}

// rows writes pages: of a whole set all, while others write, and then what they wrote.
func (b *Backup) rows(ctx context.Context, c *container, kind Kind) (r rows, err error) {
	run := &run{c: c, dir: "pages"}
	if kind == Whole {
		if _, err := b.c.Store.Pages(ctx, run.add); err != nil {
			return r, err
		}
	}
	err = b.changes.Cut(ctx, func(cut *vault.Cut) error {
		if cut.Unsure {
			return errUnsure
		}
		r = rows{count: cut.Count, blobs: cut.New}
		return cut.Page(cut.Changed, run.add)
	})
	if err != nil {
		return r, err
	}
	return r, run.end()
}

// tailEntry is how much of a file that grows one entry has, in bytes.
const tailEntry = 1 << 20

// tail writes what came to a file that only grows, and returns how far it has got.
func (c *container) tail(dir string, from tail, copy func(from int64, w io.Writer) (int64, error)) (tail, error) {
	t := &tailWriter{c: c, dir: dir, at: from}
	end, err := copy(from.Bytes, t)
	if err == nil {
		err = t.flush()
	}
	if err == nil && end != t.at.Bytes {
		err = fmt.Errorf("%s: copied to %d, not %d", dir, t.at.Bytes, end)
	}
	return t.at, err
}

// tailWriter cuts what is written into entries that are named by where they begin.
type tailWriter struct {
	c   *container
	dir string
	at  tail
	buf []byte
}

func (t *tailWriter) Write(b []byte) (n int, err error) {
	for n < len(b) {
		k := min(len(b)-n, tailEntry-len(t.buf))
		t.buf = append(t.buf, b[n:n+k]...)
		n += k
		if len(t.buf) == tailEntry {
			if err := t.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (t *tailWriter) flush() error {
	if len(t.buf) == 0 {
		return nil
	}
	err := t.c.entry(fmt.Sprintf("%s/%012d", t.dir, t.at.Bytes), int64(len(t.buf)), bytes.NewReader(t.buf))
	t.at.Bytes += int64(len(t.buf))
	t.at.Lines += bytes.Count(t.buf, []byte("\n"))
	t.buf = t.buf[:0]
	return err
}
