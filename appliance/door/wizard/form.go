package wizard

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// form is a step that asks for keys of the configuration file.
type form struct {
	step   Step
	fields []field
	reload bool // what was said is shown around the pages from now on
	tried  bool // it is not done before a try has come back
}

// field asks for one key.
type field struct {
	key     string
	example string // shown with a fault: what one looks like
	options func(r *web.Request) []web.Option
	must    bool
	kind    string // of the input; "password": a secret, whose file the key names
	secret  string // the name of that file
	max     int
}

// forms are the steps that are nothing but such questions. What each is for stands in the
// catalogue as it stands on the page of settings.
var forms = []form{
	{step: Language, reload: true, fields: []field{
		{key: "house.language", options: func(r *web.Request) []web.Option { return r.LanguageOptions("") }},
		{key: "house.country", example: "SE", must: true, max: 2},
		{key: "house.zone", example: "Europe/Stockholm", must: true, max: 60},
	}},
	{step: House, reload: true, fields: []field{
		{key: "house.name", example: "Exempelkommun", must: true, max: 100},
		{key: "house.department", example: "Socialtjänsten", must: true, max: 100},
		{key: "house.domains", example: "kommun.example", must: true, max: 500},
		{key: "house.phone", example: "0123-45 67 89", max: 40},
		{key: "house.web", example: "https://kommun.example", max: 200},
	}},
	{step: Host, fields: hostFields},
	{step: MailOut, tried: true, fields: []field{
		{key: "smarthost.host", example: "smtp.kommun.example", must: true, max: 253},
		{key: "smarthost.port", example: "587", must: true, kind: "number", max: 5},
		{key: "smarthost.tls", options: words(config.TLSVerify, config.TLSImplicit, config.TLSLab)},
		{key: "smarthost.user", max: 200},
		{key: "smarthost.password_file", kind: "password", secret: "smarthost", max: 200},
		{key: "smarthost.ca_file", example: "/etc/sigill/tls/ca.pem", max: 300},
		{key: "notices.from", example: "sakerpost@kommun.example", must: true, max: mail.MaxAddress},
		{key: "notices.own_domain", example: "svar.kommun.example", must: true, max: 253},
	}},
	{step: Retention, fields: []field{
		{key: "retention.open_within_days", example: "30", must: true, kind: "number", max: 4},
		{key: "retention.read_for_days", example: "30", must: true, kind: "number", max: 4},
		{key: "retention.min_days", example: "0", must: true, kind: "number", max: 4},
		{key: "retention.max_days", example: "365", must: true, kind: "number", max: 4},
	}},
}

// words are choices that the file has by name.
func words(list ...string) func(*web.Request) []web.Option {
	return func(r *web.Request) (options []web.Option) {
		for _, w := range list {
			options = append(options, web.Option{Value: w, Label: r.T("setup.choice." + w)})
		}
		return options
	}
}

// stepPage is such a step.
type stepPage struct {
	frame
	Title, Lead string
	Fields      []web.Field
	Tried       bool     // it is tried before it goes on
	Try         *tryView // nil: there is nothing to try, or nothing was said yet
	DNS         []findingView
	Asked       bool   // DNS was
	Detail      string // of Say, in the words of who refused
}

func (d *Door) formPage(f form) func(*web.Request) error {
	return func(r *web.Request) error { return d.showForm(r, f, http.StatusOK, nil, nil) }
}

// showForm shows a step with what the file says, or with what was typed and is not right.
func (d *Door) showForm(r *web.Request, f form, status int, wrong map[string]bool, say *web.Alert) error {
	return d.showFormWith(r, f, status, wrong, say, nil)
}

// showFormWith is showForm, with what was found of DNS.
func (d *Door) showFormWith(r *web.Request, f form, status int, wrong map[string]bool, say *web.Alert, found []findingView) error {
	return d.showStep(r, f, status, wrong, &stepPage{frame: frame{Say: say}, DNS: found, Asked: found != nil})
}

// showStep is showForm, with a page that has begun.
func (d *Door) showStep(r *web.Request, f form, status int, wrong map[string]bool, page *stepPage) error {
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	page.Title, page.Lead, page.Tried = r.T("setup."+string(f.step)), r.T("setup."+string(f.step)+".lead"), f.tried
	if err := d.at(r, f.step, &page.frame); err != nil {
		return err
	}
	for _, x := range f.fields {
		page.Fields = append(page.Fields, x.view(r, &c, wrong))
	}
	if f.tried && c.Smarthost.Host != "" && wrong == nil {
		page.Try = d.mailTry(r)
	}
	return r.PageWith(status, "wizard/step", page)
}

