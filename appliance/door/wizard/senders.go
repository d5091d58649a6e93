package wizard

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/door/web"
)

// The ways in which mail comes from the house's people.
const (
	wayOwn       = "own"       // their own server: its address proves them
	wayMicrosoft = "microsoft" // Exchange Online, which others use too
	wayGoogle    = "google"    // the same of Google Workspace
)

// sharedNetworks are from where these send. They prove nothing by themselves. Microsoft's are
// "Exchange Online Protection" (id 10) of its list of addresses; Google's those that
// _spf.google.com leads to.
var sharedNetworks = map[string][]string{
	wayMicrosoft: {"40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14", "52.238.78.88/32", "104.47.0.0/17", "2a01:111:f400::/48", "2a01:111:f403::/48"},
	wayGoogle: {
		"35.190.247.0/24", "64.233.160.0/19", "66.102.0.0/20", "66.249.80.0/20", "72.14.192.0/18", "74.125.0.0/16", "108.177.8.0/21", "173.194.0.0/16", "209.85.128.0/17", "216.58.192.0/19", "216.239.32.0/19",
		"2001:4860:4000::/36", "2404:6800:4000::/36", "2607:f8b0:4000::/36", "2800:3f0:4000::/36", "2a00:1450:4000::/36", "2c0f:fb50:4000::/36",
	},
}

// sharedNames are what they are called in the file.
var sharedNames = map[string]string{wayMicrosoft: "Exchange Online", wayGoogle: "Google Workspace"}

// proofHeader is the field in which a transport rule of the house brings the secret.
const proofHeader = "X-Sigill-Key"

// sendersPage asks where mail comes from, and says how the house's mail server is told.
type sendersPage struct {
	frame
	Way      web.Field
	Networks web.Field
	Has      []string // those that are set up
	Guides   []guide
	Secret   string // made just now, and shown this once
	Header   string
	Of       string // for whom it was made
}

// guide is how a mail server is told to send secure addresses here: steps in words, and what
// does the same by a program.
type guide struct {
	Title  string
	Steps  []string
	Script string
}

func (d *Door) sendersPage(r *web.Request) error {
	return d.showSenders(r, http.StatusOK, false, "", "", nil)
}

func (d *Door) showSenders(r *web.Request, status int, wrong bool, way, secret string, say *web.Alert) error {
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	page := &sendersPage{Secret: secret, Header: proofHeader, Of: sharedNames[way]}
	if err := d.at(r, Senders, &page.frame); err != nil {
		return err
	}
	page.Say = say
	page.Way = web.Field{Name: "way", Label: r.T("setup.senders.way"), Value: r.Form("way")}
	for _, w := range []string{wayOwn, wayMicrosoft, wayGoogle} {
		page.Way.Options = append(page.Way.Options, web.Option{Value: w, Label: r.T("setup.senders.way." + w), Chosen: w == r.Form("way")})
	}
	networks := strings.Join(c.Senders.Networks, ", ")
	if wrong {
		networks = r.Form("networks")
	}
	page.Networks = web.Field{Name: "networks", Label: r.T("setup.senders.networks"), Hint: r.T("setup.senders.networks.hint"), Value: networks, Max: 2000}
	if wrong {
		page.Networks.Error = r.T("setup.fault", "Example", "192.0.2.25, 198.51.100.0/28")
	}
	if len(c.Senders.Networks) > 0 {
		page.Has = append(page.Has, r.T("setup.senders.way.own")+": "+networks)
	}
	for _, s := range c.Senders.Shared {
		page.Has = append(page.Has, s.Name)
	}
	page.Guides = guides(r, c.SMTP.Hostname, secret)
	return r.PageWith(status, "wizard/senders", page)
}

func (d *Door) saveSenders(r *web.Request) error {
	way, secret := r.Form("way"), ""
	err := d.m.Change(func(c *config.Config) (err error) {
		if way == wayOwn {
			c.Senders.Networks = nil
			return errors.Join(c.SetText("senders.networks", r.Form("networks")), some(c.Senders.Networks))
		}
		if _, ok := sharedNames[way]; !ok {
			return &config.Fault{Key: "senders.networks"}
		}
		secret, err = d.share(c, way)
		return err
	})
	if len(config.FaultsOf(err)) > 0 {
		return d.showSenders(r, http.StatusUnprocessableEntity, true, "", "", &web.Alert{Tone: web.Danger, Text: r.T("setup.faults")})
	}
	if err != nil {
		return err
	}
	if err := d.m.Mark(r.Context(), actor(r), Senders, Done); err != nil {
		return err
	}
	return d.showSenders(r, http.StatusOK, false, way, secret, &web.Alert{Tone: web.Success, Text: r.T("setup.saved")})
}

func some(list []string) error {
	if len(list) == 0 {
		return &config.Fault{Key: "senders.networks"}
	}
	return nil
}

// share lets a relay in that others use too: each mail must bring a secret of ours, which a
// rule of the house's tenant sets. The one before goes on until its rule has the new one.
func (d *Door) share(c *config.Config, way string) (secret string, err error) {
	var b [32]byte
	rand.Read(b[:]) // never fails
	secret = hex.EncodeToString(b[:])
	path, err := d.m.KeepSecret("transport-rule-"+way+"-"+strings.ToLower(rand.Text()[:6]), secret)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(c.Senders.Shared, func(s config.Shared) bool { return s.Name == sharedNames[way] })
	if i < 0 {
		c.Senders.Shared = append(c.Senders.Shared, config.Shared{Name: sharedNames[way], Networks: sharedNetworks[way], Header: proofHeader, SecretFiles: []string{path}})
		return secret, nil
	}
	s := &c.Senders.Shared[i]
	for _, old := range s.SecretFiles[min(1, len(s.SecretFiles)):] {
		if err := d.m.DropSecret(old); err != nil {
			return "", err
		}
	}
	s.Header, s.SecretFiles = proofHeader, append([]string{path}, s.SecretFiles[:min(1, len(s.SecretFiles))]...)
	return secret, nil
}
