package desk

import (
	"context"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// maxWords is how many words a search takes; further ones are passed over.
const maxWords = 10

// Search says which letters are wanted.
type Search struct {
	Words string    // each must occur in the subject or in somebody's name or address
	From  time.Time // the first moment; zero: since ever
	Until time.Time // the first moment no more; zero: until now
	Skip  int       // newer ones that are not shown
	Limit int       // letters to show
}

// Found is what a search has found.
type Found struct {
	Lines []Line // the newest after those to skip, at most as many as were wanted
	Hits  int    // all
	// More: there are letters beyond MaxFind in the time that was asked for, in which
	// nothing was looked for.
	More bool
}

// entry is a letter that a search looks at.
type entry struct {
	mail.Entry
	folder mail.Folder
}

// findFolders are the folders that are searched.
var findFolders = [...]mail.Folder{mail.Inbox, mail.Sent, mail.Drafts, mail.Trash}

// Find searches a mailbox of r's: the finder's, which somebody keeps for r alone from one
// search to the next. The first search opens the head of each letter; what it needs of
// them stays in the finder, and nowhere else. A search leaves nothing on disk and in no
// log. What r cannot read is not found.
func (d *Desk) Find(ctx context.Context, r Reader, f *Finder, s Search) (Found, error) {
	owner, err := r.mailbox(f.mailbox)
	if err != nil {
		return Found{}, err
	}
	defer d.finders.used(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	list, more, err := d.entries(ctx, owner, s)
	if err != nil {
		return Found{}, err
	}
	if s.From.IsZero() && s.Until.IsZero() || len(f.known) > MaxFind {
		f.keep(list)
	}
	drafts, err := d.learn(ctx, r, f, list)
	if err != nil {
		return Found{}, err
	}
	words := wordsOf(s.Words)
	found := Found{More: more}
	var show []mail.ID
	for _, e := range list {
		text, ok := f.known[e.Holder]
		if e.folder == mail.Drafts {
			text, ok = drafts[e.Holder]
		}
		if !ok || !hasAll(text, words) {
			continue
		}
		if found.Hits++; found.Hits > s.Skip && len(show) < s.Limit {
			show = append(show, e.Holder)
		}
	}
	found.Lines, err = d.linesOf(ctx, r, owner, show)
	return found, err
}

func wordsOf(s string) []string {
	words := strings.Fields(fold(s, maxFindText))
	return words[:min(len(words), maxWords)]
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// findPage is how many entries one look at a folder takes, and how many heads are opened
// before another may have the reader of the store.
const findPage = 500

// entries returns the letters of a mailbox in a time, the newest first, at most MaxFind;
// more if there are others.
func (d *Desk) entries(ctx context.Context, owner mail.ID, s Search) (list []entry, more bool, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		var streams []*stream
		for _, folder := range findFolders {
			q := mail.MailboxQuery{Owner: owner, Folder: folder, Limit: findPage, Before: s.Until}
			st := &stream{tx: tx, q: q}
			if err := st.fill(); err != nil {
				return err
			}
			streams = append(streams, st)
		}
		for {
			st := newest(streams)
			if st == nil || !s.From.IsZero() && st.page[0].At.Before(s.From) {
				return nil
			}
			if len(list) == MaxFind {
				more = true
				return nil
			}
			list = append(list, entry{st.page[0], st.q.Folder})
			if err := st.next(); err != nil {
				return err
			}
		}
	})
	return list, more, err
}

// stream is a folder, read page by page.
type stream struct {
	tx   ReadTx
	q    mail.MailboxQuery
	page []mail.Entry // what is left of it
}

func (s *stream) fill() (err error) {
	s.page, err = s.tx.Entries(s.q)
	if n := len(s.page); n > 0 {
		s.q.Before, s.q.Skip = s.page[n-1].At, s.page[n-1].Holder
	}
	return err
}

func (s *stream) next() error {
	if s.page = s.page[1:]; len(s.page) > 0 {
		return nil
	}
	return s.fill()
}

// newest returns the stream whose next letter is the newest; nil if all have ended.
func newest(streams []*stream) (best *stream) {
	for _, s := range streams {
		if len(s.page) > 0 && (best == nil || s.page[0].At.After(best.page[0].At)) {
			best = s
		}
	}
	return best
}

// learn opens the heads of the letters that the finder does not know. Those of drafts,
// which change, it returns instead.
func (d *Desk) learn(ctx context.Context, r Reader, f *Finder, list []entry) (drafts map[mail.ID]string, err error) {
	drafts = map[mail.ID]string{}
	var todo []entry
	for _, e := range list {
		if _, ok := f.known[e.Holder]; !ok || e.folder == mail.Drafts {
			todo = append(todo, e)
		}
	}
	for len(todo) > 0 {
		page := todo[:min(findPage, len(todo))]
		todo = todo[len(page):]
		err := d.Store.View(ctx, func(tx ReadTx) error {
			for _, e := range page {
				head, err := d.findHead(tx, r, e.Holder)
				if kind := mail.KindOf(err); kind == mail.Absent || kind == mail.Gone {
					continue
				}
				if err != nil {
					return err
				}
				if e.folder == mail.Drafts {
					drafts[e.Holder] = textOf(head)
				} else {
					f.remember(e.Holder, textOf(head))
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return drafts, nil
}

// findHead opens the head of a letter that r may read.
func (d *Desk) findHead(tx ReadTx, r Reader, holder mail.ID) (mail.Head, error) {
	row, err := tx.MailboxOf(holder)
	if err != nil {
		return mail.Head{}, err
	}
	x := loaded{m: row.Message, h: row.Holder}
	if !alive(x, d.Clock.Now()) {
		return mail.Head{}, gone(row.Holder)
	}
	return d.rowHead(tx, r, x, row)
}

// linesOf opens letters of a mailbox for a list.
func (d *Desk) linesOf(ctx context.Context, r Reader, owner mail.ID, holders []mail.ID) (lines []Line, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		for _, id := range holders {
			row, err := tx.MailboxOf(id)
			if mail.KindOf(err) == mail.Absent {
				continue
			}
			if err != nil {
				return err
			}
			line, err := d.line(tx, r, row)
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		if owner == r.ID {
			return nil
		}
		return fillClaims(tx, owner, lines)
	})
	return lines, err
}
