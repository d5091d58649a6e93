package tlscert

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/netutil"
)

const (
	wellKnown = "/.well-known/acme-challenge/"
	callers   = 128 // open connections at the port for HTTP-01
	callTime  = 10 * time.Second
)

// Answer serves the port at which an authority asks by HTTP-01, until ctx ends; it closes l.
// All others who come there to read are led on to base, which is how people reach the portal:
// never to a name that they have sent. Nothing else is said, and nobody can send anything.
func (k *Keeper) Answer(ctx context.Context, l net.Listener, base string) error {
	return serve(ctx, l, k.answers, base)
}

func serve(ctx context.Context, l net.Listener, ans *answers, base string) error {
	srv := &http.Server{
		Handler:     questions{ans, base},
		ReadTimeout: callTime, WriteTimeout: callTime, MaxHeaderBytes: 8 << 10,
		ErrorLog: log.New(io.Discard, "", 0), // it tells of strangers' slips alone
	}
	srv.SetKeepAlivesEnabled(false)
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	err := srv.Serve(netutil.LimitListener(l, callers))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// questions is the port for HTTP-01.
type questions struct {
	answers *answers
	base    string // "https://…", without a slash at its end; "" leads nobody on
}

func (q questions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if strings.HasPrefix(r.URL.Path, wellKnown) {
		body := q.answers.body(r.URL.Path)
		if body == "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, body) // who asks and goes asks again
		return
	}
	// The path goes along, so that links which somebody typed without https:// lead on; the code
	// behind the # stays with the browser (RFC 9110, 10.2.2). A path begins with one slash.
	path := r.URL.EscapedPath()
	if q.base == "" || !strings.HasPrefix(path, "/") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", q.base+path)
	w.WriteHeader(http.StatusFound) // not for good: the name may change
}
