package appliance

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"sigill/appliance/door/control"
	"sigill/appliance/door/locked"
	"sigill/appliance/door/web"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Unlock takes what somebody typed on the locked page: the passphrase, or page 2 of the kit.
func (l *lockedMachine) Unlock(ctx context.Context, typed string, from netip.Addr) error {
	if wait := l.guesses.wait(from, l.c.Clock.Running()); wait > 0 {
		seconds := strconv.Itoa(max(5, int(math.Ceil(wait.Seconds()))))
		return mail.E(mail.Busy, "error.toomany", nil).Tell("Seconds", seconds)
	}
	err := l.try(ctx, typed, "page")
	if mail.KindOf(err) == mail.Denied {
		l.guesses.wrong(from, l.c.Clock.Running())
		l.c.Log.Warn("a wrong passphrase", "part", "boot", "from", from.String())
	}
	return err
}

// unlockAsk is what `sigill unlock` says. It prints as [secret].
type unlockAsk struct {
	Typed string `json:"typed"`
}

// String hides what was typed.
func (unlockAsk) String() string { return "[secret]" }

// GoString hides it from %#v.
func (unlockAsk) GoString() string { return "[secret]" }

// unlockHere takes what somebody typed on the machine itself. Only root and the service's own
// account come here, and nobody is braked: they could try at the file.
func (l *lockedMachine) unlockHere(ctx context.Context, in unlockAsk) (struct{}, error) {
	return struct{}{}, l.try(ctx, in.Typed, "command")
}

// try opens the key with what was typed. Denied: it opens nothing.
func (l *lockedMachine) try(ctx context.Context, typed, by string) error {
	typed = strings.TrimRight(typed, "\r\n")
	if key, ok := pageOfKit(typed); ok {
		if err := l.give(key, "kit"); !errors.Is(err, errWrongKey) {
			return err
		}
	}
	denied := mail.E(mail.Denied, "error.typed", nil)
	if !exists(l.places.path(passphraseFile)) || len(typed) > keyring.MaxPassphrase || typed == "" {
		return denied
	}
	text, err := readSmall(l.places.path(passphraseFile))
	if err != nil {
		return err
	}
	key, err := l.stretch.OpenByPassphrase(ctx, text, []byte(typed))
	if errors.Is(err, seal.ErrOpen) {
		return denied
	}
	if err != nil {
		return err
	}
	return l.give(key, by)
}

// pageOfKit reads the key from page 2 of the recovery kit: its line, or its words.
func pageOfKit(typed string) (seal.Secret, bool) {
	if p, err := keyring.ParsePage(typed); err == nil {
		return p.Secret(), p.Kind == keyring.PageApp
	}
	key, err := keyring.ReadWords(typed)
	return key, err == nil
}

// guesses brakes who types wrong passphrases, each network by itself: who has forgotten it is
// not kept out for ever, and whoever tries from elsewhere keeps no administrator out. All of
// them together are braked by the one place for an Argon2id.
type guesses struct {
	mu  sync.Mutex
	per map[netip.Prefix]guessed
}

type guessed struct {
	wrong int
	until time.Duration // of Clock.Running
}

const (
	freeGuesses  = 5
	maxGuessWait = 5 * time.Minute
	guessers     = 4096 // networks that are remembered
)

// wait is how long a network has to wait.
func (g *guesses) wait(from netip.Addr, now time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.per[guesser(from)].until-now)
}

// wrong counts a wrong one: after five, each doubles the wait, from five seconds on.
func (g *guesses) wrong(from netip.Addr, now time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.per == nil || len(g.per) >= guessers {
		g.per = map[netip.Prefix]guessed{}
	}
	x := g.per[guesser(from)]
	x.wrong++
	if over := x.wrong - freeGuesses; over >= 0 {
		x.until = now + min(maxGuessWait, 5*time.Second<<min(over, 10))
	}
	g.per[guesser(from)] = x
}

// guesser is what counts as one: an IPv4 address, an IPv6 /64.
func guesser(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// askUnlock is what `sigill unlock` asks.
const askUnlock = "/unlock"

// openLockedControl opens the socket for commands. All but one are told why not.
func (l *lockedMachine) openLockedControl() (err error) {
	if l.c.Run == "" {
		return nil
	}
	commands := l.commands()
	for path := range commands {
		commands[path] = func(context.Context, []byte) (any, error) {
			return nil, mail.E(mail.Again, "", errors.New("the appliance is locked; unlock it by: sigill unlock"))
		}
	}
	commands[askUnlock] = control.Do(l.unlockHere)
	l.control, err = control.Listen(control.Config{Dir: l.c.Run, Log: l.c.Log, Commands: commands})
	return err
}

// safeToType reports whether a passphrase may be typed on the page: it goes over TLS, ours or a
// trusted proxy's, or over no network.
func safeToType(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// lockedWeb is the web server with the one page.
func lockedWeb(c Config, views *web.Views, d *locked.Door) (*web.Server, error) {
	return web.New(web.Config{
		Listener: c.Web, TLS: c.WebTLS, BaseURL: c.BaseURL, FormerHosts: c.Former, Trial: c.Trial, TrustedProxies: c.Proxies, Clock: c.Clock, Log: c.Log,
		Views: views, Sessions: web.Nobody{}, Routes: d.Routes(), Elsewhere: d.Page, Default: c.House.Lang, House: web.House{Name: c.House.Name},
	})
}
