package wizard

import (
	"fmt"
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// kitPage shows the recovery kit: to be printed, typed back in part, and practised with.
type kitPage struct {
	frame
	There     bool // its files are still on the machine
	Practised bool
	Proven    bool // words of each sheet were typed back
	Sheets    []sheetView
	Whole     []web.Field // whole lines, for the practice
}

// sheetView is a sheet, with the fields for its words.
type sheetView struct {
	Title string
	Words []web.Field
}

func (d *Door) kitPage(r *web.Request) error { return d.showKit(r, http.StatusOK, -1, nil) }

// showKit marks the sheet at the place wrong, if that is not -1.
func (d *Door) showKit(r *web.Request, status, wrong int, say *web.Alert) error {
	k, err := d.m.Kit(r.Context())
	if err != nil {
		return err
	}
	fates, err := d.m.Steps(r.Context())
	if err != nil {
		return err
	}
	page := &kitPage{There: len(k.Sheets) > 0, Practised: k.Practised, Proven: fates[proved] == Done}
	if err := d.at(r, KitStep, &page.frame); err != nil {
		return err
	}
	page.Say = say
	for i, s := range k.Sheets {
		v := sheetView{Title: sheetTitle(r, s)}
		for j, n := range s.Words {
			name := fmt.Sprintf("word-%d-%d", i, j)
			f := web.Field{Name: name, Label: r.T("setup.kit.word", "Number", n), Value: r.Form(name), Max: 12, Required: true, Short: true, Code: true}
			if i == wrong {
				f.Error = r.T("setup.kit.wrong")
			}
			v.Words = append(v.Words, f)
		}
		page.Sheets = append(page.Sheets, v)
	}
	page.Whole = wholeFields(r, k)
	return r.PageWith(status, "wizard/kit", page)
}

// proved is written down as a step of its own: the words of the kit were typed back.
const proved Step = "kit-proved"

func sheetTitle(r *web.Request, s Sheet) string {
	if s.Page == 3 && s.Of > 1 {
		return r.T("setup.kit.share", "Number", s.Share, "Of", s.Of)
	}
	return r.T("setup.kit.page", "Number", s.Page)
}

// wholeFields ask for page 1, page 2 and as many shares of page 3 as are needed.
func wholeFields(r *web.Request, k Kit) (list []web.Field) {
	add := func(label string) {
		list = append(list, web.Field{Name: fmt.Sprintf("line-%d", len(list)), Label: label, Rows: 3, Max: 4000, Required: true})
	}
	add(r.T("setup.kit.line", "Number", 1))
	add(r.T("setup.kit.line", "Number", 2))
	for i := range k.Need {
		add(r.T("setup.kit.line.share", "Number", i+1, "Of", k.Need))
	}
	return list
}

func (d *Door) printKit(r *web.Request) error {
	html, err := d.m.PrintKit(r.Language())
	if err != nil {
		return err
	}
	return r.Foreign(html)
}

func (d *Door) proveKit(r *web.Request) error {
	k, err := d.m.Kit(r.Context())
	if err != nil {
		return err
	}
	var typed [][]string
	for i, s := range k.Sheets {
		var words []string
		for j := range s.Words {
			words = append(words, r.Form(fmt.Sprintf("word-%d-%d", i, j)))
		}
		typed = append(typed, words)
	}
	wrong, err := d.m.ProveKit(typed)
	if err != nil {
		return err
	}
	if wrong >= 0 {
		return d.showKit(r, http.StatusUnprocessableEntity, wrong, &web.Alert{Tone: web.Danger, Text: r.T("setup.kit.differs", "Sheet", sheetTitle(r, k.Sheets[wrong]))})
	}
	if err := d.m.Mark(r.Context(), actor(r), proved, Done); err != nil {
		return err
	}
	return r.Redirect(KitStep.Path())
}

func (d *Door) practiseKit(r *web.Request) error {
	k, err := d.m.Kit(r.Context())
	if err != nil {
		return err
	}
	var lines []string
	for i := range 2 + k.Need {
		lines = append(lines, r.Form(fmt.Sprintf("line-%d", i)))
	}
	err = d.m.PractiseKit(r.Context(), actor(r), lines)
	if mail.KindOf(err) == mail.Invalid {
		// What was typed is not shown again: it is the kit.
		return d.showKit(r, http.StatusUnprocessableEntity, -1, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	r.Flash("setup.kit.gone")
	return d.next(r, KitStep)
}
