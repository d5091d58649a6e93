package admin

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// brandPage is how a unit shows itself, to who organises it: a form, and above it, once it
// was sent, how all would look. Nothing is changed before that was seen.
type brandPage struct {
	web.Frame
	Say     *web.Alert
	Crumbs  []web.Crumb
	Self    string // path
	Unit    string
	Root    bool
	Own     bool   // the unit says something of itself
	Changed string // by whom and when; "" if nobody has
	Seen    string // the version that the forms would replace
	Hidden  string // the unit above that shows the organisation alone; "" for none

	Form    brandForm
	Preview *brandPreview // nil before the form was sent
}

func brandPath(unit mail.ID) string { return unitPath(unit) + "/brand" }

func (d *Door) brand(r *web.Request, id mail.ID) error {
	return d.showSaid(r, id, http.StatusOK, "")
}

// showSaid shows the page with what the unit says now in its form, to whom may have seen an
// earlier version of it.
func (d *Door) showSaid(r *web.Request, id mail.ID, status int, seen string) error {
	var says mail.Brand
	d.org.Tree(func(t *org.Tree) { says = t.Brand(id) })
	return d.showBrand(r, id, status, brandDraft{brand: says, seen: seen})
}

// brandDraft is a form that was sent: what it says, and what is wrong with that.
type brandDraft struct {
	brand  mail.Brand
	look   mail.Look
	faults map[string]error // by field
	seen   string           // the version of what the unit said when the form was shown; "" if it does not tell
	shown  bool             // there is nothing wrong: show how it would look
}

// showBrand shows the page with a draft in its form.
func (d *Door) showBrand(r *web.Request, id mail.ID, status int, draft brandDraft) error {
	page := &brandPage{Self: brandPath(id), Root: id == mail.RootUnit}
	by, err := d.changesOf(r, id)
	if err != nil {
		return err
	}
	page.Changed, err = by[mail.SettingBrand], absent()
	d.org.Tree(func(t *org.Tree) {
		u, there := t.Unit(id)
		if there != nil || u.Kind == mail.Group || !t.Organises(actor(r).ID, id) {
			return
		}
		err = nil
		now := t.Brand(id)
		page.Unit, page.Own, page.Seen = u.Name, !now.IsZero(), now.Version()
		page.Crumbs = []web.Crumb{{Path: unitPath(id), Name: u.Name}}
		if by, hidden := t.HiddenBy(u.Parent); hidden && !page.Root {
			page.Hidden = by.Name
		}
		look, from := t.Above(id)
		page.Form = brandFields(r, draft, inherited{look.Brand, from}, page.Root)
	})
	if err == nil && draft.shown {
		page.Preview, err = d.previewOf(r, draft)
	}
	if err != nil {
		return err
	}
	switch {
	case len(draft.faults) > 0:
		page.Say = &web.Alert{Tone: web.Danger, Text: r.T("page.brand.faults")}
		page.Seen = cmp.Or(draft.seen, page.Seen) // what was overtaken is said when there is something to save
	case draft.seen != "" && draft.seen != page.Seen:
		page.Say = &web.Alert{Tone: web.Warning, Text: r.T("page.brand.stale")}
	}
	return r.PageWith(status, "admin/brand", page)
}

// draftOf reads the form and finds out what it comes to.
func (d *Door) draftOf(r *web.Request, id mail.ID) (brandDraft, error) {
	if _, err := d.unitOf(r, id); err != nil {
		return brandDraft{}, err // before anything is read
	}
	var now mail.Brand
	d.org.Tree(func(t *org.Tree) { now = t.Brand(id) })
	draft, fault, err := d.readBrand(r, now.Logo)
	if err != nil {
		return brandDraft{}, err
	}
	draft.brand, draft.look, draft.faults, err = d.org.LookWith(actor(r), id, draft.brand)
	if fault != nil && draft.faults != nil {
		draft.faults["logo"] = fault
	}
	draft.brand.Logo = draft.brand.Logo.Named()
	return draft, err
}

// previewBrand shows how the unit would look. Nothing is done yet.
func (d *Door) previewBrand(r *web.Request, id mail.ID) error {
	draft, err := d.draftOf(r, id)
	if err != nil {
		return err
	}
	if len(draft.faults) > 0 {
		return d.showBrand(r, id, http.StatusUnprocessableEntity, draft)
	}
	draft.shown = true
	return d.showBrand(r, id, http.StatusOK, draft)
}

// saveBrand makes it so.
func (d *Door) saveBrand(r *web.Request, id mail.ID) error {
	draft, err := d.draftOf(r, id)
	if err != nil {
		return err
	}
	if len(draft.faults) > 0 {
		return d.showBrand(r, id, http.StatusUnprocessableEntity, draft)
	}
	err = d.org.SetBrand(r.Context(), actor(r), id, draft.brand, draft.seen)
	if errors.Is(err, office.ErrStale) {
		draft.shown = true
		return d.showBrand(r, id, http.StatusConflict, draft)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.brand")
	return r.Redirect(brandPath(id))
}

// resetBrand takes back all that a unit says of itself: it shows what the one above does.
func (d *Door) resetBrand(r *web.Request, id mail.ID) error {
	seen := r.Form("seen")
	err := d.org.SetBrand(r.Context(), actor(r), id, mail.Brand{}, seen)
	if errors.Is(err, office.ErrStale) {
		return d.showSaid(r, id, http.StatusConflict, seen)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.brand.reset")
	return r.Redirect(brandPath(id))
}

// kindsOf are the notices in which a unit may say something of its own.
func kindsOf(root bool) []mail.NoticeKind {
	if root {
		return slices.Concat(mail.LetterNotices[:], mail.AccountNotices[:])
	}
	return mail.LetterNotices[:]
}
