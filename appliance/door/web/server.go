package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Server is one HTTP door.
type Server struct {
	c       Config
	log     *slog.Logger
	app     *fiber.App
	l       *listener
	posts   *limiter
	formKey [32]byte
	origin  string // of BaseURL, as browsers write it
	secure  bool
	strict  bool            // browsers are told to come by TLS from now on
	gets    map[string]bool // paths that a language link may lead to

	// base ends with the server. It is the parent of each request's context, which
	// fasthttp has none of.
	base context.Context
}

// New checks the configuration, opens the listener and makes the routes. The
// server answers once Run is called; if that never happens, Close frees the port.
func New(c Config) (*Server, error) {
	base, err := c.prepare()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	list, err := places(c.Routes)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if c.Listener == nil {
		if c.Listener, err = net.Listen("tcp", c.Addr); err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
	}
	s := &Server{
		c: c, log: c.Log.With("part", "web"), l: newListener(c.Listener, c), posts: newLimiter(c.Posts),
		origin: base.Scheme + "://" + base.Host, secure: base.Scheme == "https", strict: base.Scheme == "https" && !c.Trial && base.Hostname() != "localhost", gets: map[string]bool{},
		base: context.Background(),
	}
	rand.Read(s.formKey[:]) // never fails
	s.app = s.newApp(list)
	return s, nil
}

// newApp makes the Fiber app. Its own time-outs are off, since the listener's
// conn has better ones; so is its reading of whole bodies, since a route says how
// much it takes.
func (s *Server) newApp(list []*place) *fiber.App {
	app := fiber.New(fiber.Config{
		StreamRequestBody: true, DisablePreParseMultipartForm: true, Immutable: true, DisableStartupMessage: true,
		CaseSensitive: true, StrictRouting: true, BodyLimit: maxForm, Concurrency: 2 * s.c.MaxConns,
		ReadBufferSize: maxHead + 1024, EnableTrustedProxyCheck: true, EnableIPValidation: true,
		ErrorHandler: s.unread,
	})
	app.Get("/static/:hash/+", s.asset)
	app.Get("/robots.txt", robots)
	for _, p := range list {
		if _, ok := p.routes[fiber.MethodGet]; ok {
			s.gets[p.path] = true
		}
		p.register(app, s.serve(p))
	}
	app.Use(s.elsewhere(app.Config(), list))
	srv := app.Server()
	srv.Handler = guard(srv.Handler, s.panicked)
	srv.CloseOnShutdown = true
	return app
}

// Addr returns where the server listens.
func (s *Server) Addr() net.Addr { return s.l.Addr() }

// BaseURL returns how people reach the house, without a slash at the end.
func (s *Server) BaseURL() string { return s.origin }

// Close frees the port of a server that was never run.
func (s *Server) Close() error { return s.l.Close() }

// Run serves until ctx ends, then lets open requests finish for as long as
// Config.Stop says, closes what is left and returns when nothing runs any more.
func (s *Server) Run(ctx context.Context) error {
	base, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	s.base = base
	done := make(chan error, 1)
	go func() { done <- s.app.Listener(s.l) }()
	var err error
	select {
	case err = <-done:
		err = fmt.Errorf("serve http: %w", errors.Join(err, errors.New("the listener ended")))
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(base, s.c.Stop)
		if e := s.app.ShutdownWithContext(stop); e != nil {
			s.log.Info("requests cut at the end", "open", s.app.Server().GetOpenConnectionsCount())
		}
		cancel()
		_ = s.l.Close() // closed by the shutdown, unless that came before the first Accept
		<-done
	}
	end()
	s.l.abandon()
	s.drain()
	return err
}

// drain waits until fasthttp's workers have seen that their sockets are closed. Of a server
// that does not listen any more fasthttp counts one connection less than are open.
func (s *Server) drain() {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if s.app.Server().GetOpenConnectionsCount() < 0 {
			return
		}
		<-tick.C
	}
}

// unread answers what fasthttp could not read as a request: the only errors that
// come past serve.
func (s *Server) unread(c *fiber.Ctx, err error) error {
	status := fiber.StatusBadRequest
	var e *fiber.Error
	if errors.As(err, &e) && e.Code < 500 {
		status = e.Code
	}
	plainAnswer(c.Context(), status)
	harden(&c.Context().Response.Header)
	c.Context().SetConnectionClose()
	return nil
}

// panicked is the last wall, for what is not a route's own.
func (s *Server) panicked(ctx *fasthttp.RequestCtx, cause any) {
	id := newNumber()
	s.log.Error("panic", "req", id, "cause", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
	plainAnswer(ctx, fasthttp.StatusInternalServerError)
	ctx.Response.AppendBodyString(id + "\n")
}

func robots(c *fiber.Ctx) error {
	c.Type("txt", "utf-8")
	return c.SendString("User-agent: *\nDisallow: /\n")
}
