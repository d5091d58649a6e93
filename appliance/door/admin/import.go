package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// shownProblems is how many lines of a report a page shows; the others are counted.
const shownProblems = 200

// imports are the tables that were read and wait for a word, and the one that is being
// carried out. They live in memory only: a table is full of names.
type imports struct {
	mu      sync.Mutex
	waiting map[mail.ID]waiting // by who has sent it
	running *running            // the last one; nil before the first
}

// waiting is a table that was found good.
type waiting struct {
	at   mail.ID
	rows []org.Row
}

// mostWaiting bounds what lies in memory; the table of somebody else then goes.
const mostWaiting = 4

// running is an import on its way, or the last that was.
type running struct {
	at    mail.ID
	total int64
	done  atomic.Int64
	over  atomic.Bool
	err   error // once it is over
}

func (i *imports) wait(by mail.ID, w waiting) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.waiting == nil {
		i.waiting = map[mail.ID]waiting{}
	}
	for other := range i.waiting {
		if len(i.waiting) >= mostWaiting {
			delete(i.waiting, other)
		}
	}
	i.waiting[by] = w
}

// take returns what waits for a word from somebody, once.
func (i *imports) take(by, at mail.ID) (waiting, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	w, ok := i.waiting[by]
	delete(i.waiting, by)
	return w, ok && w.at == at
}

// begin makes an import the running one. The error is Busy while another runs.
func (i *imports) begin(r *running) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.running != nil && !i.running.over.Load() {
		return mail.E(mail.Busy, "error.import.busy", nil)
	}
	i.running = r
	return nil
}

// of returns the last import into a unit, if it was the last of all.
func (i *imports) of(at mail.ID) *running {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.running == nil || i.running.at != at {
		return nil
	}
	return i.running
}

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

type problem struct {
	Line int
	Text string
	With string
}

type planView struct {
	Units, New, Moved, Same int
	Names                   []string // of the first units
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
	if x := d.imports.of(id); x != nil {
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
	rows, problems, err := readTable(r)
	if err == nil {
		plan, more, err := d.org.PlanImport(actor(r), id, rows)
		if err != nil {
			return err
		}
		if problems = append(problems, more...); len(problems) == 0 {
			d.imports.wait(actor(r).ID, waiting{id, rows})
			p.Plan = viewOf(plan)
			return r.Page("admin/import", p)
		}
	}
	if err != nil && mail.KindOf(err) != mail.Invalid {
		return err
	}
	slices.SortStableFunc(problems, func(a, b org.Problem) int { return a.Line - b.Line })
	p.Say = &web.Alert{Tone: web.Danger, Text: r.T("page.import.bad")}
	if err != nil {
		p.Say.Text = r.Sentence(err)
	}
	p.Problems, p.More = reported(r, problems)
	return r.PageWith(http.StatusUnprocessableEntity, "admin/import", p)
}

// readTable reads the table out of the form. The error is Invalid if there is none.
func readTable(r *web.Request) ([]org.Row, []org.Problem, error) {
	for {
		part, err := r.Upload().Next()
		if errors.Is(err, io.EOF) {
			return nil, nil, mail.E(mail.Invalid, "error.table.empty", nil)
		}
		if err != nil {
			return nil, nil, err
		}
		if part.Name == "files" {
			return org.ReadTable(part)
		}
	}
}

func viewOf(p org.Plan) *planView {
	v := &planView{Units: len(p.Units), New: len(p.New), Moved: len(p.Moved), Same: p.Same}
	for _, u := range p.Units[:min(len(p.Units), 20)] {
		v.Names = append(v.Names, u.Name)
	}
	return v
}

func reported(r *web.Request, list []org.Problem) (shown []problem, more int) {
	for _, p := range list[:min(len(list), shownProblems)] {
		shown = append(shown, problem{p.Line, r.T(p.Say), p.With})
	}
	return shown, len(list) - len(shown)
}

// startImport carries out what was shown. The organisation may have changed since, so
// it is looked at once more.
func (d *Door) startImport(r *web.Request, id mail.ID) error {
	p, err := d.importPage(r, id)
	if err != nil {
		return err
	}
	by := actor(r)
	w, ok := d.imports.take(by.ID, id)
	if !ok {
		p.Say = &web.Alert{Tone: web.Warning, Text: r.T("page.import.again")}
		return r.PageWith(http.StatusUnprocessableEntity, "admin/import", p)
	}
	plan, problems, err := d.org.PlanImport(by, id, w.rows)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		p.Say = &web.Alert{Tone: web.Danger, Text: r.T("page.import.bad")}
		p.Problems, p.More = reported(r, problems)
		return r.PageWith(http.StatusUnprocessableEntity, "admin/import", p)
	}
	run := &running{at: id, total: int64(len(plan.Units) + len(plan.New) + len(plan.Moved))}
	if err := d.imports.begin(run); err != nil {
		p.Say = &web.Alert{Tone: web.Warning, Text: r.Sentence(err)}
		return r.PageWith(http.StatusUnprocessableEntity, "admin/import", p)
	}
	ctx := context.WithoutCancel(r.Context()) // it goes on when the page is closed; the store's end ends it
	go func() {
		run.err = d.org.Import(ctx, by, plan, d.lang, &run.done)
		run.over.Store(true)
	}()
	return r.Redirect(p.Self)
}
