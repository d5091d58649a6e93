package config

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

const maxFile = 64 << 10 // bytes of the configuration file

// Load reads the defaults, then the file, then the environment, then the files
// with secrets, and validates. The error holds every fault that was found.
//
// Languages are those that the house can speak, as Validate takes them.
func Load(path string, languages ...string) (Config, error) {
	return load(path, os.Environ(), languages...)
}

func load(path string, environ []string, languages ...string) (Config, error) {
	text, _, err := readFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(text)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	c.origin = origin{path: path, sum: sha256.Sum256(text), written: keysIn(text), environ: map[string]bool{}}
	if err := errors.Join(c.environment(environ), c.secrets(), c.Validate(languages...)); err != nil {
		return Config{}, fmt.Errorf("configuration %s:\n%w", path, err)
	}
	return c, nil
}

// Parse reads a file's text over the defaults. It does not validate and reads no
// secrets. Unknown keys are an error that names each.
func Parse(text []byte) (Config, error) {
	c := Default()
	if len(text) > maxFile {
		return Config{}, fmt.Errorf("longer than %d bytes", maxFile)
	}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	err := d.Decode(&c)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case err == nil:
		return c, nil
	case errors.As(err, &unknown):
		var all []error
		for _, e := range unknown.Errors {
			line, _ := e.Position()
			all = append(all, fmt.Errorf("line %d: %s: there is no such key; see the example file", line, strings.Join(e.Key(), ".")))
		}
		return Config{}, errors.Join(all...)
	case errors.As(err, &wrong):
		// Its own text shows the line, which may hold what somebody typed by mistake.
		line, column := wrong.Position()
		return Config{}, fmt.Errorf("line %d, column %d: %s", line, column, wrong.Error())
	}
	return Config{}, err
}

// ReadSecrets reads every file that is named as one with a secret, of a Draft.
func (c *Config) ReadSecrets() error { return c.secrets() }

// secrets reads every file that is named as one with a secret.
func (c *Config) secrets() error {
	var f faults
	read := func(key, path string, to *Secret) {
		if path == "" {
			return
		}
		s, err := readSecret(path)
		if err != nil {
			f.add(key, "%v", err)
		}
		*to = s
	}
	read("smarthost.password_file", c.Smarthost.PasswordFile, &c.Smarthost.Password)
	if c.UsesACME() {
		read("acme.account_file", c.ACME.AccountFile, &c.ACME.Key)
	}
	if c.SignOn.Issuer != "" {
		read("sign_on.secret_file", c.SignOn.SecretFile, &c.SignOn.Secret)
		if c.SignOn.KeyFile != "" {
			var err error
			if c.SignOn.Key, err = readKey(c.SignOn.KeyFile); err != nil {
				f.add("sign_on.key_file", "%v", err)
			}
		}
	}
	read("alarms.secret_file", c.Alarms.SecretFile, &c.Alarms.Secret)
	read("directory.password_file", c.Directory.PasswordFile, &c.Directory.Password)
	for i := range c.SMS.Gateways {
		read(fmt.Sprintf("sms.gateway[%d].secret_file", i), c.SMS.Gateways[i].SecretFile, &c.SMS.Gateways[i].Secret)
	}
	for i := range c.Senders.Shared {
		s := &c.Senders.Shared[i]
		s.Secrets = make([]Secret, len(s.SecretFiles))
		for j, path := range s.SecretFiles {
			key := fmt.Sprintf("senders.shared[%d].secret_files[%d]", i, j)
			if read(key, path, &s.Secrets[j]); s.Secrets[j] != "" && len(s.Secrets[j]) < 20 {
				f.add(key, "the secret is shorter than 20 bytes; make one with: openssl rand -hex 32")
			}
		}
	}
	return f.err()
}
