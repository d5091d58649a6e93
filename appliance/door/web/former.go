package web

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// former leads whoever came by a name that the house had before on to the one that it has,
// and reports whether it did. A link's code stands in the fragment, which a browser takes
// along by itself (RFC 9110, 10.2.2). What was signed in or typed under the old name stays
// behind: cookies are for one name. Programs are served: few of them follow, and where a
// gateway reports to was told it with each SMS.
//
// Nothing of the name that was sent is in the answer. It is not for good, as far as browsers
// know: a house may take its old name back.
func (s *Server) former(r *Request) bool {
	if len(s.c.FormerHosts) == 0 || r.route.Need == Program || !slices.Contains(s.c.FormerHosts, hostOf(string(r.ctx.Request().Header.Host()))) {
		return false
	}
	path, status := r.path(), http.StatusFound
	switch {
	case !strings.HasPrefix(path, "/"):
		path = "/"
	case r.method != http.MethodGet && r.method != http.MethodHead:
		// The form itself is not sent on: under the new name nobody could tell it from one that
		// another site has made somebody send.
		status = http.StatusSeeOther
		if !s.gets[r.route.Path] {
			path = "/"
		}
	case r.QueryString() != "":
		path += "?" + r.QueryString()
	}
	r.head(status, "text/plain; charset=utf-8")
	r.ctx.Set("Location", s.origin+path)
	return true
}

// hostOf is a Host header without its port, in small letters.
func hostOf(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		header = host
	}
	return strings.ToLower(strings.TrimSuffix(header, "."))
}
