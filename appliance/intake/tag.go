package intake

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sigill/appliance/mail"
)

// Tag is what a sender asked for by a tag in the subject or by header fields.
type Tag struct {
	Level    mail.Level
	LevelSet bool
	Phone    mail.Phone
	Lifetime mail.Lifetime
	Receipt  mail.ReadReceipt
	// ReceiptSet: a header has said whether, and how.
	ReceiptSet bool
	Case       string // by header only; at most 100 bytes
	Lang       string // by header only; lower case. Nobody has looked whether the house speaks it
}

// keywords make a tag of a pair of brackets.
var keywords = map[string]bool{"säker": true, "sikker": true, "secure": true, "turvallinen": true}

var levelWords = map[string]mail.Level{
	"brev": mail.Letter, "letter": mail.Letter, "kirje": mail.Letter,
	"rek": mail.Registered, "rekommenderat": mail.Registered, "registered": mail.Registered, "anbefalet": mail.Registered,
	"rekommandert": mail.Registered, "kirjattu": mail.Registered,
	"eid": mail.InPerson, "e-id": mail.InPerson, "eleg": mail.InPerson,
}

var receiptWords = map[string]mail.ReadReceipt{
	"kvitto": mail.ReceiptMail, "läskvitto": mail.ReceiptMail, "kvittens": mail.ReceiptMail, "receipt": mail.ReceiptMail,
	"kvittering": mail.ReceiptMail, "læsekvittering": mail.ReceiptMail, "lesekvittering": mail.ReceiptMail, "lesebekreftelse": mail.ReceiptMail,
	"kuittaus": mail.ReceiptMail, "lukukuittaus": mail.ReceiptMail,
	"smskvitto": mail.ReceiptSMS, "sms-kvitto": mail.ReceiptSMS, "sms-receipt": mail.ReceiptSMS, "sms-kvittering": mail.ReceiptSMS, "smskvittering": mail.ReceiptSMS,
	"sms-bekreftelse": mail.ReceiptSMS, "tekstiviestikuittaus": mail.ReceiptSMS,
}

// Longest lifetimes that are read; policy bounds them further.
const (
	maxDays  = 3650
	maxHours = 8760
)

// Subject takes the tags out of a decoded subject: "Beslut [säker 070-123 45 67
// 7d]" gives "Beslut". found says that there was one. A word that is not
// known, two different levels, numbers or lifetimes, and a bracket that is not closed
// are Invalid, with the word said: what was meant as secure never passes as
// ordinary. The number of a tag is never said.
//
// Brackets are a tag if the keyword stands first in them. If it stands elsewhere, they are a
// tag if all other words are known; "[not so secure]" is none.
func (g Grammar) Subject(s string) (clean string, tag Tag, found bool, err error) {
	rest := norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	var out strings.Builder
	for {
		i := strings.IndexRune(rest, '[')
		if i < 0 {
			break
		}
		out.WriteString(rest[:i])
		inner, after, closed := strings.Cut(rest[i+1:], "]")
		list := tagWords(inner)
		leads := len(list) > 0 && keywords[list[0]]
		if !closed {
			if leads {
				return s, tag, true, mail.E(mail.Invalid, "error.tag.open", fmt.Errorf("intake: tag without end"))
			}
			out.WriteString(rest[i:])
			rest = ""
			break
		}
		t, unknown, known, terr := g.tag(list)
		if !leads && (!known.keyword || unknown != "" && known.words == 0) {
			out.WriteByte('[')
			rest = rest[i+1:] // there may be a tag inside
			continue
		}
		if unknown != "" {
			return s, tag, true, mail.E(mail.Invalid, "error.tag.word", fmt.Errorf("intake: unknown word in tag")).Tell("word", unknown)
		}
		if terr == nil {
			terr = tag.merge(t)
		}
		if terr != nil {
			return s, tag, true, terr
		}
		found = true
		out.WriteByte(' ')
		rest = after
	}
	out.WriteString(rest)
	if !found {
		return s, Tag{}, false, nil
	}
	return strings.Join(strings.Fields(out.String()), " "), tag, true, nil
}

func tagWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return unicode.IsSpace(r) || r == ',' || r == ';' || unicode.IsControl(r) || turns(r)
	})
}

// understood says what of a pair of brackets was known.
type understood struct {
	keyword bool
	words   int
}

// tag reads the words of a tag. unknown is the first one that means nothing,
// cut for showing.
func (g Grammar) tag(list []string) (t Tag, unknown string, known understood, err error) {
	set := func(one Tag) {
		known.words++
		if e := t.merge(one); e != nil && err == nil {
			err = e
		}
	}
	for i := 0; i < len(list); i++ {
		w := list[i]
		level, isLevel := levelWords[w]
		life, isLife := lifetime(w)
		switch {
		case keywords[w]:
			known.keyword = true
		case isLevel:
			set(Tag{Level: level, LevelSet: true})
		case receiptWords[w] != mail.ReceiptNone:
			set(Tag{Receipt: receiptWords[w], ReceiptSet: true})
		case isLife:
			set(Tag{Lifetime: life})
		case numeric(w): // "070-123 45 67" is one number
			n := w
			for i+1 < len(list) && numeric(list[i+1]) {
				i++
				n += " " + list[i]
			}
			phone, e := g.Phone(n)
			if e != nil && err == nil {
				err = e
			}
			set(Tag{Phone: phone})
		case unknown == "":
			unknown, _ = line(w, 40)
		}
	}
	return t, unknown, known, err
}

func numeric(w string) bool { return strings.Trim(w, "+-–‑()./0123456789") == "" }

// lifetime reads "7d" or "12h".
func lifetime(w string) (mail.Lifetime, bool) {
	digits := len(w) - len(strings.TrimLeft(w, "0123456789"))
	if digits == 0 || digits > 4 {
		return mail.Lifetime{}, false
	}
	n, _ := strconv.Atoi(w[:digits])
	switch w[digits:] {
	case "d", "dag", "dagar", "dage", "dager", "day", "days", "pv", "päivä", "päivää":
		return mail.Lifetime{Days: n}, 0 < n && n <= maxDays
	case "h", "t", "tim", "timmar", "timer", "hour", "hours", "tunti", "tuntia":
		return mail.Lifetime{Hours: n}, 0 < n && n <= maxHours
	}
	return mail.Lifetime{}, false
}

// merge puts what another tag says into t; two that say different things are refused.
func (t *Tag) merge(o Tag) error {
	twice := func(what string) error {
		return mail.E(mail.Invalid, "error.tag.twice", fmt.Errorf("intake: two of %s in the tag", what)).Tell("what", what)
	}
	switch {
	case t.LevelSet && o.LevelSet && t.Level != o.Level:
		return twice("level")
	case t.Phone != "" && o.Phone != "" && t.Phone != o.Phone:
		return twice("number")
	case !t.Lifetime.IsZero() && !o.Lifetime.IsZero() && t.Lifetime != o.Lifetime:
		return twice("lifetime")
	}
	if o.LevelSet {
		t.Level, t.LevelSet = o.Level, true
	}
	if o.Phone != "" {
		t.Phone = o.Phone
	}
	if !o.Lifetime.IsZero() {
		t.Lifetime = o.Lifetime
	}
	t.receipt(o)
	return nil
}

// receipt joins what is said of receipts: an SMS is more than a mail, and a mail than nothing.
func (t *Tag) receipt(o Tag) {
	t.Receipt, t.ReceiptSet = max(t.Receipt, o.Receipt), t.ReceiptSet || o.ReceiptSet
}
