package portal

import (
	"errors"
	"math"
	"net/http"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// pinPage is the second screen.
type pinPage struct {
	web.Frame
	Tail   string
	PIN    web.Field
	Say    *web.Alert
	Phone  string
	Sign   string
	Locked bool
	None   bool   // there is no PIN under way: only the button for another helps
	Unsent string // why no SMS went; "" if one did
	Again  bool   // another try may help
	Into   bool   // the letter moves into the mailbox of who is signed in
	Waits  bool   // somebody is, and may go back
	Until  time.Time
	Wait   int    // seconds until another SMS may be sent; 0: at once
	WaitTo string // the time of day at which they are over, rounded up to a minute
}

// sayOf returns what an error says to people.
func sayOf(err error) *mail.Error {
	var e *mail.Error
	if errors.As(err, &e) {
		return e
	}
	return mail.E(mail.Internal, "error.internal", err)
}

func (p *Portal) pinPage(r *web.Request, v *visit) error {
	if say := v.said(); say != "" {
		return p.showPIN(r, v, http.StatusOK, "", &web.Alert{Tone: web.Warning, Text: r.T(say)})
	}
	return p.showPIN(r, v, http.StatusOK, "", nil)
}

func (p *Portal) showPIN(r *web.Request, v *visit, status int, fault string, say *web.Alert) error {
	left, pending := p.PINs.Pending(v.letter.Holder)
	pause, err := p.Texter.Pause(r.Context(), v.letter)
	if err != nil {
		return err
	}
	waits := p.waits(v)
	page := &pinPage{
		Into: waits && v.movesIn(), Waits: waits,
		Tail: v.letter.Phone.Tail(), Say: say, Phone: p.look(r).Phone, Sign: p.look(r).Sign(), Locked: v.locked(), None: !pending,
		Until: v.letter.Until, Wait: int(math.Ceil(pause.Seconds())), WaitTo: r.Printer().Clock(r.Now().Add(pause + time.Minute - 1)),
		PIN: web.Field{
			Name: "pin", Label: r.T("page.pin.label"), Hint: r.T("page.pin.hint.until", "Clock", r.Printer().Clock(r.Now().Add(left))), Error: fault,
			Auto: "one-time-code", Mode: "numeric", Pattern: "[0-9 ]*", Max: 7, Required: true, Focus: true, Short: true,
		},
	}
	if why := v.noSMS(); why != "" {
		page.Unsent, page.Again, page.PIN.Focus = r.T(why), why == smsFailed, fault != ""
	}
	return r.PageWith(status, "portal/pin", page)
}

// smsFailed is why no SMS went if the gateway did not take it: another press may help.
const smsFailed = "error.sms.failed"

// send asks for an SMS. What goes wrong is said on the PIN's page, where there is a
// button to try again. The only error is Gone, of a letter that has ended.
func (p *Portal) send(r *web.Request, v *visit) error {
	err := p.Texter.SendPIN(r.Context(), v.letter, r.Language())
	if err == nil {
		v.sent()
		return nil
	}
	_, pending := p.PINs.Pending(v.letter.Holder)
	say := sayOf(err).Say
	switch mail.KindOf(err) {
	case mail.Gone:
		return err
	case mail.Locked:
		v.lock()
	case mail.Internal:
		p.Log.Error("send a PIN", "part", "portal", "req", r.Number(), "err", err)
		v.unsent(smsFailed)
	case mail.Again:
		v.unsent(smsFailed)
	default:
		if pending || say == "error.sms.pause" {
			v.tell(say) // the code that was sent before is still good, or the next one is near
		} else {
			v.unsent(say)
		}
	}
	return nil
}

func (p *Portal) sendAgain(r *web.Request, v *visit) error {
	if err := p.send(r, v); err != nil {
		return err
	}
	return r.Redirect("/m/pin")
}

// enterPIN compares the PIN. The try is counted first (access.PINs.Check).
func (p *Portal) enterPIN(r *web.Request, v *visit) error {
	err := p.PINs.Check(r.Context(), v.letter.Holder, r.Form("pin"))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showPIN(r, v, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Gone:
		return p.showPIN(r, v, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	case mail.Locked:
		v.lock()
		return p.showPIN(r, v, http.StatusUnprocessableEntity, "", nil)
	}
	if err != nil {
		return err
	}
	return p.enter(r, v, "sms")
}

// enter lets a guest in who has given the proof, under a fresh token.
func (p *Portal) enter(r *web.Request, v *visit, proof string) error {
	l := v.letter
	l.Picked = r.Picked()
	reader, err := p.Desk.Admit(r.Context(), l, proof)
	if err != nil {
		return err
	}
	if v.movesIn() {
		moved, err := p.takeProven(r, v, reader)
		if moved {
			return err
		}
		if err != nil && mail.KindOf(err) != mail.Gone { // the proof is given: it is read, and may move later
			p.Log.Error("move a letter in", "part", "portal", "req", r.Number(), "err", err)
		}
	}
	in := newVisit(v.letter, v.lang)
	in.reader, in.into = reader, v.into
	if err := p.begin(r, in); err != nil {
		return err
	}
	return r.Redirect("/m/letter")
}

type wrongPage struct {
	web.Frame
	Sign, Phone string
}

// wrongNumber tells the sender that the number is not this reader's.
func (p *Portal) wrongNumber(r *web.Request, v *visit) error {
	if err := p.Desk.WrongNumber(r.Context(), v.letter); err != nil {
		return err
	}
	return r.Page("portal/wrong", &wrongPage{Sign: p.look(r).Sign(), Phone: p.look(r).Phone})
}

// leave ends a guest's visit on this device.
func (p *Portal) leave(r *web.Request) error {
	if v, ok := r.Viewer().Value.(*visit); ok && p.goBack(r, v) {
		return r.Redirect("/mail")
	}
	p.end(r)
	r.ClearToken()
	return r.Redirect("/")
}
