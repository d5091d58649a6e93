package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/nationalid"
)

// checkPage is the summary before a letter is sent: who gets what, and how.
type checkPage struct {
	web.Frame
	ID      string
	Seen    string // what stands for this summary
	State   string // of the draft that is shown, with its files
	Box     boxView
	Subject string
	Text    string
	Numbers numbersView // where an identity number seems to stand
	Files   []fileView
	To      []checkView
	Until   time.Time
	Receipt string // how the sender is told of readings; "" if not
	Tongue  string // the language that is chosen for the notices; "" if none is
	Answers string // who gets the answers beside the sender; "" if nobody does
}

type checkView struct {
	Address string
	Words   string // how it goes
	Age     string // since when the number is known; "" if it was given now
	Warn    []string
}

// numbersView says where in a letter an identity number of somebody seems to stand. It does
// not say which: what is pointed out need not stand there once more.
type numbersView struct{ Subject, Text bool }

func numbersIn(dr *mail.Draft) numbersView {
	return numbersView{Subject: nationalid.In(dr.Subject), Text: nationalid.In(dr.Text)}
}

// check shows the summary, or the form again with what is wrong.
func (p *Portal) check(r *web.Request, who desk.Reader, id mail.ID) error {
	u, dr, err := p.finished(r.Context(), who, id)
	if err != nil {
		return p.unfit(r, who, u, err)
	}
	b, err := p.boxOf(r.Context(), who, id)
	if err != nil {
		return err
	}
	plan, life, err := p.Desk.Foresee(r.Context(), who.ID, b.owner(who), dr)
	if mail.KindOf(err) == mail.Busy {
		return p.refill(r, who, u, err) // the draft is kept, and may be sent on another day
	}
	if err != nil {
		return p.unfit(r, who, u, err)
	}
	page := &checkPage{Seen: digest(plan), State: u.State, ID: id.String(), Box: b, Subject: dr.Subject, Text: dr.Text, Numbers: numbersIn(dr), Until: life.LastDay, Tongue: r.LanguageName(dr.Ask.Lang)}
	if page.Receipt, err = p.receiptWords(r, who.ID, dr.Ask.Receipt); err != nil {
		return err
	}
	if page.Answers, err = p.followers(r, b); err != nil {
		return err
	}
	for _, f := range u.Files {
		page.Files = append(page.Files, fileView{f.N, f.Name, f.Size})
	}
	for _, f := range plan {
		page.To = append(page.To, forecast(r, f))
	}
	return r.Page("portal/check", page)
}

// followers names those who get the answers to a letter beside its sender. Who writes is
// to know who will read.
func (p *Portal) followers(r *web.Request, b boxView) (string, error) {
	who, writer := p.reader(r), mail.ID{}
	if b.Shared() {
		writer = who.ID
	}
	list, err := p.Office.Followers(r.Context(), b.owner(who), writer)
	var names []mail.Named
	for _, f := range list {
		names = append(names, mail.Named{Name: f.Name, Address: f.Address})
	}
	return people(names), err
}

// sendDraft sends a draft. One in a function mailbox's name leads to what colleagues see.
func (p *Portal) sendDraft(r *web.Request, who desk.Reader, id mail.ID) error {
	b, err := p.boxOf(r.Context(), who, id)
	if err != nil {
		return err
	}
	u, dr, err := p.finished(r.Context(), who, id)
	if err == nil {
		err = p.confirm(r, b.owner(who), dr)
	}
	if seen := r.Form("state"); err == nil && seen != "" && seen != u.State {
		err = desk.ErrOtherWindow // since it was looked at
	}
	if err == nil {
		err = p.Desk.SendDraft(r.Context(), who, id, dr, u.State)
	}
	if errors.Is(err, desk.ErrOtherWindow) {
		r.Flash("flash.draft.changed")
		return r.Redirect("/write/" + id.String() + "/check")
	}
	if err != nil {
		return p.unfit(r, who, u, err)
	}
	r.Flash("flash.sent")
	if b.Shared() {
		return r.Redirect(b.Path + "/sent")
	}
	return r.Redirect("/mail/" + id.String())
}

// confirm notes that who sends has seen the summary, with what is doubtful in it. If that
// is another by now than the one that was shown, or none was, doubtful ones are held.
func (p *Portal) confirm(r *web.Request, owner mail.ID, dr *mail.Draft) error {
	plan, _, err := p.Desk.Plan(r.Context(), owner, dr) // not counted: nothing of it is shown
	dr.Ask.Confirmed = err == nil && r.Form("seen") == digest(plan)
	return err
}

