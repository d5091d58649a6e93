package wizard

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/door/web"
)

// smsPage asks for the SMS gateway.
type smsPage struct {
	frame
	Kind   web.Field
	Both   []web.Field
	Elks   []web.Field
	Others []web.Field
	Try    *tryView
}

func (d *Door) smsPage(r *web.Request) error { return d.showSMS(r, http.StatusOK, nil, nil) }

func (d *Door) showSMS(r *web.Request, status int, wrong map[string]bool, say *web.Alert) error {
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	g := config.Gateway{Kind: config.Gateway46elks, Method: "POST"}
	if len(c.SMS.Gateways) > 0 {
		g = c.SMS.Gateways[0]
	}
	if wrong != nil {
		g = typedGateway(r)
	}
	page := &smsPage{}
	if err := d.at(r, SMS, &page.frame); err != nil {
		return err
	}
	page.Say = say
	field := func(name, value, example string, max int) web.Field {
		f := web.Field{Name: name, Label: r.T("setup.sms." + name), Hint: hint(r, name), Value: value, Max: max}
		if wrong["sms.gateway."+name] {
			f.Error = r.T("setup.fault", "Example", example)
		}
		return f
	}
	page.Kind = field("kind", g.Kind, "", 0)
	for _, k := range []string{config.Gateway46elks, config.GatewayGeneric} {
		page.Kind.Options = append(page.Kind.Options, web.Option{Value: k, Label: r.T("setup.sms.kind." + k), Chosen: k == g.Kind})
	}
	secret := field("secret", "", "", 200)
	secret.Type, secret.Hint = "password", r.T("setup.secret")
	if g.SecretFile != "" {
		secret.Hint = r.T("setup.secret.kept")
	}
	page.Both = []web.Field{field("from", g.From, "Kommunen", 20), secret}
	page.Elks = []web.Field{field("user", g.User, "u0123456789abcdef", 100)}
	header := field("header", headerLines(g.Header), "Authorization: Bearer {{secret}}", 1000)
	header.Rows = 3
	body := field("body", g.Body, `{"to":"{{to}}","text":"{{text}}"}`, 2000)
	body.Rows = 3
	page.Others = []web.Field{field("url", g.URL, "https://sms.example/send", 500), body, header}
	if len(c.SMS.Gateways) > 0 && wrong == nil {
		page.Try = &tryView{
			Base: SMS.Path(), Lead: r.T("setup.sms.try"), Sent: d.m.Sent(SMS), Code: codeField(r, "setup.try.code", ""),
			To: web.Field{Name: "to", Label: r.T("setup.sms.to"), Value: r.Form("to"), Type: "tel", Auto: "tel", Max: 30, Required: true},
		}
	}
	return r.PageWith(status, "wizard/sms", page)
}

// hint says what a field is for.
func hint(r *web.Request, name string) string {
	switch name {
	case "secret":
		return "" // said by its state
	case "body":
		return r.T("setup.sms.body.hint", "To", "{{to}}", "Text", "{{text}}", "From", "{{from}}")
	case "header":
		return r.T("setup.sms.header.hint", "Secret", "{{secret}}")
	}
	return r.T("setup.sms." + name + ".hint")
}

// headerLines are a gateway's headers as they are typed: a name, a colon and a value a line.
func headerLines(h map[string]string) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		lines = append(lines, name+": "+h[name])
	}
	return strings.Join(lines, "\n")
}

// typedGateway is what stands in the form.
func typedGateway(r *web.Request) config.Gateway {
	g := config.Gateway{Kind: r.Form("kind"), Name: "sms", From: strings.TrimSpace(r.Form("from"))}
	if g.Kind != config.GatewayGeneric {
		g.Kind, g.Name, g.User = config.Gateway46elks, "46elks", strings.TrimSpace(r.Form("user"))
		return g
	}
	g.URL, g.Method, g.Body = strings.TrimSpace(r.Form("url")), "POST", strings.ReplaceAll(strings.TrimSpace(r.Form("body")), "\r\n", "\n")
	g.SuccessFrom, g.SuccessTo = 200, 299
	if g.Body == "" {
		g.Method = "GET"
	}
	for line := range strings.Lines(r.Form("header")) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			if g.Header == nil {
				g.Header = map[string]string{}
			}
			g.Header[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	if _, said := g.Header["Content-Type"]; g.Body != "" && !said { // what it is can be seen
		kind := "application/x-www-form-urlencoded"
		if strings.HasPrefix(g.Body, "{") {
			kind = "application/json"
		}
		if g.Header == nil {
			g.Header = map[string]string{}
		}
		g.Header["Content-Type"] = kind
	}
	return g
}

func (d *Door) saveSMS(r *web.Request) error {
	g := typedGateway(r)
	secret := r.Form("secret")
	if strings.ContainsAny(secret, "\r\n\x00") {
		return d.smsFaults(r, &config.Fault{Key: "sms.gateway.secret"})
	}
	err := d.changeTried(r, SMS, secret != "", func(c *config.Config) error {
		if len(c.SMS.Gateways) > 0 {
			g.SecretFile = c.SMS.Gateways[0].SecretFile
		}
		if secret != "" {
			path, err := d.m.KeepSecret("sms", secret)
			if err != nil {
				return err
			}
			g.SecretFile = path
		}
		if g.SecretFile == "" && g.Kind == config.Gateway46elks {
			return &config.Fault{Key: "sms.gateway.secret"}
		}
		if len(c.SMS.Gateways) == 0 {
			c.SMS.Gateways = append(c.SMS.Gateways, g)
		} else {
			c.SMS.Gateways[0] = g
		}
		return nil
	})
	if err != nil {
		return d.smsFaults(r, err)
	}
	return r.Redirect(SMS.Path())
}

// smsFaults shows the form with what is wrong in it.
func (d *Door) smsFaults(r *web.Request, err error) error {
	faults := config.FaultsOf(err)
	if len(faults) == 0 {
		return err
	}
	wrong := map[string]bool{}
	for _, f := range faults {
		key := strings.Replace(f.Key, "gateway[0]", "gateway", 1)
		if key == "sms.gateway" || key == "sms.gateway.secret_file" { // user and secret go together
			wrong["sms.gateway.user"], wrong["sms.gateway.secret"] = true, true
		}
		wrong[key] = true
	}
	return d.showSMS(r, http.StatusUnprocessableEntity, wrong, &web.Alert{Tone: web.Danger, Text: r.T("setup.faults")})
}

func (d *Door) trySMS(r *web.Request) error {
	show := func(say *web.Alert) error { return d.showSMS(r, http.StatusUnprocessableEntity, nil, say) }
	to, err := d.phone(r.Form("to"))
	if err != nil {
		return show(&web.Alert{Tone: web.Danger, Text: r.T("error.phone")})
	}
	if err := d.m.TrySMS(r.Context(), actor(r), to, r.Language()); err != nil {
		return d.failed(r, err, show)
	}
	return r.Redirect(SMS.Path())
}

func (d *Door) checkSMS(r *web.Request) error {
	return d.check(r, SMS, func(say *web.Alert) error { return d.showSMS(r, http.StatusUnprocessableEntity, nil, say) })
}
