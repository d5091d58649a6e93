package tlscert

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
)

// Source is where a door's certificate comes from.
type Source string

// The sources, in the words of the configuration.
const (
	FromFiles    Source = "files"
	FromACME     Source = "acme"
	FromInternal Source = "internal"
)

// Door is what shows a certificate: the portal or the doors for mail.
type Door struct {
	Name      string // "web" or "smtp", as the configuration calls it
	Source    Source
	Hosts     []string // names that it has; the first for who names none
	Cert, Key string   // the files, for FromFiles; "" for a door without TLS
}

// Clock is the machine's.
type Clock interface {
	// Now is the wall's time, in UTC.
	Now() time.Time
}

// Config is what a Keeper needs.
type Config struct {
	Dir   string // where keys and certificates are kept: KEYS/tls
	Doors []Door
	ACME  ACME         // if any door's certificate comes from there
	Clock Clock        // must not be nil
	Log   *slog.Logger // must not be nil
}

// Keeper has the certificates of all doors.
type Keeper struct {
	c        Config
	log      *slog.Logger
	answers  *answers
	files    map[string]*files // by door
	internal atomic.Pointer[Internal]
	standIn  *tls.Certificate // until an authority has given one; nil where none gives any

	authority *authority // nil where none gives any
	keeping   sync.Mutex // held while it is looked after them: once at a time
	state     sync.Mutex // of what follows
	had       map[string]*had
}

// had is what came from the authority for a name.
type had struct {
	pair    *tls.Certificate // nil: nothing yet
	trouble *Trouble         // of the last time; nil: it went well
	since   time.Time        // when the trouble began
	tries   int              // failed in a row
	next    time.Time        // not before
}

// Open reads what is there. Own files must be a good pair: without, there would be nothing to
// show. From an authority nothing is asked before Keep; until it has given a certificate, the
// door shows one that this machine has made itself, which mail servers take and browsers do
// not.
func Open(c Config) (*Keeper, error) {
	k := &Keeper{c: c, log: c.Log.With("part", "tls"), answers: newAnswers(), files: map[string]*files{}, had: map[string]*had{}}
	k.c.Doors = slices.Clone(c.Doors)
	for i, d := range k.c.Doors {
		hosts := make([]string, len(d.Hosts))
		for j, h := range d.Hosts {
			hosts[j] = strings.ToLower(h)
		}
		k.c.Doors[i].Hosts = hosts
		if d.Source != FromFiles || d.Cert == "" {
			continue
		}
		f, err := openFiles(d.Cert, d.Key)
		if err != nil {
			return nil, fmt.Errorf("%s.tls_cert: %w", d.Name, err)
		}
		k.files[d.Name] = f
	}
	if err := k.openInternal(); err != nil {
		return nil, err
	}
	return k, k.openACME()
}

func (k *Keeper) openInternal() error {
	names := k.hosts(FromInternal)
	if len(names) == 0 {
		return nil
	}
	i, err := NewInternal(filepath.Join(k.c.Dir, "internal"), k.c.Clock.Now(), names...)
	if err == nil {
		k.internal.Store(i)
	}
	return err
}

func (k *Keeper) openACME() error {
	names := k.hosts(FromACME)
	if len(names) == 0 {
		return nil
	}
	if err := k.c.ACME.ready(); err != nil {
		return fmt.Errorf("acme.account_file: %w", err)
	}
	k.authority = openAuthority(k.c.ACME, k.c.Dir, k.answers)
	for _, n := range names {
		p, err := readBundle(k.authority.path(n))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			k.log.Warn("a kept certificate cannot be read; another is asked for", "name", n, "err", err)
		}
		if err != nil || p.Leaf.VerifyHostname(n) != nil {
			p = nil
		}
		k.had[n] = &had{pair: p}
	}
	i, err := NewInternal("", k.c.Clock.Now(), names...)
	if err == nil {
		k.standIn = i.Certificate()
	}
	return err
}

