package portal

import (
	"net/http"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// genuinePage tells how one can be sure, and takes a code to be looked at.
type genuinePage struct {
	web.Frame
	Sign, Phone, Web string
	Code             web.Field
	Say              *web.Alert
}

func (p *Portal) genuine(r *web.Request) error { return p.showGenuine(r, http.StatusOK, "", "", nil) }

func (p *Portal) showGenuine(r *web.Request, status int, value, fault string, say *web.Alert) error {
	return r.PageWith(status, "portal/genuine", &genuinePage{
		Sign: p.look(r).Sign(), Phone: p.look(r).Phone, Web: p.look(r).Web, Say: say, Code: p.codeField(r, value, fault),
	})
}

// oursPage says that a code is the house's, and what it is for. It says less than the same
// code does at the first screen, which sends an SMS: whoever looks here warns nobody, so not
// even the end of the number is told.
type oursPage struct {
	web.Frame
	Sign, Phone string
	Code        string        // for the button that goes on; "" if it has ended
	Kind        mail.CodeKind // zero if it has ended
	Until       time.Time     // of the letter; zero: no end
	Ended       time.Time
	Replaced    bool
	Moved       bool
}

// checkCode looks whether the house has made a code. It is counted like any other try at one,
// and neither sends nor changes anything.
func (p *Portal) checkCode(r *web.Request) error {
	typed := r.Form("code")
	if handless(r) {
		return p.showGenuine(r, http.StatusUnprocessableEntity, typed, "", &web.Alert{Tone: web.Info, Text: r.T("page.genuine.press")})
	}
	code, l, err := p.lookUp(r, typed)
	switch mail.KindOf(err) {
	case mail.Busy:
		return p.showGenuine(r, http.StatusUnprocessableEntity, typed, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	case mail.Absent:
		return p.showGenuine(r, http.StatusUnprocessableEntity, typed, r.T("page.genuine.unknown"), nil)
	case mail.Gone:
		e := sayOf(err)
		at, _ := time.Parse(time.RFC3339, e.With["At"])
		return r.Page("portal/ours", &oursPage{Sign: p.look(r).Sign(), Phone: p.look(r).Phone, Ended: at, Replaced: e.Say == "error.replaced", Moved: e.Say == "error.moved"})
	}
	if err != nil {
		return err
	}
	of := p.Office.LookOf(l.Owner) // as the next page says
	return r.Page("portal/ours", &oursPage{Sign: of.Sign(), Phone: of.Phone, Code: code.Text(), Kind: l.Kind, Until: l.Until})
}

// IsLetter and IsInvitation say what the code is for; else it is a sender's, who is to give
// what is missing.
func (p *oursPage) IsLetter() bool     { return p.Kind == mail.CodeGuest }
func (p *oursPage) IsInvitation() bool { return p.Kind == mail.CodeInvitation }

// lookUp says what a typed code is for, counted. One that is none is as unknown as one that
// nobody has.
func (p *Portal) lookUp(r *web.Request, typed string) (code mail.LinkCode, l desk.Letter, err error) {
	if code, err = mail.ParseLinkCode(typed); err != nil {
		return code, l, err
	}
	err = p.Codes.Look(r.Context(), r.Address(), func() (err error) {
		l, err = p.Desk.Look(r.Context(), code)
		return err
	})
	return code, l, err
}

// handless reports whether a script has filled in the code and no hand has pressed: scanners
// run scripts and submit forms. Who has typed the code without script has shown a hand by that.
func handless(r *web.Request) bool { return r.Form("filled") != "" && r.Form("hand") == "" }
