package doctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
)

// MailDNS says whether other servers will believe our mail and find the way back: SPF for
// the envelope's domain as RFC 7208 evaluates it, DMARC for the domain in From, DKIM where a
// selector is known, the MX of our own domain, and the reverse name of each address. Each
// finding has the exact records to be added.
func MailDNS(ctx context.Context, r Resolver, q MailQuestion) []Finding {
	q.Out = public(q.Out)
	list := checkSPF(ctx, r, q)
	list = append(list, checkDMARC(ctx, r, q)...)
	list = append(list, checkDKIM(ctx, r, q)...)
	list = append(list, checkMX(ctx, r, q)...)
	return append(list, checkPTR(ctx, r, q)...)
}

// public are the addresses by which the world may see us. In a house's own network it sees none.
func public(list []netip.Addr) (out []netip.Addr) {
	for _, ip := range list {
		if ip = ip.Unmap(); ip.IsGlobalUnicast() && !ip.IsPrivate() {
			out = append(out, ip)
		}
	}
	return out
}

// checkSPF asks as a server would that gets our mail from one of our addresses. The
// envelope's sender is an address of the domain Own (RFC 7208, 2.4), so it is that domain
// which must name them.
func checkSPF(ctx context.Context, r Resolver, q MailQuestion) []Finding {
	const check = "dns.spf"
	records, err := spfRecords(ctx, r, q.Own)
	switch {
	case err != nil:
		return []Finding{unasked(check, q.Own)}
	case len(records) == 0 && len(q.Out) == 0:
		// A record that names nobody would have every mail of ours refused.
		return []Finding{finding(Fault, check, "doctor.spf.none", "Domain", q.Own), finding(Note, check, "doctor.spf.unknown", "Domain", q.Own)}
	case len(records) == 0:
		f := finding(Fault, check, "doctor.spf.none", "Domain", q.Own)
		f.Records = []Record{{q.Own, "TXT", wantedSPF("", q.Out)}}
		return []Finding{f}
	case len(records) > 1: // RFC 7208, 4.5: then the result is permerror
		return []Finding{finding(Fault, check, "doctor.spf.many", "Domain", q.Own)}
	case len(q.Out) == 0:
		return []Finding{finding(Note, check, "doctor.spf.unknown", "Domain", q.Own)}
	}
	var list []Finding
	for _, ip := range q.Out {
		result, err := spf.CheckHostWithSender(net.IP(ip.AsSlice()), q.Hostname, "returns@"+q.Own, spf.WithContext(ctx), spf.WithResolver(r))
		if result != spf.Pass {
			list = append(list, refused(q, records[0], ip, result, err))
		}
	}
	if len(list) == 0 {
		list = append(list, good(check))
	}
	return list
}

func refused(q MailQuestion, record string, ip netip.Addr, result spf.Result, err error) Finding {
	const check = "dns.spf"
	switch {
	case result == spf.TempError:
		return unasked(check, q.Own)
	case errors.Is(err, spf.ErrLookupLimitReached), errors.Is(err, spf.ErrVoidLookupLimitReached): // RFC 7208, 4.6.4
		return finding(Fault, check, "doctor.spf.deep", "Domain", q.Own)
	case result == spf.PermError:
		return finding(Fault, check, "doctor.spf.wrong", "Domain", q.Own, "Record", shown(record))
	}
	f := finding(Fault, check, "doctor.spf.refused", "Domain", q.Own, "Address", ip.String(), "Record", shown(record))
	if !q.Sure {
		f.Grave, f.What = Warn, "doctor.spf.perhaps"
	}
	f.Records = []Record{{q.Own, "TXT", wantedSPF(record, q.Out)}}
	return f
}

// spfRecords are the texts that are SPF's: RFC 7208, 4.5.
func spfRecords(ctx context.Context, r Resolver, domain string) ([]string, error) {
	return texts(ctx, r, domain, func(s string) bool {
		return strings.EqualFold(s, "v=spf1") || len(s) > 7 && strings.EqualFold(s[:7], "v=spf1 ")
	})
}

