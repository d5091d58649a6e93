package courier_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
)

// clock is turned by hand; with real, it is the (in synctest: fake) wall.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	real bool
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real {
		return time.Now().UTC()
	}
	return c.now
}
func (c *clock) Running() time.Duration { return 0 }
func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var start = time.Date(2026, 4, 26, 8, 0, 0, 0, time.UTC)

// row is one notice in the test's outbox.
type row struct {
	courier.Job
	next   time.Time
	state  string // "", "sent", "failed"
	detail []string
}

// outbox is an outbox in memory. While broken is set, nothing can be written.
type outbox struct {
	mu     sync.Mutex
	rows   []*row
	wake   chan struct{}
	broken bool
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

func (o *outbox) add(now time.Time, notices ...mail.Notice) []mail.ID {
	o.mu.Lock()
	var ids []mail.ID
	for _, n := range notices {
		id := mail.NewID()
		ids = append(ids, id)
		o.rows = append(o.rows, &row{Job: courier.Job{ID: id, Notice: n, At: now, Expires: now.Add(72 * time.Hour), Bounce: mail.NewID()}, next: now})
	}
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return ids
}

func (o *outbox) Wake() <-chan struct{} { return o.wake }

func (o *outbox) Next(_ context.Context, now time.Time, n int) ([]courier.Job, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var l []courier.Job
	for _, r := range o.rows {
		if r.state == "" && !r.next.After(now) && len(l) < n {
			l = append(l, r.Job)
		}
	}
	return l, nil
}

func (o *outbox) set(id mail.ID, change func(*row)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken {
		return errors.New("disk full")
	}
	for _, r := range o.rows {
		if r.ID == id {
			change(r)
			return nil
		}
	}
	return errors.New("no such row")
}

func (o *outbox) Sent(_ context.Context, id mail.ID, d string) error {
	return o.set(id, func(r *row) { r.state = "sent"; r.detail = append(r.detail, d) })
}
func (o *outbox) Failed(_ context.Context, id mail.ID, d string) error {
	return o.set(id, func(r *row) { r.state = "failed"; r.detail = append(r.detail, d) })
}
func (o *outbox) Delayed(_ context.Context, id mail.ID, next time.Time, d string) error {
	return o.set(id, func(r *row) { r.Tries++; r.next = next; r.detail = append(r.detail, d) })
}

func (o *outbox) get(id mail.ID) row {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.rows {
		if r.ID == id {
			return *r
		}
	}
	return row{}
}

func (o *outbox) count(state string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, r := range o.rows {
		if r.state == state {
			n++
		}
	}
	return n
}

// words writes a small mail that shows what the courier said.
type words struct{}

func (words) Mail(_ context.Context, n mail.Notice, p mail.Posting) ([]byte, error) {
	return fmt.Appendf(nil, "Message-ID: <%s@house.example>\r\nTo: %s\r\nReply-To: %s\r\nX-Verified: %v\r\n\r\n.dot\r\ncode %s\r\n",
		p.ID, p.To, p.ReplyTo, p.Verified, n.Code), nil
}

// got is one mail that the smarthost took.
type got struct {
	from, to string
	mailOpts smtp.MailOptions
	rcptOpts smtp.RcptOptions
	tls      bool
	hello    string
	user     string
	data     string
}

// smarthost is a server whose answers a test decides.
type smarthost struct {
	mu    sync.Mutex
	mails []got
	peers map[string]bool // a connection each
	mail  func(from string) error
	rcpt  func(to string) error
	data  func(to string) error
	drop  func(to string) bool // cut the line after the last dot, before answering
	addr  string
	ca    *authority
	l     net.Listener
}

func (s *smarthost) all() []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]got(nil), s.mails...)
}

