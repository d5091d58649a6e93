package config

import (
	"net/url"
	"path/filepath"
	"strings"
)

func (p Passwords) validate(f *faults) {
	if p.Leaked != "" && !filepath.IsAbs(p.Leaked) {
		f.add("passwords.leaked", "must be an absolute path of a file")
	}
}

// everybodys are the places of Entra where all its customers sign in.
var everybodys = []string{"common", "organizations", "consumers"}

func (s SignOn) validate(f *faults) {
	if s.Issuer == "" {
		if s.Required {
			f.add("sign_on.required", "needs an issuer: without one nobody could sign in")
		}
		return
	}
	s.validateIssuer(f)
	text(f, "sign_on.client_id", s.ClientID, 1, 255)
	text(f, "sign_on.label", s.Label, 1, 60)
	text(f, "sign_on.claim", s.Claim, 1, 255)
	if (s.SecretFile == "") == (s.KeyFile == "") {
		f.add("sign_on.secret_file", "name either secret_file or key_file, as the client is registered at the issuer")
	}
	if s.KeyID != "" && s.KeyFile == "" {
		f.add("sign_on.key_id", "goes with key_file")
	}
	for _, list := range []struct {
		key   string
		words []string
	}{{"sign_on.scopes", s.Scopes}, {"sign_on.acr_values", s.ACR}} {
		for _, w := range list.words {
			if w == "" || strings.ContainsAny(w, " ,\t") {
				f.add(list.key, "each is one word")
				break
			}
		}
	}
	for name, value := range s.Require {
		if name == "" || value == "" {
			f.add("sign_on.require", "each is the name of a claim, and its value")
			break
		}
	}
}

func (s SignOn) validateIssuer(f *faults) {
	u, err := url.Parse(s.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Contains(s.Issuer, "#") || u.Scheme != "https" && !(u.Scheme == "http" && loopbackHost(u.Hostname())) {
		f.add("sign_on.issuer", "must be an https address, word for word as in the issuer's discovery document")
		return
	}
	for _, all := range everybodys {
		if strings.HasPrefix(u.Path, "/"+all+"/") && strings.HasPrefix(u.Host, "login.microsoftonline.") {
			f.add("sign_on.issuer", "is where everybody signs in; name the organisation's own, https://%s/TENANT-ID/v2.0", u.Host)
		}
	}
}
