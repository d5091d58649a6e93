package portal

import (
	"net/http"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// Whoever has opened a letter may make an account, and have all letters in one place from
// then on. The address is the one that the letter was sent to. The phone is the one that
// its sender gave, and it is proven anew by a PIN: else whoever finds an open letter on a
// screen would make an account, and who has only the inbox would have one with a phone of
// their own. So no letter is enough of which the code alone opens it.

// ownPhone is the phone of who registers, as far as it is proven.
type ownPhone struct {
	asked  mail.Phone    // to which a PIN was sent
	proven mail.Phone    // of which the PIN was right
	over   time.Duration // until when that counts, by Clock.Running
}

// registers reports whether an account may be made with the letter of a visit: nobody has
// one for its address, as far as is known here, and its PIN shows as much as an account
// does.
func (v *visit) registers() bool {
	mine := v.into != nil && v.letter.Own(v.into.address)
	return v.letter.Level == mail.Registered && v.letter.Phone != "" && !mine
}

// registering is a route for who may make an account.
func (p *Portal) registering(h guest) func(*web.Request) error {
	return p.reading(func(r *web.Request, v *visit) error {
		if !v.registers() {
			return r.Redirect("/m/letter")
		}
		return h(r, v)
	})
}

// registerPage says what an account is, and sends a PIN at the press of a button.
type registerPage struct {
	web.Frame
	Sign    string
	Address string
	Tail    string
	PIN     web.Field
	Say     *web.Alert
	Taken   bool // the address has an account, into which they may not get any more
	Steps   phoneSteps

	Password, Repeat web.Field
}

// phoneSteps are the paths at which a PIN to the phone is sent and typed, before there is
// an account: with a letter, or by an invitation.
type phoneSteps struct {
	Send, Check string
	Letter      bool // there is one to go back to
}

var (
	letterSteps  = phoneSteps{"/m/register", "/m/register/pin", true}
	invitedSteps = phoneSteps{"/welcome/phone", "/welcome/pin", false}
)

func (p *Portal) registerPage(r *web.Request, v *visit) error {
	return p.showRegister(r, v, http.StatusOK, nil)
}

func (p *Portal) showRegister(r *web.Request, v *visit, status int, say *web.Alert) error {
	l, err := p.Desk.Again(r.Context(), v.letter) // the number may be another one by now
	if err != nil {
		return err
	}
	return r.PageWith(status, "portal/register", &registerPage{Sign: p.look(r).Sign(), Address: string(l.Address), Tail: l.Phone.Tail(), Say: say})
}

// sendRegister sends the PIN. It is the letter's: its tries are counted with those of
// opening it, and so are the SMS.
func (p *Portal) sendRegister(r *web.Request, v *visit) error {
	l, err := p.Desk.Again(r.Context(), v.letter)
	if err != nil {
		return err
	}
	err = p.Texter.SendPIN(r.Context(), l, r.Language())
	if _, waits := p.PINs.Pending(l.Holder); waits && err != nil && sayOf(err).Say == "error.sms.pause" && v.asks() == l.Phone {
		err = nil // the one that was sent a moment ago is still good
	}
	switch mail.KindOf(err) {
	case mail.Gone:
		return err
	case mail.Internal:
		if err != nil {
			p.Log.Error("send a PIN", "part", "portal", "req", r.Number(), "err", err)
			err = mail.E(mail.Again, smsFailed, nil)
		}
	}
	if err != nil {
		return p.showRegister(r, v, http.StatusUnprocessableEntity, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	v.ask(l.Phone)
	return r.Redirect("/m/register/pin")
}

func (p *Portal) registerPIN(r *web.Request, v *visit) error {
	if v.asks() == "" {
		return r.Redirect(letterSteps.Send)
	}
	return letterSteps.askPIN(r, v, http.StatusOK, "", nil)
}

// askPIN shows where the PIN is typed.
func (s phoneSteps) askPIN(r *web.Request, v *visit, status int, fault string, say *web.Alert) error {
	return r.PageWith(status, "portal/registerpin", &registerPage{Tail: v.asks().Tail(), Say: say, PIN: pinField(r, "pin", fault), Steps: s})
}

// refused asks for the PIN again, if it was wrong or is none any more, with what is to be
// said.
func (s phoneSteps) refused(r *web.Request, v *visit, err error) error {
	switch mail.KindOf(err) {
	case mail.Invalid:
		return s.askPIN(r, v, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Gone, mail.Locked, mail.Busy:
		return s.askPIN(r, v, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	return err
}

// proveRegister compares the PIN. The try is counted first (access.PINs.Check).
func (p *Portal) proveRegister(r *web.Request, v *visit) error {
	if v.asks() == "" {
		return r.Redirect("/m/register")
	}
	if err := p.PINs.Check(r.Context(), v.letter.Holder, r.Form("pin")); err != nil {
		return letterSteps.refused(r, v, err)
	}
	l, err := p.Desk.Again(r.Context(), v.letter)
	if err != nil {
		return err
	}
	if l.Phone != v.asks() { // the sender has given another number since the PIN was sent
		v.ask("")
		return r.Redirect("/m/register")
	}
	v.proves(l.Phone, p.Clock.Running()+access.PINLife)
	return r.Redirect("/m/register/password")
}

func (p *Portal) registerPassword(r *web.Request, v *visit) error {
	return p.showRegisterPassword(r, v, http.StatusOK, passwordFaults{})
}

// passwordFaults are what was wrong with an account to be made, in sentences.
type passwordFaults struct {
	all, password, differs string
	taken                  bool // the address has an account
}

func (p *Portal) showRegisterPassword(r *web.Request, v *visit, status int, f passwordFaults) error {
	if v.owns(p.Clock.Running()) == "" {
		return r.Redirect("/m/register")
	}
	page := &registerPage{Address: string(v.letter.Address), Taken: f.taken}
	page.Password, page.Repeat = newPassword(r, "page.welcome.password", f.password, f.differs)
	if f.all != "" {
		page.Say = &web.Alert{Tone: web.Danger, Text: f.all}
	}
	return r.PageWith(status, "portal/registerpassword", page)
}

// register makes the account, moves the letter into it and signs in.
func (p *Portal) register(r *web.Request, v *visit) error {
	phone := v.owns(p.Clock.Running())
	if phone == "" {
		return r.Redirect("/m/register")
	}
	password := r.Form("password")
	if password != r.Form("repeat") {
		return p.showRegisterPassword(r, v, http.StatusUnprocessableEntity, passwordFaults{differs: r.T("page.welcome.differs")})
	}
	changed := false
	still := func(tx office.ReadTx) error {
		l, err := p.Desk.AgainIn(tx, v.letter)
		if changed = err == nil && l.Phone != phone; changed {
			err = mail.E(mail.Denied, "error.absent", nil)
		}
		return err
	}
	person, err := p.Office.Register(r.Context(), office.NewRecipient{Address: v.letter.Address, Lang: r.Language(), Phone: phone, Password: password}, still)
	switch {
	case err == nil:
	case changed: // the sender has given another number since the PIN was right
		v.ask("")
		return r.Redirect("/m/register")
	case sayOf(err).Say == "error.register.taken":
		return p.showRegisterPassword(r, v, http.StatusUnprocessableEntity, passwordFaults{all: r.Sentence(err), taken: true})
	case mail.KindOf(err) == mail.Invalid:
		return p.showRegisterPassword(r, v, http.StatusUnprocessableEntity, passwordFaults{password: r.Sentence(err)})
	default:
		return err
	}
	v.ask("") // it is used up
	if err := p.moveIn(r, v, person.ID); err != nil {
		p.Log.Error("move the letter into its new mailbox", "part", "portal", "req", r.Number(), "err", err) // the code still opens it
	}
	e, err := p.SignIn.Registered(r.Context(), person, password, caller(r))
	if err != nil {
		return err
	}
	r.Flash("flash.registered")
	return p.entered(r, e, "")
}

// moveIn takes the letter of a visit into a registered recipient's mailbox.
func (p *Portal) moveIn(r *web.Request, v *visit, person mail.ID) error {
	to, err := p.Office.Owner(r.Context(), person)
	if err != nil {
		return err
	}
	_, err = p.Desk.MoveIn(r.Context(), v.reader, v.letter.Holder, to)
	return err
}

// ask notes to which number a PIN went. What was proven before counts no more.
func (v *visit) ask(to mail.Phone) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.own = ownPhone{asked: to}
}

// asks returns to which number a PIN went; "" for none.
func (v *visit) asks() mail.Phone {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.own.asked
}

// proves notes the number of which the PIN was right, and until when that counts.
func (v *visit) proves(to mail.Phone, over time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.own.proven, v.own.over = to, over
}

// owns returns the number that was proven a moment ago; "" for none.
func (v *visit) owns(now time.Duration) mail.Phone {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now >= v.own.over {
		return ""
	}
	return v.own.proven
}
