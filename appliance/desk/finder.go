package desk

import (
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"weak"

	"golang.org/x/text/unicode/norm"

	"sigill/appliance/mail"
)

// Bounds of what is kept in memory to search in.
const (
	// MaxFind is how many letters of a mailbox a search goes through, the newest.
	MaxFind = 10_000
	// maxFindText is how many bytes of a letter's subject and people are searched in. A
	// long list of recipients is cut.
	maxFindText = 600
	// findRow is what a letter takes in memory beside its text: its place in a map.
	findRow = 96
	// maxFinders is how many bytes all finders may take together. With 120 bytes of text a
	// letter this is about 30 full mailboxes; where there are more, those that were
	// searched last stay, and the others are read anew.
	maxFinders = 64 << 20
)

// Finder remembers of the letters of one mailbox, for one reader, by what they are found:
// subject and people. It is clear text, and therefore lives in memory alone, with the
// reader's keys: whoever has the session holds it, and it ends with the session.
type Finder struct {
	mailbox mail.ID // zero: the reader's own

	mu    sync.Mutex
	known map[mail.ID]string // by holder; folded, a letter's words in lines
	bytes atomic.Int64
}

// NewFinder returns an empty finder for a mailbox; zero is the reader's own.
func NewFinder(mailbox mail.ID) *Finder {
	return &Finder{mailbox: mailbox, known: map[mail.ID]string{}}
}

// String keeps what it remembers out of logs and errors.
func (f *Finder) String() string { return "[secret]" }

// remember keeps a letter's words.
func (f *Finder) remember(holder mail.ID, text string) {
	f.known[holder] = text
	f.bytes.Add(int64(len(text) + findRow))
}

// keep forgets all letters but these: what has ended, and what is beyond the bound.
func (f *Finder) keep(list []entry) {
	if len(f.known) <= len(list) {
		return
	}
	kept := make(map[mail.ID]string, len(list))
	bytes := 0
	for _, e := range list {
		if text, ok := f.known[e.Holder]; ok {
			kept[e.Holder] = text
			bytes += len(text) + findRow
		}
	}
	f.known = kept
	f.bytes.Store(int64(bytes))
}

func (f *Finder) empty() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known = map[mail.ID]string{}
	f.bytes.Store(0)
}

// finders bounds what all finders of the house take together. It holds none of them: one
// whose session is over is gone.
type finders struct {
	mu   sync.Mutex
	list []weak.Pointer[Finder] // the last used last
}

// used notes that a finder has just been used, and empties those that were not used for
// longest while there are too many bytes. The caller holds no finder.
func (s *finders) used(f *Finder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me := weak.Make(f)
	list, total := s.list[:0], f.bytes.Load()
	for _, w := range s.list {
		if other := w.Value(); other != nil && w != me {
			list = append(list, w)
			total += other.bytes.Load()
		}
	}
	for _, w := range list {
		if total <= maxFinders {
			break
		}
		if other := w.Value(); other != nil {
			total -= other.bytes.Load()
			other.empty()
		}
	}
	s.list = append(list, me)
}

// textOf is what a letter is found by.
func textOf(h mail.Head) string {
	var b strings.Builder
	b.WriteString(h.Subject)
	for _, n := range append([]mail.Named{{Name: h.FromName, Address: h.From}}, h.To...) {
		if b.Len() > maxFindText {
			break
		}
		b.WriteString("\n" + n.Name + "\n" + string(n.Address))
	}
	return fold(b.String(), maxFindText)
}

// fold makes letters alike that people take for the same when they search: without case
// and accents. It returns at most n bytes.
func fold(s string, n int) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s[:min(len(s), 4*n)]) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if b.Len() >= n {
			break
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Known returns how many letters are remembered.
func (f *Finder) Known() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.known)
}
