package portal

import (
	"net/http"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// codePage is the first screen: who wrote, the code, one button.
type codePage struct {
	web.Frame
	Sign  string
	Phone string
	Code  web.Field
	Say   *web.Alert
}

// codePage shows the field for the code. With script, the code is taken from the
// link's fragment, which no server ever sees; without, it is typed.
func (p *Portal) codePage(r *web.Request) error { return p.showCode(r, http.StatusOK, "", "", nil) }

func (p *Portal) showCode(r *web.Request, status int, value, fault string, say *web.Alert) error {
	return r.PageWith(status, "portal/code", &codePage{
		Sign: p.look(r).Sign(), Phone: p.look(r).Phone, Say: say, Code: p.codeField(r, value, fault),
	})
}

func (p *Portal) codeField(r *web.Request, value, fault string) web.Field {
	return web.Field{
		Name: "code", Label: r.T("page.code.label"), Hint: r.T("page.code.hint"), Error: fault,
		Value: value, Max: 40, Required: true, Code: true, Focus: fault != "",
	}
}

// enterCode takes the code. It is the reader's button, so it may send the PIN.
func (p *Portal) enterCode(r *web.Request) error {
	typed := r.Form("code")
	if handless(r) {
		return p.showCode(r, http.StatusUnprocessableEntity, typed, "", &web.Alert{Tone: web.Info, Text: r.T("page.code.press")})
	}
	_, l, err := p.lookUp(r, typed)
	switch mail.KindOf(err) {
	case mail.Busy:
		return p.showCode(r, http.StatusUnprocessableEntity, typed, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	case mail.Absent:
		return p.unknownCode(r, typed)
	case mail.Gone:
		return p.ended(r, err)
	}
	if err != nil {
		return err
	}
	if s := p.recipientHere(r); s != nil && l.Kind == mail.CodeGuest {
		return p.takeIn(r, s, l)
	}
	if l.Kind == mail.CodeInvitation { // in the language that the inviter has chosen
		if who, err := p.Office.Owner(r.Context(), l.Holder); err == nil {
			l.Lang = who.Lang
		}
	}
	r.Prefer(l.Lang)
	return p.lasting(p.arrive)(r, newVisit(l, r.Language()))
}

// arrive begins the visit of who has shown a code, and leads to where it is good for.
func (p *Portal) arrive(r *web.Request, v *visit) (err error) {
	switch v.letter.Kind {
	case mail.CodeInvitation:
		return p.proceed(r, v, "/welcome")
	case mail.CodeRepair:
		if v.reader, _, err = p.Desk.Repair(r.Context(), v.letter); err != nil {
			return err
		}
		return p.proceed(r, v, "/m/mend")
	}
	if v.letter.Level == mail.Letter {
		return p.enter(r, v, "code")
	}
	if err := p.begin(r, v); err != nil {
		return err
	}
	if err := p.send(r, v); err != nil {
		return err
	}
	return r.Redirect("/m/pin")
}

// unknownCode looks alike for a wrong, an expired and an unknown code: to who does
// not hold one there is no difference.
func (p *Portal) unknownCode(r *web.Request, typed string) error {
	return p.showCode(r, http.StatusUnprocessableEntity, typed, r.T("error.code"), nil)
}

func (p *Portal) proceed(r *web.Request, v *visit, path string) error {
	if err := p.begin(r, v); err != nil {
		return err
	}
	return r.Redirect(path)
}

// endedPage tells who holds a code the truth.
type endedPage struct {
	web.Frame
	At       time.Time
	Replaced bool
	Moved    bool
	Sign     string
	Phone    string
}

func (p *Portal) ended(r *web.Request, err error) error {
	e := sayOf(err)
	at, _ := time.Parse(time.RFC3339, e.With["At"])
	// A recipient's session has nothing to do with the letter's end.
	if v, ok := r.Viewer().Value.(*visit); !r.Viewer().Recipient && (!ok || !p.goBack(r, v)) {
		p.end(r)
	}
	return r.PageWith(http.StatusGone, "portal/ended", &endedPage{At: at, Replaced: e.Say == "error.replaced", Moved: e.Say == "error.moved", Sign: p.look(r).Sign(), Phone: p.look(r).Phone})
}
