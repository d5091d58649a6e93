package courier_test

import (
	"encoding/json"
	"testing"

	"sigill/appliance/courier"
)

func TestTheProviderIsToldWhereToReport(t *testing.T) {
	const hook = "https://brev.example/hook/sms/other%20one/0123?a=1&b=2"
	for name, c := range map[string]struct {
		contentType, query, body string
		read                     func(p *provider) string
	}{
		"in the address": {"text/plain", "?report={{hook}}", "{{text}}", func(p *provider) string { return p.query.Get("report") }},
		"in a form":      {"application/x-www-form-urlencoded", "", "text={{text}}&report={{hook}}", func(p *provider) string { return p.form.Get("report") }},
		"in JSON": {"application/json", "", `{"text":"{{text}}","report":"{{hook}}"}`, func(p *provider) string {
			var m struct{ Report string }
			json.Unmarshal([]byte(p.body), &m)
			return m.Report
		}},
	} {
		t.Run(name+", escaped for where it stands", func(t *testing.T) {
			p := newProvider(t, say(200, ""))
			g, err := courier.NewGeneric(courier.Generic{Name: "g", URL: p.URL + "/" + c.query, Roots: pool(p), Body: c.body, Hook: hook, Header: map[string]courier.Secret{"Content-Type": courier.Secret(c.contentType)}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := g.Send(t.Context(), pin); err != nil || c.read(p) != hook {
				t.Errorf("%v, %s", err, c.read(p))
			}
		})
	}
}
