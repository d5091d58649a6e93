package courier

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// line is one connection to the smarthost, greeted, and signed in where that is
// configured.
type line struct {
	client   *smtp.Client
	talk     *bounded
	verified bool // TLS, and the certificate proved the name
	used     int  // mails tried on it
}

// downError is a fault of the smarthost as a whole. No notice is to blame.
type downError struct{ detail string }

func (e *downError) Error() string { return "smarthost: " + e.detail }

func down(detail string) error { return &downError{detail} }

// open connects, goes over to TLS, and signs in. Every error is a downError.
func (s Smarthost) open(ctx context.Context) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	raw, err := s.Dial(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, down(DetailNetwork)
	}
	// A server that accepts and then says nothing is cut off too.
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	l := &line{talk: &bounded{Conn: raw}}
	l.talk.renew()
	conn, err := s.secure(ctx, l)
	if err == nil {
		err = s.greet(l, conn)
	}
	if err != nil {
		raw.Close()
		return nil, err
	}
	return l, nil
}

// secure returns the connection on which SMTP is to be spoken: TLS, or in mode
// opportunistic whatever there is.
func (s Smarthost) secure(ctx context.Context, l *line) (net.Conn, error) {
	if s.Implicit {
		return s.handshake(ctx, l)
	}
	within(l.talk, s.Timeout)
	defer unbound(l.talk)
	// The library would say "EHLO localhost" before TLS, which strict servers
	// refuse; so the three lines up to STARTTLS are ours.
	in := textproto.NewReader(bufio.NewReader(l.talk))
	offered, err := s.preamble(in, l.talk)
	if err != nil {
		return nil, err
	}
	if !offered {
		if s.Mode == TLSVerify {
			return nil, down(DetailNoTLS)
		}
		return &greeted{Conn: l.talk, say: "220 \r\n"}, nil
	}
	if _, err := io.WriteString(l.talk, "STARTTLS\r\n"); err != nil {
		return nil, down(DetailNetwork)
	}
	if _, _, err := in.ReadResponse(220); err != nil {
		return nil, down(detailOf(err, DetailTLS))
	}
	// RFC 3207, 6: nothing that came before TLS may be believed after it.
	if in.R.Buffered() > 0 {
		return nil, down(DetailInjected)
	}
	conn, err := s.handshake(ctx, l)
	if err != nil {
		return nil, err
	}
	return &greeted{Conn: conn, say: "220 \r\n"}, nil
}

// preamble reads the greeting and says EHLO. It reports whether STARTTLS is offered.
func (s Smarthost) preamble(in *textproto.Reader, out io.Writer) (bool, error) {
	if _, _, err := in.ReadResponse(220); err != nil {
		return false, down(detailOf(err, DetailNetwork))
	}
	if _, err := io.WriteString(out, "EHLO "+s.Hello+"\r\n"); err != nil {
		return false, down(DetailNetwork)
	}
	_, text, err := in.ReadResponse(250)
	if err != nil {
		return false, down(detailOf(err, DetailNetwork))
	}
	for word := range strings.SplitSeq(text, "\n") {
		if strings.EqualFold(strings.TrimSpace(word), "STARTTLS") {
			return true, nil
		}
	}
	return false, nil
}

func (s Smarthost) handshake(ctx context.Context, l *line) (net.Conn, error) {
	conn := tls.Client(l.talk, s.tls(&l.verified))
	err := conn.HandshakeContext(ctx)
	if err == nil {
		return conn, nil
	}
	var (
		untrusted *tls.CertificateVerificationError
		name      x509.HostnameError
		network   net.Error
	)
	switch {
	case errors.As(err, &untrusted), errors.As(err, &name):
		return nil, down(DetailCertificate)
	case errors.Is(err, io.EOF), errors.As(err, &network) && network.Timeout():
		return nil, down(DetailNetwork)
	}
	return nil, down(DetailTLS)
}

// greet starts the library's client on conn and signs in.
func (s Smarthost) greet(l *line, conn net.Conn) error {
	l.client = smtp.NewClient(conn)
	l.client.CommandTimeout = s.Timeout
	l.client.SubmissionTimeout = 5 * s.Timeout // RFC 5321, 4.5.3.2.6: the end of DATA may take longer
	if err := l.client.Hello(s.Hello); err != nil {
		return down(detailOf(err, DetailNetwork))
	}
	if s.User == "" {
		return nil
	}
	if !isTLS(conn) {
		return down(DetailNoTLS) // a password goes through TLS or not at all
	}
	var auth sasl.Client
	switch {
	case l.client.SupportsAuth(sasl.Plain):
		auth = sasl.NewPlainClient("", s.User, string(s.Password))
	case l.client.SupportsAuth(sasl.Login):
		auth = sasl.NewLoginClient(s.User, string(s.Password))
	default:
		return down(DetailNoAuth)
	}
	if err := l.client.Auth(auth); err != nil {
		return down("auth " + detailOf(err, DetailNetwork))
	}
	return nil
}

func isTLS(conn net.Conn) bool {
	if g, ok := conn.(*greeted); ok {
		conn = g.Conn
	}
	_, ok := conn.(*tls.Conn)
	return ok
}

// close says goodbye and closes, without waiting long for an answer.
func (l *line) close() {
	l.client.CommandTimeout = min(l.client.CommandTimeout, quitTimeout)
	if l.client.Quit() != nil {
		l.client.Close()
	}
}

// greeted is a connection on which the greeting was read already: the library
// waits for one on each.
type greeted struct {
	net.Conn
	say string
}

func (g *greeted) Read(p []byte) (int, error) {
	if g.say != "" {
		n := copy(p, g.say)
		g.say = g.say[n:]
		return n, nil
	}
	return g.Conn.Read(p)
}
