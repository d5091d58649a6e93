package appliance

import (
	"sigill/appliance/courier"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// HookOf makes a provider of SMS known, and returns the path at which it reports. It
// must be called before Run.
func HookOf(d *Demo, provider string) string {
	t := d.Appliance.portal.Texter.(*texter)
	t.reports.forms = map[string]courier.ReportForm{provider: courier.ElksReport()}
	return "/hook/sms/" + provider + "/" + hookSecret(d.Appliance.founding.app, provider)
}

// OrganisationOf returns the ids of the demo's units by name, and of its people by
// address.
func OrganisationOf(d *Demo) (units, people map[string]string) {
	units, people = map[string]string{}, map[string]string{}
	d.Appliance.office.Tree(func(t *org.Tree) {
		for _, u := range t.Branch(mail.RootUnit) {
			units[u.Name] = u.ID.String()
			list, _ := t.People(org.Seek{Units: []mail.ID{u.ID}, N: 1000})
			for _, p := range list {
				people[string(p.Address)] = p.ID.String()
			}
		}
	})
	return units, people
}
