package signon

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"sigill/appliance/mail"
)

// DefaultPatience is how long one answer of the issuer is waited for. A person waits with
// us.
const DefaultPatience = 5 * time.Second

// MaxAnswer is how many bytes of one answer of the issuer are read, unpacked. The largest
// that is known are key sets with certificates, some 20 KiB, and ID tokens with two
// hundred groups.
const MaxAnswer = 256 << 10

var (
	errLarge = errors.New("the answer is too large")
	errClear = errors.New("the address is not https")
	errSoon  = errors.New("asked a moment ago")
)

// newClient returns the only way in which the issuer is spoken to. Roots nil is the
// system's; lab lets it go in the clear on this computer.
func newClient(roots *x509.CertPool, patience time.Duration, lab bool) *http.Client {
	return &http.Client{
		Timeout: patience,
		// A redirect would carry the code and the secret to a place that nobody named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &bounded{lab: lab, next: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			// A code is good once: the transport must not send it a second time by itself, as
			// it may with a kept connection.
			DisableKeepAlives:      true,
			TLSHandshakeTimeout:    patience,
			ResponseHeaderTimeout:  patience,
			MaxResponseHeaderBytes: 32 << 10,
		}},
	}
}

// bounded refuses what is not secure, and ends answers at MaxAnswer.
type bounded struct {
	lab  bool
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if !secure(req.URL, b.lab) {
		return nil, errClear
	}
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = &boundedBody{ReadCloser: res.Body, left: MaxAnswer}
	return res, nil
}

// boundedBody says that it is too large, where io.LimitReader would say that it ends.
type boundedBody struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	// One byte more than may be is asked for, to see whether it is there.
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if n > b.left {
		return 0, errLarge
	}
	b.left -= n
	return n, err
}

// keyPause is how long the issuer's keys are not fetched again, so that no row of bad
// tokens makes us ask the issuer in a row.
const keyPause = 30 * time.Second

// spaced lets a request through once in a keyPause.
type spaced struct {
	clock mail.Clock
	next  http.RoundTripper

	mu    sync.Mutex
	begun bool
	last  time.Duration // of clock.Running
}

// RoundTrip implements http.RoundTripper.
func (s *spaced) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	now := s.clock.Running()
	early := s.begun && now-s.last < keyPause
	if !early {
		s.begun, s.last = true, now
	}
	s.mu.Unlock()
	if early {
		return nil, errSoon
	}
	return s.next.RoundTrip(req)
}

// detail is what the operator is told of a request that failed. What the other side says
// is not repeated: it may hold anything.
func detail(err error) string {
	var n net.Error
	switch {
	case errors.Is(err, errSoon):
		return "was asked a moment ago"
	case errors.Is(err, errClear):
		return "is named with an address that is not https"
	case errors.Is(err, errLarge):
		return "answers with too much"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout():
		return "does not answer in time"
	case isCertificate(err):
		return "has no certificate that proves its name"
	}
	return "cannot be reached, or its answer cannot be read"
}

func isCertificate(err error) bool {
	var c *tls.CertificateVerificationError
	return errors.As(err, &c)
}
