package admin

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// Organisation is what the pages show of the house's units and people, and do with
// them; office.Office is one. Of what the viewer may not organise it says Absent.
type Organisation interface {
	Tree(func(t *org.Tree))
	AddUnit(ctx context.Context, by mail.Actor, u org.Unit) (mail.ID, error)
	ChangeUnit(ctx context.Context, by mail.Actor, u org.Unit) error
	MoveUnit(ctx context.Context, by mail.Actor, id, to mail.ID) error
	RemoveUnit(ctx context.Context, by mail.Actor, id mail.ID) error
	AddPerson(ctx context.Context, by mail.Actor, unit mail.ID, n office.NewPerson) (mail.ID, error)
	Place(ctx context.Context, by mail.Actor, person, unit mail.ID, home bool) error
	Unplace(ctx context.Context, by mail.Actor, person, unit mail.ID) error
	Appoint(ctx context.Context, by mail.Actor, person, unit mail.ID) error
	Dismiss(ctx context.Context, by mail.Actor, person, unit mail.ID) error
	SetRoles(ctx context.Context, by mail.Actor, person mail.ID, to mail.Roles) error
	Allowance(owner mail.ID) mail.Allowance
	SetPlan(ctx context.Context, by mail.Actor, person mail.ID, plan mail.Plan) error
	SetName(ctx context.Context, by mail.Actor, person mail.ID, name string) error
	InviteAgain(ctx context.Context, by mail.Actor, person mail.ID) error
	CanBeHelped(ctx context.Context, person mail.ID) (office.Helpable, error)
	HasFactor(ctx context.Context, person mail.ID) (bool, error)
	// FactorParts counts what goes with it when it is taken away.
	FactorParts(ctx context.Context, person mail.ID) (office.FactorParts, error)
	IsBound(ctx context.Context, person mail.ID) (bool, error)
	Unbind(ctx context.Context, by mail.Actor, person mail.ID) error
	ResetFactor(ctx context.Context, by mail.Actor, person mail.ID) error
	Suspend(ctx context.Context, by mail.Actor, person mail.ID, why string) error
	Resume(ctx context.Context, by mail.Actor, person mail.ID, why string) error
	SetLeaving(ctx context.Context, by mail.Actor, person mail.ID, from time.Time) error
	HandOver(ctx context.Context, by mail.Actor, person, to mail.ID) error
	PlanImport(ctx context.Context, by mail.Actor, at mail.ID, rows []org.Row) (org.Plan, org.Report, error)
	Import(ctx context.Context, by mail.Actor, plan org.Plan, lang string, done *atomic.Int64) error
	SettingChanges(ctx context.Context, place mail.ID) (map[string]mail.SettingChange, error)
	InvitationOf(ctx context.Context, person mail.ID) (office.Invitation, error)
	ListedIn(ctx context.Context, by mail.Actor, unit mail.ID) ([]office.Contact, error)
	AddListed(ctx context.Context, by mail.Actor, unit mail.ID, c mail.ListedColumns) (mail.ID, error)
	ChangeListed(ctx context.Context, by mail.Actor, unit, id mail.ID, c mail.ListedColumns) error
	RemoveListed(ctx context.Context, by mail.Actor, unit, id mail.ID) error
	Templates(ctx context.Context, by mail.Actor, unit mail.ID) ([]office.Template, error)
	AddTemplate(ctx context.Context, by mail.Actor, unit mail.ID, c mail.TemplateColumns) (mail.ID, error)
	ChangeTemplate(ctx context.Context, by mail.Actor, unit, id mail.ID, c mail.TemplateColumns) error
	RemoveTemplate(ctx context.Context, by mail.Actor, unit, id mail.ID) error
	UnitSignature(ctx context.Context, by mail.Actor, unit mail.ID) (string, error)
	SetUnitSignature(ctx context.Context, by mail.Actor, unit mail.ID, text string) error
	AddMailbox(ctx context.Context, by mail.Actor, m org.Mailbox) (mail.ID, error)
	ChangeMailbox(ctx context.Context, by mail.Actor, m org.Mailbox) error
	SetClosing(ctx context.Context, by mail.Actor, id mail.ID, from time.Time, decision string) error
	CountLetters(ctx context.Context, owner mail.ID) (n int, ever bool, err error)
	RemoveMailbox(ctx context.Context, by mail.Actor, id mail.ID) error
	JoinMailbox(ctx context.Context, by mail.Actor, mailbox, person mail.ID, older bool) error
	AppointSubstitute(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error
	LeaveMailbox(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error
	GiveOlderByHelp(ctx context.Context, by mail.Actor, key *access.Key, mailbox, person mail.ID) error
	RefuseOlder(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error
	// LookWith and SetBrand are of how a unit shows itself.
	LookWith(by mail.Actor, unit mail.ID, b mail.Brand) (said mail.Brand, look mail.Look, faults map[string]error, err error)
	SetBrand(ctx context.Context, by mail.Actor, unit mail.ID, b mail.Brand, seen string) error
	Recipients
}

func (d *Door) organisationRoutes() []web.Route {
	get := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "GET", Path: path, Need: web.Organiser, Handle: h}
	}
	post := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "POST", Path: path, Need: web.Organiser, Body: web.Form, Handle: h}
	}
	return []web.Route{
		{Method: "GET", Path: todoPath, Need: web.Duty, Handle: d.todo},
		get(orgPath, d.organisation),
		{Method: "GET", Path: "/org/usage", Need: web.Statistics, Handle: d.usagePage},
		{Method: "POST", Path: "/org/usage/search", Need: web.Statistics, Body: web.Form, Handle: d.findUsage},
		{Method: "GET", Path: "/org/usage/csv", Need: web.Statistics, Handle: d.usageCSV},
		{Method: "GET", Path: figuresPath, Need: web.Statistics, Handle: d.figures},
		{Method: "GET", Path: figuresPath + "/csv", Need: web.Statistics, Handle: d.figuresCSV},

		get("/org/unit/:unit", at("unit", d.unit)),
		post("/org/unit/:unit/search", at("unit", d.search)),
		post("/org/unit/:unit/add", at("unit", d.addUnit)),
		post("/org/unit/:unit/change", at("unit", d.changeUnit)),
		post("/org/unit/:unit/move", at("unit", d.moveUnit)),
		post("/org/unit/:unit/remove", at("unit", d.removeUnit)),
		post("/org/unit/:unit/people", at("unit", d.addPerson)),
		post("/org/unit/:unit/appoint", at("unit", d.appoint)),
		post("/org/unit/:unit/dismiss", at("unit", d.dismiss)),
		post("/org/unit/:unit/mailbox", at("unit", d.addMailbox)),

		get("/org/unit/:unit/contacts", at("unit", d.listed)),
		post("/org/unit/:unit/contacts", at("unit", d.addListed)),
		post("/org/unit/:unit/contacts/search", at("unit", d.findListed)),
		post("/org/unit/:unit/contacts/change", at("unit", d.changeListed)),
		post("/org/unit/:unit/contacts/remove", at("unit", d.removeListed)),

		get("/org/unit/:unit/brand", at("unit", d.brand)),
		{Method: "POST", Path: "/org/unit/:unit/brand", Need: web.Organiser, Body: web.Upload, Limit: maxBrand, Handle: at("unit", d.previewBrand)},
		{Method: "POST", Path: "/org/unit/:unit/brand/save", Need: web.Organiser, Body: web.Upload, Limit: maxBrand, Handle: at("unit", d.saveBrand)},
		post("/org/unit/:unit/brand/reset", at("unit", d.resetBrand)),
		get("/org/unit/:unit/templates", at("unit", d.templates)),
		post("/org/unit/:unit/templates", at("unit", d.addTemplate)),
		post("/org/unit/:unit/templates/search", at("unit", d.findTemplates)),
		post("/org/unit/:unit/templates/change", at("unit", d.changeTemplate)),
		post("/org/unit/:unit/templates/remove", at("unit", d.removeTemplate)),
		post("/org/unit/:unit/templates/signature", at("unit", d.setSignature)),

		get("/org/unit/:unit/import", at("unit", d.importForm)),
		{Method: "POST", Path: "/org/unit/:unit/import", Need: web.Organiser, Body: web.Upload, Limit: org.MaxTable + 1<<20, Handle: at("unit", d.readImport)},
		post("/org/unit/:unit/import/start", at("unit", d.startImport)),

		get("/org/mailbox/:mailbox", at("mailbox", d.mailbox)),
		post("/org/mailbox/:mailbox/change", d.inMailbox(d.changeMailbox)),
		post("/org/mailbox/:mailbox/remove", d.inMailbox(d.removeMailbox)),
		post("/org/mailbox/:mailbox/end", d.inMailbox(d.endMailbox)),
		post("/org/mailbox/:mailbox/join", d.inMailbox(d.joinMailbox)),
		post("/org/mailbox/:mailbox/substitute", d.inMailbox(d.substituteMailbox)),
		post("/org/mailbox/:mailbox/leave", d.inMailbox(d.leaveMailbox)),
		post("/org/mailbox/:mailbox/give", d.inMailbox(d.giveOlder)),
		post("/org/mailbox/:mailbox/refuse", d.inMailbox(d.refuseOlder)),

		get("/org/person/:person", at("person", d.person)),
		post("/org/person/:person/name", at("person", d.setName)),
		post("/org/person/:person/home", at("person", d.setHome)),
		post("/org/person/:person/join", at("person", d.join)),
		post("/org/person/:person/leave", at("person", d.leave)),
		post("/org/person/:person/invite", at("person", d.inviteAgain)),
		post("/org/person/:person/factor", at("person", d.resetFactor)),
		post("/org/person/:person/signon", at("person", d.unbind)),
		post("/org/person/:person/suspend", at("person", d.suspend)),
		post("/org/person/:person/resume", at("person", d.resume)),
		post("/org/person/:person/leaving", at("person", d.setLeaving)),
		post("/org/person/:person/handover", at("person", d.handOver)),
		{Method: "POST", Path: "/org/person/:person/roles", Need: web.Admin, Body: web.Form, Handle: at("person", d.setRoles)},
		{Method: "POST", Path: "/org/person/:person/plan", Need: web.Admin, Body: web.Form, Handle: at("person", d.setPlan)},
	}
}

