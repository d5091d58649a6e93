package appliance

import (
	"crypto/x509"
	"fmt"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/courier"
)

// oneGateway makes the SMS gateway of one entry of the configuration.
// hook is where its provider may report.
func oneGateway(g config.Gateway, hook string) (courier.Gateway, error) {
	var roots *x509.CertPool
	if g.CAFile != "" {
		var err error
		if roots, err = courier.LoadRoots(g.CAFile); err != nil {
			return nil, err
		}
	}
	switch g.Kind {
	case config.Gateway46elks:
		return courier.NewElks(courier.Elks{URL: g.URL, User: g.User, Password: courier.Secret(g.Secret), From: g.From, Hook: hook, Roots: roots})
	case config.GatewayGeneric:
		header := map[string]courier.Secret{}
		for name, value := range g.Header {
			header[name] = courier.Secret(strings.ReplaceAll(value, "{{secret}}", string(g.Secret)))
		}
		return courier.NewGeneric(courier.Generic{
			Name: g.Name, Method: g.Method, URL: g.URL, Header: header, Body: g.Body, From: g.From, Hook: hook,
			SuccessFrom: g.SuccessFrom, SuccessTo: g.SuccessTo, Success: g.Success, IDPath: g.IDPath, IDRegexp: g.IDRegexp, Roots: roots,
		})
	}
	return nil, fmt.Errorf("unknown kind %q", g.Kind)
}
