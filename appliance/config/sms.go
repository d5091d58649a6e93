package config

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func (s SMS) validate(f *faults) {
	names := map[string]bool{}
	for i, g := range s.Gateways {
		key := fmt.Sprintf("sms.gateway[%d]", i)
		text(f, key+".name", g.Name, 1, 40)
		if names[g.Name] {
			f.add(key+".name", "another gateway has this name")
		}
		names[g.Name] = true
		text(f, key+".from", g.From, 1, 20)
		switch g.Kind {
		case Gateway46elks:
			if g.User == "" || g.SecretFile == "" {
				f.add(key, "46elks needs user and secret_file")
			}
			if g.URL != "" && !safeURL(g.URL) {
				f.add(key+".url", "must begin with https://")
			}
		case GatewayGeneric:
			g.validate(f, key)
		default:
			f.add(key+".kind", "must be %s or %s", Gateway46elks, GatewayGeneric)
		}
	}
	for i, c := range s.Countries {
		if c == "" || len(c) > 4 || c[0] == '0' || strings.Trim(c, "0123456789") != "" {
			f.add(fmt.Sprintf("sms.countries[%d]", i), "must be a calling code without plus or zeros, such as 46")
		}
	}
	if len(s.Countries) == 0 {
		f.add("sms.countries", "name at least one country, such as 46")
	}
	for _, b := range []struct {
		key   string
		value int
	}{{"sms.per_number_and_day", s.PerNumber}, {"sms.per_letter", s.PerLetter}, {"sms.per_day", s.PerDay}} {
		if b.value < 1 || b.value > 1_000_000 {
			f.add(b.key, "must be between 1 and 1000000: without a budget, fraud empties the house's account")
		}
	}
	if _, err := s.PartPrice(); err != nil {
		f.add("sms.price", "%v", err)
	}
	if len(s.Currency) != 3 || strings.Trim(s.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.add("sms.currency", "must be three capital letters (ISO 4217), such as SEK")
	}
}

// maxPrice is what a part may cost at most, in the house's currency.
const maxPrice = 1000

// PartPrice returns what a part of an SMS costs, in millionths of the currency; 0 if
// nothing is said.
func (s SMS) PartPrice() (int64, error) {
	if s.Price == "" {
		return 0, nil
	}
	wrong := fmt.Errorf("must be a number from 0 to %d with a point and up to six decimals, such as 0.42", maxPrice)
	whole, decimals, point := strings.Cut(s.Price, ".")
	if whole == "" || point && decimals == "" || len(whole) > 4 || len(decimals) > 6 || strings.Trim(whole+decimals, "0123456789") != "" {
		return 0, wrong
	}
	n, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", 6-len(decimals)), 10, 64)
	if err != nil || n > maxPrice*1_000_000 {
		return 0, wrong
	}
	return n, nil
}

// validate looks at the fields of a generic gateway; its templates are tried by
// the part that fills them in.
func (g Gateway) validate(f *faults, key string) {
	if !safeURL(g.URL) {
		f.add(key+".url", "must begin with https://; plain http is for this computer only")
	}
	if !slices.Contains([]string{"", "GET", "POST", "PUT"}, g.Method) {
		f.add(key+".method", "must be GET, POST or PUT")
	}
	if !strings.Contains(g.URL+g.Body, "{{text}}") {
		f.add(key+".body", "must hold {{text}}")
	}
	if !strings.Contains(g.URL+g.Body, "{{to}}") && !strings.Contains(g.URL+g.Body, "{{digits}}") {
		f.add(key+".body", "must hold {{to}} or {{digits}}")
	}
	if (g.ReportID == "") != (g.ReportState == "") || g.ReportID != "" && len(g.Delivered) == 0 {
		f.add(key+".report_id", "report_id, report_status and report_delivered go together")
	}
	if g.ReportID != "" && !strings.Contains(g.URL+g.Body, "{{hook}}") {
		// Nobody else can tell the provider where to: the address is secret.
		f.add(key+".body", "must hold {{hook}} if the provider shall send delivery reports")
	}
	used := false
	for name, v := range g.Header {
		used = used || strings.Contains(v, "{{secret}}")
		if name == "" || strings.ContainsAny(name+v, "\r\n\x00") {
			f.add(key+".header", "each is a name and a value of one line")
		}
	}
	if used && g.SecretFile == "" {
		f.add(key+".secret_file", "a header uses {{secret}}")
	}
	if (g.SuccessFrom == 0) != (g.SuccessTo == 0) || g.SuccessFrom < 0 || g.SuccessTo > 599 || g.SuccessFrom > g.SuccessTo {
		f.add(key+".success_from", "success_from and success_to go together, such as 200 and 299")
	}
}

func safeURL(s string) bool {
	u, err := url.Parse(strings.NewReplacer("{{", "", "}}", "").Replace(s))
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && loopbackHost(u.Hostname()))
}
