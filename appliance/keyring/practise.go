package keyring

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"sigill/appliance/seal"
)

// Known is what an installation knows of its kit: public halves, and of K_app a hash.
// Pages are held against it to see whether they are good, and nothing is opened.
type Known struct {
	Installation string  `json:"installation"`
	Sharing      Sharing `json:"sharing"`
	Backup       string  `json:"backup"`   // B's age recipient
	App          string  `json:"app"`      // base64 of HKDF(K_app, "known")
	Recovery     string  `json:"recovery"` // base64 of SHA-256 of R's public half
}

// Known returns what this installation knows of its kit.
func (a *App) Known(s Sharing, backup string, recovery seal.PublicKey) Known {
	r := sha256.Sum256(recovery.Bytes())
	return Known{
		Installation: InstallationOf(a.salt).String(), Sharing: s, Backup: backup,
		App: knownApp(a.kapp), Recovery: base64.StdEncoding.EncodeToString(r[:]),
	}
}

func knownApp(kapp seal.Secret) string {
	h := seal.Derive(seal.NewContext("known"), kapp)
	return base64.StdEncoding.EncodeToString(h.Bytes())
}

// Shown is what a practice has shown to be good.
type Shown struct{ Backup, App, Recovery bool }

// Whole reports whether every page that is needed was there and good.
func (s Shown) Whole() bool { return s.Backup && s.App && s.Recovery }

// Practise holds pages against what the installation knows. Pages may be missing; Shown
// says which were good. The error is the first page that is wrong, in words.
func (k Known) Practise(pages []Page) (Shown, error) {
	var s Shown
	var shares []Page
	for _, p := range pages {
		if p.Installation != (Installation{}) && p.Installation.String() != k.Installation {
			return s, fmt.Errorf("a page is of the installation %s; this one is %s", p.Installation, k.Installation)
		}
		switch p.Kind {
		case PageApp:
			if knownApp(p.secret) != k.App {
				return s, errors.New("page 2 is not this installation's appliance key")
			}
			s.App = true
		case PageShare:
			shares = append(shares, p)
		case PageBackup, PageIdentity:
			if err := k.identity(p, &s); err != nil {
				return s, err
			}
		}
	}
	if len(shares) == 0 {
		return s, nil
	}
	c, err := Combine(shares)
	if err != nil {
		return s, err
	}
	if !k.isRecovery(c.Recovery) {
		return s, errors.New("the shares are of another recovery kit: this installation's R is another one")
	}
	s.Recovery = true
	return s, nil
}

// identity takes an age identity for what it is: B, or R of a kit from before there were
// shares. H of such a kit proves nothing and is passed over.
func (k Known) identity(p Page, s *Shown) error {
	r, err := Recipient(p.secret)
	switch {
	case err != nil:
		return err
	case r == k.Backup:
		s.Backup = true
	case k.Sharing == Sharing{} && k.isRecovery(p.secret):
		s.Recovery = true
	case k.Sharing != Sharing{}:
		return errors.New("page 1 is not this installation's backup identity")
	}
	return nil
}

func (k Known) isRecovery(seed seal.Secret) bool {
	h, err := base64.StdEncoding.DecodeString(k.Recovery)
	return err == nil && len(h) == 32 && isRecovery(seed, [32]byte(h))
}

// Custody joins the pages that hold R: shares, or of a kit from before there were any the
// identity that is R's.
func (k Request) Custody(pages []Page) (Custody, error) {
	var shares []Page
	for _, p := range pages {
		if p.Installation != (Installation{}) && p.Installation != k.Installation {
			return Custody{}, fmt.Errorf("a page is of the installation %s; the request is of %s", p.Installation, k.Installation)
		}
		switch {
		case p.Kind == PageShare:
			shares = append(shares, p)
		case p.Kind == PageIdentity && k.Sharing == Sharing{} && isRecovery(p.secret, k.recovery):
			return Custody{Recovery: p.secret}, nil
		}
	}
	if len(shares) == 0 {
		return Custody{}, errors.New("none of the pages holds R: page 3 of the kit is needed")
	}
	return Combine(shares)
}
