package config

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// Update is where newer versions come from.
type Update struct {
	Source   string   `toml:"source"` // absolute path of a directory, or https://…; "" if they are uploaded only
	CAFile   string   `toml:"ca_file"`
	Keys     []string `toml:"keys"`     // public keys of minisign, three, or none for those built in
	Schedule string   `toml:"schedule"` // cron, UTC
}

func (u Update) validate(f *faults) {
	if at, err := url.Parse(u.Source); u.Source != "" && !filepath.IsAbs(u.Source) &&
		(err != nil || at.Scheme != "https" || !isHost(at.Hostname()) || at.User != nil || at.RawQuery != "" || at.Fragment != "") {
		f.add("update.source", "must be https:// and where the files lie there, or an absolute path of a directory")
	}
	if n := len(u.Keys); n != 0 && n != 3 {
		f.add("update.keys", "name three keys, of which two must have signed, or none")
	}
	for i, k := range u.Keys {
		// Base64 of 42 bytes that begin with "Ed".
		if len(k) != 56 || !strings.HasPrefix(k, "RW") || slices.Contains(u.Keys[:i], k) {
			f.add("update.keys", "must be the second lines of three different .pub files of minisign")
			break
		}
	}
	if len(strings.Fields(u.Schedule)) != 5 {
		f.add("update.schedule", `must be cron's five fields, such as "40 3 * * *"`)
	}
}
