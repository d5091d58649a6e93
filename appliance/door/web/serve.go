package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"sigill/appliance/mail"
)

// serve is the way of every request: who is it, may he, does it come from a page
// of ours, is the body what the route takes; then the handler; then, if any of
// that failed, the one error page.
func (s *Server) serve(p *place) fiber.Handler {
	return func(c *fiber.Ctx) error {
		r := s.newRequest(c)
		begun := s.c.Clock.Running()
		err := s.answer(r, p)
		if err != nil {
			r.Fail(err)
		}
		s.log.Debug("request", "req", r.id, "method", r.method, "route", p.path,
			"status", c.Response().StatusCode(), "took", s.c.Clock.Running()-begun)
		return nil
	}
}

// answer runs one request. A panic becomes an error with the place where it
// happened; its value is not logged, for it may hold what the handler held.
func (s *Server) answer(r *Request, p *place) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			r.ctx.Context().SetConnectionClose()
			err = fmt.Errorf("panic (%T) at %s", cause, debug.Stack())
		}
	}()
	if len(p.routes) == 0 {
		s.identify(r)
		if s.c.Elsewhere != nil {
			return s.c.Elsewhere(r)
		}
		return mail.E(mail.Absent, "error.absent", nil)
	}
	route, ok := p.route(r.method)
	if !ok {
		s.identify(r)
		r.ctx.Set("Allow", p.allow())
		return &httpError{mail.E(mail.Invalid, "error.method", nil), wrongMethod}
	}
	r.route = route
	base := s.base
	if route.Body == None || route.Body == Form {
		var cancel context.CancelFunc
		base, cancel = context.WithTimeout(base, s.c.Patience)
		defer cancel()
	}
	r.context = base
	if s.former(r) {
		return nil
	}
	if err := s.admit(r); err != nil || r.answered {
		return err
	}
	return route.Handle(r)
}

// admit checks all that the route's line says, cheapest first.
func (s *Server) admit(r *Request) error {
	if r.route.Need == Program {
		// No cookie is read, so a foreign page that makes a browser call this route has
		// nothing of the browser's: there is nothing to guard against.
		r.speak()
		_, err := r.openBody()
		return err
	}
	if err := s.identify(r); err != nil {
		return err
	}
	changes := r.method != http.MethodGet && r.method != http.MethodHead
	if changes {
		if err := s.throttle(r); err != nil {
			return err
		}
		if err := r.guardOrigin(); err != nil {
			return err
		}
	}
	if !r.viewer.may(r.route.Need) {
		return s.strange(r)
	}
	given, err := r.openBody()
	if err != nil {
		return err
	}
	if changes {
		return r.guardToken(given)
	}
	return nil
}

// identify finds the viewer and the language.
func (s *Server) identify(r *Request) error {
	var err error
	if t := r.Token(); !t.IsZero() {
		r.viewer, err = s.c.Sessions.Viewer(r.Context(), t)
	}
	r.speak()
	return err
}

// throttle counts what strangers and guests send by their address, what people
// send by their session: a whole town hall may sit behind one address.
func (s *Server) throttle(r *Request) error {
	key := "a" + network(r.Address()).String()
	if r.viewer.Kind == Person {
		t := r.Token().Secret()
		key = "s" + string(t[:16])
	}
	if r.method == http.MethodPatch { // what a file's pieces take is not missing where somebody writes
		key = "p" + key
	}
	d := s.posts.wait(key, s.c.Clock.Now())
	if d == 0 {
		return nil
	}
	// Five at least: a person who is told of one second has waited it already.
	seconds := strconv.Itoa(max(5, int(math.Ceil(d.Seconds()))))
	return mail.E(mail.Busy, "error.toomany", nil).Tell("Seconds", seconds)
}

// strange answers whoever lacks what the page needs.
func (s *Server) strange(r *Request) error {
	if r.knock() {
		return nil
	}
	if s.c.Stranger != nil {
		err := s.c.Stranger(r, r.route.Need)
		if err == nil {
			r.answered = true
		}
		return err
	}
	return mail.E(mail.Absent, "error.absent", errors.New("lacks what the page needs"))
}

// knock answers whoever came by a link in a mail. SameSite=Strict kept the
// session's cookie back on that step; a page that loads itself again is a step of
// our own, on which it comes along. Nothing is shown or changed before that.
func (r *Request) knock() bool {
	site := r.Header("Sec-Fetch-Site")
	away := site == "cross-site" || site == "same-site"
	if r.method != http.MethodGet || !away || r.Header("Sec-Fetch-Mode") != "navigate" || !r.Token().IsZero() {
		return false
	}
	r.answered = r.Onward(r.target()) == nil
	return r.answered
}

type knockView struct {
	Frame
	To string
}

// Fail shows err to the reader and, if it is ours to mend, to the operator, with
// the same number. Handlers return errors instead of calling it.
func (r *Request) Fail(err error) {
	a, e := answerOf(err)
	switch {
	case e.Kind == mail.Internal:
		r.s.log.Error("request failed", "req", r.id, "route", r.route.Path, "err", err)
	case e.Kind == mail.Again:
		r.s.log.Warn("request put off", "req", r.id, "route", r.route.Path, "err", err)
	default:
		r.s.log.Debug("request refused", "req", r.id, "route", r.route.Path, "kind", e.Kind.String(), slog.Any("err", err))
	}
	if s := e.With["Seconds"]; s != "" {
		r.ctx.Set("Retry-After", s)
	}
	view := &errorView{Title: r.T(a.title), Say: r.say(e), Home: r.s.c.House.Home}
	if e.Kind == mail.Internal {
		view.Say, view.Number = r.T("error.internal"), r.id
	}
	r.ctx.Response().ResetBody()
	if r.Header("Accept") == "application/json" {
		_ = r.JSON(a.status, map[string]string{"title": view.Title, "say": view.Say, "number": view.Number}) // strings always encode
		return
	}
	if bad := r.PageWith(a.status, "layout/error", view); bad != nil {
		r.s.log.Error("error page", "req", r.id, "err", bad)
		plainAnswer(r.ctx.Context(), a.status)
	}
}

type errorView struct {
	Frame
	Title, Say, Number, Home string
}
