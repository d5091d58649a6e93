package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

// The cookies, without the prefix that https gives them.
const (
	cookieSession  = "sigill"
	cookieStranger = "sigill-form"  // binds a stranger's forms; made when a page has a form
	cookieFlash    = "sigill-flash" // the key of one sentence for the next page
	cookieLanguage = "sigill-lang"
	cookieDevice   = "sigill-device"  // says who has signed in here before; opens nothing
	cookieSignOn   = "sigill-signon"  // binds the organisation's sign-on to the browser that began it
	cookieSetup    = "sigill-setup"   // by which the browser is known that goes on with the set-up
	cookieArrival  = "sigill-arrival" // what the link of a mail held, until its reader has signed in; opens nothing
)

// cookieName puts __Host- before a name over https: the browser then keeps it only
// if it is Secure, for this host alone and for all of it, so that no neighbour
// under the same domain can plant one.
func (s *Server) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// Token returns the session's token; zero if the request has none.
func (r *Request) Token() Token { return parseToken(r.Cookie(cookieSession)) }

// SetToken gives the browser a session. It lives until the browser ends or the
// Sessions forgets it; no date stands in the cookie. A new token must be set
// whenever rights change, or a planted one would gain them (session fixation).
func (r *Request) SetToken(t Token) { r.setCookie(cookieSession, t.cookie(), 0) }

// ClearToken takes the session's cookie away.
func (r *Request) ClearToken() { r.setCookie(cookieSession, "", -1) }

// Flash shows the sentence of key on the next page that this browser sees.
func (r *Request) Flash(key string) { r.setCookie(cookieFlash, key, time.Minute) }

// deviceLife is how long a browser is known again after somebody has signed in there.
const deviceLife = 365 * 24 * time.Hour

// Device returns the mark that SetDevice gave the browser; "" if it has none.
func (r *Request) Device() string { return r.Cookie(cookieDevice) }

// SetDevice marks the browser for a year, beyond every session. Lax, as it says
// nothing but that its owner has been here: who follows a link to the sign-in page is
// to be known again.
func (r *Request) SetDevice(mark string) {
	r.setLaxCookie(cookieDevice, mark, deviceLife)
}

// SignOn returns the token of the sign-on that this browser has begun; zero if none.
func (r *Request) SignOn() Token { return parseToken(r.Cookie(cookieSignOn)) }

// SetSignOn binds a sign-on to this browser, for so long. Lax, as the answer comes by a link
// from the provider's page; it opens nothing by itself.
func (r *Request) SetSignOn(t Token, life time.Duration) {
	r.setLaxCookie(cookieSignOn, t.cookie(), life)
}

// ClearSignOn takes that cookie away.
func (r *Request) ClearSignOn() { r.setLaxCookie(cookieSignOn, "", -1) }

// setupLife is how long a set-up may rest in the browser in which it was begun.
const setupLife = 7 * 24 * time.Hour

// Setup returns the token that SetSetup gave the browser; zero if it has none.
func (r *Request) Setup() Token { return parseToken(r.Cookie(cookieSetup)) }

// SetSetup makes this the browser that goes on with the set-up.
func (r *Request) SetSetup(t Token) { r.setCookie(cookieSetup, t.cookie(), setupLife) }

// ClearSetup takes that cookie away.
func (r *Request) ClearSetup() { r.setCookie(cookieSetup, "", -1) }

// arrivalLife is how long somebody may take to sign in after a mail's link.
const arrivalLife = time.Hour

// Arrival returns what SetArrival has kept; "" if nothing.
func (r *Request) Arrival() string { return r.Cookie(cookieArrival) }

// SetArrival keeps a word of a mail's link in the browser. Lax, as the link comes from
// elsewhere; it opens nothing.
func (r *Request) SetArrival(word string) { r.setLaxCookie(cookieArrival, word, arrivalLife) }

// ClearArrival takes it away.
func (r *Request) ClearArrival() { r.setLaxCookie(cookieArrival, "", -1) }

// setLaxCookie is setCookie for what links from elsewhere are to bring along.
func (r *Request) setLaxCookie(name, value string, age time.Duration) {
	c := r.newCookie(name, value, age)
	c.SameSite = fiber.CookieSameSiteLaxMode
	r.ctx.Cookie(c)
}

// setCookie sets a cookie of ours; age 0 ends it with the browser, below 0 at once.
//
// SameSite=Strict: no other site's link or form brings it along. Whoever follows
// a link from a mail therefore arrives as a stranger at first; Server.knock
// mends that.
func (r *Request) setCookie(name, value string, age time.Duration) {
	r.ctx.Cookie(r.newCookie(name, value, age))
}

func (r *Request) newCookie(name, value string, age time.Duration) *fiber.Cookie {
	c := &fiber.Cookie{
		Name: r.s.cookieName(name), Value: value, Path: "/",
		Secure: r.s.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode,
	}
	switch {
	case age > 0:
		c.MaxAge = int(age / time.Second)
	case age < 0:
		c.MaxAge = -1
		c.Expires = time.Unix(1, 0) // for browsers that know no Max-Age; fasthttp writes one of the two
	default:
		c.SessionOnly = true
	}
	return c
}