// at reads the id in the path.
func at(param string, h func(r *web.Request, id mail.ID) error) func(*web.Request) error {
	return func(r *web.Request) error {
		id, err := mail.ParseID(r.Param(param))
		if err != nil {
			return err
		}
		return h(r, id)
	}
}

// organisationPage is where an organiser finds all that is theirs: what needs them first,
// then the units. The list goes on where it stands alone.
type organisationPage struct {
	web.Frame
	Admin bool
	Tasks []task // of the house, the first few
	Units *tableView
}

// tasksInShort is how many tasks the page shows: all stand on their own page.
const tasksInShort = 3

type unitLine struct {
	Path       string
	Name       string
	CostCentre string
	Depth      int
	People     int
	Mailboxes  int // function mailboxes
	Group      bool
	Off        bool // a group that has not begun, or is over
	Ends       time.Time
}

func (d *Door) organisation(r *web.Request) error {
	tasks, err := d.tasks(r, houseKinds())
	if err != nil {
		return err
	}
	page := &organisationPage{Tasks: tasks[:min(len(tasks), tasksInShort)]}
	for i := range page.Tasks {
		if page.Tasks[i].Path == orgPath { // here
			page.Tasks[i].Path = ""
		}
	}
	d.org.Tree(func(t *org.Tree) { page.Admin = t.Roles(actor(r).ID)&mail.RoleAdmin != 0 })
	t := d.unitsTable(r)
	t.short = fewOfUnit
	page.Units = t.show(r, &page.Frame, d.unitRows(r))
	return r.Page("admin/organisation", page)
}

func lineOf(t *org.Tree, u org.Unit, depth int, now time.Time) unitLine {
	return unitLine{
		Path: unitPath(u.ID), Name: u.Name, CostCentre: u.CostCentre, Depth: depth, People: t.Count(u.ID), Mailboxes: len(t.Mailboxes(u.ID)),
		Group: u.Kind == mail.Group, Off: !u.IsOn(now), Ends: u.Ends,
	}
}

const orgPath = "/org"

func unitPath(id mail.ID) string   { return "/org/unit/" + id.String() }
func personPath(id mail.ID) string { return "/org/person/" + id.String() }

// done answers a form: back to the page with a word of success, or the page again with
// what is wrong in a sentence.
func done(r *web.Request, err error, flash, path string, again func(status int, say *web.Alert) error) error {
	if err == nil {
		r.Flash(flash)
		return r.Redirect(path)
	}
	if mail.KindOf(err) == mail.Invalid {
		return again(http.StatusUnprocessableEntity, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	return err
}

func absent() error { return mail.E(mail.Absent, "error.absent", nil) }
