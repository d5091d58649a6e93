package admin

import (
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/door/web"
)

const settingsPath = "/admin/settings"

// settingsPage shows every setting of the configuration file: what it does, what it may be,
// what it is by itself, what it is and where that is said. Nothing is changed here: whoever
// may change the file is asked by the machine, not by a page.
type settingsPage struct {
	web.Frame
	Book     config.Book
	Fault    string
	Table    *tableView // the form
	Sections []settingSection
}

// settingSection is a table of the file; Name is "" before the first.
type settingSection struct {
	Name, Title string
	Lines       []settingLine
}

// ID is the anchor of its heading.
func (s settingSection) ID() string { return "section-" + s.Name }

// settingLine is a setting in words.
type settingLine struct {
	config.Setting
	Say  string
	Form string // what it may be; "" if Say says it
	From string
}

func (d *Door) settingsPage(r *web.Request) error {
	page := &settingsPage{Book: d.book()}
	if page.Book.Fault != nil {
		page.Fault = page.Book.Fault.Error()
	}
	t := settingsTable(r)
	a := t.asked(r)
	list := t.pick(a, page.Book.All)
	page.Table = t.view(r, &page.Frame, a, list, len(list))
	for _, s := range list {
		name := s.Section()
		if n := len(page.Sections); n == 0 || page.Sections[n-1].Name != name {
			page.Sections = append(page.Sections, settingSection{Name: name, Title: sectionTitle(r, name)})
		}
		last := &page.Sections[len(page.Sections)-1]
		last.Lines = append(last.Lines, settingLine{s, settingSay(r, s), settingForm(r, s), settingFrom(r, s)})
	}
	return r.PageWith(http.StatusOK, "admin/settings", page)
}

func (d *Door) findSettings(r *web.Request) error {
	t := settingsTable(r)
	return t.answer(r, func() ([]config.Setting, error) { return d.book().All, nil }, func() error { return d.settingsPage(r) })
}

// settingsTable is how the settings are searched and narrowed, and the file of them.
func settingsTable(r *web.Request) table[config.Setting] {
	plain := func(label string, say func(config.Setting) string) column[config.Setting] {
		return column[config.Setting]{label: r.T(label), cell: func(s config.Setting) cell { return cell{Text: say(s)} }}
	}
	return table[config.Setting]{
		id: "settings", self: settingsPath, post: settingsPath, file: r.T("page.settings.csv"), hint: r.T("page.settings.search"), nobody: r.T("table.nothing"),
		find: func(s config.Setting) string { return s.Key + "\n" + s.Variable + "\n" + settingSay(r, s) },
		columns: []column[config.Setting]{
			plain("page.settings.key", func(s config.Setting) string { return s.Key }),
			plain("page.settings.value", func(s config.Setting) string { return valuesOf(s.Values) }),
			plain("page.settings.default", func(s config.Setting) string { return s.Default }),
			plain("page.settings.from", func(s config.Setting) string { return settingFrom(r, s) }),
			plain("page.settings.say", func(s config.Setting) string { return settingSay(r, s) }),
		},
		filters: []filter[config.Setting]{
			{key: "section", label: r.T("page.settings.section"), options: sectionOptions(r), is: func(s config.Setting, value string) bool { return "s-"+s.Section() == value }},
			{key: "is", label: r.T("page.settings.is"), options: []web.Option{
				{Label: r.T("table.filter.all")}, {Value: "other", Label: r.T("page.settings.is.other")}, {Value: "restart", Label: r.T("page.settings.is.restart")},
			}, is: func(s config.Setting, value string) bool {
				if value == "restart" {
					return s.Differs
				}
				return valuesOf(s.Values) != s.Default
			}},
		},
	}
}

func sectionOptions(r *web.Request) []web.Option {
	options := []web.Option{{Label: r.T("table.filter.all")}}
	for _, s := range config.Default().Settings() {
		name := s.Section()
		if o := (web.Option{Value: "s-" + name, Label: sectionTitle(r, name)}); !slices.ContainsFunc(options, func(x web.Option) bool { return x.Value == o.Value }) {
			options = append(options, o)
		}
	}
	return options
}

func sectionTitle(r *web.Request, name string) string {
	if name == "" {
		return r.T("file.section")
	}
	return r.T("file.section." + name)
}

func settingSay(r *web.Request, s config.Setting) string { return r.T("file.say." + s.Key) }

// settingForm says in words what a value may be.
func settingForm(r *web.Request, s config.Setting) string {
	switch {
	case s.Bound != nil && s.Bound.Unit == "":
		return r.T("file.number", "Least", s.Bound.Least, "Most", s.Bound.Most)
	case s.Bound != nil && s.Bound.Unit == config.Bytes:
		size := r.Printer().Size
		return r.T("file.number.bytes", "Least", s.Bound.Least, "Most", s.Bound.Most, "Small", size(s.Bound.Least), "Large", size(s.Bound.Most))
	case s.Bound != nil:
		return r.T("file.number."+string(s.Bound.Unit), "Least", s.Bound.Least, "Most", s.Bound.Most)
	case len(s.Choices) > 0:
		return r.T("file.choice", "Words", strings.Join(s.Choices, ", "))
	case s.Default == "true" || s.Default == "false":
		return r.T("file.yesno")
	}
	return ""
}

func settingFrom(r *web.Request, s config.Setting) string {
	switch s.Source {
	case config.FromEnvironment:
		return r.T("page.settings.from.environment", "Name", s.Variable)
	case config.FromFile:
		return r.T("page.settings.from.file")
	case config.FromProgram:
		return r.T("page.settings.from.program")
	}
	return r.T("page.settings.from.default")
}

// valuesOf are values in one line, for a file.
func valuesOf(list []config.Value) string {
	var words []string
	for _, v := range list {
		if v.Of != "" {
			v.Text = v.Of + ": " + v.Text
		}
		words = append(words, v.Text)
	}
	return strings.Join(words, "; ")
}
