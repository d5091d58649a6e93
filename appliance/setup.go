package appliance

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/door/web"
	"sigill/appliance/door/wizard"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/tlscert"
	"sigill/appliance/vault"
)

// The settings of the set-up. None holds anything about a person, or a secret.
const (
	settingSetup   = "setup_open"    // "open" while it is not through; else absent or ""
	settingCode    = "setup_code"    // keyed hash of the one-time code, in hex; "" if there is none
	settingWrong   = "setup_wrong"   // how often a code was tried since it was made
	settingBrowser = "setup_browser" // keyed hash of the cookie of the browser that has used it
	settingSteps   = "setup_steps"   // what became of each step, as JSON
)

// codeTries is how often a code may be tried before it dies: 100 bits need no bound, but who
// guesses is to be seen, by the code that is good no more.
const codeTries = 20

// setup is the work of the set-up's steps: the wizard asks for them one after the other, and
// `sigill setup` all at once.
//
// It belongs to whoever has the one-time address from the start of the program, for one
// browser; as soon as there is an administrator with a second factor, to administrators alone.
type setup struct {
	a    *Appliance
	path string // of the configuration file

	acts  sync.Mutex // one change of the file at a time
	proof *access.PINs
	sent  map[wizard.Step]mail.ID // names the code that a step has sent last
}

var _ wizard.Machine = (*setup)(nil)

// openSetup takes the set-up up where it was left. An appliance that began with a whole
// configuration has none.
func (a *Appliance) openSetup(ctx context.Context) error {
	if a.c.SetUp == "" {
		return nil
	}
	s := &setup{a: a, path: a.c.SetUp, proof: access.NewPINs(a.c.Clock, access.CountedBefore{}), sent: map[wizard.Step]mail.ID{}}
	open, err := s.Open(ctx)
	if err != nil {
		return err
	}
	if a.c.Unfinished && !open {
		if err := s.set(ctx, settingSetup, "open"); err != nil {
			return err
		}
		open = true
	}
	if open {
		a.setup = s
	}
	return nil
}

// get returns a setting of the set-up; "" if there is none.
func (s *setup) get(ctx context.Context, name string) (string, error) {
	text, err := setting(ctx, s.a.db, name)
	if mail.KindOf(err) == mail.Absent {
		return "", nil
	}
	return text, err
}

