package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// domainList is the id of the list of domains.
const domainList = "domains"

// domainRow is a domain in the list: one of the configuration, which is nobody's to change
// here, or one that was added.
type domainRow struct {
	mail.Domain
	Fixed bool
}

// domainLine is what is to be done about a domain that waits to be proven.
type domainLine struct {
	*web.Frame
	Name   string
	Host   string
	Value  string
	Typed  web.Field
	Failed bool // the form about it has come to nothing
}

func (d *Door) domainRows(r *web.Request) (list []domainRow, err error) {
	added, err := d.domains.AddedDomains(r.Context())
	if err != nil {
		return nil, err
	}
	fixed := d.domains.OurDomains() // those of the configuration come first
	for _, name := range fixed[:len(fixed)-provenOf(added)] {
		list = append(list, domainRow{mail.Domain{Name: name}, true})
	}
	for _, a := range added {
		list = append(list, domainRow{a, false})
	}
	return list, nil
}

func provenOf(list []mail.Domain) (n int) {
	for _, d := range list {
		if d.Proof != mail.Unproven {
			n++
		}
	}
	return n
}

// domainState is the key of how a domain is known to be the house's.
func domainState(x domainRow) string {
	switch {
	case x.Fixed:
		return "fixed"
	case x.Proof == mail.Unproven:
		return "waits"
	case x.Proof == mail.Vouched:
		return "word"
	}
	return "dns"
}

// domainTable is the list. What was typed about a domain may have failed.
func domainTable(r *web.Request, f *web.Frame, failed bool) table[domainRow] {
	t := table[domainRow]{
		id: domainList, self: domainsPath, post: domainsPath + "/search", first: "name", file: r.T("table.file.domains"), hint: r.T("table.domains.search"),
		find: func(x domainRow) string { return x.Name }, none: r.T("table.nothing"), nobody: r.T("table.nothing"), short: fewOfUnit,
	}
	t.columns = []column[domainRow]{
		{key: "name", label: r.T("page.domains.name"), cell: func(x domainRow) cell { return cell{Text: x.Name} }, cmp: func(a, b domainRow) int { return byWords(a.Name, b.Name) }},
		{label: r.T("page.person.state"), cell: func(x domainRow) cell {
			tag := web.Badge{Tone: web.Success, Word: r.T("table.domains." + domainState(x))}
			if domainState(x) == "waits" {
				tag.Tone = web.Warning
			}
			return cell{Tags: []web.Badge{tag}}
		}},
		{key: "since", label: r.T("table.domains.since"), cell: func(x domainRow) cell {
			switch {
			case x.Fixed:
				return cell{Text: r.T("page.settings.to"), Path: settingsPath + "#house.domains"}
			case x.Proven.IsZero():
				return cell{}
			}
			return cell{Text: r.Printer().Date(x.Proven, r.Now())}
		}, file: func(x domainRow) string {
			if x.Proven.IsZero() {
				return ""
			}
			return r.Printer().Date(x.Proven, r.Now())
		}, cmp: func(a, b domainRow) int { return a.Proven.Compare(b.Proven) }},
	}
	t.filters = []filter[domainRow]{{key: "state", label: r.T("page.person.state"), options: []web.Option{{Label: r.T("table.filter.all")}}, is: func(x domainRow, state string) bool { return domainState(x) == state }}}
	for _, state := range []string{"fixed", "dns", "word", "waits"} {
		t.filters[0].options = append(t.filters[0].options, web.Option{Value: state, Label: r.T("table.domains." + state)})
	}
	t.acts = func(x domainRow) (list []act) {
		if x.Fixed {
			return nil
		}
		if x.Proof == mail.Unproven {
			list = append(list, act{Path: domainsPath + "/prove", Name: "domain", Value: x.Name, Label: r.T("page.domains.prove"), Who: r.T("table.domains.prove.who", "Name", x.Name)})
		}
		return append(list, act{Path: domainsPath + "/remove", Name: "domain", Value: x.Name, Label: r.T("page.domains.remove"), Who: r.T("table.domains.remove.who", "Name", x.Name), Danger: true})
	}
	t.keep = func(x domainRow) bool { return failed && r.Form("domain") == x.Name }
	t.more = func(x domainRow) any {
		if x.Fixed || x.Proof != mail.Unproven {
			return nil
		}
		line := &domainLine{Frame: f, Name: x.Name, Failed: t.keep(x)}
		line.Host, line.Value = office.Challenge(x.Domain)
		line.Typed = web.Field{Within: x.Name, Name: "typed", Label: r.T("page.domains.typed"), Max: mail.MaxAddress, Required: true}
		return line
	}
	return t
}
