package office

import (
	"context"
	"encoding/base32"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// domainReads and domainWrites are what the office does with domains.
type domainReads interface {
	Domains() ([]mail.Domain, error)
}

type domainWrites interface {
	PutDomain(mail.Domain) error
	DeleteDomain(name string) error
}

// OurDomains returns the domains whose people are the house's: those of the
// configuration, and those that were added and are proven. The list must not be changed.
func (o *Office) OurDomains() []string {
	if added := o.domains.Load(); added != nil {
		return *added
	}
	return o.Domains()
}

// loadDomains reads which domains are the house's.
func (o *Office) loadDomains(tx ReadTx) error {
	rows, err := tx.Domains()
	if err != nil {
		return err
	}
	list := slices.Clone(o.Domains())
	for _, d := range rows {
		if d.Proof != mail.Unproven {
			list = append(list, d.Name)
		}
	}
	o.domains.Store(&list)
	return nil
}

// AddedDomains returns the domains that administrators have added, by name.
func (o *Office) AddedDomains(ctx context.Context) (list []mail.Domain, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		list, err = tx.Domains()
		return err
	})
	return list, err
}

// Challenge is the DNS record by which the owner of a domain shows that it is theirs: a
// TXT record of its own below the domain, with a random value.
func Challenge(d mail.Domain) (name, value string) {
	host := d.Name
	if s, err := idna.Lookup.ToASCII(d.Name); err == nil {
		host = s
	}
	return "_sigill-challenge." + host, "sigill-domain=" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(d.Token[:]))
}

// maxDomains bounds those that are added.
const maxDomains = 200

// AddDomain adds a domain that is still to be proven. The errors for people are Invalid;
// who is no administrator gets Absent, as of all below.
func (o *Office) AddDomain(ctx context.Context, by mail.Actor, name string) (mail.Domain, error) {
	d, err := mail.NewDomain(name, o.Clock.Now())
	if err != nil {
		return d, err
	}
	return d, o.changeDomains(ctx, by, journal.DomainAdded, d.Name, "", func(tx Tx, rows []mail.Domain) error {
		known := func(other string) bool { return sameDomain(other, d.Name) }
		if suffix, _ := publicsuffix.PublicSuffix(d.Name); suffix == d.Name {
			return mail.E(mail.Invalid, "error.domain", nil) // half the world has an address below it
		}
		if slices.ContainsFunc(o.Domains(), known) || slices.ContainsFunc(rows, func(r mail.Domain) bool { return known(r.Name) }) || sameDomain(o.Own, d.Name) {
			return mail.E(mail.Invalid, "error.domain.known", nil)
		}
		if len(rows) >= maxDomains {
			return mail.E(mail.Invalid, "error.domain.many", nil)
		}
		return tx.PutDomain(d)
	})
}

// sameDomain reports whether two spellings are of one domain (RFC 5890, 2.3.2.1).
func sameDomain(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if !odd(a) && !odd(b) {
		return false // asked for each mail
	}
	x, err1 := idna.Lookup.ToASCII(a)
	y, err2 := idna.Lookup.ToASCII(b)
	return err1 == nil && err2 == nil && x == y
}

// odd reports whether a domain has more than one spelling.
func odd(domain string) bool {
	return strings.Contains(domain, "xn--") || strings.ContainsFunc(domain, func(r rune) bool { return r >= 0x80 })
}

// lookupTime is how long DNS may take; somebody waits.
const lookupTime = 10 * time.Second

// ProveDomain asks DNS for a domain's record, and makes the domain the house's if it is
// there. The errors for people are Invalid, if it is not, and Again, if DNS does not
// answer.
func (o *Office) ProveDomain(ctx context.Context, by mail.Actor, name string) error {
	d, err := o.addedDomain(ctx, by, name)
	if err != nil {
		return err
	}
	host, value := Challenge(d)
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	texts, err := o.LookupTXT(ctx, host+".") // absolute: no search list
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
	case err != nil:
		return mail.E(mail.Again, "error.domain.dns", err)
	}
	if !slices.ContainsFunc(texts, func(s string) bool { return strings.TrimSpace(s) == value }) {
		return mail.E(mail.Invalid, "error.domain.txt", nil)
	}
	return o.proven(context.WithoutCancel(ctx), by, d, mail.ProvenByDNS)
}

