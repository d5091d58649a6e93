package smtpd_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/door/smtpd"
	"sigill/appliance/mail"
)

// desk keeps what it was given. It copies, since the door uses the bytes again.
type desk struct {
	mu       sync.Mutex
	accepted []letter
	returned []letter
	refuse   error         // what Accept answers
	hold     chan struct{} // if not nil, Accept waits for it
	entered  chan struct{} // if not nil, told when Accept is entered
}

type letter struct {
	actor mail.Actor
	from  mail.Address
	to    string
	raw   string
}

func (d *desk) Accept(_ context.Context, actor mail.Actor, dr *mail.Draft) error {
	if d.entered != nil {
		d.entered <- struct{}{}
	}
	if d.hold != nil {
		<-d.hold
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		return d.refuse
	}
	var to []string
	for _, r := range dr.To {
		to = append(to, r.Given)
	}
	d.accepted = append(d.accepted, letter{actor, dr.From, strings.Join(to, " "), string(dr.Raw)})
	return nil
}

func (d *desk) Returned(_ context.Context, local string, from mail.Address, raw []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		return d.refuse
	}
	d.returned = append(d.returned, letter{from: from, to: local, raw: string(raw)})
	return nil
}

func (d *desk) letters() []letter {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]letter(nil), d.accepted...)
}

func (d *desk) counts() (accepted, returned int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.accepted), len(d.returned)
}

// reader stands for intake: ".s" is secure, "[secure]" in the subject asks for all.
type reader struct{}

func (reader) Recipient(rcpt string) (mail.Request, bool, error) {
	if strings.Contains(rcpt, "bad") {
		return mail.Request{}, false, mail.E(mail.Invalid, "error.address", nil)
	}
	return mail.Request{Given: rcpt}, strings.HasSuffix(rcpt, ".s"), nil
}

func (r reader) Draft(raw []byte, from mail.Address, rcpts []string) (*mail.Draft, error) {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	d := &mail.Draft{From: from, Raw: raw}
	for _, rcpt := range rcpts {
		req, secure, err := r.Recipient(rcpt)
		if err != nil {
			return nil, err
		}
		if !secure && !bytes.Contains(head, []byte("[secure]")) {
			return nil, mail.E(mail.Invalid, "error.notsecure", nil)
		}
		d.To = append(d.To, req)
	}
	return d, nil
}

func (reader) Read(raw []byte) (*mail.Draft, error) { return &mail.Draft{Raw: raw}, nil }

type house struct {
	mu    sync.Mutex
	rules smtpd.Rules
}

func (h *house) Rules(context.Context) (smtpd.Rules, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rules, nil
}

func (h *house) set(f func(*smtpd.Rules)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.rules)
}

type clock struct{ begin time.Time }

func (c clock) Now() time.Time         { return time.Now().UTC() }
func (c clock) Running() time.Duration { return time.Since(c.begin) }

type passwords struct{}

func (passwords) Authenticate(_ context.Context, user, password string, _ netip.Addr) (smtpd.Login, error) {
	if user == "locked" {
		return smtpd.Login{}, mail.E(mail.Again, "error.locked", nil)
	}
	if user != "anna" || password != "app-password" {
		return smtpd.Login{}, mail.E(mail.Denied, "error.password", nil)
	}
	return smtpd.Login{Actor: mail.Actor{Kind: mail.ActorSender, ID: mail.ID{1}}, From: []mail.Address{"anna@kommun.example"}}, nil
}

func (passwords) Still(context.Context, smtpd.Login) error { return nil }