// digest stands for who gets a letter by which number, and what is doubtful of it.
func digest(plan []desk.Forecast) string {
	h := sha256.New()
	for _, f := range plan {
		fmt.Fprintf(h, "%q %q %d\n", f.Address, f.Phone, f.Doubt)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// unfit shows the form again if the writer can mend what is wrong.
func (p *Portal) unfit(r *web.Request, who desk.Reader, u desk.Unfinished, err error) error {
	if k := mail.KindOf(err); k != mail.Invalid && k != mail.TooLarge {
		return err
	}
	return p.refill(r, who, u, err)
}

func (p *Portal) refill(r *web.Request, who desk.Reader, u desk.Unfinished, err error) error {
	b, e := p.boxOf(r.Context(), who, u.Holder)
	if e != nil {
		return e
	}
	return p.showWrite(r, http.StatusUnprocessableEntity, sheet{Unfinished: u, box: b, say: &web.Alert{Tone: web.Danger, Text: r.Sentence(err)}})
}

// forecast says in words how a recipient is reached, and what to look at twice.
func forecast(r *web.Request, f desk.Forecast) checkView {
	v := checkView{Address: string(f.Address)}
	switch {
	case f.Hold != mail.HoldNone && f.Doubt == mail.HoldNone:
		v.Words = r.T("page.check.held")
	case f.Channel == mail.ChannelRecipient || f.Doubt == mail.HoldRegistered && f.Phone == "":
		v.Words = r.T("page.check.recipient")
	case f.Nobody:
		v.Words, v.Warn = r.T("page.check.nobody"), []string{r.T("page.check.nobody.say")}
	case f.Channel == mail.ChannelInternal:
		v.Words = r.T("page.check.internal")
	case f.Level == mail.Letter:
		v.Words = r.T("page.check.letter")
	case f.Remembered:
		v.Words = r.T("page.check.remembered", "Phone", string(f.Phone))
		v.Age = age(r, f)
	default:
		v.Words = r.T("page.check.sms", "Phone", string(f.Phone))
	}
	if f.First && (f.Hold == mail.HoldNone || f.Doubt != mail.HoldNone) {
		v.Warn = append(v.Warn, r.T("page.check.first"))
	}
	if f.Doubt == mail.HoldStale {
		v.Warn = append(v.Warn, r.T("page.check.stale"))
	}
	switch {
	case f.Doubt == mail.HoldRegistered && f.Phone == "", f.Doubt == mail.HoldChanged && f.Remembered:
		v.Warn = append(v.Warn, r.T("page.check.elsewhere"))
	case f.Doubt == mail.HoldRegistered:
		// Without a digit of it: whoever may write to an address need not know its owner's.
		v.Warn = append(v.Warn, r.T("page.check.registered"))
	case f.Known != "":
		v.Warn = append(v.Warn, r.T("page.check.changed", "Tail", f.Known.Tail())+" "+age(r, f))
	}
	if f.Raised {
		v.Warn = append(v.Warn, r.T("page.check.raised"))
	}
	return v
}

// age says when the number that is remembered was given, and when a code to it last worked.
func age(r *web.Request, f desk.Forecast) string {
	given := r.T("page.check.given", "Date", r.Printer().Date(f.Given, r.Now()))
	if f.Worked.IsZero() {
		return given + " " + r.T("page.check.unused")
	}
	return given + " " + r.T("page.check.worked", "Date", r.Printer().Date(f.Worked, r.Now()))
}

// finished reads a draft as a letter that could be sent. The errors for people are
// Invalid; u is the draft all the same.
func (p *Portal) finished(ctx context.Context, who desk.Reader, id mail.ID) (desk.Unfinished, *mail.Draft, error) {
	u, err := p.Desk.Draft(ctx, who, id)
	if err != nil {
		return u, nil, err
	}
	if len(u.Halves) > 0 {
		return u, nil, mail.E(mail.Invalid, "error.upload.half", nil)
	}
	accepted, err := p.Desk.Levels(ctx)
	if err != nil {
		return u, nil, err
	}
	dr := &mail.Draft{Subject: u.Form.Subject, Text: u.Form.Text, Ask: mail.Ask{Receipt: u.Form.Receipt, ReceiptSet: true, Lang: u.Form.Lang}}
	dr.Ask.Level, dr.Ask.LevelSet = chosen(accepted, u.Form.Level)
	for _, to := range u.Form.To {
		req, err := p.request(to)
		if err != nil {
			return u, nil, err
		}
		dr.To = append(dr.To, req)
	}
	lives, err := p.Desk.Lifetimes(ctx)
	if err != nil {
		return u, nil, err
	}
	if dr.Ask.Lifetime, err = lifetime(lives, u.Form); err != nil {
		return u, nil, err
	}
	if len(u.Files) > 0 {
		return u, dr, nil
	}
	b, err := p.boxOf(ctx, who, id)
	if err != nil {
		return u, nil, err
	}
	signature, err := p.Office.SignatureFor(ctx, b.writer(who))
	if err == nil && body(dr.Text, signature) == "" {
		err = mail.E(mail.Invalid, "error.empty", nil)
	}
	return u, dr, err
}

// chosen returns the level of that name, if it is one that the house accepts; else
// the house's own holds.
func chosen(accepted []mail.Level, name string) (l mail.Level, set bool) {
	for _, l := range accepted {
		if l.String() == name {
			return l, true
		}
	}
	return mail.Registered, false
}

func (p *Portal) request(to mail.FormTo) (mail.Request, error) {
	a, err := mail.ParseAddress(to.Address)
	if err != nil {
		return mail.Request{}, mail.E(mail.Invalid, "error.address.of", err).Tell("Address", to.Address)
	}
	req := mail.Request{Given: to.Address, Address: a}
	if to.Phone != "" {
		if req.Phone, err = p.Phone(to.Phone); err != nil {
			return mail.Request{}, mail.E(mail.Invalid, "error.phone.of", err).Tell("Address", to.Address)
		}
	}
	return req, nil
}
