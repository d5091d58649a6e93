package office

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// templateReads and templateWrites are what the office reads and writes of what units keep
// for letters.
type templateReads interface {
	TemplatesOf(unit mail.ID) ([]mail.Template, error)
	Template(id mail.ID) (mail.Template, error)
	Signature(owner mail.ID) (mail.Signature, error)
}

type templateWrites interface {
	PutTemplate(mail.Template) error
	DeleteTemplate(id mail.ID) error
	PutSignature(mail.Signature) error
	DeleteSignature(owner mail.ID) error
}

// MaxTemplates is how many templates a unit has.
const MaxTemplates = 100

// Template is a text to begin a letter with.
type Template struct {
	ID   mail.ID
	Unit org.Unit
	mail.TemplateColumns
}

// Templates returns a unit's own, by name, to who organises the unit; else the error is
// Absent.
func (o *Office) Templates(ctx context.Context, by mail.Actor, unit mail.ID) ([]Template, error) {
	u, err := o.organised(by, unit)
	if err != nil {
		return nil, err
	}
	return o.templatesOf(ctx, u)
}

// organised returns a unit to who organises it; else the error is Absent.
func (o *Office) organised(by mail.Actor, unit mail.ID) (u org.Unit, err error) {
	o.Tree(func(t *org.Tree) {
		if err = organises(t, by, unit); err == nil {
			u, err = t.Unit(unit)
		}
	})
	return u, err
}

// TemplatesFor returns those that somebody may begin a letter with: by unit, the nearest
// first, and in it by name.
func (o *Office) TemplatesFor(ctx context.Context, w org.Writer) (list []Template, err error) {
	for _, u := range o.unitsOf(w) {
		of, err := o.templatesOf(ctx, u)
		if err != nil {
			return nil, err
		}
		list = append(list, of...)
	}
	return list, nil
}

// TemplateFor returns one of those. The error is Absent for every other.
func (o *Office) TemplateFor(ctx context.Context, w org.Writer, id mail.ID) (t Template, err error) {
	units := o.unitsOf(w)
	var row mail.Template
	err = o.Store.View(ctx, func(tx ReadTx) error {
		row, err = tx.Template(id)
		return err
	})
	if err != nil {
		return t, err
	}
	i := slices.IndexFunc(units, func(u org.Unit) bool { return u.ID == row.Unit })
	if i < 0 {
		return t, absent()
	}
	return o.openTemplate(row, units[i])
}

// unitsOf asks the tree before anything of the store is read: see viewask_test.go.
func (o *Office) unitsOf(w org.Writer) (list []org.Unit) {
	o.Tree(func(t *org.Tree) { list = t.Units(w) })
	return list
}

func (o *Office) templatesOf(ctx context.Context, u org.Unit) (list []Template, err error) {
	var rows []mail.Template
	err = o.Store.View(ctx, func(tx ReadTx) error {
		rows, err = tx.TemplatesOf(u.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		t, err := o.openTemplate(row, u)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Template) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), a.ID.Compare(b.ID))
	})
	return list, nil
}

func (o *Office) openTemplate(row mail.Template, u org.Unit) (Template, error) {
	t := Template{ID: row.ID, Unit: u}
	b, err := o.App.OpenTemplate(row.ID, row.Columns)
	if err == nil {
		err = json.Unmarshal(b, &t.TemplateColumns)
	}
	if err != nil {
		return t, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("template"), err))
	}
	return t, nil
}

// AddTemplate gives a unit a template. The errors for people are Invalid.
func (o *Office) AddTemplate(ctx context.Context, by mail.Actor, unit mail.ID, c mail.TemplateColumns) (mail.ID, error) {
	id := mail.NewID()
	return id, o.putTemplate(ctx, by, unit, id, c, journal.TemplateAdded)
}

// ChangeTemplate writes again what a unit's template says. The errors are those of
// AddTemplate, and Absent if the unit has none such.
func (o *Office) ChangeTemplate(ctx context.Context, by mail.Actor, unit, id mail.ID, c mail.TemplateColumns) error {
	return o.putTemplate(ctx, by, unit, id, c, journal.TemplateChanged)
}

func (o *Office) putTemplate(ctx context.Context, by mail.Actor, unit, id mail.ID, c mail.TemplateColumns, kind string) error {
	c, err := org.CleanTemplate(c)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return mail.E(mail.Internal, "error.internal", err)
	}
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error { return organises(t, by, unit) },
		write: func(tx Tx) error {
			list, err := tx.TemplatesOf(unit)
			if err != nil {
				return err
			}
			there := slices.ContainsFunc(list, func(t mail.Template) bool { return t.ID == id })
			switch {
			case kind == journal.TemplateChanged && !there:
				return absent()
			case kind == journal.TemplateAdded && len(list) >= MaxTemplates:
				return mail.E(mail.Invalid, "error.template.many", nil)
			}
			return tx.PutTemplate(mail.Template{ID: id, Unit: unit, Columns: o.App.SealTemplate(id, plain), At: tx.Now()})
		},
		done: func(*org.Tree) {},
		note: mail.Event{Kind: kind, Holder: unit, Detail: id.String()},
	})
}

// RemoveTemplate takes a template from a unit. The error is Absent if it has none such.
func (o *Office) RemoveTemplate(ctx context.Context, by mail.Actor, unit, id mail.ID) error {
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error { return organises(t, by, unit) },
		write: func(tx Tx) error {
			if row, err := tx.Template(id); err != nil || row.Unit != unit {
				return absent()
			}
			return tx.DeleteTemplate(id)
		},
		done: func(*org.Tree) {},
		note: mail.Event{Kind: journal.TemplateRemoved, Holder: unit, Detail: id.String()},
	})
}

// dropTexts takes away what a unit keeps for letters, with the unit.
func dropTexts(tx Tx, unit mail.ID) error {
	list, err := tx.TemplatesOf(unit)
	if err != nil {
		return err
	}
	for _, t := range list {
		if err := tx.DeleteTemplate(t.ID); err != nil {
			return err
		}
	}
	return tx.DeleteSignature(unit)
}