// set sets settings, by name and value in turn.
func (s *setup) set(ctx context.Context, pairs ...string) error {
	return s.a.db.Update(ctx, func(tx *vault.Tx) error {
		for i := 0; i+1 < len(pairs); i += 2 {
			if err := tx.SetSetting(pairs[i], pairs[i+1]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Open reports whether the set-up is not through yet.
func (s *setup) Open(ctx context.Context) (bool, error) {
	text, err := s.get(ctx, settingSetup)
	return text == "open", err
}

// Guarded reports whether there is an administrator with a second factor: from then on nobody
// else goes on with the set-up, whoever has begun it.
func (s *setup) Guarded(ctx context.Context) (guarded bool, err error) {
	err = s.a.db.View(ctx, func(tx *vault.ReadTx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.Roles&mail.RoleAdmin == 0 || p.IsNobody() {
				continue
			}
			_, err := tx.Factor(p.ID)
			if guarded = err == nil; guarded {
				return nil
			}
			if mail.KindOf(err) != mail.Absent {
				return err
			}
		}
		return nil
	})
	return guarded, err
}

func (s *setup) hash(purpose, secret string) string {
	return hex.EncodeToString(s.a.founding.app.Tag(purpose, secret))
}

// newAddress makes a one-time address. The code and the browser before it are good no more.
func (s *setup) newAddress(ctx context.Context) (string, error) {
	code := mail.NewLinkCode()
	err := s.set(ctx, settingCode, s.hash("setup_code", string(code.Secret())), settingWrong, "0", settingBrowser, "")
	return s.a.c.BaseURL + "/setup#" + code.Text(), err
}

// Enter takes the one-time code, which dies by it, and returns the secret by which the browser
// that brought it is known from then on. The try is counted first. The error is Denied, in the
// same words whatever is wrong.
func (s *setup) Enter(ctx context.Context, typed string) (browser web.Token, err error) {
	s.acts.Lock()
	defer s.acts.Unlock()
	wrong := mail.E(mail.Denied, "error.setup.code", nil)
	text, err := s.get(ctx, settingWrong)
	if err != nil {
		return browser, err
	}
	tries, _ := strconv.Atoi(text) // "" is none
	if tries >= codeTries {
		return browser, wrong
	}
	if err := s.set(ctx, settingWrong, strconv.Itoa(tries+1)); err != nil {
		return browser, err
	}
	guarded, err := s.Guarded(ctx)
	if err != nil {
		return browser, err
	}
	want, err := s.get(ctx, settingCode)
	if err != nil {
		return browser, err
	}
	code, perr := mail.ParseLinkCode(typed)
	if perr != nil || guarded || want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(s.hash("setup_code", string(code.Secret())))) != 1 {
		return browser, wrong
	}
	browser = web.NewToken()
	return browser, s.set(ctx, settingCode, "", settingBrowser, s.browserHash(browser))
}

func (s *setup) browserHash(t web.Token) string {
	b := t.Secret()
	return s.hash("setup_browser", string(b[:]))
}

// Knows reports whether a browser is the one that has used the code.
func (s *setup) Knows(ctx context.Context, t web.Token) (bool, error) {
	want, err := s.get(ctx, settingBrowser)
	return err == nil && want != "" && !t.IsZero() && subtle.ConstantTimeCompare([]byte(want), []byte(s.browserHash(t))) == 1, err
}

// Steps returns what became of each step.
func (s *setup) Steps(ctx context.Context) (map[wizard.Step]wizard.Fate, error) {
	steps := map[wizard.Step]wizard.Fate{}
	text, err := s.get(ctx, settingSteps)
	if err != nil || text == "" {
		return steps, err
	}
	return steps, json.Unmarshal([]byte(text), &steps)
}

// Mark writes down what became of a step.
func (s *setup) Mark(ctx context.Context, by mail.Actor, step wizard.Step, f wizard.Fate) error {
	s.acts.Lock()
	defer s.acts.Unlock()
	return s.mark(ctx, by, step, f)
}

func (s *setup) mark(ctx context.Context, by mail.Actor, step wizard.Step, f wizard.Fate) error {
	steps, err := s.Steps(ctx)
	if err != nil {
		return err
	}
	steps[step] = f
	text, err := json.Marshal(steps)
	if err != nil {
		return err
	}
	return s.a.db.Update(ctx, func(tx *vault.Tx) error {
		if err := tx.SetSetting(settingSteps, string(text)); err != nil {
			return err
		}
		e := mail.Event{Kind: journal.SetUp, At: tx.Now(), Actor: by.Kind, Part: "setup", Detail: string(step)}
		if by.Kind == 0 {
			e.Actor = mail.ActorSystem
		}
		if !by.ID.IsZero() {
			e.Who = s.a.founding.app.Who(by.ID)
		}
		return tx.Note(e)
	})
}

// Draft returns what the configuration file says so far.
func (s *setup) Draft() (config.Config, error) { return config.Draft(s.path) }

// Change writes the file anew with a change to what it says. The error holds the faults of
// what would stand there (config.FaultsOf); then nothing was written.
func (s *setup) Change(change func(*config.Config) error) error {
	s.acts.Lock()
	defer s.acts.Unlock()
	return s.change(change)
}

func (s *setup) change(change func(*config.Config) error) error {
	c, err := s.Draft()
	if err != nil {
		return err
	}
	if err := change(&c); err != nil {
		return err
	}
	if err := c.Validate(Languages()...); err != nil {
		return err
	}
	return config.Write(s.path, c)
}

// KeepSecret writes a secret into its file and returns the path, for the configuration.
func (s *setup) KeepSecret(name, secret string) (string, error) {
	path := filepath.Join(config.SecretsOf(s.path), name)
	return path, config.WriteSecret(path, config.Secret(secret))
}

// Kept is the file of a secret that KeepSecret has written; "" if there is none.
func (s *setup) Kept(name string) string {
	if path := filepath.Join(config.SecretsOf(s.path), name); exists(path) {
		return path
	}
	return ""
}

// DropSecret takes the file of a secret away that nothing names any more.
func (s *setup) DropSecret(path string) error {
	if filepath.Dir(path) != config.SecretsOf(s.path) {
		return nil // somebody else's
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// Reload has the appliance begin anew with what the file says by now.
func (s *setup) Reload() { s.a.Reload() }

// Finish closes the set-up: nobody has its pages any more.
func (s *setup) Finish(ctx context.Context, by mail.Actor) error {
	if err := s.Mark(ctx, by, wizard.First, wizard.Done); err != nil {
		return err
	}
	return s.set(ctx, settingSetup, "", settingCode, "", settingBrowser, "")
}

// sayAddress tells who starts the program where the set-up goes on.
func (a *Appliance) sayAddress(ctx context.Context, say func(format string, args ...any)) error {
	guarded, err := a.setup.Guarded(ctx)
	if err != nil {
		return err
	}
	browser, err := a.setup.get(ctx, settingBrowser)
	switch {
	case err != nil:
		return err
	case guarded:
		say("The set-up is not finished. An administrator goes on with it at %s/setup\n", a.c.BaseURL)
		return nil
	case browser != "":
		say("The set-up goes on at %s/setup, in the browser in which it was begun. If that is lost:  sigill setup --address\n", a.c.BaseURL)
		return nil
	}
	address, err := a.setup.newAddress(ctx)
	if err != nil {
		return err
	}
	say(`Nothing is set up yet. Open this address in a browser; it is good once:

  %s

The browser will not know the certificate: the machine has made it itself, until it gets another one.
`, address)
	return nil
}

// toSetUp names the data directory that is meant.
type toSetUp struct {
	Data string `json:"data"`
}

// SetupAddress returns a fresh address of the set-up that runs at these places, or where
// administrators go on with it. Whatever was begun in another browser ends there.
func SetupAddress(ctx context.Context, p Places) (string, error) {
	return ask(ctx, p, askSetup, toSetUp{p.Data}, (*Appliance).setupAddress)
}

func (a *Appliance) setupAddress(ctx context.Context, in toSetUp) (string, error) {
	if err := a.meant(in.Data); err != nil {
		return "", err
	}
	if a.setup == nil || a.portal == nil {
		return "", mail.E(mail.Invalid, "error.setup.none", nil)
	}
	guarded, err := a.setup.Guarded(ctx)
	if err != nil || guarded {
		return a.c.BaseURL + "/setup", err
	}
	return a.setup.newAddress(ctx)
}

// machineURL is how a browser reaches the portal while nobody has said: by the machine's own
// name, at the port where it listens.
func (c Config) machineURL() string {
	host := machineNames()[0]
	if a, ok := c.Web.Addr().(*net.TCPAddr); ok && a.IP.IsLoopback() {
		host = "localhost"
	}
	if p := port(c.Web); p != "443" {
		host = net.JoinHostPort(host, p)
	}
	return "https://" + host
}

// machineNames are the names and addresses by which a browser may reach this machine.
func machineNames() []string {
	names := []string{"localhost"}
	if host, err := os.Hostname(); err == nil && host != "" && host != "localhost" {
		names = []string{strings.ToLower(host), "localhost"}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return names
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && (n.IP.IsGlobalUnicast() || n.IP.IsLoopback()) && len(names) < 16 {
			names = append(names, n.IP.String())
		}
	}
	slices.Sort(names[1:])
	return names
}

// certificateYet is the portal's until there is a better one: the one that the file names, if
// it is there, or one of an authority of the machine's own.
func certificateYet(c *Config, f config.Config) error {
	if own, err := ownPair(f.Web); err == nil && (own != nil || f.Web.TLS == config.TLSFiles) {
		c.WebTLS = own // or none: on this computer alone, or behind a proxy that is named
		return nil
	}
	c.Trial = true // a browser must not remember that this name is to be reached by TLS alone
	if err := os.MkdirAll(f.Keys, 0o700); err != nil {
		return err
	}
	// Beside the one that web.tls = "internal" uses: it has other names.
	made, err := tlscert.NewInternal(filepath.Join(f.Keys, "tls", "setup"), c.Clock.Now(), machineNames()...)
	if err != nil {
		return err
	}
	c.WebTLS = &tls.Config{Certificates: []tls.Certificate{*made.Certificate()}}
	return nil
}

// ownPair is the certificate that a file names; nil if it names none.
func ownPair(w config.Web) (*tls.Config, error) {
	if w.TLSCert == "" {
		return nil, nil
	}
	p, err := tls.LoadX509KeyPair(w.TLSCert, w.TLSKey)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{p}}, nil
}
