package vault

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"sigill/appliance/mail"
)

// PageSize is the length of a page of the database, in bytes.
const PageSize = pageSize

// pagesAtOnce is how many pages one question asks for: 1 MiB.
const pagesAtOnce = 256

// Cut is one unchanging state of the store, beside the writer, for a backup. What it takes
// from the database are whole pages, as they would stand in a file: read by SQLite, so that
// nobody else opens its files.
type Cut struct {
	// Count is how many pages the database has. Their numbers begin with 1.
	Count uint32
	// Changed are the numbers of those that were written since the last one kept, ascending.
	// Some may be behind the end.
	Changed []uint32
	// Unsure says that any other may have been written, too.
	Unsure bool
	// New are the blobs that parts refer to since the last one kept. Some may have ended since.
	New []mail.ID

	tx *ReadTx
}

// Cut runs do on the state of this moment. The next one has what this one has as well, unless
// Kept is called between them. While it runs the log grows and cannot begin anew: what can be read before, by
// Pages, should be. The errors are Update's, View's, and do's own.
func (c *Changes) Cut(ctx context.Context, do func(*Cut) error) error {
	return c.db.View(ctx, func(tx *ReadTx) error {
		cut := &Cut{tx: tx}
		var was changed
		err := c.db.between(ctx, func() (err error) {
			if err := c.db.writer.remember(); err != nil {
				c.db.cfg.Log.Error("the log cannot be read: this backup reads the whole database", "part", "vault", "err", err)
			}
			// The first look fixes the state; nothing is written meanwhile.
			if cut.Count, err = tx.pageCount(); err == nil {
				was = c.take()
			}
			return err
		})
		if err != nil {
			return err
		}
		cut.Changed, cut.Unsure, cut.New = was.pages.list(), was.unsure, slices.Clone(was.blobs)
		return do(cut)
	})
}

// Page hands over pages by their numbers, each in a slice that is used again. A number that
// is behind the end is passed by.
func (c *Cut) Page(ns []uint32, visit func(n uint32, page []byte) error) error {
	for len(ns) > 0 {
		k := min(len(ns), pagesAtOnce)
		if err := c.tx.pages(ns[:k], visit); err != nil {
			return err
		}
		ns = ns[k:]
	}
	return nil
}

// NamedBlobs returns all blobs that parts refer to.
func (db *DB) NamedBlobs(ctx context.Context) (known map[mail.ID]bool, err error) {
	err = db.View(ctx, func(tx *ReadTx) (err error) {
		known, err = namedBlobs(tx.c)
		return err
	})
	return known, err
}

// Pages hands over all pages, each as it stands when it is read: the writer goes on, and
// what it writes meanwhile is in the next Cut of whoever began to remember before. It
// returns how many there are.
func (db *DB) Pages(ctx context.Context, visit func(n uint32, page []byte) error) (count uint32, err error) {
	ns := make([]uint32, 0, pagesAtOnce)
	for next := uint32(1); ; {
		err := db.View(ctx, func(tx *ReadTx) (err error) {
			if count, err = tx.pageCount(); err != nil {
				return err
			}
			for ns = ns[:0]; len(ns) < pagesAtOnce && next <= count; next++ {
				ns = append(ns, next)
			}
			return tx.pages(ns, visit)
		})
		if err != nil || next > count {
			return count, err
		}
	}
}

func (tx *ReadTx) pageCount() (uint32, error) {
	// A pragma alone would not fix the state.
	return one(tx.c, func(s scanner) (n uint32, err error) { return n, s.Scan(&n) }, `
		SELECT page_count
		FROM pragma_page_count, (SELECT count(*) FROM sqlite_schema)`)
}

func (tx *ReadTx) pages(ns []uint32, visit func(n uint32, page []byte) error) error {
	list, err := json.Marshal(ns)
	if err != nil {
		return err
	}
	_, err = all(tx.c, func(s scanner) (_ struct{}, err error) {
		var n uint32
		var page sql.RawBytes // SQLite's own, until the next row
		if err := s.Scan(&n, &page); err != nil {
			return struct{}{}, err
		}
		if len(page) != pageSize {
			return struct{}{}, fmt.Errorf("page %d has %d bytes", n, len(page))
		}
		return struct{}{}, visit(n, page)
	}, `
		SELECT pgno, data
		FROM sqlite_dbpage
		WHERE pgno IN (SELECT value FROM json_each(?))`, string(list))
	return err
}
