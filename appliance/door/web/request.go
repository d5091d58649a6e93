package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"sigill/appliance/locale"
	"sigill/appliance/mail"
)

// Request is one request, and the one place where input is read: what it returns
// is bounded and copied, and stays true after the handler. It is for one
// goroutine and dies with the handler itself.
type Request struct {
	s        *Server
	ctx      *fiber.Ctx
	context  context.Context
	id       string
	method   string
	route    Route
	viewer   Viewer
	printer  locale.Printer
	form     url.Values
	body     *body
	parts    *Parts
	newForm  string
	answered bool
}

func (s *Server) newRequest(c *fiber.Ctx) *Request {
	return &Request{
		s: s, ctx: c, context: s.base, id: newNumber(), method: strings.Clone(c.Method()),
		printer: s.c.Views.printer(s.c.Default),
	}
}

// newNumber returns the number by which a reader and the log speak of the same
// request.
func newNumber() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

// Context ends with the server, and after Config.Patience unless the route takes
// an upload.
func (r *Request) Context() context.Context { return r.context }

// Number is the request's number in the log.
func (r *Request) Number() string { return r.id }

// Now is the house's time.
func (r *Request) Now() time.Time { return r.s.c.Clock.Now() }

// Viewer returns who asks; the route's Need was already checked.
func (r *Request) Viewer() Viewer { return r.viewer }

// Param returns a part of the path, such as "id" of /letter/:id; not unescaped.
func (r *Request) Param(name string) string { return strings.Clone(r.ctx.Params(name)) }

// Query returns the first value of a query parameter; "" if it is absent.
func (r *Request) Query(name string) string {
	return strings.ToValidUTF8(string(r.ctx.Request().URI().QueryArgs().Peek(name)), "\uFFFD")
}

// Header returns the first value of a header; "" if it is absent.
func (r *Request) Header(name string) string { return string(r.ctx.Request().Header.Peek(name)) }

// Cookie returns a cookie of ours by its name without prefix.
func (r *Request) Cookie(name string) string {
	return string(r.ctx.Request().Header.Cookie(r.s.cookieName(name)))
}

// Form returns the first value of a field of the form; "" if it is absent.
func (r *Request) Form(name string) string { return r.form.Get(name) }

// FormAll returns all values of a field of the form, at most 100.
func (r *Request) FormAll(name string) []string { return r.form[name] }

// Address returns whom the request came from, behind trusted proxies.
func (r *Request) Address() netip.Addr {
	var forwarded []string
	for _, v := range r.ctx.Request().Header.PeekAll("X-Forwarded-For") {
		forwarded = append(forwarded, string(v))
	}
	return r.s.c.client(peerOf(r.ctx.Context().Conn()), forwarded)
}

// T returns a sentence in the reader's language; see locale.Printer.T.
func (r *Request) T(key string, pairs ...any) string { return r.printer.T(key, pairs...) }

// Printer speaks the reader's language.
func (r *Request) Printer() locale.Printer { return r.printer }

// Language returns the tag of the reader's language.
func (r *Request) Language() string { return r.printer.Lang }

// Picked returns the language that was picked in this browser, now or before; "" if none
// was.
func (r *Request) Picked() string {
	wishes := []string{r.Query("lang"), r.Cookie(cookieLanguage)}
	if lang := r.s.c.Views.cat.Match("", wishes...); slices.Contains(wishes, lang) {
		return lang
	}
	return ""
}

// Prefer has this answer in a language of which is known only now that the reader is
// told in it. What was picked in the browser comes before it.
func (r *Request) Prefer(lang string) { r.speak(lang) }

// speak finds the reader's language: what was just picked, what the browser was
// told before, what is known of the reader, what the browser asks for.
func (r *Request) speak(known ...string) {
	picked := r.Query("lang")
	wishes := append([]string{picked, r.Cookie(cookieLanguage)}, known...)
	wishes = append(wishes, r.viewer.Lang, r.Header("Accept-Language"))
	r.printer = r.s.c.Views.printer(r.s.c.Views.cat.Match(r.s.c.Default, wishes...))
	if picked == r.printer.Lang && picked != r.Cookie(cookieLanguage) {
		r.setCookie(cookieLanguage, picked, 365*24*time.Hour)
	}
}

// target returns the path and query as they came.
func (r *Request) target() string { return string(r.ctx.Request().Header.RequestURI()) }

// Method returns the request's method.
func (r *Request) Method() string { return r.method }

// Path returns the path as it came, without the query.
func (r *Request) Path() string { return strings.Clone(r.path()) }

// path returns the path as it came.
func (r *Request) path() string { return string(r.ctx.Request().URI().PathOriginal()) }

// WithQuery puts names and values behind a path. An empty value is left out.
func WithQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// QueryString returns the whole query as it came, without the question mark.
func (r *Request) QueryString() string { return string(r.ctx.Request().URI().QueryString()) }

// Sentence returns what an error says to people, in the reader's language.
func (r *Request) Sentence(err error) string {
	var e *mail.Error
	if !errors.As(err, &e) {
		e = mail.E(mail.Internal, "error.internal", err)
	}
	return r.say(e)
}

// say words an error. A time that it tells ("At", RFC 3339) is shown as people write
// a day.
func (r *Request) say(e *mail.Error) string {
	at, err := time.Parse(time.RFC3339, e.With["At"])
	if err != nil {
		return r.printer.Say(e.Say, e.With)
	}
	with := maps.Clone(e.With)
	with["At"] = r.printer.Date(at, r.Now())
	return r.printer.Say(e.Say, with)
}
