package org

import (
	"strings"

	"sigill/appliance/mail"
)

// CleanListed takes blanks off the name of somebody in a contact list and refuses one that
// nobody could read, or that a spreadsheet would run. The error is Invalid. Address and
// number are whole by their types.
func CleanListed(c mail.ListedColumns) (mail.ListedColumns, error) {
	c.Name = strings.TrimSpace(c.Name)
	if tooLong(c.Name, MaxName) || formula(c.Name) {
		return c, mail.E(mail.Invalid, "error.listed.name", nil)
	}
	return c, nil
}
