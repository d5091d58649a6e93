package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// linksOptions are what a unit may say of links in mails to citizens. The organisation has
// nobody above it: what it does not say is that they have one.
func linksOptions(r *web.Request, u org.Unit, chosen string) []web.Option {
	list := []mail.Links{mail.LinksAbove, mail.LinksGiven, mail.LinksLeftOut}
	if u.ID == mail.RootUnit {
		list = list[1:]
	}
	var options []web.Option
	for _, l := range list {
		options = append(options, web.Option{Value: l.String(), Label: r.T("links." + l.String()), Chosen: l.String() == chosen})
	}
	return options
}
