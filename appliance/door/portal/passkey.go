package portal

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/passkey"
)

// Passkeys asks browsers for passkeys, and judges their answers; passkey.Party does it.
type Passkeys interface {
	Create(user [16]byte, name, display string, have []passkey.Credential) (options []byte, ch passkey.Challenge, err error)
	Created(ch passkey.Challenge, answer []byte) (passkey.Credential, error)
	Ask(allow []passkey.Credential) (options []byte, ch passkey.Challenge, err error)
	Handle(answer []byte) (id []byte, user [16]byte, err error)
	Answered(ch passkey.Challenge, answer []byte, user [16]byte, c passkey.Credential) (passkey.Credential, error)
}

// keys is what is kept of people's passkeys; office.Office does it.
type keys interface {
	Passkeys(ctx context.Context, person mail.ID) ([]office.Passkey, error)
	AddPasskey(ctx context.Context, by access.Owner, n office.NewPasskey) error
	DropPasskey(ctx context.Context, by access.Owner, id mail.ID) error
	FindPasskey(ctx context.Context, credential []byte) (mail.Person, office.Passkey, error)
	UsePasskey(ctx context.Context, k office.Passkey) error
	Shown(p mail.Person, k office.Passkey, prf []byte) access.Shown
}

// ceremony is what a browser was asked about a passkey, and who stood there then: a session,
// a sign-in that waits, or a stranger's browser. Only they may answer.
type ceremony struct {
	challenge passkey.Challenge
	by        [32]byte // see whoAsks
}

// askingPasskey is the answer to the script that asks for a passkey.
type askingPasskey struct {
	PublicKey json.RawMessage `json:"publicKey"`
	State     string          `json:"state"` // names the ceremony, in the form that follows
}

func (p *Portal) ask(r *web.Request, options []byte, ch passkey.Challenge) error {
	token, err := p.ceremonies.Add(&ceremony{ch, whoAsks(r)})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, askingPasskey{options, base64.RawURLEncoding.EncodeToString(token[:])})
}

// taken is the ceremony that a form answers, once. The error is Denied.
func (p *Portal) taken(r *web.Request) (*ceremony, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(r.Form("state"))
	if err != nil || len(b) != len(access.Token{}) {
		return nil, mail.E(mail.Denied, "error.passkey.late", nil)
	}
	c, ok := p.ceremonies.Take(access.Token(b))
	if !ok || c.by != whoAsks(r) {
		return nil, mail.E(mail.Denied, "error.passkey.late", nil)
	}
	return c, nil
}

// whoAsks tells who stands there from everybody else: by the secret of their session's
// forms, or by the mark of a stranger's browser. It keeps no session, and no key with it.
func whoAsks(r *web.Request) [32]byte {
	if form := r.Viewer().Form; form != [32]byte{} {
		return form
	}
	return sha256.Sum256([]byte(r.Stranger()))
}

// withPasskeys is a route of passkeys. Where browsers make none there is none.
func (p *Portal) withPasskeys(h func(*web.Request) error) func(*web.Request) error {
	return only(func() bool { return p.Passkeys != nil }, h)
}

// only is a route that is there if something is.
func only(is func() bool, h func(*web.Request) error) func(*web.Request) error {
	return func(r *web.Request) error {
		if !is() {
			return mail.E(mail.Absent, "error.absent", nil)
		}
		return h(r)
	}
}

// passkeyOptions asks for a passkey: one of theirs from who has said who they are, and any
// from a stranger, so that nobody learns by it whether an address has one.
func (p *Portal) passkeyOptions(r *web.Request) error {
	var list []passkey.Credential
	var err error
	switch v := r.Viewer().Value.(type) {
	case *access.Session:
		list, err = p.credentials(r.Context(), v.Person.ID)
	case *access.Pending:
		list, err = p.credentials(r.Context(), v.Person.ID)
	}
	if err != nil {
		return err
	}
	options, ch, err := p.Passkeys.Ask(list)
	if err != nil {
		return err
	}
	return p.ask(r, options, ch)
}

