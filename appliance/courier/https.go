package courier

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// maxAnswer is how much of a provider's answer is read.
const maxAnswer = 64 << 10

// poster makes one HTTPS request for each SMS.
type poster struct {
	name    string
	client  *http.Client
	timeout time.Duration
}

// newPoster returns a poster to a provider. Roots nil is the system's.
func newPoster(name string, timeout time.Duration, roots *x509.CertPool) *poster {
	if timeout == 0 {
		timeout = DefaultGatewayTimeout
	}
	return &poster{name, &http.Client{
		// A redirect would carry text and password to a place that nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			// With a kept connection the transport may repeat a request by itself, and the
			// reader would get two SMS.
			DisableKeepAlives:      true,
			TLSHandshakeTimeout:    timeout,
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: 32 << 10,
		},
	}, timeout}
}

// checkURL refuses a provider's address that would send a PIN in the clear.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return errors.New("courier: gateway: malformed URL")
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("courier: gateway: %s is not https", u.Hostname())
}

// do sends req and returns status and the beginning of the answer's body. Errors
// of net/http hold the URL, and that may hold the text: they stop here.
func (p *poster) do(ctx context.Context, req *http.Request) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	var wrote atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { wrote.Store(true) },
	}))
	res, err := p.client.Do(req)
	if err != nil {
		// Nothing was written, so nothing can have been taken.
		return 0, nil, &GatewayError{Provider: p.name, Detail: networkDetail(err), Sure: !wrote.Load()}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && res.StatusCode/100 == 2 {
		return 0, nil, &GatewayError{Provider: p.name, Status: res.StatusCode, Detail: networkDetail(err)}
	}
	return res.StatusCode, body, nil
}

func networkDetail(err error) string {
	var n net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout() {
		return "timeout"
	}
	return "network"
}
