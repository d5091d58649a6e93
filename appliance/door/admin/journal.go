package admin

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/usage"
)

// Journal is the record of every act, to be read; the appliance is one. It holds no name,
// address or subject, so that who reads it learns none.
type Journal interface {
	// Head returns how many entries there are, and the newest signed checkpoint; the zero
	// one if none is signed yet.
	Head(ctx context.Context) (entries int64, signed journal.Checkpoint, err error)
	// Before returns up to n entries before the one with number seq, newest first.
	Before(ctx context.Context, seq int64, n int) ([]journal.Entry, error)
	// KindBefore returns up to n entries of one kind, newest first, of the look entries
	// before the one with number seq.
	KindBefore(ctx context.Context, kind string, seq, look int64, n int) ([]journal.Entry, error)
	// From returns up to n entries from the one with number seq on, in order.
	From(ctx context.Context, seq int64, n int) ([]journal.Entry, error)
}

const (
	// journalShown is how many entries a page shows.
	journalShown = 100
	// journalLook is how many entries a page looks through for those of a kind: the journal
	// has no index of kinds.
	journalLook = 20_000
	// journalFile is how many entries a file has; it is made in memory.
	journalFile = 10_000
)

func (d *Door) journalRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/journal", Need: web.Auditor, Handle: d.journalPage},
		{Method: "GET", Path: "/journal/csv", Need: web.Auditor, Handle: d.journalCSV},
	}
}

// journalPage shows a part of the journal, newest first.
type journalPage struct {
	web.Frame
	Entries  int64
	Signed   int64 // entries that the newest checkpoint counts; 0: none is signed yet
	SignedAt time.Time
	Kind     web.Field
	From     web.Field // of the file
	Most     int       // entries of the file
	Rows     []journalRow
	Looked   looked // of a kind only
	Newest   string // path; "" on the newest page
	Older    string // path; "" if there are none
}

// looked says which entries were looked through for those of a kind.
type looked struct {
	First, Last int64 // both included; 0: all are shown
	On          bool  // there are older ones that were not
}

// journalRow is an entry in words.
type journalRow struct {
	Seq             int64
	At              time.Time
	Time            string
	Kind, Actor     string
	Part, Detail    string
	Message, Holder mail.ID // of the message, of what was acted upon; zero: none
}

// Short is the beginning of an id, for a narrow column. Ids that were made in the same
// quarter of a second may begin alike; the whole one stands in the title, and in the file.
func (journalRow) Short(id mail.ID) string { return id.String()[:8] }

// journalAsked is what the address asks for: what it does not say, or says wrongly, is the
// newest entries of every kind.
type journalAsked struct {
	before int64 // 0: the newest
	kind   string
}

func askedOfJournal(r *web.Request) (a journalAsked) {
	a.before = seqOf(r, "before")
	if k := r.Query("kind"); slices.Contains(journal.Kinds(), k) {
		a.kind = k
	}
	return a
}

