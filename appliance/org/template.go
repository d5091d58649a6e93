package org

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sigill/appliance/mail"
)

// Bounds of what a unit keeps for letters, in characters. All of a template goes through
// one form, which has 64 KiB.
const (
	MaxTemplate  = 10_000
	MaxSubject   = 500
	MaxSignature = 1_000
)

// CleanTemplate takes blanks off a template and refuses one without a name, one that says
// nothing, and what nobody could read. The error is Invalid.
func CleanTemplate(c mail.TemplateColumns) (mail.TemplateColumns, error) {
	c.Name, c.Subject = strings.TrimSpace(c.Name), strings.TrimSpace(c.Subject)
	if c.Name == "" || tooLong(c.Name, MaxName) {
		return c, mail.E(mail.Invalid, "error.template.name", nil)
	}
	if tooLong(c.Subject, MaxSubject) {
		return c, mail.E(mail.Invalid, "error.template.subject", nil)
	}
	var ok bool
	if c.Text, ok = several(c.Text, MaxTemplate); !ok || c.Text == "" && c.Subject == "" {
		return c, mail.E(mail.Invalid, "error.template.text", nil)
	}
	return c, nil
}

// CleanSignature does the same to a signature, which may be nothing.
func CleanSignature(s string) (string, error) {
	s, ok := several(s, MaxSignature)
	if !ok {
		return s, mail.E(mail.Invalid, "error.signature", nil)
	}
	return s, nil
}

// several is a text of several lines, without blank ones around it, and whether it can be
// read and is no longer than n.
func several(s string, n int) (string, bool) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.TrimRightFunc(strings.TrimLeft(s, "\n"), unicode.IsSpace)
	odd := func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' }
	return s, utf8.ValidString(s) && utf8.RuneCountInString(s) <= n && !strings.ContainsFunc(s, odd)
}

// Writer is in whose name somebody writes: a person, or a function mailbox.
type Writer struct{ Person, Mailbox ID }

// Units returns whose templates and signatures are a writer's, the nearest first: of a
// function mailbox its unit and those above it; of a person the home and those above it,
// and then those of the other places. Outsiders have those of their group and no
// department's: in its words they would speak as the house.
func (t *Tree) Units(w Writer) (list []Unit) {
	var from []ID
	if m, err := t.Mailbox(w.Mailbox); err == nil {
		from = []ID{m.Unit}
	} else {
		for _, p := range t.Places(w.Person) {
			from = append(from, p.Unit.ID)
		}
	}
	seen := set{}
	for _, id := range from {
		for u := range t.up(id) {
			if !seen[u.ID] {
				seen[u.ID] = true
				list = append(list, *u)
			}
			if u.Kind == mail.Group {
				break
			}
		}
	}
	return list
}
