package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

// Config is what the door needs.
type Config struct {
	Desk  Desk       // must not be nil
	House House      // must not be nil
	Clock mail.Clock // must not be nil
	Log   *slog.Logger
	// Ours reports whether local@Rules.Own is an address that the appliance made
	// and still knows. It is asked by strangers and must be quick. Nil: none is.
	Ours func(local string) bool
	// TLS is offered by STARTTLS and used by implicit listeners; nil: not offered.
	// It must hold certificates or GetCertificate; what else we need is set here.
	TLS *tls.Config
	// Auth knows the app passwords; nil: AUTH is not offered.
	Auth Authenticator
	// Resolve looks up DKIM keys; nil: no signature counts.
	Resolve Resolver
	// Say words a sentence of an error; nil, or an empty sentence: the plain
	// English one of its kind.
	Say    func(say string, with map[string]string) string
	Limits Limits // zero fields: their defaults
	// Locked: the appliance has not its key, and does not know which addresses it made nor
	// which domains were added. What may hang on that is answered 4xx.
	Locked bool
}

// Limits are those of the table in the package comment that may be set.
type Limits struct {
	Message     int64         // bytes of a mail; 100 MiB
	Memory      int64         // bytes of content in all sessions; 32 MiB
	Connections int           // in all; 500
	PerAddress  int           // 100
	Command     time.Duration // wait for a command; 5 min
	Content     time.Duration // wait for content; 3 min
	Write       time.Duration // wait for the client to read; 1 min
	Handshake   time.Duration // TLS; 30 s
	Memories    time.Duration // wait for memory; 10 s
	Desk        time.Duration // the desk's time for a mail; 9 min
	Stop        time.Duration // how long a stop waits for what has begun; 30 s
}

// reserved connections are kept for the house's own, however many strangers come.
const reserved = 100

func (l Limits) filled() Limits {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if l.Message <= 0 {
		l.Message = 100 << 20
	}
	if l.Memory <= 0 {
		l.Memory = 32 << 20
	}
	if l.Connections <= 0 {
		l.Connections = 500
	}
	if l.PerAddress <= 0 {
		l.PerAddress = 100
	}
	set(&l.Command, 5*time.Minute)
	set(&l.Content, 3*time.Minute)
	set(&l.Write, time.Minute)
	set(&l.Handshake, 30*time.Second)
	set(&l.Memories, 10*time.Second)
	set(&l.Desk, 9*time.Minute)
	set(&l.Stop, 30*time.Second)
	return l
}

// Listener is a socket to listen on, and what it is for.
type Listener struct {
	net.Listener
	Submission bool // for mail programs: AUTH, and nothing without it
	Implicit   bool // TLS from the first byte (RFC 8314, 3.3)
}

// Server is the door.
type Server struct {
	desk    Desk
	house   House
	clock   mail.Clock
	log     *slog.Logger
	isOurs  func(string) bool
	tls     *tls.Config
	auth    Authenticator
	resolve Resolver
	word    func(string, map[string]string) string
	limits  Limits
	locked  bool

	base     context.Context // of Run, without its end
	budget   *budget
	buffers  buffers
	rate     limiter
	crowd    crowd
	stopping atomic.Bool
	clear    *handoff // to the go-smtp that offers STARTTLS
	secure   *handoff // to the one under TLS

	mu    sync.Mutex
	wires map[*wire]bool
	live  sync.WaitGroup // sockets
}

// New returns a door that is not open yet.
func New(c Config) *Server {
	srv := &Server{desk: c.Desk, house: c.House, clock: c.Clock, log: c.Log, isOurs: c.Ours, auth: c.Auth,
		resolve: c.Resolve, word: c.Say, limits: c.Limits.filled(), locked: c.Locked, wires: map[*wire]bool{}}
	if srv.log == nil {
		srv.log = slog.New(slog.DiscardHandler)
	}
	srv.log = srv.log.With("part", "smtpd")
	srv.budget = newBudget(srv.limits.Memory, srv.limits.Memories)
	if c.TLS != nil {
		srv.tls = c.TLS.Clone()
		srv.tls.MinVersion = max(srv.tls.MinVersion, tls.VersionTLS12)
		// Asked for, not demanded: a relay proves itself with it, all others have none.
		// It is compared with the pinned keys, so no chain is verified.
		srv.tls.ClientAuth = tls.RequestClientCert
	}
	return srv
}

// Run serves the listeners until ctx ends, then lets what has begun come to its
// end and returns when nothing of it runs any more. It closes the listeners. It
// returns an error if one cannot be served, and may be called once.
func (srv *Server) Run(ctx context.Context, doors ...Listener) error {
	rules, err := srv.house.Rules(ctx)
	if err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	for _, d := range doors {
		if d.Implicit && srv.tls == nil {
			return errors.New("implicit TLS needs a certificate")
		}
	}
	srv.base = context.WithoutCancel(ctx)
	srv.clear, srv.secure = newHandoff(), newHandoff()
	plain, secure := srv.dialogue(rules.Hostname, false), srv.dialogue(rules.Hostname, true)
	var run, accept sync.WaitGroup
	run.Go(func() { plain.Serve(srv.clear) })
	run.Go(func() { secure.Serve(srv.secure) })

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, d := range doors {
		accept.Go(func() {
			if err := srv.accept(ctx, d); err != nil {
				cancel(fmt.Errorf("accept on %s: %w", d.Addr(), err))
			}
		})
	}
	<-ctx.Done()
	for _, d := range doors {
		d.Close()
	}
	accept.Wait()
	srv.stop()
	plain.Shutdown(srv.base) // no connection is left: nothing to wait for but goroutines that end
	secure.Shutdown(srv.base)
	run.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
}

