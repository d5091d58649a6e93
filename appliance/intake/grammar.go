package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"sigill/appliance/mail"
)

// Grammar is how an organisation's senders say that a mail is secure. The zero
// value knows no trigger. It is read only and may be shared.
type Grammar struct {
	Triggers  map[string]mail.Level // lower-case label, such as "s", and its level
	Country   string                // ISO 3166 of national numbers, "SE"
	Countries []string              // ISO 3166 of the countries whose numbers are allowed

	phones map[string]mail.Phone // those of the mail being read, so that none is read twice
}

// DefaultGrammar returns the contract's grammar for a country: ".s" is
// registered, and the Nordic countries' numbers are allowed.
func DefaultGrammar(country string) Grammar {
	return Grammar{
		Triggers:  map[string]mail.Level{"s": mail.Registered},
		Country:   country,
		Countries: []string{"SE", "DK", "NO", "FI", "IS", "FO", "GL"},
	}
}

// Check says whether the triggers can be used. A trigger that is a top-level
// domain cannot: "anna@post.example.no" would be a secure address at post.example.
// Configuration calls this; the error is Invalid and names the trigger.
func (g Grammar) Check() error {
	for _, t := range g.triggers() {
		bad := mail.E(mail.Invalid, "error.trigger", fmt.Errorf("intake: trigger %q", t)).Tell("trigger", t)
		if len(t) == 0 || len(t) > 20 || !isTrigger(t) || realDomain(t) {
			return bad
		}
	}
	return nil
}

// isTrigger wants letters first, so that no trigger looks like a number.
func isTrigger(t string) bool {
	for i, r := range t {
		if !('a' <= r && r <= 'z' || i > 0 && ('0' <= r && r <= '9' || r == '-')) {
			return false
		}
	}
	return true
}

// triggers returns the labels, the longest first, so that "xs" is found before "s".
func (g Grammar) triggers() []string {
	list := slices.Collect(maps.Keys(g.Triggers))
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return list
}

// realDomain reports whether label is a top-level domain of the Internet.
func realDomain(label string) bool {
	suffix, icann := publicsuffix.PublicSuffix("x." + label)
	return icann && (suffix == label || strings.HasSuffix(suffix, "."+label))
}