// hosts are the names for which certificates come from a source, each once.
func (k *Keeper) hosts(from Source) (list []string) {
	for _, d := range k.c.Doors {
		for _, h := range d.Hosts {
			if d.Source == from && !slices.Contains(list, h) {
				list = append(list, h)
			}
		}
	}
	return list
}

// TLS is how a door speaks TLS; nil if it does not. What is shown follows what the Keeper has,
// at each handshake.
func (k *Keeper) TLS(name string) *tls.Config {
	i := slices.IndexFunc(k.c.Doors, func(d Door) bool { return d.Name == name })
	if i < 0 || k.c.Doors[i].Source == FromFiles && k.files[name] == nil {
		return nil
	}
	d := k.c.Doors[i]
	// Keys of session tickets are crypto/tls's own: made in memory, another each day.
	t := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites(), GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return k.show(d, h)
	}}
	if d.Name == "web" && d.Source == FromACME && k.c.ACME.ALPN {
		t.NextProtos = []string{"http/1.1", acme.ALPNProto}
	}
	return t
}

// suites are those of TLS 1.2 that have forward secrecy and an AEAD. Of 1.3, which Go prefers
// with the post-quantum hybrid, all are good.
func suites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

// show is what a door shows to who has said hello.
func (k *Keeper) show(d Door, h *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(strings.TrimSuffix(h.ServerName, "."))
	if slices.Contains(h.SupportedProtos, acme.ALPNProto) {
		// RFC 8737, 3: who asks so speaks nothing else, and gets nothing else.
		if c := k.answers.certificate(name); c != nil && len(h.SupportedProtos) == 1 {
			return c, nil
		}
		return nil, errors.New("nobody is asked whether this name is ours")
	}
	switch d.Source {
	case FromFiles:
		return k.files[d.Name].shown.Load(), nil
	case FromInternal:
		return k.internal.Load().Certificate(), nil
	}
	if !slices.Contains(d.Hosts, name) {
		name = d.Hosts[0]
	}
	k.state.Lock()
	defer k.state.Unlock()
	if p := k.had[name].pair; p != nil {
		return p, nil
	}
	return k.standIn, nil
}

// Keep looks after the certificates: it reads files again that have changed, and renews what
// is due. What goes wrong stands in States and is tried again; there is nobody who could do
// anything with an error of it.
func (k *Keeper) Keep(ctx context.Context) {
	k.keeping.Lock()
	defer k.keeping.Unlock()
	for door, f := range k.files {
		before, shown := f.bad, f.shown.Load()
		f.look()
		k.state.Lock()
		if f.told = f.bad; before == nil {
			f.since = k.c.Clock.Now()
		}
		k.state.Unlock()
		switch {
		case f.bad != nil && before == nil:
			k.log.Warn("the certificate on disk cannot be used; the one before goes on", "door", door, "why", string(f.bad.Why), "detail", f.bad.Detail)
		case f.shown.Load() != shown:
			k.log.Info("another certificate is shown", "door", door, "ends", f.shown.Load().Leaf.NotAfter)
		}
	}
	if i := k.internal.Load(); i != nil && due(i.leaf.Leaf, k.c.Clock.Now()) {
		if err := k.openInternal(); err != nil {
			k.log.Warn("renew this machine's own certificate", "err", err)
		}
	}
	if k.authority != nil {
		k.renew(ctx)
	}
}

// renew asks the authority for what is due, one name after the other.
func (k *Keeper) renew(ctx context.Context) {
	for _, name := range k.hosts(FromACME) {
		now := k.c.Clock.Now()
		k.state.Lock()
		h := k.had[name]
		wanted := (h.pair == nil || due(h.pair.Leaf, now)) && !now.Before(h.next)
		k.state.Unlock()
		if !wanted || ctx.Err() != nil {
			continue
		}
		p, err := k.authority.obtain(ctx, name)
		if ctx.Err() != nil && err != nil {
			return // nobody's fault: the machine stops
		}
		k.state.Lock()
		h.came(k.c.Clock.Now(), name, p, err)
		t, next := h.trouble, h.next
		k.state.Unlock()
		if t != nil {
			k.log.Warn("no certificate from the authority", "name", name, "why", string(t.Why), "detail", t.Detail, "next", next)
			continue
		}
		k.log.Info("a certificate from the authority", "name", name, "ends", p.Leaf.NotAfter)
	}
}