func (p *Portal) credentials(ctx context.Context, person mail.ID) (list []passkey.Credential, err error) {
	keys, err := p.Account.Passkeys(ctx, person)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		c, err := credentialOf(k)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func credentialOf(k office.Passkey) (c passkey.Credential, err error) {
	return c, json.Unmarshal(k.Credential, &c)
}

// show judges what a browser has answered. The error for people is Denied.
func (p *Portal) show(r *web.Request) access.Show {
	return func(ctx context.Context) (access.Shown, error) {
		c, err := p.taken(r)
		if err != nil {
			return access.Shown{}, err
		}
		answer := []byte(r.Form("response"))
		id, _, err := p.Passkeys.Handle(answer)
		if err != nil {
			return access.Shown{}, asDenied(err)
		}
		person, k, err := p.Account.FindPasskey(ctx, id)
		if mail.KindOf(err) == mail.Absent {
			return access.Shown{}, mail.E(mail.Denied, "error.passkey.unknown", nil)
		}
		if err != nil {
			return access.Shown{}, err
		}
		cred, err := credentialOf(k)
		if err != nil {
			return access.Shown{}, err
		}
		known := access.Shown{Person: person}
		if cred, err = p.Passkeys.Answered(c.challenge, answer, person.ID, cred); err != nil {
			return known, asDenied(err)
		}
		// What has changed, the count of signatures above all, is kept before anybody is let
		// in: else a copy of the passkey could answer beside it.
		if k.Credential, err = json.Marshal(cred); err != nil {
			return access.Shown{}, err
		}
		if err := p.Account.UsePasskey(ctx, k); err != nil {
			return known, asDenied(err)
		}
		return p.Account.Shown(person, k, prf(r)), nil
	}
}

// asDenied says to people of whatever is wrong with an answer that they are not let in.
func asDenied(err error) error {
	var e *mail.Error
	if !errors.As(err, &e) || e.Kind == mail.Internal {
		return err
	}
	if e.Kind == mail.Absent {
		return mail.E(mail.Denied, "error.passkey.unknown", err)
	}
	return mail.E(mail.Denied, e.Say, err)
}

// prf is what the passkey gave for the key; nil if nothing. It is a key: it stands in no
// page, log or error.
func prf(r *web.Request) []byte {
	b, err := base64.RawURLEncoding.Strict().DecodeString(r.Form("prf"))
	if err != nil {
		return nil
	}
	return b
}

// usePasskey takes a passkey: to sign in, as the second step, to open the key, or to prove
// again who is signed in.
func (p *Portal) usePasskey(r *web.Request) error {
	switch v := r.Viewer().Value.(type) {
	case *access.Session:
		return p.provePasskey(r, v)
	case *access.Pending:
		return p.passkeyOnward(r, v)
	}
	e, err := p.SignIn.Passkey(r.Context(), p.show(r), caller(r))
	switch mail.KindOf(err) {
	case mail.Denied, mail.Busy:
		return p.showSignIn(r, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.entered(r, e, wants(r))
}

// passkeyOnward goes on with a sign-in that waits.
func (p *Portal) passkeyOnward(r *web.Request, q *access.Pending) error {
	go_, page := p.SignIn.SecondByPasskey, func(say *web.Alert) error {
		return p.showFactor(r, q, http.StatusUnprocessableEntity, access.ByCode, "", say)
	}
	if q.Unlocks() {
		go_, page = p.SignIn.UnlockByPasskey, func(say *web.Alert) error {
			return p.showUnlock(r, q, http.StatusUnprocessableEntity, "", say)
		}
	}
	e, err := go_(r.Context(), r.Token().Secret(), p.show(r))
	switch mail.KindOf(err) {
	case mail.Denied, mail.Invalid:
		if _, still := p.SignIn.Pending(r.Token().Secret()); err != nil && !still {
			return p.toSignIn(r, "flash.over")
		}
		return page(&web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.entered(r, e, wants(r))
}

func (p *Portal) provePasskey(r *web.Request, s *access.Session) error {
	token, err := p.SignIn.ProveByPasskey(r.Context(), r.Token().Secret(), s, p.show(r))
	if err != nil && mail.KindOf(err) == mail.Denied {
		return p.showProve(r, s, http.StatusUnprocessableEntity, r.Form("next"), &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.provedBy(r, token, r.Form("next"))
}

// passkeysOf are a person's passkeys; none where browsers make none.
func (p *Portal) passkeysOf(r *web.Request, person mail.ID) ([]office.Passkey, error) {
	if p.Passkeys == nil {
		return nil, nil
	}
	return p.Account.Passkeys(r.Context(), person)
}
