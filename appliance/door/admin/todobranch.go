package admin

import (
	"time"

	"sigill/appliance/office"
	"sigill/appliance/org"
)

// When a branch needs somebody.
const (
	endsIn      = 30 * 24 * time.Hour // before the end of a mailbox or group
	leavesIn    = 14 * 24 * time.Hour // before somebody's last day
	neverHereIn = 30 * 24 * time.Hour // after somebody was invited
)

func (a *todoAsked) toMailbox(u urgency, text string, since time.Time, path string) task {
	return task{u, text, since, path, a.T("todo.to.mailbox")}
}

func helpAsked(a *todoAsked) ([]task, error) {
	n := len(a.d.helping.Questions(a.by.ID))
	if n == 0 {
		return nil, nil
	}
	return []task{{now, a.Printer().N("page.org.help", n), time.Time{}, helpPath, a.T("todo.to.help")}}, nil
}

// keysAsked is who waits for the older letters of a function mailbox.
func keysAsked(a *todoAsked) (list []task, err error) {
	a.d.org.Tree(func(t *org.Tree) {
		for _, m := range t.MailboxesBelow(a.by.ID) {
			for _, c := range t.Readers(m.ID) {
				if c.Asks {
					list = append(list, a.toMailbox(soon, a.T("todo.keys", "Name", c.Title(), "Mailbox", m.Name), c.Since, mailboxPath(m.ID)))
				}
			}
		}
	})
	return list, nil
}

func lettersUnread(a *todoAsked) (list []task, err error) {
	all, err := a.d.attention.UnreadBelow(a.Context(), a.by)
	for _, w := range all {
		list = append(list, a.toMailbox(now, a.Printer().N("todo.unread", w.N, "Mailbox", w.Name), w.Since, mailboxPath(w.Mailbox)))
	}
	return list, err
}

func lettersHeld(a *todoAsked) (list []task, err error) {
	all, err := a.d.attention.HeldBelow(a.Context(), a.by)
	for _, w := range all {
		list = append(list, a.held(w))
	}
	return list, err
}

func (a *todoAsked) held(w office.Waiting) task {
	if !w.Mailbox.IsZero() {
		return a.toMailbox(soon, a.Printer().N("todo.held", w.N, "Name", w.Name), w.Since, mailboxPath(w.Mailbox))
	}
	return a.toUnit(soon, a.Printer().N("todo.held.people", w.N, "Name", w.Name), w.Since, unitPath(w.Unit))
}

func (a *todoAsked) toUnit(u urgency, text string, since time.Time, path string) task {
	return task{u, text, since, path, a.T("todo.to.unit")}
}

// mailboxesEmpty are those to which letters come that nobody can read.
func mailboxesEmpty(a *todoAsked) (list []task, err error) {
	a.d.org.Tree(func(t *org.Tree) {
		for _, m := range t.MailboxesBelow(a.by.ID) {
			if len(t.Readers(m.ID)) == 0 {
				list = append(list, a.toMailbox(soon, a.T("todo.mailbox.empty", "Mailbox", m.Name), time.Time{}, mailboxPath(m.ID)))
			}
		}
	})
	return list, nil
}

func mailboxesEnd(a *todoAsked) (list []task, err error) {
	a.d.org.Tree(func(t *org.Tree) {
		for _, m := range t.MailboxesBelow(a.by.ID) {
			if !m.Ends.IsZero() && m.Ends.Sub(a.Now()) <= endsIn {
				text := a.T("todo.mailbox.ends", "Mailbox", m.Name, "Day", a.day(org.LastMoment(m.Ends)))
				list = append(list, a.toMailbox(soon, text, time.Time{}, mailboxPath(m.ID)))
			}
		}
	})
	return list, nil
}

// leaversLeave are those whose letters nobody takes over.
func leaversLeave(a *todoAsked) (list []task, err error) {
	all, err := a.d.attention.LeftBelow(a.Context(), a.by, leavesIn)
	for _, p := range all {
		t := task{Urgency: soon, Text: a.Printer().N("todo.left", p.Letters, "Name", p.Title()), Since: p.Suspended, Path: personPath(p.ID), Button: a.T("todo.to.person")}
		if !p.Out() {
			t.Urgency, t.Text = whenever, a.Printer().N("todo.leaves", p.Letters, "Name", p.Title(), "Day", a.day(org.LastMoment(p.Leaves)))
		}
		list = append(list, t)
	}
	return list, err
}

func groupsEnd(a *todoAsked) (list []task, err error) {
	a.d.org.Tree(func(t *org.Tree) {
		for _, u := range t.GroupsEnding(a.by.ID, a.Now(), a.Now().Add(endsIn)) {
			list = append(list, a.toUnit(whenever, a.T("todo.group", "Name", u.Name, "Day", a.day(org.LastMoment(u.Ends))), time.Time{}, unitPath(u.ID)))
		}
	})
	return list, nil
}

func neverHere(a *todoAsked) (list []task, err error) {
	a.d.org.Tree(func(t *org.Tree) {
		for _, n := range t.NeverHere(a.by.ID, a.Now().Add(-neverHereIn)) {
			list = append(list, a.toUnit(whenever, a.Printer().N("todo.never", n.N, "Name", n.Unit.Name), n.Since, unitPath(n.Unit.ID)))
		}
	})
	return list, nil
}
