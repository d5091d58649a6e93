package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Page shows a view: the template of that name, in the reader's language.
func (r *Request) Page(name string, v View) error { return r.PageWith(http.StatusOK, name, v) }

// PageWith is Page with another status, such as 422 for a form with a fault.
func (r *Request) PageWith(status int, name string, v View) error {
	r.frame(v.frame())
	out, err := r.s.c.Views.render(r.printer.Lang, name, v)
	if err != nil {
		return fmt.Errorf("show %s: %w", name, err)
	}
	r.head(status, "text/html; charset=utf-8")
	r.ctx.Response().SetBodyRaw(out)
	return nil
}

// Redirect sends the browser on to a path of ours, by GET (RFC 9110, 15.4.4).
func (r *Request) Redirect(path string) error {
	// "//host" and "/\host" lead to another host.
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t ") {
		return fmt.Errorf("redirect to what is no path of ours")
	}
	r.head(http.StatusSeeOther, "text/plain; charset=utf-8")
	r.ctx.Set("Location", path)
	return nil
}

// Away sends the browser to another site, at an address that is ours to choose: never one
// that came with a request.
func (r *Request) Away(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return errors.New("redirect to what is no address of a site")
	}
	r.head(http.StatusSeeOther, "text/plain; charset=utf-8")
	r.ctx.Set("Location", u.String())
	return nil
}

// Onward answers whoever came from another site with a page that leads on to a path of
// ours by itself: a step of our own, on which the cookies come along that SameSite=Strict
// keeps back on a step from elsewhere, redirects among them.
func (r *Request) Onward(path string) error { return r.Page("layout/knock", &knockView{To: path}) }

// JSON answers a script of ours.
func (r *Request) JSON(status int, v any) error {
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("answer json: %w", err)
	}
	r.head(status, "application/json")
	r.ctx.Response().SetBodyRaw(out)
	return nil
}

// Plain answers a program in words.
func (r *Request) Plain(status int, text string) error {
	r.head(status, "text/plain; charset=utf-8")
	r.ctx.Response().Header.Set("Cache-Control", "no-store")
	r.ctx.Response().SetBodyString(text)
	return nil
}

// Done answers with nothing to show.
func (r *Request) Done() error {
	r.ctx.Status(http.StatusNoContent)
	return nil
}

// Foreign shows sanitised HTML of others, for an <iframe> of ours. The sandbox
// gives it an origin of its own, so that it has no cookie, no script and no form
// even if the sanitiser missed something; its links may open a window.
func (r *Request) Foreign(html string) error {
	r.head(http.StatusOK, "text/html; charset=utf-8")
	r.ctx.Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "+
		"style-src 'unsafe-inline'; img-src data: "+r.s.origin+"; frame-ancestors 'self'; base-uri 'none'; form-action 'none'")
	r.ctx.Set("X-Frame-Options", "SAMEORIGIN")
	r.ctx.Response().SetBodyRaw([]byte(html))
	return nil
}

func (r *Request) head(status int, mediaType string) {
	r.ctx.Status(status)
	r.ctx.Response().Header.SetContentType(mediaType)
	if r.s.strict {
		r.ctx.Set("Strict-Transport-Security", strictTransport)
	}
}