// VouchDomain makes a domain the house's by an administrator's word, where no DNS can be
// asked. typed is its name once more: everybody with an address there becomes one of the
// house. The error is Invalid if it is another.
func (o *Office) VouchDomain(ctx context.Context, by mail.Actor, name, typed string) error {
	d, err := o.addedDomain(ctx, by, name)
	if err != nil {
		return err
	}
	if !sameDomain(strings.TrimSpace(typed), d.Name) {
		return mail.E(mail.Invalid, "error.domain.typed", nil)
	}
	return o.proven(ctx, by, d, mail.Vouched)
}

func (o *Office) addedDomain(ctx context.Context, by mail.Actor, name string) (d mail.Domain, err error) {
	if err := o.administers(by); err != nil {
		return d, err
	}
	list, err := o.AddedDomains(ctx)
	if err != nil {
		return d, err
	}
	i := slices.IndexFunc(list, func(d mail.Domain) bool { return d.Name == name })
	if i < 0 {
		return d, absent()
	}
	return list[i], nil
}

func (o *Office) administers(by mail.Actor) error {
	if by.Kind == mail.ActorSystem || o.Roles(by.ID)&mail.RoleAdmin != 0 {
		return nil
	}
	return absent()
}

// proven writes that a domain is the house's. One that is stays as it was proven.
func (o *Office) proven(ctx context.Context, by mail.Actor, d mail.Domain, how mail.DomainProof) error {
	detail := map[mail.DomainProof]string{mail.ProvenByDNS: "dns", mail.Vouched: "word"}[how]
	return o.changeDomains(ctx, by, journal.DomainProven, d.Name, detail, func(tx Tx, rows []mail.Domain) error {
		i := slices.IndexFunc(rows, func(r mail.Domain) bool { return r.Name == d.Name && r.Token == d.Token })
		if i < 0 {
			return absent() // taken away meanwhile
		}
		if rows[i].Proof == mail.ProvenByDNS {
			return errSettled
		}
		d.Proof, d.Proven = how, tx.Now()
		return tx.PutDomain(d)
	})
}

// RemoveDomain takes an added domain away. The error is Invalid while anybody who has been
// here, or has a place, has an address there: they would be of the house no more. Whom only
// a letter has made is a stranger again; what came to them waits behind their invitation.
func (o *Office) RemoveDomain(ctx context.Context, by mail.Actor, name string) error {
	return o.changeDomains(ctx, by, journal.DomainRemoved, name, "", func(tx Tx, rows []mail.Domain) error {
		ours := slices.ContainsFunc(rows, func(d mail.Domain) bool { return d.Name == name && d.Proof != mail.Unproven })
		used := false
		o.Tree(func(t *org.Tree) { used = t.HasDomain(func(d string) bool { return sameDomain(d, name) }) })
		if ours && used {
			return mail.E(mail.Invalid, "error.domain.used", nil)
		}
		return tx.DeleteDomain(name)
	})
}

// changeDomains does an act on the domains, and then knows them anew. Nobody becomes a
// person of the house meanwhile by an organiser's hand.
func (o *Office) changeDomains(ctx context.Context, by mail.Actor, kind, name, detail string, act func(tx Tx, rows []mail.Domain) error) error {
	if err := o.administers(by); err != nil {
		return err
	}
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	err := o.Store.Update(ctx, func(tx Tx) error {
		rows, err := tx.Domains()
		if err != nil {
			return err
		}
		if err := act(tx, rows); err != nil {
			return err
		}
		if detail != "" {
			detail = " " + detail
		}
		return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Detail: name + detail})
	})
	if errors.Is(err, errSettled) {
		return nil
	}
	if err != nil {
		return err
	}
	return o.Store.View(context.WithoutCancel(ctx), o.loadDomains)
}
