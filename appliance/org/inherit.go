package org

import "sigill/appliance/mail"

// Says returns the unit that decides for another: itself, or the nearest above it, of those
// that say anything. ok is false if none does.
func (t *Tree) Says(unit ID, says func(Unit) bool) (u Unit, ok bool) {
	for u := range t.up(unit) {
		if says(*u) {
			return *u, true
		}
	}
	return Unit{}, false
}

// LinksOf returns what a unit's mails to citizens have.
func (t *Tree) LinksOf(unit ID) mail.Links {
	if u, ok := t.Says(unit, func(u Unit) bool { return u.Links != mail.LinksAbove }); ok {
		return u.Links
	}
	return mail.LinksGiven
}

// ListingOf returns who finds a unit's people.
func (t *Tree) ListingOf(unit ID) mail.Listing {
	how, _ := t.listing(unit)
	return how
}
