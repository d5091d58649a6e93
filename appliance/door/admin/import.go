package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// importPage takes a table of people, says what it comes to, and shows how far it is.
type importPage struct {
	web.Frame
	Say      *web.Alert
	Crumbs   []web.Crumb
	Self     string
	Unit     string
	Problems []problem
	More     int // problems that are not shown
	Plan     *planView
	Running  bool
	Over     bool
	Failed   string
	Done     int64
	Total    int64
}

// Changes are as many as were made, to be said.
func (p *importPage) Changes() int { return int(p.Total) }

type problem struct {
	Line int
	Text string
	With string
}

type planView struct {
	Units, New, Joined, Moved, Same int

	Whole bool     // New and Joined are told apart: the viewer organises the whole house
	In    int      // both
	Names []string // of the first units
	Langs []string // that the table gives, and to how many; of all its lines, so that it does not say who is new
}

// show makes the page of a unit that the viewer organises.
func (d *Door) importPage(r *web.Request, id mail.ID) (*importPage, error) {
	u, err := d.unitOf(r, id)
	if err == nil && u.Kind == mail.Group {
		err = absent() // outsiders are invited one by one
	}
	if err != nil {
		return nil, err
	}
	p := &importPage{Self: unitPath(id) + "/import", Unit: u.Name, Crumbs: []web.Crumb{{Path: unitPath(id), Name: u.Name}}}
	if x := d.imports.of(id, r.Now()); x != nil {
		p.Over = x.over.Load()
		p.Running, p.Done, p.Total = !p.Over, x.done.Load(), x.total
		if p.Over && x.err != nil {
			p.Failed = r.Sentence(x.err)
		}
	}
	return p, nil
}

func (d *Door) importForm(r *web.Request, id mail.ID) error {
	p, err := d.importPage(r, id)
	if err != nil {
		return err
	}
	return r.Page("admin/import", p)
}

// readImport reads a table and says what it comes to. Nothing is done yet.
func (d *Door) readImport(r *web.Request, id mail.ID) error {
	p, err := d.importPage(r, id)
	if err != nil {
		return err
	}
	p.Over, p.Failed = false, ""
	// A table takes a few times its size while it is read.
	if !d.imports.reading.TryLock() {
		return d.importSays(r, p, web.Warning, r.T("error.table.busy"))
	}
	defer d.imports.reading.Unlock()
	rows, report, err := readTable(r)
	if mail.KindOf(err) == mail.Invalid {
		return d.importSays(r, p, web.Danger, r.Sentence(err))
	}
	if err != nil {
		return err
	}
	plan, more, err := d.org.PlanImport(r.Context(), actor(r), id, rows)
	if err != nil {
		return err
	}
	if report = report.And(more); !report.Good() {
		return d.importBad(r, p, report)
	}
	d.imports.wait(actor(r).ID, &waiting{id, rows, r.Now().Add(waitsFor)}, r.Now())
	p.Plan = d.viewOf(actor(r), plan)
	p.Plan.Langs = langsOf(r, rows)
	return r.Page("admin/import", p)
}

// importSays shows the form again with a word.
func (d *Door) importSays(r *web.Request, p *importPage, tone web.Tone, text string) error {
	p.Say = &web.Alert{Tone: tone, Text: text}
	return r.PageWith(http.StatusUnprocessableEntity, "admin/import", p)
}

// importBad shows the form again with the lines that are wrong.
func (d *Door) importBad(r *web.Request, p *importPage, report org.Report) error {
	for _, x := range report.Problems {
		p.Problems = append(p.Problems, problem{x.Line, r.T(x.Say), x.With})
	}
	p.More = report.More
	return d.importSays(r, p, web.Danger, r.T("page.import.bad"))
}

// readTable reads the table out of the form. The error is Invalid if there is none.
func readTable(r *web.Request) ([]org.Row, org.Report, error) {
	until := r.Now().Add(readsFor)
	for {
		part, err := r.Upload().Next()
		if errors.Is(err, io.EOF) {
			return nil, org.Report{}, mail.E(mail.Invalid, "error.table.empty", nil)
		}
		if err != nil {
			return nil, org.Report{}, err
		}
		if part.Name == "files" {
			return org.ReadTable(&hasty{part, r.Now, until}, heads(r))
		}
	}
}

