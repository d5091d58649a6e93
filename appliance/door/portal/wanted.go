package portal

import (
	"net/http"
	"regexp"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
)

// Who follows a mail's link to a page of theirs, or comes back after the session has ended,
// goes on to that page when they have signed in. Which one it was stands in the address of
// the sign-in page, in its forms, and in the sign-in that waits for its second step: a
// cookie would send the next person at a shared computer there.

// wantable are the paths that somebody signed in may be sent on to: below one of the places
// where people work, and made of nothing but names and ids, so that none leads to another
// host, or carries along what a link from elsewhere had put in. Nobody is led to what asks a
// provider, and none of them changes anything by being opened.
var wantable = regexp.MustCompile(`^/(mail|box|write|contacts|account|org|todo|journal|trace|admin|setup)(/[0-9a-z]{1,40}){0,5}$`)

// wantedOf returns the path if somebody may be sent there after the sign-in; else "", which
// is the mailbox, to where everybody goes who wanted nothing.
func wantedOf(path string) string {
	if len(path) > 100 || path == "/mail" || path == "/account/prove/sso" || !wantable.MatchString(path) {
		return ""
	}
	return path
}

// toWanted goes where somebody wanted to go.
func toWanted(r *web.Request, path string) error {
	if path = wantedOf(path); path == "" {
		path = "/mail"
	}
	return r.Redirect(path)
}

// wants is where this request's sender wanted to go before they were asked who they are.
func wants(r *web.Request) string {
	if q, ok := r.Viewer().Value.(*access.Pending); ok {
		return q.Wanted()
	}
	if next := r.Form("next"); next != "" {
		return wantedOf(next)
	}
	return wantedOf(r.Query("next"))
}

// asked returns the path of the page that somebody looks for, for whom it is shown as a page
// of its own: what a script or a frame asks for is none to come back to.
func asked(r *web.Request) string {
	if dest := r.Header("Sec-Fetch-Dest"); r.Method() != http.MethodGet || dest != "" && dest != "document" {
		return ""
	}
	return wantedOf(r.Path())
}
