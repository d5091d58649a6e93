package portal

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
)

// visit is a guest's session: the code that was shown, and the keys once the proof
// was given. It lives in memory only.
type visit struct {
	form   [32]byte
	letter desk.Letter
	reader desk.Reader // Nobody until the proof
	lang   string
	into   *waiting // the letter may move into that mailbox; nil: nobody is signed in

	mu    sync.Mutex
	say   string // what the next page has to say; a key
	lost  string // why the last SMS did not go; a key
	shut  bool   // too many wrong PINs since the code was shown
	own   ownPhone
	enrol *access.Enrolment // of an invited recipient's phone; nil: not begun
}

func newVisit(l desk.Letter, lang string) *visit {
	v := &visit{letter: l, lang: lang}
	rand.Read(v.form[:])
	return v
}

func (v *visit) proven() bool { return v.reader.Key != nil }

// sent, unsent and tell note what became of an SMS that was asked for.
func (v *visit) sent()             { v.set("", "") }
func (v *visit) unsent(why string) { v.set("", why) }
func (v *visit) tell(say string)   { v.set(say, v.noSMS()) }

func (v *visit) set(say, lost string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.say, v.lost = say, lost
}

// said returns what the next page has to say, once.
func (v *visit) said() (say string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	say, v.say = v.say, ""
	return say
}

func (v *visit) lock() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.shut = true
}

// locked reports whether wrong PINs have closed the letter.
func (v *visit) locked() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.shut || v.letter.Locked
}

// noSMS returns why the last SMS did not go; "" if it did.
func (v *visit) noSMS() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lost
}

// idle is after how many seconds a session ends that nobody uses.
const idle = int(access.SessionIdle / time.Second)

// Viewer tells the floor who stands behind a token.
func (p *Portal) Viewer(_ context.Context, token web.Token) (web.Viewer, error) {
	t := token.Secret()
	if s, ok := p.SignIn.Tokens.Get(t); ok {
		name := s.Profile.Name
		if name == "" {
			name = string(s.Profile.Address)
		}
		return web.Viewer{Kind: web.Person, Name: name, Initials: initials(name), Lang: s.Lang(), Roles: p.Roles(s.Person.ID), Recipient: isRecipient(s), Idle: idle, Menu: p.menu(s), Form: s.Form, Value: s}, nil
	}
	if q, ok := p.SignIn.Pending(t); ok {
		return web.Viewer{Kind: web.Entering, Lang: q.Profile.Lang, Form: q.Form, Value: q}, nil
	}
	if q, ok := p.Helping.Asking(t); ok {
		return web.Viewer{Kind: web.Entering, Form: q.Form, Value: q}, nil
	}
	if v, ok := p.visits.Get(t); ok {
		w := web.Viewer{Kind: web.Stranger, Lang: v.lang, Owner: v.letter.Owner, Form: v.form, Value: v}
		if v.proven() {
			w.Kind, w.Idle = web.Guest, idle
		}
		return w, nil
	}
	return web.Viewer{}, nil
}

// begin makes a visit and gives the browser a fresh token for it, so that a token
// from before the proof is worth nothing after it.
func (p *Portal) begin(r *web.Request, v *visit) error {
	t, err := p.visits.Add(v)
	if err != nil {
		return err
	}
	if v.into == nil {
		p.end(r)
	} else if before, ok := r.Viewer().Value.(*visit); ok {
		p.dropVisit(r, before) // the session waits
	}
	r.SetToken(web.TokenOf(t))
	return nil
}

// dropVisit ends the visit that a browser shows, with the pictures that could still be
// fetched with its keys.
func (p *Portal) dropVisit(r *web.Request, v *visit) {
	p.visits.Drop(r.Token().Secret())
	p.pictures.DropWhere(func(pic *picture) bool { return pic.viewer == v })
}

// end forgets whatever session the browser comes with, and then the pictures that
// could still be fetched with its keys: one that is made meanwhile sees that its
// session is gone.
func (p *Portal) end(r *web.Request) {
	t := r.Token().Secret()
	p.visits.Drop(t)
	if v, ok := r.Viewer().Value.(*visit); ok && v.into != nil {
		p.forgetPictures(p.SignIn.End(v.into.person, v.into.session))
	}
	p.SignIn.Leave(t)
	p.Helping.Drop(t)
	if v := r.Viewer().Value; v != nil {
		p.pictures.DropWhere(func(pic *picture) bool { return pic.viewer == v })
	}
}

var _ web.Sessions = (*Portal)(nil)
