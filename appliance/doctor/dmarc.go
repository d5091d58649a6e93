package doctor

import (
	"context"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// checkDMARC says whether the domain in From protects itself, and whether our notices will
// be found to come from it: by SPF where the envelope's domain belongs to it, else only if
// the smarthost signs for it (RFC 7489, 3.1).
func checkDMARC(ctx context.Context, r Resolver, q MailQuestion) []Finding {
	const check = "dns.dmarc"
	_, from, ok := strings.Cut(q.From, "@")
	if !ok {
		return nil
	}
	policy, at, err := dmarcPolicy(ctx, r, from)
	switch {
	case err != nil:
		return []Finding{unasked(check, "_dmarc."+from)}
	case policy == nil:
		f := finding(Warn, check, "doctor.dmarc.none", "Domain", from)
		f.Records = []Record{{"_dmarc." + organisational(from), "TXT", "v=DMARC1; p=none; rua=mailto:postmaster@" + organisational(from)}}
		return []Finding{f}
	}
	if Aligned(from, q.Own, policy["aspf"] == "s") {
		return []Finding{good(check)}
	}
	if len(q.DKIM) > 0 {
		return []Finding{good(check)} // the smarthost signs; whether its key is there is checkDKIM's
	}
	f := finding(Warn, check, "doctor.dmarc.apart", "Domain", from, "Own", q.Own)
	if want := policy["p"]; at == from && (want == "reject" || want == "quarantine") || at != from && strict(policy) {
		f.Grave = Fault
	}
	return []Finding{f}
}

// strict reports whether a policy that was found at the organisation's domain lets mail of
// its sub-domains be refused.
func strict(policy map[string]string) bool {
	p := policy["sp"]
	if p == "" {
		p = policy["p"]
	}
	return p == "reject" || p == "quarantine"
}

// dmarcPolicy returns the tags of a domain's record, or of its organisation's (RFC 7489,
// 6.6.3), and where it stands; nil if there is none.
func dmarcPolicy(ctx context.Context, r Resolver, domain string) (tags map[string]string, at string, err error) {
	for _, at := range []string{domain, organisational(domain)} {
		found, err := texts(ctx, r, "_dmarc."+at, func(s string) bool { return strings.HasPrefix(s, "v=DMARC1") })
		if err != nil {
			return nil, at, err
		}
		if len(found) == 1 { // with several none holds
			return tagsOf(found[0]), at, nil
		}
	}
	return nil, domain, nil
}

// tagsOf reads a tag list: RFC 6376, 3.2. Values that matter here are words.
func tagsOf(record string) map[string]string {
	tags := map[string]string{}
	for part := range strings.SplitSeq(record[:min(len(record), 4096)], ";") {
		if k, v, ok := strings.Cut(part, "="); ok {
			tags[strings.ToLower(strings.TrimSpace(k))] = strings.ToLower(strings.TrimSpace(v))
		}
	}
	return tags
}

// Aligned reports whether a domain that was proven lets mail pass in the name of another:
// RFC 7489, 3.1.1 and 3.1.2.
func Aligned(from, proven string, strict bool) bool {
	from, proven = strings.ToLower(from), strings.ToLower(proven)
	return from == proven || !strict && organisational(from) == organisational(proven)
}

// organisational is the domain that somebody has registered, above a name.
func organisational(domain string) string {
	o, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain // itself a public suffix, or of no tree that is known
	}
	return o
}

// checkDKIM says whether the keys of the selectors are there.
func checkDKIM(ctx context.Context, r Resolver, q MailQuestion) []Finding {
	const check = "dns.dkim"
	_, from, ok := strings.Cut(q.From, "@")
	if !ok || len(q.DKIM) == 0 {
		return nil
	}
	var list []Finding
	for _, selector := range q.DKIM {
		name := selector + "._domainkey." + from
		all, err := texts(ctx, r, name, func(s string) bool { return strings.Contains(s, "p=") })
		switch {
		case err != nil:
			list = append(list, unasked(check, name))
		case len(all) == 0:
			list = append(list, finding(Fault, check, "doctor.dkim.none", "Name", name))
		case tagsOf(all[0])["p"] == "": // RFC 6376, 3.6.1: the key was revoked
			list = append(list, finding(Fault, check, "doctor.dkim.revoked", "Name", name))
		}
	}
	if len(list) == 0 {
		list = append(list, good(check))
	}
	return list
}
