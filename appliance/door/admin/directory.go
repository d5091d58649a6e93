package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// Directory is what the page asks of the house's directory; office.Office does it. Of who
// is no administrator it says Absent.
type Directory interface {
	DirectoryOn() bool
	DirectorySettings() []office.DirectorySetting
	TryDirectory(ctx context.Context, by mail.Actor) (office.DirectoryRun, error)
	SyncDirectory(ctx context.Context, by mail.Actor, allow string, progress *office.Progress) (office.DirectoryRun, error)
	LastDirectory(ctx context.Context, by mail.Actor) (run office.DirectoryRun, ok bool, err error)
}

const directoryPath = "/org/directory"

func (d *Door) directoryRoutes() []web.Route {
	post := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "POST", Path: path, Need: web.Admin, Body: web.Form, Handle: h}
	}
	return []web.Route{
		{Method: "GET", Path: directoryPath, Need: web.Admin, Handle: d.directoryPage},
		post(directoryPath+"/try", func(r *web.Request) error { return d.readDirectory(r, true) }),
		post(directoryPath+"/plan", func(r *web.Request) error { return d.readDirectory(r, false) }),
		post(directoryPath+"/start", d.startDirectory),
	}
}

// directoryPage is where the house's people come from by themselves.
type directoryPage struct {
	web.Frame
	Say      *web.Alert
	On       bool
	Settings []office.DirectorySetting
	Begun    bool // it is read by itself
	Running  bool
	Known    bool // how much there is to do
	Done     int64
	Total    int64
	Tried    *directoryRun // the connection, just now
	Plan     *directoryRun // what would happen, just now
	Last     *directoryRun
}

// directoryRun is how a reading went, or what it would come to.
type directoryRun struct {
	office.DirectoryRun
	Why      string // why not all of it was done; "" for no reason
	Changes  int
	Problems []problem
	More     int
}

func (d *Door) directoryRunOf(r *web.Request, run office.DirectoryRun, problems int) *directoryRun {
	v := &directoryRun{DirectoryRun: run, Changes: run.Changes(), More: run.Problems.More}
	if run.Failed != "" {
		v.Why = r.T(run.Failed)
	}
	all := run.Problems.Problems
	for _, x := range all[:min(len(all), problems)] {
		v.Problems = append(v.Problems, problem{Text: r.T(x.Say), With: x.With})
	}
	v.More += len(all) - len(v.Problems)
	return v
}

func (d *Door) directoryPage(r *web.Request) error {
	return d.showDirectory(r, http.StatusOK, &directoryPage{})
}

func (d *Door) showDirectory(r *web.Request, status int, page *directoryPage) error {
	page.On, page.Settings = d.directory.DirectoryOn(), d.directory.DirectorySettings()
	// Before what the last one came to is looked up: one that ends meanwhile is shown as
	// running once more, and not as if it had never been.
	if x := d.syncing.last(); x != nil && !x.over.Load() {
		page.Running, page.Done, page.Total = true, x.progress.Done.Load(), x.progress.Total.Load()
		page.Known = page.Total > 0
	}
	if page.On {
		last, ok, err := d.directory.LastDirectory(r.Context(), actor(r))
		if err != nil {
			return err
		}
		if ok {
			page.Last, page.Begun = d.directoryRunOf(r, last, org.MaxProblems), last.Begun
		}
	}
	return r.PageWith(status, "admin/directory", page)
}

// readsDirectory is how long somebody may wait for an answer.
const readsDirectory = 5 * time.Minute

// firstProblems is how many the trial of a connection shows.
const firstProblems = 10

// readDirectory reads the directory and changes nothing: to see whether it can be reached,
// or what it would come to.
func (d *Door) readDirectory(r *web.Request, trial bool) error {
	ctx, cancel := context.WithTimeout(r.Context(), readsDirectory)
	defer cancel()
	run, err := d.directory.TryDirectory(ctx, actor(r))
	if err != nil {
		return d.directorySays(r, err)
	}
	page := &directoryPage{}
	if trial {
		page.Tried = d.directoryRunOf(r, run, firstProblems)
	} else {
		page.Plan = d.directoryRunOf(r, run, org.MaxProblems)
	}
	return d.showDirectory(r, http.StatusOK, page)
}

// directorySays shows the page with what is wrong, if it is for people to know; the
// operator gets the cause.
func (d *Door) directorySays(r *web.Request, err error) error {
	switch mail.KindOf(err) {
	case mail.Invalid, mail.Again, mail.TooLarge, mail.Busy:
		d.log.Warn("read the directory", "part", "admin", "req", r.Number(), "err", err)
		return d.showDirectory(r, http.StatusUnprocessableEntity, &directoryPage{Say: &web.Alert{Tone: web.Danger, Text: r.Sentence(err)}})
	}
	return err
}

// syncing is the reading that was begun from the page, if any was.
type syncing struct {
	mu  sync.Mutex
	run *syncRun
}

type syncRun struct {
	progress office.Progress
	over     atomic.Bool
}

func (s *syncing) last() *syncRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run
}

// begin makes a reading the running one. The error is Busy while another runs.
func (s *syncing) begin() (*syncRun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil && !s.run.over.Load() {
		return nil, mail.E(mail.Busy, "error.directory.busy", nil)
	}
	s.run = &syncRun{}
	return s.run, nil
}

// startDirectory reads the directory and does what it comes to. With what a
// braked reading has in its form, those whom it names may be suspended, moved and made,
// whatever the brake says: somebody has seen them.
func (d *Door) startDirectory(r *web.Request) error {
	if !d.directory.DirectoryOn() {
		return absent()
	}
	allow := r.Form("allow")
	if b, err := hex.DecodeString(allow); allow != "" && (err != nil || len(b) != sha256.Size) {
		return d.directorySays(r, mail.E(mail.Invalid, "error.oldform", err)) // no page of ours has made that
	}
	run, err := d.syncing.begin()
	if err != nil {
		return d.directorySays(r, err)
	}
	go d.syncDirectory(context.WithoutCancel(r.Context()), actor(r), allow, run) // it goes on when the page is closed; the store's end ends it
	return r.Redirect(directoryPath)
}

// syncDirectory runs to its end. Nobody waits for it, so what went wrong is told to the
// operator here; of a panic only the place, for its value may hold names.
func (d *Door) syncDirectory(ctx context.Context, by mail.Actor, allow string, run *syncRun) {
	defer run.over.Store(true)
	var err error
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic (%T) at %s", cause, debug.Stack())
		}
		if err != nil {
			d.log.Error("reading the directory failed", "part", "admin", "done", run.progress.Done.Load(), "of", run.progress.Total.Load(), "err", err)
		}
	}()
	_, err = d.directory.SyncDirectory(ctx, by, allow, &run.progress)
}
