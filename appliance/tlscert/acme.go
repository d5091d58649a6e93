package tlscert

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
)

const (
	asking    = 5 * time.Minute  // for one certificate
	answering = 30 * time.Second // for one request to the authority
	maxAnswer = 8 << 20          // bytes of one answer: chains are a few thousand long
	retries   = 3                // of a request that the authority could not take at once
	renonces  = 10               // of one whose nonce it does not know
)

// ACME is the authority that certificates come from, and how it may ask us.
type ACME struct {
	Directory string         // address of its directory, https://
	Contact   string         // address that it may write to; "" for none
	Roots     *x509.CertPool // for its own web server; nil: the system's
	KeyID     string         // of an account that was ordered before (RFC 8555, 7.3.4); "" for none
	MAC       Secret         // that account's key, base64url
	HTTP      bool           // it may ask by HTTP-01: somebody serves Challenge
	ALPN      bool           // it may ask by TLS-ALPN-01: the portal shows our certificates
}

// ready returns what is wrong with what people have written.
func (a ACME) ready() error {
	if a.KeyID == "" {
		return nil
	}
	if _, err := a.binding(); err != nil {
		return errors.New("the key of the account at the authority is not base64url") // the cause could quote it
	}
	return nil
}

func (a ACME) binding() (*acme.ExternalAccountBinding, error) {
	key, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(string(a.MAC), "="))
	if err == nil && len(key) == 0 {
		err = errors.New("empty")
	}
	return &acme.ExternalAccountBinding{KID: a.KeyID, Key: key}, err
}

// Secret prints as [secret]; string(s) is its value.
type Secret string

// String hides the value.
func (Secret) String() string { return "[secret]" }

// GoString hides the value from %#v.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the value.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalText hides the value from JSON and its like.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// answers are what the authority is told when it asks whether a name is ours.
type answers struct {
	mu   sync.Mutex
	http map[string]string           // path → body
	alpn map[string]*tls.Certificate // name → certificate
}

func newAnswers() *answers {
	return &answers{http: map[string]string{}, alpn: map[string]*tls.Certificate{}}
}

// body is the answer to a question by HTTP-01; "" if nobody asked.
func (a *answers) body(path string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.http[path]
}

// certificate is the answer to one by TLS-ALPN-01; nil if nobody asked.
func (a *answers) certificate(name string) *tls.Certificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.alpn[name]
}

// prepare has a question answered from now on, until done is called.
func (a *answers) prepare(client *acme.Client, name string, ch *acme.Challenge) (done func(), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ch.Type == "http-01" {
		path := client.HTTP01ChallengePath(ch.Token)
		if a.http[path], err = client.HTTP01ChallengeResponse(ch.Token); err != nil {
			return nil, err
		}
		return func() { a.mu.Lock(); defer a.mu.Unlock(); delete(a.http, path) }, nil
	}
	c, err := client.TLSALPN01ChallengeCert(ch.Token, name)
	if err != nil {
		return nil, err
	}
	a.alpn[name] = &c
	return func() { a.mu.Lock(); defer a.mu.Unlock(); delete(a.alpn, name) }, nil
}

// authority speaks to the one of an ACME.
type authority struct {
	ACME
	dir     string // of this directory's account and certificates
	answers *answers
	// Client is made with the first request: where nothing is due, nobody is asked.
	client *acme.Client
}

// openAuthority keeps below dir what comes from each address apart: what was got from an
// authority for trying is not taken for the real one's.
func openAuthority(a ACME, dir string, ans *answers) *authority {
	sum := sha256.Sum256([]byte(a.Directory))
	return &authority{ACME: a, dir: filepath.Join(dir, "acme", hex.EncodeToString(sum[:8])), answers: ans}
}

// path is where the pair for a name is kept. Names are host names, which hold no slash.
func (a *authority) path(name string) string { return filepath.Join(a.dir, name+".pem") }

// obtain gets a certificate for a name, with a fresh key, and keeps it. With a certificate, an
// error says that it could not be kept.
func (a *authority) obtain(ctx context.Context, name string) (p *tls.Certificate, err error) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	if err := a.join(ctx); err != nil {
		return nil, err
	}
	defer a.client.HTTPClient.CloseIdleConnections()
	defer func() {
		if err != nil {
			a.client = nil // an authority that has lost our account is told again who we are
		}
	}()
	order, err := a.prove(ctx, name)
	if err != nil {
		return nil, err
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{name}}, key)
	if err != nil {
		return nil, err
	}
	chain, _, err := a.client.CreateCertFromOrder(ctx, order, csr, true)
	if err != nil {
		return nil, fmt.Errorf("get the certificate: %w", err)
	}
	text, err := bundle(key, chain...)
	if err != nil {
		return nil, err
	}
	if p, err = parse(text, text); err == nil {
		err = p.Leaf.VerifyHostname(name)
	}
	if err != nil {
		return nil, fmt.Errorf("what the authority gave: %w", err)
	}
	return p, write(a.path(name), text)
}