// view is a field as the page shows it. A secret is never shown again.
func (x field) view(r *web.Request, c *config.Config, wrong map[string]bool) web.Field {
	f := web.Field{
		Name: x.key, Label: r.T("setup.field." + x.key), Hint: r.T("file.say." + x.key),
		Value: c.Text(x.key), Required: x.must, Max: x.max,
	}
	if wrong != nil {
		f.Value = r.Form(x.key)
	}
	if wrong[x.key] {
		f.Error = r.T("setup.fault", "Example", x.example)
	}
	switch {
	case x.options != nil:
		f.Options = x.options(r)
		for i := range f.Options {
			f.Options[i].Chosen = f.Options[i].Value == f.Value
		}
	case x.kind == "password":
		f.Type, f.Auto, f.Hint = "password", "off", r.T("setup.secret")
		if f.Value != "" && wrong == nil {
			f.Hint = r.T("setup.secret.kept")
		}
		f.Value = ""
	case x.kind == "number":
		f.Mode, f.Short = "numeric", true
	}
	return f
}

func (d *Door) saveForm(f form) func(*web.Request) error {
	return func(r *web.Request) error {
		fill := func(c *config.Config) error { return d.fill(r, f, c) }
		var err error
		if f.tried {
			err = d.changeTried(r, f.step, f.typesSecret(r), fill)
		} else {
			err = d.m.Change(fill)
		}
		if faults := config.FaultsOf(err); len(faults) > 0 {
			return d.showForm(r, f, http.StatusUnprocessableEntity, wrongOf(faults), &web.Alert{Tone: web.Danger, Text: r.T("setup.faults")})
		}
		if err != nil {
			return err
		}
		if f.tried {
			return r.Redirect(f.step.Path())
		}
		if f.step == Host {
			if err := d.m.TryHost(r.Context()); err != nil {
				return d.noCertificate(r, f, err)
			}
		}
		if err := d.m.Mark(r.Context(), actor(r), f.step, Done); err != nil {
			return err
		}
		if f.reload && r.Viewer().Kind != web.Person { // nobody is signed in yet, who would be out by it
			defer d.m.Reload()
		}
		return d.next(r, f.step)
	}
}

// changeTried is Change for a step that is tried: if the file says something else afterwards,
// or another secret was typed, which comes into the file that is there, it is to be tried again.
func (d *Door) changeTried(r *web.Request, step Step, secret bool, change func(*config.Config) error) error {
	var before, after []byte
	err := d.m.Change(func(c *config.Config) (err error) {
		if before, err = config.Format(*c); err != nil {
			return err
		}
		if err := change(c); err != nil {
			return err
		}
		after, err = config.Format(*c)
		return err
	})
	if err != nil || !secret && bytes.Equal(before, after) {
		return err
	}
	return d.undo(r, step)
}

// typesSecret reports whether a secret was typed.
func (f form) typesSecret(r *web.Request) bool {
	return slices.ContainsFunc(f.fields, func(x field) bool { return x.kind == "password" && r.Form(x.key) != "" })
}

// fill takes over what was typed. The error holds every fault.
func (d *Door) fill(r *web.Request, f form, c *config.Config) error {
	var faults []error
	for _, x := range f.fields {
		typed := strings.TrimSpace(r.Form(x.key))
		switch {
		case x.kind == "password":
			if err := d.keep(c, x, typed); err != nil {
				return err
			}
		case typed == "" && x.must:
			faults = append(faults, &config.Fault{Key: x.key})
		default:
			if err := c.SetText(x.key, typed); err != nil {
				faults = append(faults, err)
			}
		}
	}
	if f.step == MailOut {
		if c.Smarthost.User == "" {
			c.Smarthost.PasswordFile = ""
		} else if c.Smarthost.PasswordFile == "" {
			faults = append(faults, &config.Fault{Key: "smarthost.password_file"})
		}
	}
	if f.step == Host {
		faults = append(faults, settleHost(c)...)
	}
	return errors.Join(faults...)
}

// keep writes a secret into its file. Nothing typed: the one that is there stays.
func (d *Door) keep(c *config.Config, x field, typed string) error {
	if typed == "" {
		return nil
	}
	if strings.ContainsAny(typed, "\r\n\x00") {
		return &config.Fault{Key: x.key}
	}
	path, err := d.m.KeepSecret(x.secret, typed)
	if err != nil {
		return err
	}
	return c.SetText(x.key, path)
}

// wrongOf is which keys are wrong: "house.domains[1]" is a fault of house.domains.
func wrongOf(faults []*config.Fault) map[string]bool {
	wrong := map[string]bool{}
	for _, f := range faults {
		key, _, _ := strings.Cut(f.Key, "[")
		wrong[key] = true
	}
	return wrong
}
