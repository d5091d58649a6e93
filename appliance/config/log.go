package config

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// LogValue is the effective configuration as one text in the form of the file,
// for the line at start. Secrets are not in it; nor are headers, bodies and
// queries of SMS gateways, where people write keys that belong in a file.
func (c Config) LogValue() slog.Value {
	gateways := make([]Gateway, len(c.SMS.Gateways))
	for i, g := range c.SMS.Gateways {
		header := map[string]string{}
		for name := range g.Header {
			header[name] = Secret("").String()
		}
		g.Header = header
		g.URL, _, _ = strings.Cut(g.URL, "?")
		if g.Body != "" {
			g.Body = Secret("").String()
		}
		gateways[i] = g
	}
	c.SMS.Gateways = gateways
	b, err := toml.Marshal(c)
	if err != nil {
		return slog.StringValue(fmt.Sprintf("cannot be shown: %v", err))
	}
	return slog.StringValue(string(b))
}
