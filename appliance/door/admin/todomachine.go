package admin

import (
	"slices"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// When the machine needs somebody.
const (
	mailsWaitFor  = 4 * time.Hour       // a mail that waits longer has met more than a passing fault
	certificateIn = 30 * 24 * time.Hour // before its end somebody should see to a certificate
	certificateBy = 7 * 24 * time.Hour  // and must
	signedWithin  = 2 * time.Hour       // the journal is signed every ten minutes
	practisedIn   = 365 * 24 * time.Hour
	smsNear       = 90 // percent of what may be sent in a day
	roomLow       = 10 // percent of the disk
	roomMost      = 50 << 30
	roomLeast     = 1 << 30
)

// toMachine leads who runs the machine to its page, and others to their own.
func (a *todoAsked) toMachine(u urgency, text string, since time.Time) task {
	t := task{Urgency: u, Text: text, Since: since, Path: "/admin", Button: a.T("todo.to.machine")}
	switch roles := a.Viewer().Roles; {
	case roles&mail.RoleAdmin != 0:
	case roles&mail.RoleHelpDesk != 0:
		t.Path, t.Button = "/trace", a.T("todo.to.trace")
	default:
		t.Path, t.Button = "/journal", a.T("todo.to.journal")
	}
	return t
}

// toSetting leads who runs the machine to a line of the configuration file, by which it is
// mended.
func (a *todoAsked) toSetting(u urgency, text string, since time.Time, key string) task {
	t := a.toMachine(u, text, since)
	if a.Viewer().Roles&mail.RoleAdmin != 0 {
		t.Path, t.Button = settingsPath+"#"+key, a.T("todo.to.settings")
	}
	return t
}

func fileChanged(a *todoAsked) ([]task, error) {
	b := a.d.book()
	t := task{Urgency: soon, Text: a.T("todo.file"), Since: b.Written, Path: settingsPath, Button: a.T("page.settings.title")}
	switch {
	case !b.Changed:
		return nil, nil
	case b.Fault != nil:
		t.Urgency, t.Text = now, a.T("todo.file.fault")
	}
	return []task{t}, nil
}

func clockLeapt(a *todoAsked) ([]task, error) {
	s, err := a.status()
	switch {
	case err != nil:
		return nil, err
	case s.Held:
		return []task{a.toMachine(now, a.T("todo.clock.ahead"), time.Time{})}, nil
	case s.Behind:
		return []task{a.toMachine(now, a.T("todo.clock.behind"), time.Time{})}, nil
	}
	return nil, nil
}

func mailServerDown(a *todoAsked) ([]task, error) {
	s, err := a.status()
	if err != nil || s.Down.IsZero() {
		return nil, err
	}
	return []task{a.toMachine(now, a.T("todo.mailserver"), s.Down)}, nil
}

// spoolWaits is mail that came while the system was locked: it is taken in as soon as that is
// open, and what still waits then has met something.
func spoolWaits(a *todoAsked) ([]task, error) {
	s, err := a.status()
	if err != nil || s.Spooled == 0 {
		return nil, err
	}
	return []task{a.toMachine(soon, a.Printer().N("todo.spool", s.Spooled), s.SpooledSince)}, nil
}

func smsFail(a *todoAsked) ([]task, error) {
	s, err := a.status()
	if err != nil || s.SMSDown.IsZero() {
		return nil, err
	}
	return []task{a.toSetting(now, a.T("todo.sms.down"), s.SMSDown, "sms.gateway")}, nil
}

func mailsWait(a *todoAsked) ([]task, error) {
	s, err := a.status()
	if err != nil || s.Oldest.IsZero() || a.Now().Sub(s.Oldest) < mailsWaitFor {
		return nil, err
	}
	return []task{a.toMachine(soon, a.Printer().N("todo.mails", int(s.Waiting)), s.Oldest)}, nil
}

func smsSpent(a *todoAsked) ([]task, error) {
	s, err := a.status()
	if err != nil || s.SMSMost == 0 || s.SMS*100 < s.SMSMost*smsNear {
		return nil, err
	}
	u := soon
	if s.SMS >= s.SMSMost {
		u = now
	}
	return []task{a.toSetting(u, a.T("todo.sms.spent", "Sent", s.SMS, "Most", s.SMSMost), time.Time{}, "sms.per_day")}, nil
}

func diskFull(a *todoAsked) ([]task, error) {
	s, err := a.status()
	if err != nil || s.Room > roomLeast && (s.Room > roomMost || s.Room*100 > s.Disk*roomLow) {
		return nil, err
	}
	u := soon
	if s.Room <= roomLeast {
		u = now
	}
	return []task{a.toMachine(u, a.T("todo.disk", "Free", a.Printer().Size(s.Room)), time.Time{})}, nil
}

func workFailed(a *todoAsked) (list []task, err error) {
	s, err := a.status()
	if err != nil {
		return nil, err
	}
	for _, j := range s.Jobs {
		if j.Err != nil && j.Name != "canary" { // pathBroken says where
			list = append(list, a.toMachine(soon, a.T("todo.work", "Name", a.T("job."+j.Name)), j.At))
		}
	}
	return list, nil
}

// pathBroken is of a way of letters that the appliance has tried by one of its own.
func pathBroken(a *todoAsked) ([]task, error) {
	last := a.d.m.LastTrip()
	h, broken := last.Broken()
	if !broken {
		return nil, nil
	}
	t := a.toMachine(now, a.T("todo.path", "Hop", a.T("hop.name."+string(h.Hop))), last.Began)
	if a.Viewer().Roles&mail.RoleAdmin != 0 {
		t.Path, t.Button = pathPath, a.T("page.path.title")
	}
	return []task{t}, nil
}

func kitUnpractised(a *todoAsked) ([]task, error) {
	s, err := a.status()
	switch {
	case err != nil:
		return nil, err
	case s.Practised.IsZero():
		return []task{a.toMachine(soon, a.T("todo.kit.never"), time.Time{})}, nil
	case a.Now().Sub(s.Practised) > practisedIn:
		return []task{a.toMachine(whenever, a.T("todo.kit"), s.Practised)}, nil
	}
	return nil, nil
}

// journalUnsigned is of a journal that goes on without anybody signing it: what is cut off
// its end would not be missed.
func journalUnsigned(a *todoAsked) ([]task, error) {
	entries, signed, err := a.d.journal.Head(a.Context())
	if err != nil || entries <= signed.Size || a.Now().Sub(signed.At) < signedWithin {
		return nil, err
	}
	if signed.At.IsZero() { // the machine has just begun
		return nil, nil
	}
	return []task{{now, a.T("todo.journal"), signed.At, "/journal", a.T("todo.to.journal")}}, nil
}

func (a *todoAsked) toOrganisation(u urgency, text string) task {
	return task{Urgency: u, Text: text, Path: orgPath, Button: a.T("todo.to.org")}
}

func oneAdministrator(a *todoAsked) (list []task, err error) {
	a.d.org.Tree(func(t *org.Tree) {
		if len(t.Administrators()) == 1 {
			list = append(list, a.toOrganisation(soon, a.T("todo.oneadmin")))
		}
	})
	return list, nil
}

func nobodyHelps(a *todoAsked) (list []task, err error) {
	a.d.org.Tree(func(t *org.Tree) {
		if len(t.HelperUnits()) == 0 {
			list = append(list, a.toOrganisation(soon, a.T("page.org.nohelp")))
		}
	})
	return list, nil
}

func directoryWaits(a *todoAsked) (list []task, err error) {
	if !a.d.directory.DirectoryOn() {
		return nil, nil
	}
	last, ok, err := a.d.directory.LastDirectory(a.Context(), a.by)
	if err != nil || !ok {
		return nil, err
	}
	add := func(u urgency, text string) {
		list = append(list, task{u, text, last.At, directoryPath, a.T("todo.to.directory")})
	}
	if last.Failed != "" && last.Braked == 0 {
		add(soon, a.T("todo.directory.failed"))
	}
	if last.Braked > 0 {
		add(now, a.T("page.org.directory", "Count", a.Printer().Whole(last.Braked)))
	}
	if last.Kept > 0 {
		add(soon, a.Printer().N("page.org.directory.kept", last.Kept))
	}
	return list, nil
}

func domainsUnproven(a *todoAsked) (list []task, err error) {
	all, err := a.d.domains.AddedDomains(a.Context())
	all = slices.DeleteFunc(all, func(x mail.Domain) bool { return x.Proof != mail.Unproven })
	for _, x := range all {
		list = append(list, task{whenever, a.T("todo.domain", "Name", x.Name), x.At, domainsPath, a.T("todo.to.domains")})
	}
	return list, err
}
