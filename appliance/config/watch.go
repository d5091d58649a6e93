package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Alarms says who is told when something is wrong with the machine.
type Alarms struct {
	Mail     bool   `toml:"mail"`     // administrators are
	Warnings bool   `toml:"warnings"` // also of what is not wrong yet
	Webhook  string `toml:"webhook"`  // "" if there is none
	CAFile   string `toml:"ca_file"`
	// SecretFile holds the secret by which each call is signed, as the Standard Webhooks write it.
	SecretFile string `toml:"secret_file"`
	Secret     Secret `toml:"-"`
}

// Metrics is the listener for Prometheus.
type Metrics struct {
	Listen  string   `toml:"listen"`  // "" if it is off
	Trusted []string `toml:"trusted"` // networks that may ask, beside this computer
}

// The forms of the log.
const (
	LogText = "text"
	LogJSON = "json"
)

// Log says what the program says, how, and where else.
type Log struct {
	Form   string `toml:"form"`
	Level  string `toml:"level"`
	Syslog string `toml:"syslog"` // "" if there is none
	Events string `toml:"events"` // where the journal's events go, in CEF; "" if nowhere
	CAFile string `toml:"ca_file"`
}

// Levels are those of the log.
var Levels = [...]string{"debug", "info", "warn", "error"}

func (a Alarms) validate(f *faults) {
	if (a.Webhook == "") != (a.SecretFile == "") {
		f.add("alarms.secret_file", "webhook and secret_file go together")
	}
	if a.Webhook == "" {
		return
	}
	u, err := url.Parse(a.Webhook)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && loopbackHost(u.Hostname())) {
		f.add("alarms.webhook", "must be an address that begins with https://; plain http is for this computer only")
	}
}

func (m Metrics) validate(f *faults) {
	networks(f, "metrics.trusted", m.Trusted)
	if m.Listen == "" {
		return
	}
	listen(f, "metrics.listen", m.Listen)
	if !loopbackListen(m.Listen) && len(m.Trusted) == 0 {
		f.add("metrics.listen", "listen on 127.0.0.1, or name the networks that may ask in metrics.trusted")
	}
}

func (l Log) validate(f *faults) {
	if l.Form != LogText && l.Form != LogJSON {
		f.add("log.form", "must be text or json")
	}
	if !slices.Contains(Levels[:], l.Level) {
		f.add("log.level", "must be one of %s", strings.Join(Levels[:], ", "))
	}
	for _, x := range []struct{ key, place string }{{"log.syslog", l.Syslog}, {"log.events", l.Events}} {
		if _, _, ok := SyslogPlace(x.place); x.place != "" && !ok {
			f.add(x.key, "must be unix:///dev/log, or udp://, tcp:// or tls:// with a host and a port, such as tls://log.kommun.example:6514")
		}
	}
}

// The ways to a syslog server.
const (
	SyslogUnix = "unix"
	SyslogUDP  = "udp"
	SyslogTCP  = "tcp"
	SyslogTLS  = "tls"
)

// SyslogPlace reads where syslog goes: by which way, and a path, or host and port.
func SyslogPlace(s string) (way, address string, ok bool) {
	way, rest, found := strings.Cut(s, "://")
	if !found {
		return "", "", false
	}
	if way == SyslogUnix {
		return way, rest, strings.HasPrefix(rest, "/") && !strings.ContainsAny(rest, "\x00\n")
	}
	host, port, err := net.SplitHostPort(rest)
	n, bad := strconv.Atoi(port)
	ok = err == nil && bad == nil && n > 0 && n <= 65535 && isHost(host) && slices.Contains([]string{SyslogUDP, SyslogTCP, SyslogTLS}, way)
	return way, rest, ok
}

// watched holds what is said of the smarthost for the doctor against the rules.
func (s Smarthost) watched(f *faults) {
	for _, x := range s.SendsFrom {
		if ip, err := netip.ParseAddr(x); err != nil || ip.Zone() != "" {
			f.add("smarthost.sends_from", "must be addresses, such as 192.0.2.1")
		}
	}
	for _, x := range s.DKIM {
		if !isDomain(x) {
			f.add("smarthost.dkim_selectors", "must be selectors, such as mail2026")
		}
	}
}
