package admin

import (
	"context"
	"time"

	"sigill/appliance/doctor"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Backups is what the page asks of the copies that are made of everything; the appliance is
// one.
type Backups interface {
	Backups(ctx context.Context) (BackupState, error)
	// BackUp begins a task with a target: one of BackupTasks. The error is Absent if there is
	// no such target or task, and Busy if another waits.
	BackUp(ctx context.Context, by mail.Actor, name, task string) error
}

// BackupTasks are what somebody may have done with a target.
var BackupTasks = [...]string{"now", "verify", "drill"}

// BackupState is how it goes with all targets.
type BackupState struct {
	Targets  []Backup
	Restored Restored
}

// Backup is how it goes with one target.
type Backup struct {
	Name, Where         string
	Schedule            string        // cron, UTC
	Days, Weeks, Months int           // for how long sets are kept
	Set, Slots          time.Time     // the newest of each; zero: there is none
	Every               time.Duration // between two sets
	Failed              time.Time     // since when it fails; zero: it does not
	Fault               string        // key of why: "foreign", "alive", "lost", "full", "away" or "other"
	Said                string        // key of a sentence that the fault brings with it; "": Fault has one
	Detail              string        // the same for an operator
	Doing               string        // one of BackupTasks; "" for nothing
	Since               time.Time     // that it is done
	Begun               time.Time     // when the target was first seen
	Verified            time.Time     // when everything was last read; zero: never
	Damaged             string        // what was wrong then; "" for nothing
	Drilled             time.Time     // when it was last restored for trial; zero: never
	Undrilled           string        // why that went wrong; "" if it went well
}

// Restored is that this machine was put together from a backup; the zero value: it never was.
type Restored struct {
	At, Set, Slots        time.Time // when, and of which moments rows and keys are
	Ended, Letters, Mails int       // what was ended again, and what had not left
}

const backupPath = "/admin/backup"

func (d *Door) backupRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: backupPath, Need: web.Admin, Handle: d.backupPage},
		{Method: "POST", Path: backupPath, Need: web.Admin, Body: web.Form, Handle: d.backUp},
	}
}

// backupPage is where copies of everything go, and how they are.
type backupPage struct {
	web.Frame
	BackupState
	Doing bool
}

func (d *Door) backupPage(r *web.Request) error {
	s, err := d.backups.Backups(r.Context())
	if err != nil {
		return err
	}
	page := &backupPage{BackupState: s}
	for _, b := range s.Targets {
		page.Doing = page.Doing || b.Doing != ""
	}
	return r.Page("admin/backup", page)
}

func (d *Door) backUp(r *web.Request) error {
	if err := d.backups.BackUp(r.Context(), actor(r), r.Form("name"), r.Form("task")); err != nil {
		return err
	}
	r.Flash("flash.backup")
	return r.Redirect(backupPath)
}

// backupsNeed are the targets that somebody must look at: what the doctor says of them, here as
// on its own page.
func backupsNeed(a *todoAsked) (list []task, err error) {
	s, err := a.d.backups.Backups(a.Context())
	if err != nil {
		return nil, err
	}
	var facts []doctor.BackupFact
	for _, b := range s.Targets {
		facts = append(facts, b.Fact())
	}
	for _, f := range doctor.BackupAge(a.Now(), facts) {
		u := soon
		if f.Grave == doctor.Fault {
			u = now
		}
		if f.Grave >= doctor.Warn {
			list = append(list, task{u, a.T(f.What, f.Pairs()...), time.Time{}, backupPath, a.T("todo.to.backup")})
		}
	}
	return list, nil
}

// Fact is what the doctor wants to know of a target.
func (b Backup) Fact() doctor.BackupFact {
	return doctor.BackupFact{Name: b.Name, Last: b.Set, Every: b.Every, Failed: b.Failed, Drill: b.Drilled, Since: b.Begun,
		Fault: b.Fault, Damaged: b.Damaged != "", Undrilled: b.Undrilled != ""}
}