// join makes us known to the authority. It knows us by our key when we come again.
func (a *authority) join(ctx context.Context) error {
	if a.client != nil {
		return nil
	}
	key, err := a.accountKey()
	if err != nil {
		return fmt.Errorf("the account's key: %w", err)
	}
	c := &acme.Client{
		Key: key, DirectoryURL: a.Directory, UserAgent: "sigill", HTTPClient: a.http(),
		RetryBackoff: func(n int, _ *http.Request, res *http.Response) time.Duration {
			// 400 comes here only for a nonce that was old (RFC 8555, 6.5), which is nobody's fault.
			switch {
			case res.StatusCode == http.StatusBadRequest && n <= renonces:
				return time.Millisecond
			case n > retries || res.StatusCode == http.StatusTooManyRequests:
				return -1
			}
			return time.Duration(n) * 200 * time.Millisecond
		},
	}
	if _, err := c.Discover(ctx); err != nil {
		if said := (*acme.Error)(nil); !errors.As(err, &said) {
			err = &Trouble{Why: NotThere, Detail: line(err.Error())}
		}
		return err
	}
	account := &acme.Account{}
	if a.Contact != "" {
		account.Contact = []string{"mailto:" + a.Contact}
	}
	if a.KeyID != "" {
		if account.ExternalAccountBinding, err = a.binding(); err != nil {
			return &Trouble{Why: NoAccount, Detail: "the key is not base64url"}
		}
	}
	if _, err := c.Register(ctx, account, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return fmt.Errorf("open an account: %w", err)
	}
	a.client = c
	return nil
}

// http is how the authority is asked: over TLS that is verified, by the way that the
// environment names for the whole machine (HTTPS_PROXY), and with an end to each answer.
func (a *authority) http() *http.Client {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: a.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: answering, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
	}
	return &http.Client{Transport: bounded{t}, Timeout: answering}
}

// bounded ends an answer that is too long.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	}
	return res, err
}

// CloseIdleConnections leaves nothing open behind the last request.
func (b bounded) CloseIdleConnections() {
	if t, ok := b.RoundTripper.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

func (a *authority) accountKey() (crypto.Signer, error) {
	path := filepath.Join(a.dir, "account.pem")
	text, err := readSome(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key, err := newKey()
		if err != nil {
			return nil, err
		}
		if text, err = bundle(key); err != nil {
			return nil, err
		}
		return key, write(path, text)
	case err != nil:
		return nil, err
	}
	if block, _ := pem.Decode(text); block != nil {
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if s, ok := key.(crypto.Signer); err == nil && ok {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s is no key; if it is removed, another account is opened", path)
}

// prove shows the authority that a name is ours, in the first of the ways that it accepts. A
// way that failed ends its order, so the next begins with another.
func (a *authority) prove(ctx context.Context, name string) (*acme.Order, error) {
	var first *Trouble
	for _, way := range a.ways() {
		order, err := a.order(ctx, name, way)
		if err == nil {
			return order, nil
		}
		t := trouble(name, err)
		t.Detail = line(way + ": " + t.Detail)
		var refused *acme.AuthorizationError
		if ctx.Err() != nil || !errors.As(err, &refused) {
			return nil, t
		}
		if first == nil {
			first = t
			continue
		}
		if first.Why == Closed { // the other way says more
			first.Why = t.Why
		}
		first.Detail = line(first.Detail + " " + t.Detail)
	}
	if first == nil {
		return nil, errors.New("there is no way in which the authority could ask")
	}
	return nil, first
}

// ways are those in which we answer. The portal's port must be open in any case, so it comes
// first.
func (a *authority) ways() (list []string) {
	if a.ALPN {
		list = append(list, "tls-alpn-01")
	}
	if a.HTTP {
		list = append(list, "http-01")
	}
	return list
}

// order asks for a certificate and answers what the authority wants to know.
func (a *authority) order(ctx context.Context, name, way string) (*acme.Order, error) {
	order, err := a.client.AuthorizeOrder(ctx, acme.DomainIDs(name))
	if err != nil {
		return nil, fmt.Errorf("order: %w", err)
	}
	for _, u := range order.AuthzURLs {
		z, err := a.client.GetAuthorization(ctx, u)
		if err != nil {
			return nil, fmt.Errorf("order: %w", err)
		}
		if z.Status == acme.StatusValid {
			continue // it was proved lately
		}
		i := slices.IndexFunc(z.Challenges, func(c *acme.Challenge) bool { return c.Type == way })
		if i < 0 {
			return nil, &acme.AuthorizationError{URI: u, Identifier: name, Errors: []error{errors.New("the authority does not ask so")}}
		}
		if err := a.answer(ctx, name, u, z.Challenges[i]); err != nil {
			return nil, err
		}
	}
	if order, err = a.client.WaitOrder(ctx, order.URI); err != nil {
		return nil, fmt.Errorf("order: %w", err)
	}
	return order, nil
}

func (a *authority) answer(ctx context.Context, name, authz string, ch *acme.Challenge) error {
	done, err := a.answers.prepare(a.client, name, ch)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	defer done()
	if _, err := a.client.Accept(ctx, ch); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	_, err = a.client.WaitAuthorization(ctx, authz)
	return err
}
