package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Updates is what the page asks of newer programs; the appliance does it. Where there is
// nobody to take one, Update says so, and all else is Invalid.
type Updates interface {
	Update(ctx context.Context) (UpdateState, error)
	Look(ctx context.Context) error
	// Fetch and Take lay a release ready, from the source and from a file. over: though its
	// time is over. They are Invalid with the sentence why it is refused, Busy while another
	// is at work.
	Fetch(ctx context.Context, over bool) error
	Take(ctx context.Context, over bool, r io.Reader) error
	Install(ctx context.Context, by mail.Actor) error
	Return(ctx context.Context, by mail.Actor) error
}

// UpdateState is what is known of newer programs.
type UpdateState struct {
	Version string         // that runs
	Source  string         // where newer ones lie; "" if they are uploaded
	Signed  bool           // there are keys whose signatures count
	Way     string         // "self", "service", or "none" where the program cannot be replaced
	Demo    bool           //
	Doing   string         // "fetching", "installing"; "" for nothing
	Done    int64          // bytes
	All     int64          //
	Checked time.Time      // when the source was looked at last; zero: not since the start
	Failed  string         // why what was looked at is not taken: page.update.why. and this
	Found   *Release       // at the source, newer than what runs
	Ready   *Release       // laid ready
	Last    *UpdateOutcome // of the last one; nil for none
	Before  string         // version to which one can go back; "" for none
}

// Release is one that may be taken.
type Release struct {
	Version string
	Notes   string // what is new, plain text
	Issued  time.Time
	Expires time.Time
}

// UpdateOutcome is how an update went.
type UpdateOutcome struct {
	From, To string // versions
	At       time.Time
	Went     bool
	Why      string // if not: page.update.why. and this
}

const updatePath = "/admin/update"

// maxUpdate bounds an uploaded file, in bytes: the largest release with its form.
const maxUpdate = 520 << 20

func (d *Door) updateRoutes() []web.Route {
	post := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "POST", Path: updatePath + path, Need: web.Admin, Body: web.Form, Handle: h}
	}
	proved := func(h func(*web.Request, *access.Session) error) func(*web.Request) error {
		return d.provedFor(updatePath, h)
	}
	return []web.Route{
		{Method: "GET", Path: updatePath, Need: web.Admin, Handle: d.updatePage},
		post("/look", d.lookForUpdate),
		post("/fetch", d.fetchUpdate),
		{Method: "POST", Path: updatePath + "/file", Need: web.Admin, Body: web.Upload, Limit: maxUpdate, Handle: d.uploadUpdate},
		post("/install", proved(func(r *web.Request, _ *access.Session) error { return d.takeOver(r, d.updates.Install) })),
		post("/return", proved(func(r *web.Request, _ *access.Session) error { return d.takeOver(r, d.updates.Return) })),
	}
}

type updatePage struct {
	web.Frame
	UpdateState
	Say     *web.Alert
	Why     string // that what was looked at is not taken
	Percent int64
}

// Overdue reports whether nobody has said lately that what is there is the newest.
func (p *updatePage) Overdue() bool { return p.Failed == "expired" }

func (d *Door) updatePage(r *web.Request) error { return d.showUpdate(r, http.StatusOK, nil) }

func (d *Door) showUpdate(r *web.Request, status int, say *web.Alert) error {
	s, err := d.updates.Update(r.Context())
	if err != nil {
		return err
	}
	page := &updatePage{UpdateState: s, Say: say}
	if s.Failed != "" && say == nil {
		page.Why = r.T("page.update.why." + s.Failed)
	}
	if s.All > 0 {
		page.Percent = s.Done * 100 / s.All
	}
	return r.PageWith(status, "admin/update", page)
}

// updateDone shows the page anew, or with what is wrong, if it is for people to know; the
// operator gets the cause.
func (d *Door) updateDone(r *web.Request, err error) error {
	switch mail.KindOf(err) {
	case mail.Invalid, mail.Again, mail.Busy:
		d.log.Warn("update", "part", "admin", "req", r.Number(), "err", err)
		return d.showUpdate(r, http.StatusUnprocessableEntity, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return r.Redirect(updatePath)
}

func (d *Door) lookForUpdate(r *web.Request) error {
	return d.updateDone(r, d.updates.Look(r.Context()))
}

// fetchUpdate fetches what is at the source. It goes on when the page is closed, and the page
// says how far it is.
func (d *Door) fetchUpdate(r *web.Request) error {
	s, err := d.updates.Update(r.Context())
	switch {
	case err != nil:
		return err
	case s.Found == nil:
		return d.updateDone(r, mail.E(mail.Invalid, "error.update.nothing", nil))
	case s.Doing != "":
		return d.updateDone(r, mail.E(mail.Busy, "error.update.busy", nil))
	}
	ctx, over, number := context.WithoutCancel(r.Context()), r.Form("over") != "", r.Number()
	go func() {
		if err := d.updates.Fetch(ctx, over); err != nil { // the page says why, too
			d.log.Warn("update", "part", "admin", "req", number, "err", err)
		}
	}()
	return r.Redirect(updatePath)
}

// uploadUpdate takes the file of a release, for a computer that reaches no source.
func (d *Door) uploadUpdate(r *web.Request) error {
	over := false
	for {
		part, err := r.Upload().Next()
		switch {
		case errors.Is(err, io.EOF):
			return d.updateDone(r, mail.E(mail.Invalid, "page.update.why.damaged", nil))
		case err != nil:
			return err
		case part.Name == "over":
			over = true
		case part.Name == "file":
			return d.updateDone(r, d.updates.Take(r.Context(), over, part))
		}
	}
}

// takeOver has another program take over; the page says so until the doors shut.
func (d *Door) takeOver(r *web.Request, to func(context.Context, mail.Actor) error) error {
	return d.updateDone(r, to(r.Context(), actor(r)))
}

// newVersion is of a version that waits, of one that did not work, and of a source that
// nobody looks after.
func newVersion(a *todoAsked) (list []task, err error) {
	s, err := a.d.updates.Update(a.Context())
	if err != nil {
		return nil, err
	}
	add := func(u urgency, text string, since time.Time) {
		list = append(list, task{u, text, since, updatePath, a.T("page.update.title")})
	}
	if s.Found != nil && s.Doing == "" {
		add(soon, a.T("todo.update", "Version", s.Found.Version), s.Found.Issued)
	}
	if s.Last != nil && !s.Last.Went {
		add(soon, a.T("todo.update.back", "Version", s.Last.To), s.Last.At)
	}
	if s.Failed == "expired" {
		add(whenever, a.T("todo.update.expired"), time.Time{})
	}
	return list, nil
}
