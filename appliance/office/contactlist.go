package office

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// listedReads is what the office reads of contact lists.
type listedReads interface {
	ListedIn(unit mail.ID) ([]mail.Listed, error)
	Listed(id mail.ID) (mail.Listed, error)
}

// Contact is somebody to write to: of the house, or from outside in a unit's contact
// list.
type Contact struct {
	org.Found
	Phone   mail.Phone // of who is from outside; "" if none is known
	Outside bool
}

// ContactList is what somebody finds in one unit.
type ContactList struct {
	Path    []org.Unit // from the root down to it
	Below   []org.Unit // in which there is something, too
	Outside []Contact  // in its contact list and in those of the units above
	Boxes   []org.Found
	People  []org.Found // a page of them
	All     int         // people
}

// ContactList returns what somebody finds in a unit, and up to n people from the from-th
// on. The zero unit is the viewer's own, or the first in which there is something. The
// error is Absent for one in which there is nothing to be found.
func (o *Office) ContactList(ctx context.Context, viewer, unit mail.ID, from, n int) (c ContactList, err error) {
	var lists []org.Unit
	o.sight(viewer, func(t *org.Tree, s org.Sight) {
		shown := s.Shown()
		if unit.IsZero() {
			if unit = t.Home(viewer); !shown[unit] {
				unit = mail.RootUnit
			}
		}
		if !shown[unit] {
			err = absent()
			return
		}
		c.Path = t.Path(unit)
		for _, u := range t.Children(unit) {
			if shown[u.ID] {
				c.Below = append(c.Below, u)
			}
		}
		c.Boxes = s.Mailboxes(unit)
		c.People, c.All = s.People(unit, from, n)
		for _, u := range c.Path {
			if s.List(u.ID) {
				lists = append(lists, u)
			}
		}
	})
	if err != nil {
		return c, err
	}
	for _, u := range lists {
		list, err := o.outside(ctx, u)
		if err != nil {
			return c, err
		}
		c.Outside = append(c.Outside, list...)
	}
	slices.SortFunc(c.Outside, byContact)
	return c, nil
}

// FindContacts returns up to n of those whom somebody finds by a part of name or address,
// and whether there are more.
func (o *Office) FindContacts(ctx context.Context, viewer mail.ID, text string, n int) (found []Contact, more bool, err error) {
	var house []org.Found
	var lists []org.Unit
	o.sight(viewer, func(_ *org.Tree, s org.Sight) {
		house, more = s.Search(text, n)
		lists = s.Lists()
	})
	for _, f := range house {
		found = append(found, Contact{Found: f})
	}
	text = strings.ToLower(strings.TrimSpace(text))
	for _, u := range lists {
		list, err := o.outside(ctx, u)
		if err != nil {
			return nil, false, err
		}
		for _, c := range list {
			if strings.Contains(strings.ToLower(c.Name+"\n"+string(c.Address)), text) {
				found = append(found, c)
			}
		}
	}
	slices.SortFunc(found, byContact)
	return found[:min(n, len(found))], more || len(found) > n, nil
}

func byContact(a, b Contact) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(string(a.Address), string(b.Address)), a.ID.Compare(b.ID))
}

// ContactsOf returns those of these ids whom somebody finds, in this order. The others
// are passed over.
func (o *Office) ContactsOf(ctx context.Context, viewer mail.ID, ids []mail.ID) (found []Contact, err error) {
	for _, id := range ids {
		c, ok, err := o.contact(ctx, viewer, id)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, c)
		}
	}
	return found, nil
}

func (o *Office) contact(ctx context.Context, viewer, id mail.ID) (c Contact, ok bool, err error) {
	o.sight(viewer, func(_ *org.Tree, s org.Sight) { c.Found, ok = s.Of(id) })
	if ok {
		return c, true, nil
	}
	var row mail.Listed
	err = o.Store.View(ctx, func(tx ReadTx) error {
		row, err = tx.Listed(id)
		return err
	})
	if mail.KindOf(err) == mail.Absent {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	var unit org.Unit
	o.sight(viewer, func(t *org.Tree, s org.Sight) {
		if ok = s.List(row.Unit); ok {
			unit, err = t.Unit(row.Unit)
		}
	})
	if err != nil || !ok {
		return c, false, err
	}
	c, err = o.openListed(row, unit)
	return c, err == nil, err
}

// OutOfContacts returns those of some addresses, by their keys, that an owner, a person or
// a function mailbox, does not find in contact lists. Each list is opened once at most.
func (o *Office) OutOfContacts(ctx context.Context, owner mail.ID, with []mail.Address) (map[string]mail.Address, error) {
	out := map[string]mail.Address{}
	var lists []org.Unit
	o.sight(owner, func(_ *org.Tree, s org.Sight) {
		for _, a := range with {
			if _, in := s.At(a); !in {
				out[a.Key()] = a
			}
		}
		lists = s.Lists()
	})
	for _, u := range lists {
		if len(out) == 0 {
			break
		}
		list, err := o.outside(ctx, u)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			delete(out, c.Address.Key())
		}
	}
	return out, nil
}

// sight lets f see what somebody finds.
func (o *Office) sight(owner mail.ID, f func(t *org.Tree, s org.Sight)) {
	o.Tree(func(t *org.Tree) { f(t, t.Sight(owner, o.ours, o.Clock.Now())) })
}

// outside returns a unit's contact list, by name.
func (o *Office) outside(ctx context.Context, u org.Unit) (list []Contact, err error) {
	var rows []mail.Listed
	err = o.Store.View(ctx, func(tx ReadTx) error {
		rows, err = tx.ListedIn(u.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		c, err := o.openListed(row, u)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	slices.SortFunc(list, byContact)
	return list, nil
}

func (o *Office) openListed(row mail.Listed, u org.Unit) (Contact, error) {
	var l mail.ListedColumns
	b, err := o.App.OpenListed(row.ID, row.Columns)
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	if err != nil {
		return Contact{}, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("contact list"), err))
	}
	return Contact{Found: org.Found{ID: row.ID, Name: cmp.Or(l.Name, string(l.Address)), Address: l.Address, Unit: u}, Phone: l.Phone, Outside: true}, nil
}
