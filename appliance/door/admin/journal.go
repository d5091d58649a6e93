package admin

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Journal is the record of every act, to be read; the appliance is one. It holds no name,
// address or subject, so that who reads it learns none.
type Journal interface {
	// Head returns how many entries there are, and the newest signed checkpoint; the zero
	// one if none is signed yet.
	Head(ctx context.Context) (entries int64, signed journal.Checkpoint, err error)
	// Where returns up to n entries that are asked for.
	Where(ctx context.Context, q journal.Query, n int) ([]journal.Entry, error)
	// At returns the number of the first entry that is not older than a moment; if all are,
	// the one that the next will have.
	At(ctx context.Context, at time.Time) (int64, error)
}

const (
	// journalShown is how many entries a page shows.
	journalShown = 100
	// journalLook is how many entries a page looks through for those that are asked for: the
	// journal has no index of kinds.
	journalLook = 20_000
	// journalFileLook is the same of a file, which takes a second or two.
	journalFileLook = 400_000
	// journalFile is how many entries a file has; it is made in memory.
	journalFile = 10_000
)

func (d *Door) journalRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/journal", Need: web.Auditor, Handle: d.journalPage},
		{Method: "GET", Path: "/journal/csv", Need: web.Auditor, Handle: d.journalCSV},
	}
}

// journalPage shows a part of the journal, newest first unless it is asked otherwise.
type journalPage struct {
	web.Frame
	Entries  int64
	Signed   int64 // entries that the newest checkpoint counts; 0: none is signed yet
	SignedAt time.Time
	Choices  []web.Field
	Chosen   bool
	From     web.Field   // of the file
	With     [][2]string // names and values that the file is asked for with
	Rows     []journalRow
	Looked   looked // of what was chosen only
	Oldest   bool   // the oldest first
	First    string // path; "" on the first page
	Next     string // path; "" if there are no more
}

// looked says which entries were looked through for those that are asked for.
type looked struct {
	First, Last int64 // both included; 0: all are shown
	On          bool  // there are more that were not
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

func (d *Door) journalPage(r *web.Request) error {
	a := d.askedOfJournal(r)
	entries, signed, err := d.journal.Head(r.Context())
	if err != nil {
		return err
	}
	page := &journalPage{Entries: entries, Signed: signed.Size, SignedAt: signed.At, Choices: d.journalChoices(r, a), Chosen: a.path(0) != journalPath, Oldest: a.oldest}
	q, err := d.journalQuery(r, a, entries)
	if err != nil {
		return err
	}
	from := max(q.From, q.To-journalFile)
	if a.looks() {
		from = max(q.From, q.To-journalFileLook)
	}
	page.From = web.Field{
		Name: "from", Label: r.T("page.journal.from"), Hint: r.T("page.journal.from.hint", "Most", journalFile),
		Value: strconv.FormatInt(max(1, from), 10), Mode: "numeric", Pattern: "[0-9]*", Max: 19, Short: true,
	}
	page.With = a.chosen()
	switch { // the page begins where the one before has ended
	case a.after >= q.From && a.after < q.To && a.oldest:
		q.From, page.First = a.after+1, a.path(0)
	case a.before > q.From && a.before < q.To && !a.oldest:
		q.To, page.First = a.before, a.path(0)
	}
	if err := d.fillJournal(r, page, a, q); err != nil {
		return err
	}
	return r.Page("admin/journal", page)
}

// fillJournal puts the entries on the page, and where the next ones are. Of what is asked
// for there may be none among those that were looked through.
func (d *Door) fillJournal(r *web.Request, page *journalPage, a journalAsked, q journal.Query) error {
	first, last := q.From, q.To-1 // of all that there is to look at
	if a.looks() {
		q = lookIn(q, journalLook)
	}
	list, err := d.journal.Where(r.Context(), q, journalShown)
	if err != nil {
		return err
	}
	for _, e := range list {
		page.Rows = append(page.Rows, d.journalRow(r, e))
	}
	page.Looked = looked{First: q.From, Last: q.To - 1}
	full := len(list) == journalShown
	switch {
	case full && q.Oldest:
		page.Looked.Last = list[len(list)-1].Seq
	case full:
		page.Looked.First = list[len(list)-1].Seq
	}
	switch {
	case q.Oldest && page.Looked.Last < last:
		page.Next = a.path(page.Looked.Last)
	case !q.Oldest && page.Looked.First > first:
		page.Next = a.path(page.Looked.First)
	}
	page.Looked.On = page.Next != "" && !full
	if !a.looks() || last < first {
		page.Looked = looked{}
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
