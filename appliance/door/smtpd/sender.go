package smtpd

import (
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

// class says by which right a mail comes in; see the package comment.
type class uint8

const (
	classNone  class = iota
	classHouse       // (a) from the house
	classOurs        // (b) to an address that we made
	classPeer        // (c) from a gateway
)

var classNames = [...]string{"none", "house", "ours", "peer"}

func (c class) String() string { return classNames[c] }

// proof says by what a sender has shown to be of the house.
type proof uint8

const (
	proofNone    proof = iota
	proofPending       // a shared relay: the content must prove it
	proofNetwork
	proofCert
	proofLogin
	proofDKIM
	proofHeader
)

var proofNames = [...]string{"none", "pending", "network", "certificate", "login", "dkim", "header"}

func (p proof) String() string { return proofNames[p] }

// proof finds what the connection itself proves for this mail. The null sender
// proves nothing, and no proof holds for a MAIL FROM that is not the house's:
// else whoever can make the house's relay forward a mail would be the house.
func (s *session) proof(tx *transaction) proof {
	r := &tx.rules
	switch {
	case tx.from == "" || !r.inHouse(tx.from.Domain()):
		return proofNone
	case s.login != nil:
		if s.login.may(tx.from) {
			return proofLogin
		}
		return proofNone
	case within(r.Trusted, s.w.peer):
		return proofNetwork
	case s.certified(r):
		return proofCert
	case len(r.shared(s.w.peer)) > 0:
		return proofPending
	}
	return proofNone
}

// certified compares the client's certificate with the pinned ones by its public
// key alone. Name, issuer and dates say nothing here: TLS has shown that the
// client holds the key, and the administrator has named the key.
func (s *session) certified(r *Rules) bool {
	if s.w.tls == nil || len(s.w.tls.PeerCertificates) == 0 {
		return false
	}
	return slices.Contains(r.TrustedCerts, sha256.Sum256(s.w.tls.PeerCertificates[0].RawSubjectPublicKeyInfo))
}

// class decides on one recipient. Each refusal that says who we are or what
// exists here is the same, errRefused.
func (s *session) class(tx *transaction, to string) (class, error) {
	at := strings.LastIndexByte(to, '@')
	local, domain := to[:at], to[at+1:]
	if sameDomain(domain, tx.rules.Own) {
		if s.srv.ours(local) {
			return classOurs, nil
		}
		return classNone, s.srv.refusal(true)
	}
	if tx.proof != proofNone {
		// Whether the recipient is secure is known when the subject is: Recipient
		// only says here whether it can be one at all.
		if _, _, err := tx.rules.Reader.Recipient(to); err != nil {
			return classNone, s.srv.answer(tx, atEnvelope, err)
		}
		return classHouse, nil
	}
	if within(tx.rules.Peers, s.w.peer) && tx.rules.inHouse(domain) {
		if _, err := mail.ParseAddress(to); err == nil {
			return classPeer, nil
		}
	}
	return classNone, s.srv.refusal(tx.rules.known(s.w.peer) || s.certified(&tx.rules))
}

// refusal is what somebody hears who may not do this, as far as is known. While the appliance
// is locked that is not known of everybody: may is for those who perhaps may, and try again.
func (srv *Server) refusal(may bool) *smtp.SMTPError {
	if srv.locked && may {
		return errShut
	}
	return errRefused
}

// author checks that From is one address, and whose it is. Two From fields would
// let one reader see the proven one and another reader the other.
func (s *session) author(tx *transaction, h header) (mail.Address, *smtp.SMTPError) {
	from, ok := h.author()
	if !ok {
		return "", errAuthor
	}
	if !tx.rules.inHouse(from.Domain()) {
		return "", s.srv.refusal(true)
	}
	if s.login != nil && !s.login.may(from) {
		return "", errRefused
	}
	return from, nil
}
