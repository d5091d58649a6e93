package signon

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"sigill/appliance/mail"
)

// Waits is how long somebody may be at the issuer.
const Waits = 10 * time.Minute

// Ask is what one sign-in is to be.
type Ask struct {
	// Fresh has people show themselves anew, however long they are signed in there: before
	// an act that needs it.
	Fresh bool
	Hint  string // who it is expected to be, an address; may be empty
	Lang  string // in which language they read: "sv"; may be empty
}

// Waiting is one sign-in under way. It is secret and is kept in memory, with the browser
// that began it, for Waits at most; it is taken from there before Finish, so that it is
// good once. It prints as [secret].
type Waiting struct {
	state, nonce, verifier string
	began                  time.Time     // by the wall, as the issuer's times are
	since                  time.Duration // by clock.Running, which nobody sets
	fresh                  bool
}

// Fresh reports whether people are to show themselves anew.
func (w Waiting) Fresh() bool { return w.fresh }

// Format hides what is in it from every verb.
func (w Waiting) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue hides what is in it.
func (w Waiting) LogValue() slog.Value { return slog.StringValue("[secret]") }

// Begin returns where to send the browser, and what to keep of it for Finish. The error is
// Again for an issuer that cannot be reached, Internal for one that does not fit the
// configuration.
func (p *Provider) Begin(ctx context.Context, a Ask) (url string, w Waiting, err error) {
	k, err := p.discover(ctx)
	if err != nil {
		return "", Waiting{}, err
	}
	// rand.Text has 130 bits; RFC 6749, 10.10 wants 128 of state, RFC 7636, 7.1 256 of the
	// verifier.
	w = Waiting{
		state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(),
		began: p.clock.Now(), since: p.clock.Running(), fresh: a.Fresh,
	}
	var options []oauth2.AuthCodeOption
	set := func(name, value string) { options = append(options, oauth2.SetAuthURLParam(name, value)) }
	for name, value := range p.c.Extra {
		set(name, value)
	}
	set("nonce", w.nonce)
	options = append(options, oauth2.S256ChallengeOption(w.verifier))
	if len(p.c.ACR) > 0 {
		set("acr_values", strings.Join(p.c.ACR, " "))
	}
	if a.Fresh {
		// Either alone is enough by OpenID Connect Core, 3.1.2.1, but issuers differ in which
		// one they heed; the answer is looked at in any case. They stand behind Extra, which
		// may have another prompt.
		set("max_age", "0")
		set("prompt", "login")
	}
	if a.Hint != "" && len(a.Hint) <= mail.MaxAddress {
		set("login_hint", a.Hint)
	}
	if a.Lang != "" {
		set("ui_locales", a.Lang)
	}
	return k.oauth.AuthCodeURL(w.state, options...), w, nil
}
