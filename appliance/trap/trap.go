package trap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/gofiber/fiber/v2"

	"sigill/appliance/mail"
	"sigill/appliance/sheet"
	"sigill/embed"
)

// Account is somebody to sign in as.
type Account struct {
	Role, Email, Password string
}

// Config is what a trap needs.
type Config struct {
	SMTP  net.Listener // on loopback
	HTTP  net.Listener // on loopback
	Clock mail.Clock   // the one that is turned
	// Advance turns the clock forward by d and does all that is due, before it
	// returns. It returns what happened, in words for the page.
	Advance  func(ctx context.Context, d time.Duration) ([]string, error)
	Portal   string         // address of the portal, for the page
	MailIn   string         // address of the appliance's own SMTP, for the page
	Accounts []Account      // to be shown
	Sender   string         // whom SMS come from. Default: "Sigill"
	Zone     *time.Location // in which the page tells the time. Default: UTC
	Log      *slog.Logger
}

// Trap is a running trap.
type Trap struct {
	Config
	box   box
	cert  tls.Certificate
	roots *x509.CertPool
	page  *template.Template
	files map[string][]byte
	hosts map[string]bool

	turning sync.Mutex // one turn of the clock at a time
	mu      sync.Mutex
	past    []turn // the last first
}

// turn is one turn of the clock and what it did.
type turn struct {
	By   string
	To   time.Time
	Done []string
}

// New checks the configuration and makes the certificate.
func New(c Config) (*Trap, error) {
	if c.SMTP == nil || c.HTTP == nil || c.Clock == nil || c.Advance == nil || c.Log == nil {
		return nil, errors.New("trap: a part is missing")
	}
	for _, l := range []net.Listener{c.SMTP, c.HTTP} {
		a, ok := l.Addr().(*net.TCPAddr)
		if !ok || !a.IP.IsLoopback() {
			return nil, fmt.Errorf("trap: %s is not loopback", l.Addr())
		}
	}
	if c.Sender == "" {
		c.Sender = "Sigill"
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	c.Log = c.Log.With("part", "trap")
	t := &Trap{Config: c, files: map[string][]byte{}}
	var err error
	if t.cert, t.roots, err = newCertificate(); err != nil {
		return nil, fmt.Errorf("trap: certificate: %w", err)
	}
	if t.page, err = template.ParseFS(embed.Templates, "template/trap/*.html"); err != nil {
		return nil, fmt.Errorf("trap: %w", err)
	}
	css, _, err := sheet.Read(embed.Static, "static/trap"+sheet.Type)
	if err != nil {
		return nil, fmt.Errorf("trap: %w", err)
	}
	t.files["trap.css"] = []byte(css)
	for _, name := range []string{"trap.js", "seal.svg"} {
		if t.files[name], err = fs.ReadFile(embed.Static, "static/"+name); err != nil {
			return nil, fmt.Errorf("trap: %w", err)
		}
	}
	t.hosts = hostsOf(c.HTTP.Addr().(*net.TCPAddr).Port)
	return t, nil
}

// Roots are the certificates by which the trap's SMTP proves to be "localhost".
func (t *Trap) Roots() *x509.CertPool { return t.roots }

// Messages returns what was caught, oldest first.
func (t *Trap) Messages() []Message { return t.box.all() }

// Send takes an SMS as a gateway does. It always succeeds.
func (t *Trap) Send(_ context.Context, s mail.SMS) (mail.Receipt, error) {
	t.box.add(Message{Kind: "sms", At: t.Clock.Now(), From: t.Sender, To: []string{string(s.To)}, Text: s.Text.Reveal()})
	return mail.Receipt{Provider: "trap", ID: mail.NewID().String()}, nil
}

// Run serves until ctx ends.
func (t *Trap) Run(ctx context.Context) error {
	s, web := t.smtp(), t.site(ctx)
	fail := make(chan error, 2)
	var wg sync.WaitGroup
	wg.Go(func() { fail <- s.Serve(t.SMTP) })
	wg.Go(func() { fail <- web.Listener(t.HTTP) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-fail:
	}
	err = errors.Join(err, stop(s, web))
	// Closed by the stop, unless that came before the first Accept.
	_, _ = t.SMTP.Close(), t.HTTP.Close()
	wg.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// stop ends both servers, pages being sent first.
func stop(s *smtp.Server, web *fiber.App) error {
	err := web.ShutdownWithTimeout(500 * time.Millisecond)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil // a browser that keeps its line open
	}
	if e := s.Close(); e != nil && !errors.Is(e, smtp.ErrServerClosed) && !errors.Is(e, net.ErrClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// turn turns the clock and remembers what happened.
func (t *Trap) turn(ctx context.Context, d time.Duration, by string) (turn, error) {
	t.turning.Lock()
	defer t.turning.Unlock()
	done, err := t.Advance(ctx, d)
	if err != nil {
		return turn{}, err
	}
	now := turn{by, t.Clock.Now(), done}
	t.mu.Lock()
	t.past = append([]turn{now}, t.past[:min(len(t.past), 19)]...)
	t.mu.Unlock()
	t.box.touch()
	return now, nil
}

func (t *Trap) turns() []turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]turn{}, t.past...)
}
