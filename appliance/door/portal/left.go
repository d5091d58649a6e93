package portal

import (
	"net/http"

	"sigill/appliance/door/web"
)

// leftPage shows somebody what they had written when their session was over. It is kept nowhere.
type leftPage struct {
	web.Frame
	Text  string
	Again string // path to where they come in again
	Guest bool   // by the code of a letter
}

func (p *Portal) showLeft(r *web.Request, need web.Need, text string) error {
	page := &leftPage{Text: text, Again: "/in", Guest: need == web.GuestProof}
	if page.Guest {
		page.Again = "/m"
	}
	return r.PageWith(http.StatusForbidden, "portal/left", page)
}

// stay lets a session go on: a page asks for it while somebody types, or says that they are there.
func (p *Portal) stay(r *web.Request) error {
	if k := r.Viewer().Kind; k != web.Guest && k != web.Person {
		return r.Plain(http.StatusForbidden, "")
	}
	return r.Done()
}
