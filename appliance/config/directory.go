package config

import (
	"net/url"
	"strings"
)

// attributeLike holds the name of an attribute: a word, or numbers with points (RFC 4512,
// 1.4).
func attributeLike(s string) bool {
	return s != "" && len(s) <= 100 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == ""
}

// maxUnitPath bounds the path of a unit, in characters.
const maxUnitPath = 1000

// validate looks at nothing while the directory is off.
func (d Directory) validate(f *faults) {
	if !d.On() {
		return
	}
	d.validateServer(f)
	if d.Base == "" {
		f.add("directory.base", "name the entry below which people stand, such as ou=people,dc=kommun,dc=example")
	}
	for _, x := range []struct {
		key, value string
		empty      bool
	}{{"filter", d.Filter, false}, {"disabled", d.Disabled, true}} {
		if !(x.empty && x.value == "") && !(strings.HasPrefix(x.value, "(") && strings.HasSuffix(x.value, ")")) {
			f.add("directory."+x.key, "must be an LDAP filter in parentheses (RFC 4515), such as (objectClass=person)")
		}
	}
	for _, x := range []struct {
		key, value string
		empty      bool
	}{{"mail", d.Mail, false}, {"name", d.Name, false}, {"id", d.ID, false}, {"cost_centre", d.CostCentre, true}, {"departments", d.Departments, true}} {
		if !(x.empty && x.value == "") && !attributeLike(x.value) {
			f.add("directory."+x.key, "must be the name of an attribute, such as mail")
		}
	}
	if len(strings.Fields(d.Schedule)) != 5 {
		f.add("directory.schedule", `must be cron's five fields, such as "30 1 * * *"`)
	}
	if d.Brake < 1 || d.Brake > 100 {
		f.add("directory.brake", "must be between 1 and 100 percent")
	}
	text(f, "directory.separator", d.Separator, 0, 5)
	text(f, "directory.unit", d.Unit, 0, maxUnitPath)
}

// validateServer holds the way to the directory against the rules: what is said there goes
// over TLS, but to this computer.
func (d Directory) validateServer(f *faults) {
	u, err := url.Parse(d.URL)
	switch {
	case err != nil || u.Hostname() == "" || !isHost(u.Hostname()) || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		f.add("directory.url", "must be ldaps:// or ldap:// and a host name, and nothing behind it but a port")
	case u.Scheme == "ldaps" && d.StartTLS:
		f.add("directory.starttls", "is for ldap://; with ldaps:// everything goes over TLS already")
	case u.Scheme == "ldap" && !d.StartTLS && !loopbackHost(u.Hostname()):
		f.add("directory.starttls", "plain ldap:// is for this computer only; use ldaps://, or starttls = true")
	case u.Scheme != "ldap" && u.Scheme != "ldaps":
		f.add("directory.url", "must begin with ldaps:// or ldap://")
	}
	if (d.BindDN == "") != (d.PasswordFile == "") {
		f.add("directory.password_file", "bind_dn and password_file go together")
	}
}
