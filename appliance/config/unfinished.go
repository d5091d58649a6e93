package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sigill/embed"
)

// What stands in the place of what nobody has said yet, while the set-up runs. None of it is
// ever written to the file, and none of it leads anywhere: .invalid is nobody's (RFC 6761).
const (
	nobody     = "not-set-up.invalid"
	unnamed    = "Sigill"
	noAddress  = "sigill@post." + nobody
	bareSecret = "secrets"
)

// Bare is what stands while there is no configuration file at path, or one that is to be set
// up from its beginning. Beside another file than DefaultPath everything is kept in that file's
// directory: who tries it out needs no other.
func Bare(path string) Config {
	c := Default()
	c.Unfinished = true
	if path != DefaultPath {
		dir := filepath.Dir(path)
		c.Data, c.Keys, c.Run = filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "run")
	}
	return c
}

// SecretsOf is the directory of the files with secrets that the set-up writes, beside a
// configuration file.
func SecretsOf(path string) string { return filepath.Join(filepath.Dir(path), bareSecret) }

// Draft reads what the file at path says so far, without the environment, secrets or rules.
// Where there is none, or where it is the example as it was installed, that is Bare.
func Draft(path string) (Config, error) {
	text, _, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && isExample(text) {
		return Bare(path), nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(text)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	return c, nil
}

// LoadOrBare is Load; where Draft would be Bare, that with the environment on top.
func LoadOrBare(path string, languages ...string) (Config, error) {
	return loadOrBare(path, os.Environ(), languages...)
}

func loadOrBare(path string, environ []string, languages ...string) (Config, error) {
	text, _, err := readFile(path)
	if !errors.Is(err, fs.ErrNotExist) && (err != nil || !isExample(text)) {
		return load(path, environ, languages...)
	}
	c := Bare(path)
	c.origin = origin{environ: map[string]bool{}}
	if err := errors.Join(c.environment(environ), c.Validate(languages...)); err != nil {
		return Config{}, fmt.Errorf("configuration %s:\n%w", path, err)
	}
	return c, nil
}

// isExample reports whether a file is the one that `sigill install` writes: nobody has said
// anything in it.
func isExample(text []byte) bool { return bytes.Equal(text, example()) }

func example() []byte {
	b, err := embed.System.ReadFile("system/sigill.toml")
	if err != nil {
		panic("config: internal: " + err.Error()) // for a name that is not embedded only
	}
	return b
}

// Filled returns a configuration with which the machine can begin though its set-up is not
// through: something stands in the place of what nobody has said.
func (c Config) Filled() Config {
	fill := func(s *string, with string) {
		if *s == "" {
			*s = with
		}
	}
	fill(&c.House.Name, unnamed)
	fill(&c.House.Department, c.House.Name)
	if len(c.House.Domains) == 0 {
		c.House.Domains = []string{nobody}
	}
	fill(&c.Web.BaseURL, "https://"+nobody)
	if c.Web.TLS == TLSFiles && c.Web.TLSCert == "" && !strings.HasPrefix(c.Web.BaseURL, "http://") && len(c.Web.TrustedProxies) == 0 {
		c.Web.TLS = TLSInternal
	}
	fill(&c.SMTP.Hostname, nobody)
	fill(&c.Smarthost.Host, nobody)
	fill(&c.Notices.From, noAddress)
	fill(&c.Notices.Own, "post."+nobody)
	return c
}

// Lacks returns the keys that must be said before the machine can begin for real, and are
// not.
func (c Config) Lacks() (keys []string) {
	c.Unfinished = false
	for _, f := range FaultsOf(c.Validate()) {
		keys = append(keys, f.Key)
	}
	return keys
}
