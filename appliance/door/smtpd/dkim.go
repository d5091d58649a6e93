package smtpd

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"sigill/appliance/mail"
)

const (
	maxSignatures = 5                  // looked at, from the top
	maxSignedAge  = 5 * 24 * time.Hour // as long as relays keep mail that they cannot deliver
)

// Resolver looks up DNS TXT records. A passing fault is an error whose
// Temporary method says so, as net.DNSError's does.
type Resolver func(ctx context.Context, name string) ([]string, error)

// errLookup says that a key could not be had just now.
var errLookup = errors.New("smtpd: signing key not available now")

// covered are the fields that change what a mail says or how it goes. Each that
// is there must be signed and be there once: a signature covers the last one of
// a name only, and whoever reads the first would read what nobody signed
// (RFC 6376, 8.15).
var covered = []string{"from", "subject", "content-type", "mime-version", "x-sigill-level", "x-sigill-phone",
	"x-sigill-lifetime", "x-sigill-receipt", "x-sigill-case"}

// signed reports whether the content bears a signature of one of domains that is
// aligned with the author. A signature does not say for whom the mail was: it is
// the weaker of the two proofs behind a shared relay, and grows old.
func (s *session) signed(content []byte, h header, from mail.Address, domains []string) (bool, error) {
	if s.srv.resolve == nil || len(domains) == 0 {
		return false, nil
	}
	for _, name := range covered {
		if len(h.all(name)) > 1 {
			return false, nil
		}
	}
	ctx, cancel := context.WithTimeout(s.srv.base, 20*time.Second)
	defer cancel()
	list, err := dkim.VerifyWithOptions(bytes.NewReader(content), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return s.srv.resolve(ctx, name) },
		MaxVerifications: maxSignatures,
	})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return false, nil
	}
	later := false
	for _, v := range list {
		if !aligned(v.Domain, from, domains) {
			continue
		}
		if v.Err != nil {
			later = later || dkim.IsTempFail(v.Err)
			continue
		}
		if s.fresh(v) && coversAll(v.HeaderKeys, h) {
			return true, nil
		}
	}
	if later {
		return false, errLookup
	}
	return false, nil
}

// aligned: the signer is listed, and is the author's domain or one above it.
func aligned(signer string, from mail.Address, domains []string) bool {
	listed := slices.ContainsFunc(domains, func(d string) bool { return sameDomain(d, signer) })
	domain := ascii(from.Domain())
	return listed && (domain == ascii(signer) || strings.HasSuffix(domain, "."+ascii(signer)))
}

// fresh refuses a signature that says it is old, or from the days to come.
func (s *session) fresh(v *dkim.Verification) bool {
	age := s.srv.clock.Now().Sub(v.Time)
	return v.Time.IsZero() || age < maxSignedAge && age > -time.Hour
}

func coversAll(keys []string, h header) bool {
	for _, name := range covered {
		there := len(h.all(name)) > 0
		if there && !slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, name) }) {
			return false
		}
	}
	return true
}
