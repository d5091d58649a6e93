package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// unitForms are the page's forms, with what was typed if one of them has come to
// nothing.
func (d *Door) unitForms(r *web.Request, page *unitPage, t *org.Tree, u org.Unit, me mail.ID) {
	typed := func(form, name, before string) string {
		if page.Say != nil && r.Form("form") == form {
			return r.Form(name)
		}
		return before
	}
	page.AddAddress = web.Field{Within: "person", Name: "address", Label: r.T("page.admin.address"), Value: typed("person", "address", ""), Type: "email", Max: mail.MaxAddress, Required: true}
	page.AddName = web.Field{Within: "person", Name: "name", Label: r.T("page.admin.name"), Value: typed("person", "name", ""), Max: org.MaxName}
	page.AddTongue = d.tongues(r, typed("person", "lang", d.lang))
	page.Organiser = web.Field{Within: "organiser", Name: "address", Label: r.T("page.admin.address"), Value: typed("organiser", "address", ""), Type: "email", Max: mail.MaxAddress, Required: true}
	page.UnitName = web.Field{Within: "unit", Name: "name", Label: r.T("page.unit.name"), Value: typed("unit", "name", ""), Max: org.MaxName, Required: true}
	page.UnitCost = web.Field{Within: "unit", Name: "cost", Label: r.T("page.unit.cost"), Value: typed("unit", "cost", ""), Max: org.MaxCode}
	page.UnitKind = web.Field{Within: "unit", Name: "kind", Label: r.T("page.unit.kind"), Hint: r.T("page.unit.kind.hint"), Options: []web.Option{
		{Value: "department", Label: r.T("page.unit.department")}, {Value: "group", Label: r.T("page.unit.group"), Chosen: typed("unit", "kind", "") == "group"},
	}}
	page.BoxName = web.Field{Within: "mailbox", Name: "name", Label: r.T("page.unit.name"), Value: typed("mailbox", "name", ""), Max: org.MaxName, Required: true}
	page.BoxAddress = web.Field{Within: "mailbox", Name: "address", Label: r.T("page.admin.address"), Value: typed("mailbox", "address", ""), Type: "email", Max: mail.MaxAddress, Required: true}
	page.BoxFailed = page.Say != nil && r.Form("form") == "mailbox"
	page.Name = web.Field{Within: "change", Name: "name", Label: r.T("page.unit.name"), Value: typed("change", "name", u.Name), Max: org.MaxName, Required: true}
	page.Cost = web.Field{Within: "change", Name: "cost", Label: r.T("page.unit.cost"), Value: typed("change", "cost", u.CostCentre), Max: org.MaxCode}
	page.FactorFrom = web.Field{Within: "change", Name: "factor", Label: r.T("page.unit.factor"), Hint: r.T("page.unit.factor.hint"), Value: typed("change", "factor", d.day(u.FactorFrom)), Type: "date", Short: true}
	page.Plan = web.Field{Within: "change", Name: "plan", Label: r.T("page.unit.plan"), Hint: r.T("page.unit.plan.hint"), Options: planOptions(r, typed("change", "plan", u.Plan.String()), mail.PlanBusiness, "page.unit.plan.above")}
	page.Listing = web.Field{Within: "change", Name: "listing", Label: r.T("page.unit.listing"), Hint: r.T("page.unit.listing.hint"), Options: listingOptions(r, u, typed("change", "listing", u.Listing.String()))}
	page.Links = web.Field{Within: "change", Name: "links", Label: r.T("page.unit.links"), Hint: r.T("page.unit.links.hint"), Options: linksOptions(r, u, typed("change", "links", u.Links.String()))}
	page.First = web.Field{Within: "change", Name: "first", Label: r.T("page.unit.first"), Value: typed("change", "first", d.day(u.Starts)), Type: "date", Short: true}
	page.Last = web.Field{Within: "change", Name: "last", Label: r.T("page.unit.last"), Value: typed("change", "last", d.day(org.LastMoment(u.Ends))), Type: "date", Short: true}
	if u.ID != mail.RootUnit && t.Organises(me, u.Parent) {
		page.Move = web.Field{Within: "move", Name: "to", Label: r.T("page.unit.below"), Options: choices(t, me, u.Parent, func(n org.Node) bool { return t.MayMove(u.ID, n.ID) == nil })}
		page.Moves = endsWithMove(r, t, u.ID)
	}
}

// choices are the units that a viewer may organise and that will do, each behind as
// many marks as it stands below the branch's first.
func choices(t *org.Tree, me, chosen mail.ID, fits func(org.Node) bool) []web.Option {
	var list []web.Option
	for _, b := range t.Branches(me) {
		for _, n := range t.Branch(b.ID) {
			if !fits(n) {
				continue
			}
			list = append(list, web.Option{Value: n.ID.String(), Label: indent(n.Depth) + n.Name, Chosen: n.ID == chosen})
		}
	}
	return list
}

func indent(depth int) (s string) {
	for range depth {
		s += "– "
	}
	return s
}
