package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// changes are sentences on who changed each setting of a place last, by its name.
type changes map[string]string

// changesOf words them. Who changed it is named if the viewer may see them; others are
// somebody outside of the viewer's branch.
func (d *Door) changesOf(r *web.Request, place mail.ID) (changes, error) {
	list, err := d.org.SettingChanges(r.Context(), place)
	said, me := changes{}, actor(r).ID
	d.org.Tree(func(t *org.Tree) {
		for name, c := range list {
			day := r.Printer().In(d.zone).Date(c.At, r.Now())
			p, gone := t.Person(c.Person)
			switch {
			case c.Person.IsZero():
				said[name] = r.T("setting.changed.machine", "Day", day)
			case gone == nil && (c.Person == me || t.Sees(me, c.Person)):
				said[name] = r.T("setting.changed", "Day", day, "Name", p.Title())
			default:
				said[name] = r.T("setting.changed.other", "Day", day)
			}
		}
	})
	return said, err
}

// setting is what is said of one: what it is by itself, what holds here now though the
// place says nothing, and from which unit that comes.
type setting struct {
	name    string
	def     string   // "": said by the choices themselves
	holds   string   // "": what the place says
	from    org.Unit // that says it
	says    bool     // one does
	changed changes
}

// facts words a setting. A unit above that the viewer does not organise is not named.
func (s setting) facts(r *web.Request, t *org.Tree) (list []string) {
	if s.def != "" {
		list = append(list, r.T("setting.default", "Value", s.def))
	}
	switch {
	case s.holds == "":
	case !s.says:
		list = append(list, r.T("setting.holds.default", "Value", s.holds))
	case t.Organises(actor(r).ID, s.from.ID):
		list = append(list, r.T("setting.holds", "Value", s.holds, "Unit", s.from.Name))
	default:
		list = append(list, r.T("setting.holds.above", "Value", s.holds))
	}
	if by := s.changed[s.name]; by != "" {
		list = append(list, by)
	}
	return list
}

// unitFacts adds to the fields of a unit's page what is said of its settings.
func (d *Door) unitFacts(r *web.Request, page *unitPage, t *org.Tree, u org.Unit, by changes) {
	plain := func(name, def string) []string {
		return setting{name: name, def: r.T(def), changed: by}.facts(r, t)
	}
	// above is of what a unit takes from those above it when it says nothing itself.
	above := func(name, root, def, holds string, says func(org.Unit) bool) []string {
		s := setting{name: name, def: r.T(def), changed: by}
		if page.Root {
			s.def = r.T(root)
		} else if !says(u) {
			s.holds = r.T(holds)
			s.from, s.says = t.Says(u.ID, says)
		}
		return s.facts(r, t)
	}
	kind := "listing.department."
	if u.Kind == mail.Group {
		kind = "listing.group."
	}
	page.FactorFrom.Facts = plain(mail.SettingFactor, "setting.factor.off")
	page.Plan.Facts = above(mail.SettingPlan, "plan.business", "page.unit.plan.above", "plan."+t.PlanOf(u.ID).String(), func(x org.Unit) bool { return x.Plan != mail.PlanNone })
	page.Links.Facts = above(mail.SettingLinks, "links.given", "links.above", "links."+t.LinksOf(u.ID).String(), func(x org.Unit) bool { return x.Links != mail.LinksAbove })
	if u.Kind == mail.Group {
		page.Listing.Facts = plain(mail.SettingListing, kind+"above")
	} else {
		page.Listing.Facts = above(mail.SettingListing, "listing.root.above", kind+"above", kind+t.ListingOf(u.ID).String(), func(x org.Unit) bool { return x.Listing != mail.ListedAbove })
	}
	page.Two = tick{"checkbox", "two", "yes", r.T("page.unit.two"), r.T("page.unit.two.hint"), u.TwoHelp, plain(mail.SettingTwoHelp, "setting.off")}
	page.SMS = tick{"checkbox", "sms", "yes", r.T("page.unit.sms.pay"), r.T("page.unit.sms.pay.hint"), u.PaysSMS, plain(mail.SettingSMS, "setting.on")}
}