func texts(ctx context.Context, r Resolver, name string, ours func(string) bool) (list []string, err error) {
	all, err := r.LookupTXT(ctx, name)
	if err != nil && !absent(err) {
		return nil, err
	}
	for _, s := range all {
		if ours(s) {
			list = append(list, s)
		}
	}
	return list, nil
}

// wantedSPF is a record that names our addresses: the one there is with them put first, so
// that what it says of others is kept.
func wantedSPF(record string, out []netip.Addr) string {
	var b strings.Builder
	b.WriteString("v=spf1")
	for _, ip := range out {
		kind := " ip4:"
		if ip.Is6() {
			kind = " ip6:"
		}
		if !strings.Contains(record+" ", kind+ip.String()+" ") {
			b.WriteString(kind + ip.String())
		}
	}
	if _, rest, ok := strings.Cut(record, " "); ok && len(rest) < 1000 {
		return b.String() + " " + printable(rest)
	}
	return b.String() + " -all"
}

// checkMX says whether answers and bounces find the way to us.
func checkMX(ctx context.Context, r Resolver, q MailQuestion) []Finding {
	const check = "dns.mx"
	found, err := r.LookupMX(ctx, q.Own)
	if err != nil && !absent(err) {
		return []Finding{unasked(check, q.Own)}
	}
	if len(found) == 0 {
		f := finding(Fault, check, "doctor.mx.none", "Domain", q.Own)
		f.Records = []Record{{q.Own, "MX", "10 " + q.Hostname}}
		return []Finding{f}
	}
	var others []string
	for _, mx := range found {
		host := strings.TrimSuffix(mx.Host, ".")
		if strings.EqualFold(host, q.Hostname) {
			return []Finding{good(check)}
		}
		others = append(others, shown(host))
	}
	// A relay of the house may well stand before us; it must be told the way by somebody.
	return []Finding{finding(Note, check, "doctor.mx.relay", "Domain", q.Own, "Host", strings.Join(others[:min(3, len(others))], ", "))}
}

// checkPTR asks for each address's reverse name, and whether that leads back: many servers
// take no mail without (RFC 1912, 2.1).
func checkPTR(ctx context.Context, r Resolver, q MailQuestion) []Finding {
	const check = "dns.ptr"
	var list []Finding
	for _, ip := range q.Out {
		names, err := r.LookupAddr(ctx, ip.String())
		if err != nil && !absent(err) {
			return []Finding{unasked(check, ip.String())}
		}
		if slices.ContainsFunc(names, func(n string) bool { return leadsTo(ctx, r, n, ip) }) {
			continue
		}
		f := finding(Warn, check, "doctor.ptr.back", "Address", ip.String(), "Name", shown(strings.Join(names[:min(1, len(names))], "")))
		if len(names) == 0 {
			f = finding(Warn, check, "doctor.ptr.none", "Address", ip.String())
		}
		list = append(list, f)
	}
	if len(q.Out) > 0 && len(list) == 0 {
		list = append(list, good(check))
	}
	return list
}

func leadsTo(ctx context.Context, r Resolver, name string, ip netip.Addr) bool {
	found, err := Addresses(ctx, r, strings.TrimSuffix(name, "."))
	return err == nil && slices.Contains(found, ip.Unmap())
}

// unasked is the finding of a question that DNS has not answered: nothing is known.
func unasked(check, name string) Finding {
	return finding(Note, check, silent, "Name", shown(name))
}

// shown is what DNS has said, as it may stand in a sentence: bounded, and of printable ASCII
// alone. It is foreign: whoever owns a zone writes it.
func shown(s string) string {
	const most = 300
	if s = printable(s); len(s) > most {
		s = s[:most] + "…"
	}
	return s
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
