package intake

import (
	"fmt"
	"net/textproto"
	"regexp"
	"strings"

	"sigill/appliance/mail"
)

// maxCase is the longest case number, in bytes.
const maxCase = 100

// isTag is how a language is named (RFC 5646, 2.1, as far as people write it).
var isTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// Headers reads X-Sigill-Level, -Phone, -Lifetime, -Receipt, -Case and -Language. found says that
// there was one of the six; then the whole mail is asked to be secure. A value that is
// not understood, or one field twice with different values, is Invalid and names
// the field. Other X-Sigill fields are the house's own and mean nothing here.
func (g Grammar) Headers(h textproto.MIMEHeader) (tag Tag, found bool, err error) {
	for _, name := range []string{"Level", "Phone", "Lifetime", "Receipt", "Case", "Language"} {
		field := "X-Sigill-" + name
		for i, v := range h.Values(field) {
			found = true
			var f faults
			v = strings.TrimSpace(words(v, &f))
			if i > 0 && v != strings.TrimSpace(words(h.Values(field)[0], &f)) {
				return tag, true, ambiguous(field)
			}
			if err := g.header(&tag, name, v); err != nil {
				return tag, true, err
			}
		}
	}
	return tag, found, nil
}

func (g Grammar) header(tag *Tag, name, v string) error {
	bad := mail.E(mail.Invalid, "error.header.value", fmt.Errorf("intake: X-Sigill-%s not understood", name)).Tell("field", "X-Sigill-"+name)
	low := strings.ToLower(v)
	switch name {
	case "Level":
		level, ok := levelWords[low]
		if !ok {
			return bad
		}
		tag.Level, tag.LevelSet = level, true
	case "Phone":
		phone, err := g.Phone(v)
		if err != nil {
			return err
		}
		tag.Phone = phone
	case "Lifetime":
		life, ok := lifetime(low)
		if !ok {
			return bad
		}
		tag.Lifetime = life
	case "Receipt":
		switch low {
		case "yes", "mail", "true", "1", "ja", "kyllä", "on":
			tag.Receipt = mail.ReceiptMail
		case "sms":
			tag.Receipt = mail.ReceiptSMS
		case "no", "false", "0", "nej", "nei", "ei", "off":
		default:
			return bad
		}
		tag.ReceiptSet = true
	case "Case":
		one, cut := line(v, maxCase)
		if cut || len(one) > maxCase {
			return bad
		}
		tag.Case = one
	case "Language":
		if !isTag.MatchString(v) {
			return bad
		}
		tag.Lang = low
	}
	return nil
}

// asked reads the same from a header as intake keeps it.
func (g Grammar) asked(h header) (Tag, bool, error) {
	m := textproto.MIMEHeader{}
	for _, f := range h {
		if strings.HasPrefix(f.name, "x-sigill-") {
			m.Add(f.name, f.value)
		}
	}
	return g.Headers(m)
}
