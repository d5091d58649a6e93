package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Need says who may call a route. The zero value is nobody, so that a route that
// says nothing cannot be served.
type Need uint8

// The needs.
const (
	NeedUnset Need = iota
	Anyone
	GuestProof // a reader with code and proof, in RAM
	SignedIn   // a person of the house, or a registered recipient
	Colleague  // a person of the house
	Recipient  // a registered recipient
	Organiser  // a person with that role, or an administrator
	Auditor    // the same
	HelpDesk   // the same
	Statistics // an organiser, an auditor or an administrator
	Duty       // the same, or the help desk
	Admin
	Program // no browser: it proves itself to the handler, by a secret of its own
)

// BodyKind says what a route takes. Whatever else comes is refused before it is read.
type BodyKind uint8

// The bodies.
const (
	None   BodyKind = iota // nothing; the only one for GET
	Form                   // application/x-www-form-urlencoded, whole in memory
	Upload                 // multipart/form-data, as a stream: Request.Upload
	Raw                    // any bytes, as a stream: Request.RawBody
)

// Route is one thing that a door does. All routes stand in one list, from which
// the server checks and the tests ask: none can be forgotten.
type Route struct {
	Method string // GET, POST, PUT, PATCH or DELETE; GET answers HEAD too
	Path   string // such as "/letter/:id"
	Need   Need
	Body   BodyKind
	Limit  int64 // bytes of body. Form: 64 KiB if 0. Upload, Raw: must be set
	Handle func(*Request) error
}

func (r Route) check() error {
	bad := func(why string) error { return fmt.Errorf("route %s %s: %s", r.Method, r.Path, why) }
	switch {
	case !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, r.Method):
		return bad("method must be GET, POST, PUT, PATCH or DELETE")
	case !strings.HasPrefix(r.Path, "/") || strings.ContainsAny(r.Path, "*+?#"):
		return bad("path must begin with / and name its parameters with :")
	case r.Need == NeedUnset || r.Need > Program:
		return bad("does not say who may call it")
	case r.Handle == nil:
		return bad("has no handler")
	case r.Method == http.MethodGet && r.Body != None:
		return bad("a GET takes no body")
	case (r.Body == Upload || r.Body == Raw) && r.Limit <= 0:
		return bad("has no limit")
	case r.Need == Program && r.Body != Raw:
		return bad("a program sends Raw")
	case r.Body == Form && r.Limit > maxForm:
		return bad("a form of more than 64 KiB must be an Upload")
	}
	return nil
}

// place is every route of one path, by method.
type place struct {
	path   string
	routes map[string]Route
}

// places groups the list by path, in the list's order. Two routes with the same
// method and path are an error.
func places(list []Route) ([]*place, error) {
	var all []*place
	by := map[string]*place{}
	for _, r := range list {
		p := by[r.Path]
		if p == nil {
			p = &place{r.Path, map[string]Route{}}
			by[r.Path] = p
			all = append(all, p)
		}
		if _, twice := p.routes[r.Method]; twice {
			return nil, fmt.Errorf("route %s %s: stands twice in the list", r.Method, r.Path)
		}
		p.routes[r.Method] = r
	}
	return all, nil
}

// route returns the route for a method.
func (p *place) route(method string) (Route, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	r, ok := p.routes[method]
	return r, ok
}

// usual are the methods that every place is registered for, so that the first place whose
// pattern fits a path is asked, whatever it allows. Fiber keeps each method's patterns
// apart: all nine would be half a megabyte of a running appliance, for requests that
// nobody makes.
var usual = [...]string{http.MethodGet, http.MethodHead, http.MethodPost}

// register makes Fiber ask a place.
func (p *place) register(app *fiber.App, ask fiber.Handler) {
	for _, m := range usual {
		app.Add(m, p.path, ask)
	}
	for m := range p.routes {
		if !slices.Contains(usual[:], m) {
			app.Add(m, p.path, ask)
		}
	}
}

// elsewhere answers what Fiber asks no place for: there is none, or the method is none of
// those that it is registered for.
func (s *Server) elsewhere(c fiber.Config, list []*place) fiber.Handler {
	return func(ctx *fiber.Ctx) error {
		for _, p := range list {
			if fiber.RoutePatternMatch(ctx.Path(), p.path, c) {
				return s.serve(p)(ctx)
			}
		}
		return s.serve(&place{})(ctx)
	}
}

// allow is the value of the Allow header (RFC 9110, 10.2.1).
func (p *place) allow() string {
	var l []string
	for m := range p.routes {
		l = append(l, m)
		if m == http.MethodGet {
			l = append(l, http.MethodHead)
		}
	}
	slices.Sort(l)
	return strings.Join(l, ", ")
}
