package admin

import (
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// inMailbox gives an act the function mailbox in the path, if the viewer organises it.
// The office lets who reads there do some of these acts, too; that is the portal's.
func (d *Door) inMailbox(act func(r *web.Request, m org.Mailbox) error) func(*web.Request) error {
	return at("mailbox", func(r *web.Request, id mail.ID) error {
		var m org.Mailbox
		err := absent()
		d.org.Tree(func(t *org.Tree) {
			if t.OrganisesMailbox(actor(r).ID, id) {
				m, err = t.Mailbox(id)
			}
		})
		if err != nil {
			return err
		}
		return act(r, m)
	})
}

func (d *Door) againMailbox(r *web.Request, id mail.ID) func(int, *web.Alert) error {
	return func(status int, say *web.Alert) error { return d.showMailbox(r, id, status, say) }
}

func (d *Door) addMailbox(r *web.Request, unit mail.ID) error {
	if _, err := d.unitOf(r, unit); err != nil {
		return err
	}
	a, err := mail.ParseAddress(r.Form("address"))
	var made mail.ID
	if err == nil {
		made, err = d.org.AddMailbox(r.Context(), actor(r), org.Mailbox{Unit: unit, Address: a, Name: r.Form("name")})
	}
	return done(r, err, "flash.mailbox.made", mailboxPath(made), d.again(r, unit))
}

func (d *Door) changeMailbox(r *web.Request, m org.Mailbox) (err error) {
	if m.Unit, err = mail.ParseID(r.Form("unit")); err != nil {
		return err
	}
	m.Name, m.Rules = r.Form("name"), ticked(r)
	if m.Alarm, err = workdays(r.Form("alarm")); err == nil {
		err = d.org.ChangeMailbox(r.Context(), actor(r), m)
	}
	return done(r, err, "flash.changed", mailboxPath(m.ID), d.againMailbox(r, m.ID))
}

func (d *Door) removeMailbox(r *web.Request, m org.Mailbox) error {
	err := d.org.RemoveMailbox(r.Context(), actor(r), m.ID)
	return done(r, err, "flash.mailbox.removed", unitPath(m.Unit), d.againMailbox(r, m.ID))
}

// endMailbox sets the last day of a mailbox, or takes it back.
func (d *Door) endMailbox(r *web.Request, m org.Mailbox) error {
	flash := "flash.mailbox.ends"
	day, err := d.date(r.Form("last"))
	if r.Form("do") == "keep" {
		day, flash = time.Time{}, "flash.mailbox.stays"
	} else if err == nil && day.IsZero() {
		err = mail.E(mail.Invalid, "error.date", nil)
	}
	if err == nil {
		err = d.org.SetClosing(r.Context(), actor(r), m.ID, d.after(day), r.Form("decision"))
	}
	return done(r, err, flash, mailboxPath(m.ID), d.againMailbox(r, m.ID))
}

// joinMailbox lets somebody read there. What came before is a colleague's to give, or
// another organiser's; see office.GiveOlder and GiveOlderByHelp.
func (d *Door) joinMailbox(r *web.Request, m org.Mailbox) error {
	older, flash := r.Form("from") == "start", "flash.mailbox.joined"
	if older {
		flash = "flash.mailbox.asked"
	}
	p, err := d.personAt(r.Form("address"))
	if err == nil {
		err = d.org.JoinMailbox(r.Context(), actor(r), m.ID, p, older)
	}
	return done(r, err, flash, mailboxPath(m.ID), d.againMailbox(r, m.ID))
}

func (d *Door) substituteMailbox(r *web.Request, m org.Mailbox) error {
	p, err := d.personAt(r.Form("address"))
	if err == nil {
		err = d.org.AppointSubstitute(r.Context(), actor(r), m.ID, p)
	}
	return done(r, err, "flash.changed", mailboxPath(m.ID), d.againMailbox(r, m.ID))
}

func (d *Door) leaveMailbox(r *web.Request, m org.Mailbox) error {
	p, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	err = d.org.LeaveMailbox(r.Context(), actor(r), m.ID, p)
	return done(r, err, "flash.changed", mailboxPath(m.ID), d.againMailbox(r, m.ID))
}

// giveOlder gives somebody what came before, with the viewer's part in the helper pair.
func (d *Door) giveOlder(r *web.Request, m org.Mailbox) error {
	p, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	return d.provedFor(mailboxPath(m.ID), func(r *web.Request, s *access.Session) error {
		err := d.org.GiveOlderByHelp(r.Context(), actor(r), s.Key, m.ID, p)
		return done(r, err, "flash.mailbox.given", mailboxPath(m.ID), d.againMailbox(r, m.ID))
	})(r)
}

func (d *Door) refuseOlder(r *web.Request, m org.Mailbox) error {
	p, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	err = d.org.RefuseOlder(r.Context(), actor(r), m.ID, p)
	return done(r, err, "flash.changed", mailboxPath(m.ID), d.againMailbox(r, m.ID))
}