type session struct {
	s *smarthost
	c *smtp.Conn
	g got
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "correct horse" {
			return smtp.ErrAuthFailed
		}
		s.g.user = user
		return nil
	}), nil
}
func (s *session) Reset()        { s.g = got{user: s.g.user} }
func (s *session) Logout() error { return nil }
func (s *session) Mail(from string, o *smtp.MailOptions) error {
	s.g.from, s.g.mailOpts = from, *o
	if s.s.mail != nil {
		return s.s.mail(from)
	}
	return nil
}
func (s *session) Rcpt(to string, o *smtp.RcptOptions) error {
	s.g.to, s.g.rcptOpts = to, *o
	if s.s.rcpt != nil {
		return s.s.rcpt(to)
	}
	return nil
}
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.s.data != nil {
		if err := s.s.data(s.g.to); err != nil {
			return err
		}
	}
	s.g.data, s.g.hello = string(b), s.c.Hostname()
	_, s.g.tls = s.c.TLSConnectionState()
	s.s.mu.Lock()
	s.s.mails = append(s.s.mails, s.g)
	s.s.mu.Unlock()
	if s.s.drop != nil && s.s.drop(s.g.to) {
		s.c.Conn().Close()
	}
	return nil
}

type option func(*smtp.Server, *smarthost)

func withoutTLS(s *smtp.Server, _ *smarthost) { s.TLSConfig = nil; s.AllowInsecureAuth = true }
func withUTF8(s *smtp.Server, _ *smarthost)   { s.EnableSMTPUTF8 = true }
func named(name string) option {
	return func(s *smtp.Server, h *smarthost) { s.TLSConfig = h.ca.server(name) }
}

func newSmarthost(t *testing.T, l net.Listener, opts ...option) *smarthost {
	h := &smarthost{peers: map[string]bool{}, ca: newAuthority(t), l: l, addr: l.Addr().String()}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		h.mu.Lock()
		h.peers[c.Conn().RemoteAddr().String()] = true
		h.mu.Unlock()
		return &session{s: h, c: c}, nil
	}))
	srv.Domain, srv.EnableDSN, srv.TLSConfig = "smarthost.example", true, h.ca.server("smarthost.example")
	srv.ErrorLog = nowhere{}
	for _, o := range opts {
		o(srv, h)
	}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return h
}

type nowhere struct{}

func (nowhere) Printf(string, ...any) {}
func (nowhere) Println(...any)        {}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// authority is a CA of the test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	cert, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{cert, key, pool}
}

func (a *authority) issue(name string) ([]byte, *ecdsa.PrivateKey) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		panic(err)
	}
	return der, key
}

func (a *authority) server(name string) *tls.Config {
	der, key := a.issue(name)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// rig is a running courier.
type rig struct {
	*courier.Courier
	t     *testing.T
	box   *outbox
	clock *clock
	stop  func()
}

func run(t *testing.T, h courier.Smarthost, box *outbox, cl *clock, lines int, sure ...func() bool) *rig {
	t.Helper()
	if h.Name == "" {
		h.Name = "smarthost.example"
	}
	h.Hello = "brev.house.example"
	ret, err := courier.NewReturns(bytes.Repeat([]byte{7}, 32), "brev.house.example", cl)
	if err != nil {
		t.Fatal(err)
	}
	var buf syncBuffer
	conf := courier.Config{Outbox: box, Words: words{}, Clock: cl, Returns: ret, Smarthost: h, Connections: lines,
		Log: slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, s := range sure {
		conf.Sure = s
	}
	c, err := courier.New(conf)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	stop := sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(func() {
		stop()
		if s := buf.String(); strings.Contains(s, "@") || strings.Contains(s, "K7FQ") {
			t.Errorf("the log holds an address or code:\n%s", s)
		}
	})
	return &rig{Courier: c, t: t, box: box, clock: cl, stop: stop}
}

func (r *rig) settle() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := r.Settle(ctx); err != nil {
		r.t.Fatal("does not settle: ", err)
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func letterTo(a string) mail.Notice {
	return mail.Notice{Kind: mail.NoticeLetter, To: mail.Address(a), Code: "K7FQ-2QDM-9XWT-4HBN-T6RC"}
}
