package admin

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/usage"
)

const journalPath = "/journal"

// journalAsked is what the address asks for: what it does not say, or says wrongly, is the
// newest entries of every kind.
type journalAsked struct {
	before, after int64 // the number at which the page before has ended; 0: this is the first
	kind          string
	actor         *mail.ActorKind
	day, until    string // first and last day, of the house; "" for none
	oldest        bool   // the oldest first
}

func (d *Door) askedOfJournal(r *web.Request) (a journalAsked) {
	a.before, a.after = seqOf(r, "before"), seqOf(r, "after")
	if k := r.Query("kind"); slices.Contains(journal.Kinds(), k) {
		a.kind = k
	}
	for k := mail.ActorNobody; k <= mail.ActorAdmin; k++ {
		if r.Query("actor") == k.String() {
			a.actor = &k
		}
	}
	for name, to := range map[string]*string{"day": &a.day, "until": &a.until} {
		if t, err := d.date(r.Query(name)); err == nil {
			*to = d.day(t)
		}
	}
	a.oldest = r.Query("order") == "oldest"
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

// looks reports whether entries are asked for that no number leads to.
func (a journalAsked) looks() bool { return a.kind != "" || a.actor != nil }

// chosen are the names and values that say which entries are asked for.
func (a journalAsked) chosen() (list [][2]string) {
	actor := ""
	if a.actor != nil {
		actor = a.actor.String()
	}
	for _, x := range [][2]string{{"kind", a.kind}, {"actor", actor}, {"day", a.day}, {"until", a.until}} {
		if x[1] != "" {
			list = append(list, x)
		}
	}
	return list
}

// path is the address of the page that goes on behind an entry; of the first page, with 0.
func (a journalAsked) path(at int64) string {
	var pairs []string
	for _, x := range a.chosen() {
		pairs = append(pairs, x[:]...)
	}
	name := "before"
	if a.oldest {
		pairs, name = append(pairs, "order", "oldest"), "after"
	}
	if at > 0 {
		pairs = append(pairs, name, strconv.FormatInt(at, 10))
	}
	return web.WithQuery(journalPath, pairs...)
}

// journalQuery is what is asked for among so many entries. Days are found by their numbers.
func (d *Door) journalQuery(r *web.Request, a journalAsked, entries int64) (q journal.Query, err error) {
	q = journal.Query{From: 1, To: entries + 1, Kind: a.kind, Actor: a.actor, Oldest: a.oldest}
	day, err := d.date(a.day)
	if err == nil && !day.IsZero() {
		q.From, err = d.journal.At(r.Context(), day)
	}
	if err != nil {
		return q, err
	}
	until, err := d.date(a.until)
	if err == nil && !until.IsZero() {
		q.To, err = d.journal.At(r.Context(), d.after(until))
	}
	q.To = max(q.To, q.From)
	return q, err
}

// lookIn is a question about no more entries than are looked through at once.
func lookIn(q journal.Query, look int64) journal.Query {
	if q.Oldest {
		q.To = min(q.To, q.From+look)
	} else {
		q.From = max(q.From, q.To-look)
	}
	return q
}

// journalChoices are the fields by which the journal is narrowed and turned round.
func (d *Door) journalChoices(r *web.Request, a journalAsked) []web.Field {
	kind := web.Field{Name: "kind", Label: r.T("page.journal.kind"), Options: []web.Option{{Label: r.T("page.journal.kind.all")}}}
	for _, k := range journal.Kinds() {
		kind.Options = append(kind.Options, web.Option{Value: k, Label: kindWords(r, k), Chosen: k == a.kind})
	}
	actor := web.Field{Name: "actor", Label: r.T("page.journal.actor"), Options: []web.Option{{Label: r.T("page.journal.actor.all")}}}
	for k := mail.ActorNobody; k <= mail.ActorAdmin; k++ {
		actor.Options = append(actor.Options, web.Option{Value: k.String(), Label: r.T("actor." + k.String()), Chosen: a.actor != nil && *a.actor == k})
	}
	order := web.Field{Name: "order", Label: r.T("page.journal.order"), Options: []web.Option{{Label: r.T("page.journal.newest.first")}, {Value: "oldest", Label: r.T("page.journal.oldest.first"), Chosen: a.oldest}}}
	return []web.Field{
		kind, actor,
		{Name: "day", Label: r.T("page.journal.day"), Value: a.day, Type: "date", Short: true},
		{Name: "until", Label: r.T("page.journal.until"), Value: a.until, Type: "date", Short: true},
		order,
	}
}

// journalCSV is a part of the journal as a file: what the page is narrowed to, from a number
// on, in the columns of the page, with whole ids, the kind's code word, and the entry's
// hash, by which a copy is compared with the journal.
func (d *Door) journalCSV(r *web.Request) error {
	a := d.askedOfJournal(r)
	a.oldest = true
	entries, _, err := d.journal.Head(r.Context())
	if err != nil {
		return err
	}
	q, err := d.journalQuery(r, a, entries)
	if err != nil {
		return err
	}
	from := max(seqOf(r, "from"), q.From)
	q.From = min(from, q.To)
	q = lookIn(q, journalFileLook)
	list, err := d.journal.Where(r.Context(), q, journalFile)
	if err != nil {
		return err
	}
	records, last := [][]string{journalHead(r)}, q.To-1
	for _, e := range list {
		records = append(records, d.journalRecord(r, e))
	}
	if len(list) == journalFile {
		last = list[len(list)-1].Seq
	}
	var b bytes.Buffer
	if err := usage.WriteCSV(&b, records); err != nil {
		return err
	}
	// Its name says which numbers it is about: who wants the others goes on from there.
	name := fmt.Sprintf("%s-%d-%d.csv", r.T("page.journal.savename"), from, max(last, from))
	return r.Stream(name, "text/csv", int64(b.Len()), bytes.NewReader(b.Bytes()), time.Time{})
}