// seqOf reads an entry's number; 0 for what is none.
func seqOf(r *web.Request, name string) int64 {
	n, err := strconv.ParseInt(r.Query(name), 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

func (a journalAsked) path(before int64) string {
	seq := ""
	if before > 0 {
		seq = strconv.FormatInt(before, 10)
	}
	return web.WithQuery("/journal", "kind", a.kind, "before", seq)
}

func (d *Door) journalPage(r *web.Request) error {
	a := askedOfJournal(r)
	entries, signed, err := d.journal.Head(r.Context())
	if err != nil {
		return err
	}
	page := &journalPage{Entries: entries, Signed: signed.Size, SignedAt: signed.At, Kind: kindField(r, a.kind), Most: journalFile}
	from := max(1, entries-journalFile+1)
	page.From = web.Field{
		Name: "from", Label: r.T("page.journal.from"), Hint: r.T("page.journal.from.hint", "Most", journalFile),
		Value: strconv.FormatInt(from, 10), Mode: "numeric", Pattern: "[0-9]*", Max: 19, Short: true,
	}
	if a.before == 0 || a.before > entries {
		a.before = entries + 1
	} else {
		page.Newest = a.path(0)
	}
	if err := d.fillJournal(r, page, a); err != nil {
		return err
	}
	return r.Page("admin/journal", page)
}

// fillJournal puts the entries on the page, and where the next older ones are. Of a kind
// there may be none among those that were looked through.
func (d *Door) fillJournal(r *web.Request, page *journalPage, a journalAsked) error {
	var list []journal.Entry
	var err error
	if a.kind == "" {
		list, err = d.journal.Before(r.Context(), a.before, journalShown)
	} else {
		list, err = d.journal.KindBefore(r.Context(), a.kind, a.before, journalLook, journalShown)
	}
	if err != nil {
		return err
	}
	for _, e := range list {
		page.Rows = append(page.Rows, d.journalRow(r, e))
	}
	last := a.before // the oldest entry that was looked at
	switch {
	case len(list) == journalShown:
		last = list[len(list)-1].Seq
	case a.kind == "":
		last = 1
	default:
		last = max(1, last-journalLook)
	}
	if last > 1 {
		page.Older = a.path(last)
	}
	if a.kind != "" {
		page.Looked = looked{First: last, Last: a.before - 1, On: last > 1 && len(list) < journalShown}
	}
	return nil
}

func (d *Door) journalRow(r *web.Request, e journal.Entry) journalRow {
	return journalRow{
		Seq: e.Seq, At: e.At, Time: e.At.In(d.zone).Format(time.DateTime), Kind: kindWords(r, e.Kind), Actor: r.T("actor." + e.Actor.String()),
		Part: e.Part, Detail: detailWords(r, e), Message: e.Message, Holder: e.Holder,
	}
}

// kindWords says what happened; a kind of a later program stands as its code word.
func kindWords(r *web.Request, kind string) string {
	if key := "journal." + kind; r.Printer().Has(key) {
		return r.T(key)
	}
	return kind
}

// invitedWords says to which phone somebody was invited: "phone 67", or "phone 67 confirmed".
func invitedWords(r *web.Request, detail string) string {
	words := strings.Fields(detail)
	switch {
	case len(words) == 2 && words[0] == "phone":
		return r.T("page.journal.phone", "Tail", words[1])
	case len(words) == 3 && words[0] == "phone" && words[2] == "confirmed":
		return r.T("page.journal.phone.confirmed", "Tail", words[1])
	}
	return detail
}

// detailWords says by what, and where, a sign-in has failed. Other details are code words,
// names and ids, and stand as they are; so does a word of a later program.
func detailWords(r *web.Request, e journal.Entry) string {
	switch e.Kind {
	case journal.RecipientInvited:
		return invitedWords(r, e.Detail)
	case journal.SignInFailed, journal.TriesStopped, journal.FailuresLeftOut:
	default:
		return e.Detail
	}
	words := strings.Fields(e.Detail)
	for i, w := range words {
		if key := "tried." + w; r.Printer().Has(key) {
			words[i] = r.T(key)
		}
	}
	return strings.Join(words, ", ")
}

func kindField(r *web.Request, chosen string) web.Field {
	f := web.Field{Name: "kind", Label: r.T("page.journal.kind"), Options: []web.Option{{Label: r.T("page.journal.kind.all"), Chosen: chosen == ""}}}
	for _, k := range journal.Kinds() {
		f.Options = append(f.Options, web.Option{Value: k, Label: kindWords(r, k), Chosen: k == chosen})
	}
	return f
}

// journalCSV is a part of the journal as a file: the columns of the page, with whole ids,
// the kind's code word, and the entry's hash, by which a copy is compared with the journal.
func (d *Door) journalCSV(r *web.Request) error {
	from := max(seqOf(r, "from"), 1)
	list, err := d.journal.From(r.Context(), from, journalFile)
	if err != nil {
		return err
	}
	records := [][]string{journalHead(r)}
	for _, e := range list {
		records = append(records, d.journalRecord(r, e))
	}
	var b bytes.Buffer
	if err := usage.WriteCSV(&b, records); err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%d.csv", r.T("page.journal.savename"), from)
	return r.Stream(name, "text/csv", int64(b.Len()), bytes.NewReader(b.Bytes()), time.Time{})
}

func journalHead(r *web.Request) (head []string) {
	for _, key := range []string{
		"page.journal.col.seq", "page.journal.col.at", "page.journal.col.code", "page.journal.col.kind", "page.journal.col.actor", "page.journal.col.part",
		"page.journal.col.message", "page.journal.col.holder", "page.journal.col.detail", "page.journal.col.hash",
	} {
		head = append(head, r.T(key))
	}
	return head
}

func (d *Door) journalRecord(r *web.Request, e journal.Entry) []string {
	id := func(id mail.ID) string {
		if id.IsZero() {
			return ""
		}
		return id.String()
	}
	x := d.journalRow(r, e)
	at := e.At.In(d.zone).Format("2006-01-02T15:04:05.000Z07:00")
	return []string{strconv.FormatInt(e.Seq, 10), at, e.Kind, x.Kind, x.Actor, e.Part, id(e.Message), id(e.Holder), e.Detail, hex.EncodeToString(e.Hash[:])}
}
