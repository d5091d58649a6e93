package admin

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/usage"
)

const todoPath = "/todo"

// Attention is what the page asks of letters that wait too long; office.Office does it. It
// tells nobody of what they do not organise.
type Attention interface {
	UnreadBelow(ctx context.Context, by mail.Actor) ([]office.Waiting, error)
	HeldBelow(ctx context.Context, by mail.Actor) ([]office.Waiting, error)
	LeftBelow(ctx context.Context, by mail.Actor, within time.Duration) ([]office.Left, error)
}

// todoPage is where somebody begins who organises, audits, helps or runs the machine: what
// needs them first, then figures.
type todoPage struct {
	web.Frame
	Tasks   []task
	Figures *todoFigures // nil for who may not see any
}

// task is one thing that needs somebody.
type task struct {
	Urgency urgency
	Text    string
	Since   time.Time // zero: not known, or of no use
	Path    string    // where it is mended; "" for here
	Button  string
}

// urgency is how soon somebody should see to a task.
type urgency uint8

// The urgencies.
const (
	whenever urgency = iota
	soon
	now
)

// Tone is the colour of the word, which says the same.
func (u urgency) Tone() web.Tone { return [...]web.Tone{web.Info, web.Warning, web.Danger}[u] }

// Key is the word's.
func (u urgency) Key() string { return [...]string{"todo.whenever", "todo.soon", "todo.now"}[u] }

// todoAsked is one look at what needs the viewer. What is read of the machine is read once.
type todoAsked struct {
	*web.Request
	d       *Door
	by      mail.Actor
	machine *Status
}

// status is how the machine is.
func (a *todoAsked) status() (Status, error) {
	if a.machine == nil {
		s, err := a.d.m.Status(a.Context())
		if err != nil {
			return s, err
		}
		a.machine = &s
	}
	return *a.machine, nil
}

// day is a day of the house's in words.
func (a *todoAsked) day(t time.Time) string {
	return a.Printer().In(a.d.zone).Date(t, a.Now())
}

// todoKind finds the tasks of one kind, for those who may know of them. Administrators see
// all kinds.
type todoKind struct {
	of   mail.Roles
	find func(*todoAsked) ([]task, error)
}

// todoKinds are all that there are: another one is another line. Those of organisers tell
// of the own branch only.
func todoKinds() []todoKind {
	const admin, auditor, helpdesk = mail.RoleAdmin, mail.RoleAuditor, mail.RoleHelpDesk
	return append([]todoKind{
		{auditor, clockLeapt}, {helpdesk, mailServerDown}, {helpdesk, smsFail}, {helpdesk, mailsWait},
		{admin, fileChanged}, {admin, smsSpent}, {admin, diskFull}, {admin, certificateEnds}, {admin, workFailed}, {admin, pathBroken}, {admin, kitUnpractised}, {admin, newVersion}, {admin, backupsNeed}, {admin, spoolWaits},
		{auditor, journalUnsigned},
	}, houseKinds()...)
}

// houseKinds are those of the house's people, units and mailboxes.
func houseKinds() []todoKind {
	const admin, organiser = mail.RoleAdmin, mail.RoleOrganiser
	return []todoKind{
		{admin, oneAdministrator}, {admin, nobodyHelps}, {admin, directoryWaits}, {admin, domainsUnproven},
		{organiser, helpAsked}, {organiser, keysAsked}, {organiser, lettersUnread}, {organiser, lettersHeld},
		{organiser, mailboxesEmpty}, {organiser, mailboxesEnd}, {organiser, leaversLeave}, {organiser, groupsEnd}, {organiser, neverHere},
	}
}

// tasksOfKind is how many tasks of a kind the page shows; the worst come first.
const tasksOfKind = 10

func (d *Door) todo(r *web.Request) error {
	tasks, err := d.tasks(r, todoKinds())
	if err != nil {
		return err
	}
	page := &todoPage{Tasks: tasks}
	if r.Viewer().Roles&(mail.RoleOrganiser|mail.RoleAuditor|mail.RoleAdmin) != 0 {
		f, err := d.todoFigures(r)
		if err != nil {
			return err
		}
		page.Figures = &f
	}
	return r.Page("admin/todo", page)
}

// tasks are those of some kinds, the most urgent first.
func (d *Door) tasks(r *web.Request, kinds []todoKind) (tasks []task, err error) {
	a := &todoAsked{Request: r, d: d, by: actor(r)}
	for _, k := range kinds {
		if r.Viewer().Roles&(k.of|mail.RoleAdmin) == 0 {
			continue
		}
		list, err := k.find(a)
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(list, bySince)
		tasks = append(tasks, list[:min(len(list), tasksOfKind)]...)
	}
	slices.SortStableFunc(tasks, func(x, y task) int { return cmp.Compare(y.Urgency, x.Urgency) })
	return tasks, nil
}

// bySince puts what is urgent and old first.
func bySince(x, y task) int {
	return cmp.Or(cmp.Compare(y.Urgency, x.Urgency), x.Since.Compare(y.Since))
}

// todoFigures are what the viewer's branches have used in the month that it is.
type todoFigures struct {
	Month string
	Chart chart
	usageNumbers
}

func (d *Door) todoFigures(r *web.Request) (f todoFigures, err error) {
	a := d.usageAsked(r)
	f.Month = d.monthName(r, a.month)
	err = d.used(r, a, func(s *usageScope) {
		f.usageNumbers, f.Chart = d.numbers(r, usage.Sum(s.lines)), d.monthChart(r, a.month, s.lines, "page.todo.chart.text")
	})
	return f, err
}
