package org

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sigill/appliance/mail"
)

// Conformance says how far the pages meet the law on accessibility.
type Conformance string

// What a statement may say; the law's model text knows these three.
const (
	MeetsPartly Conformance = "partly"
	MeetsFully  Conformance = "fully"
	MeetsNot    Conformance = "not"
)

// Bounds of a statement, in characters.
const (
	MaxStatement = 4000 // of each text
	maxURL       = 300
)

// Statement is what the organisation says of how accessible the pages are (6-integrations.md,
// 4.1: law 2018:1937). It is public, and stands in clear. What is left empty the page fills
// with what is true of the product.
type Statement struct {
	Meets   Conformance `json:"meets,omitempty"`
	Lacks   string      `json:"lacks,omitempty"`   // what does not meet the law, and what else one can do
	Burden  string      `json:"burden,omitempty"`  // what would be a disproportionate burden (12 §)
	Outside string      `json:"outside,omitempty"` // what the law does not reach (9 §)
	Tested  string      `json:"tested,omitempty"`  // how it was assessed
	On      time.Time   `json:"on,omitzero"`       // the day of that
	// Body supervises, and BodyURL is where one complains, in a country for which we know none.
	Body    string `json:"body,omitempty"`
	BodyURL string `json:"bodyUrl,omitempty"`
	// Official is the statement that the country wants in a tool of its own.
	Official string `json:"official,omitempty"`
	// Mailbox is the function mailbox to which feedback comes; zero: an administrator's own.
	Mailbox mail.ID   `json:"mailbox,omitzero"`
	At      time.Time `json:"at,omitzero"` // when it was last changed; zero: never
}

// Clean takes blanks off the ends and refuses what would not be true or could not be shown.
// The error is Invalid.
func (s Statement) Clean() (Statement, error) {
	for _, text := range []*string{&s.Lacks, &s.Burden, &s.Outside, &s.Tested, &s.Body} {
		*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
		odd := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
		if !utf8.ValidString(*text) || utf8.RuneCountInString(*text) > MaxStatement || strings.ContainsFunc(*text, odd) {
			return s, mail.E(mail.Invalid, "error.statement.long", nil)
		}
	}
	for _, address := range []*string{&s.BodyURL, &s.Official} {
		*address = strings.TrimSpace(*address)
		if u, err := url.Parse(*address); *address != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(*address) > maxURL) {
			return s, mail.E(mail.Invalid, "error.statement.url", err)
		}
	}
	switch s.Meets {
	case "":
		s.Meets = MeetsPartly
	case MeetsPartly, MeetsNot:
	case MeetsFully:
		if s.Lacks+s.Burden != "" {
			return s, mail.E(mail.Invalid, "error.statement.fully", nil)
		}
	default:
		return s, mail.E(mail.Invalid, "error.statement.meets", nil)
	}
	return s, nil
}
