package passkey

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Life is how long a challenge may be answered.
const Life = 5 * time.Minute

// prfLabel stands before the salt; see the package's comment. It never changes: the
// secrets of all passkeys would be others.
const prfLabel = "sigill/1/passkey\x00"

// Party is the house as a passkey knows it (a relying party). A passkey belongs to its ID
// for ever: when the house moves to another host name, its people make new ones.
type Party struct {
	ID      string     // host name of the portal, in lower case and ASCII
	Name    string     // of the house; browsers may show it
	Origins []string   // where our pages stand: "https://brev.example.se"
	Salt    [32]byte   // of the installation; public, and the same for ever
	Hints   []string   // what people here mostly use, for the browser's dialogue: "client-device", "security-key", "hybrid". May be nil
	Clock   mail.Clock // must not be nil
}

// New returns the party of a portal's base URL. It is an error if browsers make no
// passkeys there: they do for https and a host name, and for http://localhost, but not
// for an IP address (WebAuthn, 5.1.3, step 7).
func New(base, name string, salt [32]byte, clock mail.Clock) (Party, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return Party{}, errors.New("passkey: the base URL is not like https://brev.example.se")
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	_, address := netip.ParseAddr(host)
	switch {
	case address == nil:
		return Party{}, fmt.Errorf("passkey: %s is an address; browsers make passkeys for host names only", host)
	case strings.ContainsFunc(host, func(r rune) bool { return r > '~' }):
		return Party{}, fmt.Errorf("passkey: %s must be written in ASCII (xn--…), as browsers do", host)
	case u.Scheme != "https" && !(u.Scheme == "http" && host == "localhost"):
		return Party{}, errors.New("passkey: browsers make passkeys only over https")
	}
	// An origin is written without its scheme's own port (HTML, 7.1.1).
	origin := u.Scheme + "://" + host
	if port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		origin += ":" + port
	}
	return Party{ID: host, Name: name, Origins: []string{origin}, Salt: salt, Clock: clock}, nil
}

// sound reports what is missing of a party that was not made by New.
func (p Party) sound() error {
	if p.ID == "" || len(p.Origins) == 0 || p.Salt == [32]byte{} || p.Clock == nil {
		return errors.New("passkey: internal: the party lacks its id, origins, salt or clock")
	}
	return nil
}

// prfInput is what every passkey makes its secret of.
func (p Party) prfInput() [32]byte {
	return sha256.Sum256(append([]byte(prfLabel), p.Salt[:]...))
}
