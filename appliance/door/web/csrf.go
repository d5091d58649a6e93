package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"sigill/appliance/mail"
)

const (
	formField  = "csrf"          // the hidden field, and the first part of an upload
	formHeader = "X-Sigill-Form" // for scripts of ours that send no form
)

var errForeign = errors.New("the form does not come from a page of ours")

// foreign reports whether the browser says that another site caused the request.
//
// Sec-Fetch-Site cannot be set by a page and is believed first, as
// net/http.CrossOriginProtection does. Older browsers send Origin with each
// POST; it holds our own because the pages' Referrer-Policy is same-origin (under
// no-referrer the Fetch standard makes browsers send "null" for our own forms
// too). Who sends neither is no browser of the last six years: known tells
// whether either spoke.
func (r *Request) foreign() (foreign, known bool) {
	switch r.Header("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false, true
	case "":
	default: // cross-site, and same-site: another host under our domain is not us
		return true, true
	}
	switch origin := r.Header("Origin"); origin {
	case "":
		return false, false
	default:
		return origin != r.s.origin, true
	}
}

// guardOrigin is the first wall: by where the request comes from.
func (r *Request) guardOrigin() error {
	if foreign, _ := r.foreign(); foreign {
		return mail.E(mail.Denied, "error.foreign", errForeign)
	}
	return nil
}

// guardToken is the second wall: given must be the token that a page of ours put
// into the form.
//
// With a session the token is always asked for. A stranger has nothing that a
// foreign form could use, so the browser's own word is enough for him: the page
// that takes a code must work in a mail program's web view that keeps no cookie.
// Only if the browser says nothing at all is his cookie's token asked for.
func (r *Request) guardToken(given string) error {
	want := ""
	if r.viewer.Kind != Stranger {
		want = sessionForm(r.viewer)
	} else if _, known := r.foreign(); known {
		return nil
	} else {
		want = r.s.strangerForm(r.Cookie(cookieStranger))
	}
	if want == "" || !same(given, want) {
		return mail.E(mail.Denied, "error.oldform", errForeign)
	}
	return nil
}

// sessionForm returns the token of a session's forms; "" if its Sessions gave no
// secret, which refuses every form.
func sessionForm(v Viewer) string {
	if v.Form == [32]byte{} {
		return ""
	}
	sum := sha256.Sum256(append([]byte("form\x00"), v.Form[:]...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Stranger is the mark of a browser without session by which its forms are known again;
// "" if it keeps none.
func (r *Request) Stranger() string { return r.Cookie(cookieStranger) }

// strangerForm returns the token that belongs to a stranger's cookie: made with a
// key of this process, so that a planted cookie has no token that fits.
func (s *Server) strangerForm(cookie string) string {
	if len(cookie) != 22 {
		return ""
	}
	m := hmac.New(sha256.New, s.formKey[:])
	m.Write([]byte(cookie))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// formToken returns the token for a form on the page now being shown, and gives a
// stranger the cookie that it belongs to.
func (r *Request) formToken() string {
	if r.viewer.Kind != Stranger {
		return sessionForm(r.viewer)
	}
	cookie := r.Cookie(cookieStranger)
	if len(cookie) != 22 {
		if r.newForm == "" {
			var b [16]byte
			rand.Read(b[:]) // never fails
			r.newForm = base64.RawURLEncoding.EncodeToString(b[:])
			r.setCookie(cookieStranger, r.newForm, 0)
		}
		cookie = r.newForm
	}
	return r.s.strangerForm(cookie)
}