// heads are the columns as the page has named them: each sentence about one begins with
// its name.
func heads(r *web.Request) org.Heads {
	name := func(column string) string {
		said := r.T("page.import.column." + column)
		if end := strings.IndexAny(said, ":."); end >= 0 {
			return said[:end]
		}
		return said
	}
	h := org.Heads{Address: name("address"), Name: name("name"), Unit: name("unit"), CostCentre: name("cost"), Language: name("lang")}
	for _, l := range r.Languages() {
		h.Languages = append(h.Languages, l.Tag)
	}
	return h
}

// langsOf counts the lines that give a language.
func langsOf(r *web.Request, rows []org.Row) (list []string) {
	n := map[string]int{}
	for _, row := range rows {
		n[row.Lang]++
	}
	for _, l := range r.Languages() {
		if n[l.Tag] > 0 {
			list = append(list, fmt.Sprintf("%s (%d)", l.Name, n[l.Tag]))
		}
	}
	return list
}

// readsFor is how long a table may take to come in: others wait for their turn.
const readsFor = 10 * time.Minute

// hasty is a table that must have come by a time.
type hasty struct {
	r     io.Reader
	now   func() time.Time
	until time.Time
}

func (h *hasty) Read(b []byte) (int, error) {
	if h.now().After(h.until) {
		return 0, mail.E(mail.Invalid, "error.upload", errors.New("a table comes too slowly"))
	}
	return h.r.Read(b)
}

func (d *Door) viewOf(by mail.Actor, p org.Plan) *planView {
	v := &planView{Units: len(p.Units), New: len(p.New), Joined: len(p.Joined), Moved: len(p.Moved), Same: p.Same, In: p.In()}
	d.org.Tree(func(t *org.Tree) { v.Whole = t.Organises(by.ID, mail.RootUnit) })
	for _, u := range p.Units[:min(len(p.Units), 20)] {
		v.Names = append(v.Names, u.Name)
	}
	return v
}

// startImport carries out what was shown. The organisation may have changed since, so
// it is looked at once more.
func (d *Door) startImport(r *web.Request, id mail.ID) error {
	p, err := d.importPage(r, id)
	if err != nil {
		return err
	}
	by := actor(r)
	w := d.imports.ready(by.ID, id)
	if w == nil {
		return d.importSays(r, p, web.Warning, r.T("page.import.again"))
	}
	plan, report, err := d.org.PlanImport(r.Context(), by, id, w.rows)
	if err != nil {
		return err
	}
	if !report.Good() {
		d.imports.drop(by.ID, w)
		return d.importBad(r, p, report)
	}
	run := &running{at: id, total: int64(plan.Changes())}
	if err := d.imports.begin(by.ID, w, run); err != nil {
		return d.importSays(r, p, web.Warning, r.Sentence(err))
	}
	go d.carryOut(context.WithoutCancel(r.Context()), by, plan, run) // it goes on when the page is closed; the store's end ends it
	return r.Redirect(p.Self)
}

// carryOut runs an import to its end. Nobody waits for it, so what is ours to mend is
// told to the operator here; of a panic only the place, for its value may hold names.
func (d *Door) carryOut(ctx context.Context, by mail.Actor, plan org.Plan, run *running) {
	defer run.over.Store(true)
	defer func() {
		if cause := recover(); cause != nil {
			run.err = mail.E(mail.Internal, "error.internal", fmt.Errorf("panic (%T) at %s", cause, debug.Stack()))
		}
		if run.err != nil && mail.KindOf(run.err) == mail.Internal {
			d.log.Error("import failed", "part", "admin", "done", run.done.Load(), "of", run.total, "err", run.err)
		}
	}()
	run.err = d.org.Import(ctx, by, plan, d.lang, &run.done)
}