// pauses are those after one, two, … failures in a row. An authority takes few wrong answers
// in an hour, and two may be given each time.
var pauses = [...]time.Duration{15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

// came says how it went. What was had and could not be kept is shown all the same, until the
// next start: an authority gives few to one name.
func (h *had) came(now time.Time, name string, p *tls.Certificate, err error) {
	if err == nil {
		*h = had{pair: p}
		return
	}
	if p != nil {
		h.pair = p
	}
	if h.trouble == nil {
		h.since = now
	}
	h.trouble = trouble(name, err)
	h.next = now.Add(max(pauses[min(h.tries, len(pauses)-1)], h.trouble.Wait))
	h.tries++
}

// Again has what failed tried at the next Keep: somebody has mended what was wrong.
func (k *Keeper) Again() {
	k.state.Lock()
	defer k.state.Unlock()
	for _, h := range k.had {
		h.next = time.Time{}
	}
}

// Root is what browsers are given so that they know this machine's own authority, PEM, and
// its SHA-256; ok is false if no door shows anything of it.
func (k *Keeper) Root() (root []byte, fingerprint string, ok bool) {
	i := k.internal.Load()
	if i == nil {
		return nil, "", false
	}
	return i.Root(), i.Fingerprint(), true
}

// State is how it is with the certificate for one name of one door.
type State struct {
	Door    string
	Source  Source
	Host    string
	Names   []string // in the certificate
	Begins  time.Time
	Ends    time.Time
	Own     bool      // this machine has made it, or it has signed itself: no browser knows it
	StandIn bool      // no authority has given one yet: what is shown is this machine's own
	Trouble *Trouble  // what is wrong with it, or with having another; nil: nothing
	Since   time.Time // when the trouble began, if that is known
	Next    time.Time // when it is tried again, if that is long
}

// States are those of every door and name, in the order of the doors; own files once for each
// name that they should be for.
func (k *Keeper) States() (list []State) {
	k.state.Lock()
	defer k.state.Unlock()
	now := k.c.Clock.Now()
	for _, d := range k.c.Doors {
		for _, host := range d.Hosts {
			s := State{Door: d.Name, Source: d.Source, Host: host}
			var p *tls.Certificate
			switch d.Source {
			case FromFiles:
				f := k.files[d.Name]
				if f == nil {
					continue
				}
				if p, s.Trouble = f.shown.Load(), f.told; f.told != nil {
					s.Since = f.since
				}
			case FromInternal:
				p = k.internal.Load().Certificate()
			default:
				h := k.had[host]
				if p = h.pair; p == nil {
					p, s.StandIn = k.standIn, true
				}
				s.Trouble, s.Since, s.Next = h.trouble, h.since, h.next
			}
			s.Own = d.Source == FromInternal || s.StandIn || bytes.Equal(p.Leaf.RawIssuer, p.Leaf.RawSubject)
			s.judge(p.Leaf, now)
			list = append(list, s)
		}
	}
	return list
}

// judge says what the certificate itself says. What is wrong with having another goes before:
// it is the reason.
func (s *State) judge(c *x509.Certificate, now time.Time) {
	s.Begins, s.Ends = c.NotBefore.UTC(), c.NotAfter.UTC()
	s.Names = slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		s.Names = append(s.Names, ip.String())
	}
	switch {
	case s.Trouble != nil:
		t := *s.Trouble
		t.Name = s.Host
		s.Trouble = &t
	case s.StandIn:
	case !now.Before(s.Ends):
		s.Trouble = &Trouble{Why: Over, Name: s.Host}
	case c.VerifyHostname(s.Host) != nil:
		s.Trouble = &Trouble{Why: OtherName, Name: s.Host, Detail: line(strings.Join(s.Names, ", "))}
	}
}
