package config

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// LogValue is the effective configuration as one text in the form of the file, for the
// line at start.
func (c Config) LogValue() slog.Value {
	b, err := toml.Marshal(c.redacted())
	if err != nil {
		return slog.StringValue(fmt.Sprintf("cannot be shown: %v", err))
	}
	return slog.StringValue(string(b))
}

// redacted is the configuration as people may see it. Secrets print as such anyway; nor are
// headers, bodies, queries and passwords of SMS gateways in it, where people write keys
// that belong in a file.
func (c Config) redacted() Config {
	gateways := make([]Gateway, len(c.SMS.Gateways))
	for i, g := range c.SMS.Gateways {
		header := map[string]string{}
		for name := range g.Header {
			header[name] = Secret("").String()
		}
		g.Header = header
		g.URL, _, _ = strings.Cut(g.URL, "?")
		if scheme, rest, ok := strings.Cut(g.URL, "://"); ok {
			host, path, slash := strings.Cut(rest, "/")
			if g.URL = scheme + "://" + host[strings.LastIndex(host, "@")+1:]; slash {
				g.URL += "/" + path
			}
		}
		if g.Body != "" {
			g.Body = Secret("").String()
		}
		gateways[i] = g
	}
	c.SMS.Gateways = gateways
	return c
}
