package mail

import (
	"crypto/rand"
	"strings"
	"time"
)

// Domain is a mail domain that an administrator has added to those of the configuration.
// Once it is proven, whoever has an address there is one of the house.
type Domain struct {
	Name   string // lower case, as people write it
	Token  [16]byte
	Proof  DomainProof
	At     time.Time
	Proven time.Time // zero: not yet
}

// DomainProof says by what a domain is known to be the house's.
type DomainProof uint8

// The proofs.
const (
	Unproven    DomainProof = iota
	ProvenByDNS             // a TXT record there holds the token
	Vouched                 // an administrator has said so, where no DNS can be asked
)

// NewDomain returns a domain that is still to be proven. The error is Invalid for what is
// no domain with a dot in it.
func NewDomain(name string, at time.Time) (Domain, error) {
	a, err := ParseAddress("x@" + strings.TrimSpace(name))
	if err != nil || !strings.Contains(a.Domain(), ".") {
		return Domain{}, E(Invalid, "error.domain", nil)
	}
	d := Domain{Name: a.Domain(), At: at}
	rand.Read(d.Token[:])
	return d, nil
}