// dialogue is a go-smtp server. It never has our certificate: it only says that
// there is one, and the wire acts on it.
func (srv *Server) dialogue(hostname string, secure bool) *smtp.Server {
	d := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return newSession(srv, c), nil }))
	d.Domain = hostname
	d.MaxRecipients = maxRecipients
	d.MaxMessageBytes = srv.limits.Message
	d.MaxLineLength = 0 // the wire has looked at the lines
	d.EnableSMTPUTF8 = true
	d.EnableREQUIRETLS = secure
	d.AllowInsecureAuth = secure // its own view of TLS; AuthMechanisms has the true one
	d.ErrorLog = faults{srv.log}
	if !secure && srv.tls != nil {
		d.TLSConfig = &tls.Config{}
	}
	return d
}

// accept takes connections until ctx ends.
func (srv *Server) accept(ctx context.Context, d Listener) error {
	stop := context.AfterFunc(ctx, func() { d.Close() })
	defer stop()
	for {
		c, err := d.Accept()
		if err == nil {
			srv.live.Go(func() { srv.enter(c, d) })
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		var passing interface{ Temporary() bool }
		if !errors.As(err, &passing) || !passing.Temporary() {
			return err
		}
		srv.log.Warn("connection not accepted", "err", err.Error())
		select { // out of descriptors: others will end
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// enter admits a connection, or says why not.
func (srv *Server) enter(c net.Conn, d Listener) {
	peer := peerOf(c)
	rules, err := srv.house.Rules(srv.base)
	if err != nil {
		srv.turnAway(c, errStopping)
		return
	}
	all := srv.limits.Connections
	if !rules.known(peer) {
		all -= min(reserved, all/2)
	}
	inAll, forThis := srv.crowd.enter(peer, all, srv.limits.PerAddress)
	switch {
	case !forThis:
		srv.turnAway(c, errYouCrowd)
		return
	case !inAll:
		srv.turnAway(c, errCrowded)
		return
	}
	to := srv.clear
	if d.Implicit {
		t := tls.Server(c, srv.tls)
		if err := srv.handshake(t); err != nil {
			srv.crowd.leave(peer)
			c.Close()
			return
		}
		c, to = t, srv.secure
	}
	w := newWire(srv, c, d, peer)
	srv.mu.Lock()
	srv.wires[w] = true
	srv.live.Add(1)
	srv.mu.Unlock()
	if !to.push(w) {
		w.Close()
	}
}

// turnAway says one line and closes.
func (srv *Server) turnAway(c net.Conn, why *smtp.SMTPError) {
	writeWithin(c, time.Second)
	fmt.Fprintf(c, "%d %d.%d.%d %s\r\n", why.Code, why.EnhancedCode[0], why.EnhancedCode[1], why.EnhancedCode[2], why.Message)
	c.Close()
}

func (srv *Server) handshake(c *tls.Conn) error {
	ctx, cancel := context.WithTimeout(srv.base, srv.limits.Handshake)
	defer cancel()
	return c.HandshakeContext(ctx)
}

// replace puts the wire under TLS in the place of the one in the clear.
func (srv *Server) replace(old, next *wire) bool {
	srv.mu.Lock()
	delete(srv.wires, old)
	srv.wires[next] = true
	srv.mu.Unlock()
	if srv.secure.push(next) {
		return true
	}
	srv.mu.Lock()
	delete(srv.wires, next)
	srv.wires[old] = true
	srv.mu.Unlock()
	return false
}

// left is called once for each socket that was closed.
func (srv *Server) left(w *wire) {
	srv.mu.Lock()
	delete(srv.wires, w)
	srv.mu.Unlock()
	srv.crowd.leave(w.peer)
	srv.live.Done()
}

// stop ends the sessions: those that wait at once, the others behind what they
// have begun, and after Limits.Stop by closing their sockets. Even then it waits
// until the desk has said what became of the mails that it holds.
func (srv *Server) stop() {
	srv.stopping.Store(true)
	done := make(chan struct{})
	go func() { srv.live.Wait(); close(done) }()
	srv.each((*wire).stop)
	late := time.NewTimer(srv.limits.Stop)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		srv.each(func(w *wire) { w.Conn.Close() })
		<-done
	}
	srv.clear.Close()
	srv.secure.Close()
}

func (srv *Server) each(f func(*wire)) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for w := range srv.wires {
		f(w)
	}
}

func (srv *Server) ours(local string) bool { return srv.isOurs != nil && srv.isOurs(local) }

func (srv *Server) say(key string, with map[string]string) string {
	if srv.word == nil {
		return ""
	}
	return srv.word(key, with)
}

func peerOf(c net.Conn) netip.Addr {
	if a, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
		return a.Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// faults takes what go-smtp logs. Its arguments may hold what a client sent, and
// are left out; behind a panic stands the stack, which does not.
type faults struct{ log *slog.Logger }

func (f faults) Printf(format string, v ...any) {
	if len(v) == 3 {
		if stack, ok := v[2].([]byte); ok {
			f.log.Error("panic in session", "panic", fmt.Sprintf("%T", v[1]), "stack", string(stack))
			return
		}
	}
	f.log.Debug("session", "event", format)
}

func (f faults) Println(...any) { f.log.Debug("session", "event", "go-smtp") }
