package directory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"sigill/appliance/mail"
)

// Attributes that are always asked for. A server passes over what it does not know.
const (
	commonName = "cn"
	// accountControl is Active Directory's: bit 2 (0x0002) is an account that is disabled.
	accountControl = "userAccountControl"
	// locked is the password policy's (draft-behera-ldap-password-policy, 5.3.3). Only
	// lockedForGood was written by somebody: any other time is that of wrong passwords, and
	// who guesses at one must not put its owner out here as well.
	locked        = "pwdAccountLockedTime"
	lockedForGood = "000001010000Z"
)

// maxID is the longest id, in bytes: a GUID has 16, as text 36.
const maxID = 64

func (d *Directory) attributes() []string {
	list := []string{d.c.Mail, d.c.Name, commonName, d.c.ID, accountControl, locked}
	for _, a := range []string{d.c.CostCentre, d.c.Units} {
		if a != "" && a != UnitsDN {
			list = append(list, a)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// entry takes what is asked for out of an entry.
func (d *Directory) entry(e *ldap.Entry) mail.DirectoryEntry {
	p := mail.DirectoryEntry{ID: d.id(e), Address: text(e, d.c.Mail), Name: text(e, d.c.Name), Units: d.units(e), Disabled: disabled(e)}
	if p.Name == "" {
		p.Name = text(e, commonName)
	}
	if d.c.CostCentre != "" {
		p.CostCentre = text(e, d.c.CostCentre)
	}
	return p
}

// id is what stays of an entry; "" if it has none that can be one. Texts are the same in
// any case (entryUUID, RFC 4530); bytes are not (objectGUID, objectSid): 0x41 and 0x61 in
// them are two people.
func (d *Directory) id(e *ldap.Entry) string {
	b := e.GetEqualFoldRawAttributeValue(d.c.ID)
	if len(b) == 0 || len(b) > maxID {
		return ""
	}
	if slices.ContainsFunc(b, func(c byte) bool { return c < ' ' || c > '~' }) {
		return string(b)
	}
	return strings.ToLower(string(b))
}

// units are the departments of an entry, from the top.
func (d *Directory) units(e *ldap.Entry) []string {
	switch d.c.Units {
	case "":
		return nil
	case UnitsDN:
		return d.above(e.DN)
	}
	value := text(e, d.c.Units)
	if value == "" {
		return nil
	}
	if d.c.Separator == "" {
		return []string{value}
	}
	var names []string
	for name := range strings.SplitSeq(value, d.c.Separator) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// above are the ou parts of a name between the base and the entry itself, from the top.
func (d *Directory) above(name string) []string {
	dn, err := ldap.ParseDN(name)
	if err != nil || !d.base.AncestorOfFold(dn) {
		return nil
	}
	var names []string
	between := dn.RDNs[1 : len(dn.RDNs)-len(d.base.RDNs)] // the first is the person's own
	for _, rdn := range slices.Backward(between) {
		for _, a := range rdn.Attributes {
			if strings.EqualFold(a.Type, "ou") {
				names = append(names, clean(a.Value))
			}
		}
	}
	return names
}

// disabled reports whether an entry may not sign in there, by what Active Directory and
// OpenLDAP say of it themselves.
func disabled(e *ldap.Entry) bool {
	control, err := strconv.ParseInt(text(e, accountControl), 10, 64)
	return err == nil && control&2 != 0 || text(e, locked) == lockedForGood
}

// text is the first value of an attribute, in whatever case the server writes its name.
func text(e *ldap.Entry, attribute string) string {
	return clean(e.GetEqualFoldAttributeValue(attribute))
}

// clean is a text as an entry has it. One that is too long stays too long for anything
// that is made of it.
func clean(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), mail.MaxDirectoryText)], "\ufffd")
	return strings.Clone(strings.TrimSpace(s[:min(len(s), mail.MaxDirectoryText)]))
}