const secretValue = "0123456789abcdefghijklmnop"

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// ruled returns the rules under which whoever comes from here is who.
func ruled(who string) smtpd.Rules {
	r := smtpd.Rules{Hostname: "sigill.example", Own: "own.example", Domains: []string{"kommun.example", "räksmörgås.example"}, Reader: reader{}}
	switch who {
	case "trusted":
		r.Trusted = loopback
	case "peer":
		r.Peers = loopback
	case "shared":
		r.Shared = []smtpd.Shared{{Networks: loopback, DKIM: []string{"kommun.example"}, Header: "X-Sigill-Key", Secrets: []smtpd.Secret{"an-older-secret-value-xyz", secretValue}}}
	case "cert":
		cert, _ := x509.ParseCertificate(clientCert.Certificate[0])
		r.TrustedCerts = [][32]byte{sha256.Sum256(cert.RawSubjectPublicKeyInfo)}
	case "stranger", "submission", "implicit":
	default:
		panic("nobody is " + who)
	}
	return r
}

var serverCert, clientCert = certificate("sigill.example"), certificate("relay.kommun.example")

func certificate(name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// server is a door that is open for the time of a test.
type server struct {
	addr  string
	desk  *desk
	house *house
	log   *lockedBuffer
	stop  context.CancelFunc
	done  chan error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func open(t testing.TB, who string, change ...func(*smtpd.Config)) *server {
	t.Helper()
	s := &server{desk: &desk{}, house: &house{rules: ruled(who)}, log: &lockedBuffer{}, done: make(chan error, 1)}
	c := smtpd.Config{
		Desk: s.desk, House: s.house, Clock: clock{time.Now()}, Auth: passwords{},
		Log:  slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Ours: func(local string) bool { return strings.HasPrefix(local, "bounce+ok") },
		TLS:  &tls.Config{Certificates: []tls.Certificate{serverCert}},
	}
	for _, f := range change {
		f(&c)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	door := smtpd.Listener{Listener: l, Submission: who == "submission" || who == "implicit", Implicit: who == "implicit"}
	srv := smtpd.New(c)
	go func() { s.done <- srv.Run(ctx, door) }()
	t.Cleanup(func() { s.close(t) })
	return s
}

func (s *server) close(t testing.TB) {
	t.Helper()
	s.stop()
	select {
	case err := <-s.done:
		if err != nil {
			t.Errorf("Run: %v", err)
		}
		s.done <- nil
	case <-time.After(20 * time.Second):
		t.Fatal("Run does not return")
	}
}

// client is somebody who speaks SMTP by hand.
type client struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func (s *server) raw(t testing.TB) *client {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(20 * time.Second))
	t.Cleanup(func() { c.Close() })
	return &client{t, c, bufio.NewReader(c)}
}

// dial connects and says EHLO.
func (s *server) dial(t testing.TB) *client {
	t.Helper()
	c := s.raw(t)
	c.want("220")
	c.say("250", "EHLO client.example")
	return c
}

func (c *client) startTLS(certs ...tls.Certificate) {
	c.t.Helper()
	t := tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true, Certificates: certs})
	if err := t.Handshake(); err != nil {
		c.t.Fatal(err)
	}
	c.Conn, c.r = t, bufio.NewReader(t)
}

// reply reads one reply with all its lines; "EOF" if the connection is closed.
func (c *client) reply() string {
	var b strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		b.WriteString(line)
		if err != nil {
			if b.Len() > 0 {
				return b.String()
			}
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				return "TIMEOUT"
			}
			return "EOF"
		}
		if len(line) < 4 || line[3] == ' ' {
			return b.String()
		}
	}
}

func (c *client) want(prefix string) string {
	c.t.Helper()
	got := c.reply()
	if !strings.HasPrefix(got, prefix) {
		c.t.Fatalf("got %q, want %s", got, prefix)
	}
	return got
}

func (c *client) send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, s); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) say(want, format string, a ...any) string {
	c.t.Helper()
	c.send(fmt.Sprintf(format, a...) + "\r\n")
	return c.want(want)
}

// begin says what stands before the content.
func (c *client) begin(from, to string) {
	c.t.Helper()
	c.say("250", "MAIL FROM:<%s>", from)
	c.say("250", "RCPT TO:<%s>", to)
}

const (
	house1  = "anna@kommun.example"
	citizen = "bo@citizen.example.s"
	small   = "From: Anna <anna@kommun.example>\r\nSubject: hello\r\n\r\nbody\r\n"
)
