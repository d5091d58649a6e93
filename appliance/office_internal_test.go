package appliance

import (
	"context"

	"sigill/appliance/config"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// OfficeOf is the demo's office.
func OfficeOf(d *Demo) *office.Office { return d.Appliance.office }

// GiveDirectory gives a demo a directory that says what read says, and a brake of 5 percent.
func GiveDirectory(d *Demo, read func(ctx context.Context, each func(mail.DirectoryEntry) error) error) {
	d.Appliance.office.Directory = office.DirectoryRules{
		Read: read, SuspendGone: true, Brake: 5,
		Settings: directorySettings(config.Directory{URL: "ldaps://ldap.exempelkommun.se", BindDN: "cn=sigill,ou=system,dc=exempelkommun,dc=se", Base: "ou=people,dc=exempelkommun,dc=se", Filter: "(&(objectClass=person)(mail=*))", Password: "kungshamn-vid-havet", Mail: "mail", Name: "displayName", ID: "entryUUID", Departments: "dn", Schedule: "30 1 * * *", SuspendGone: true, Brake: 5}),
	}
}
