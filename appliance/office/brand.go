package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

type brandReads interface {
	Brands() ([]mail.BrandRow, error)
}

type brandWrites interface {
	PutBrand(mail.BrandRow) error
	DeleteBrand(unit mail.ID) error
}

// Logo returns the logo that has a name, if any unit shows it.
func (o *Office) Logo(name string) (l mail.Logo, ok bool) {
	o.Tree(func(t *org.Tree) { l, ok = t.LogoNamed(name) })
	return l, ok
}

// LookOf returns how the unit shows itself in whose name an owner writes, a person or a
// function mailbox; of nobody, the organisation.
func (o *Office) LookOf(owner mail.ID) (l mail.Look) {
	o.Tree(func(t *org.Tree) {
		if l = t.LookOfHouse(); !owner.IsZero() {
			l = t.Look(t.UnitOf(owner))
		}
	})
	return l
}

// LookWith returns how a unit would show itself if it said this, and what must not be
// said, by field. It changes nothing. The error is Absent for a unit that the actor does
// not organise.
func (o *Office) LookWith(by mail.Actor, unit mail.ID, b mail.Brand) (said mail.Brand, l mail.Look, faults map[string]error, err error) {
	said, faults = o.brandRules(unit).Clean(b)
	o.Tree(func(t *org.Tree) {
		if err = mayBrand(t, by, unit); err == nil {
			l = t.LookWith(unit, said)
		}
	})
	return said, l, faults, err
}

// ErrStale is the cause of Busy where somebody else has changed meanwhile what is to be replaced.
var ErrStale = errors.New("it was changed meanwhile")

// SetBrand says what a unit shows of itself from now on; an empty Brand takes all of it
// back. seen is the Version of what the actor believes to replace, "" if they have not looked.
// The errors are Absent, Invalid for what must not be said, and Busy with ErrStale if the unit
// says something else by now.
func (o *Office) SetBrand(ctx context.Context, by mail.Actor, unit mail.ID, b mail.Brand, seen string) error {
	b, faults := o.brandRules(unit).Clean(b)
	for _, err := range faults {
		return err
	}
	plain, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("brand: %w", err)
	}
	note := mail.Event{Kind: journal.BrandSet, Holder: unit}
	if b.IsZero() {
		note.Detail = "none"
	}
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := mayBrand(t, by, unit); err != nil {
				return err
			}
			if seen != "" && seen != t.Brand(unit).Version() {
				return mail.E(mail.Busy, "page.brand.stale", ErrStale)
			}
			return nil
		},
		write: func(tx Tx) error {
			if err := changed(tx, by, unit, mail.SettingBrand); err != nil {
				return err
			}
			if b.IsZero() {
				return tx.DeleteBrand(unit)
			}
			return tx.PutBrand(mail.BrandRow{Unit: unit, Columns: o.App.SealBrand(unit, plain), At: tx.Now()})
		},
		done: func(t *org.Tree) { t.PutBrand(unit, b) },
		note: note,
	})
}

// mayBrand is the right to say how a unit shows itself. A group of outsiders shows nothing
// of its own: it is not the house that speaks.
func mayBrand(t *org.Tree, by mail.Actor, unit mail.ID) error {
	if err := organises(t, by, unit); err != nil {
		return err
	}
	u, err := t.Unit(unit)
	if err == nil && u.Kind == mail.Group {
		err = absent()
	}
	return err
}

func (o *Office) brandRules(unit mail.ID) org.BrandRules {
	return org.BrandRules{Ours: o.ourHost, Languages: o.Languages, Root: unit == mail.RootUnit}
}

// ourHost reports whether a host is of a domain of the house's, below one, or the one that
// the configuration names as the house's page.
func (o *Office) ourHost(host string) bool {
	page, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(o.Base.Web, "https://"), "http://"), "/")
	for _, d := range append([]string{page}, o.OurDomains()...) {
		d = strings.ToLower(d)
		if d != "" && (host == d || strings.HasSuffix(host, "."+d)) {
			return true
		}
	}
	return false
}

func (o *Office) loadBrands(tx ReadTx, t *org.Tree) error {
	t.SetBase(o.Base)
	rows, err := tx.Brands()
	if err != nil {
		return err
	}
	for _, row := range rows {
		plain, err := o.App.OpenBrand(row.Unit, row.Columns)
		if err != nil {
			return mail.E(mail.Internal, "error.internal", errors.Join(errors.New("brand"), err))
		}
		var b mail.Brand
		if err := json.Unmarshal(plain, &b); err != nil {
			return fmt.Errorf("brand: %w", err)
		}
		t.PutBrand(row.Unit, b)
	}
	return nil
}
