package config

import (
	"bytes"
	"fmt"
	"os"

	"github.com/pelletier/go-toml/v2"
)

// Answers are what the set-up asks for, in one file: the sections of the configuration, and two
// more. Secrets stand in files that it names.
type Answers struct {
	Config        Config
	Administrator Administrator
	Kit           Kit
}

// Administrator is who is to be the first one.
type Administrator struct {
	Name    string `toml:"name"`
	Address string `toml:"address"`
	// PasswordFile has the password. Without it an invitation goes to the address, when the
	// appliance starts.
	PasswordFile string `toml:"password_file"`
	// AppFile has the key of an app for codes, in base32.
	AppFile  string `toml:"app_key_file"`
	Password Secret `toml:"-"`
	App      Secret `toml:"-"`
}

// Kit says what becomes of the recovery kit.
type Kit struct {
	Out string `toml:"out"` // the file that it is moved to, to be printed; "": it stays beside the keys
}

// ReadAnswers reads and validates the answers at path, and the secrets that they name.
func ReadAnswers(path string, languages ...string) (a Answers, err error) {
	text, _, err := readFile(path)
	if err != nil {
		return a, fmt.Errorf("answers: %w", err)
	}
	if a, err = ParseAnswers(text); err != nil {
		return a, fmt.Errorf("answers %s: %w", path, err)
	}
	var f faults
	for key, x := range map[string]struct {
		path string
		to   *Secret
	}{
		"administrator.password_file": {a.Administrator.PasswordFile, &a.Administrator.Password},
		"administrator.app_key_file":  {a.Administrator.AppFile, &a.Administrator.App},
	} {
		if x.path == "" {
			continue
		}
		if *x.to, err = readSecret(x.path); err != nil {
			f.add(key, "%v", err)
		}
	}
	if a.Administrator.PasswordFile == "" {
		a.Config.House.Admin = a.Administrator.Address
	}
	for _, err := range []error{f.err(), a.Config.secrets(), a.Config.Validate(languages...)} {
		if err != nil {
			return a, fmt.Errorf("answers %s:\n%w", path, err)
		}
	}
	return a, nil
}

// ParseAnswers reads the text of answers over the defaults. It does not validate and reads no
// secrets. Unknown keys are an error.
func ParseAnswers(text []byte) (a Answers, err error) {
	if len(text) > maxFile {
		return a, fmt.Errorf("longer than %d bytes", maxFile)
	}
	rest := map[string]any{}
	if err := toml.Unmarshal(text, &rest); err != nil {
		_, err = Parse(text) // words it without quoting what was typed
		return a, err
	}
	for name, to := range map[string]any{"administrator": &a.Administrator, "kit": &a.Kit} {
		part, err := toml.Marshal(map[string]any{name: rest[name]})
		if err != nil || rest[name] == nil {
			continue
		}
		delete(rest, name)
		_, body, _ := bytes.Cut(part, []byte("\n"))
		if err := toml.NewDecoder(bytes.NewReader(body)).DisallowUnknownFields().Decode(to); err != nil {
			return a, fmt.Errorf("%s: has a key that there is not, or a value that cannot be", name)
		}
	}
	config, err := toml.Marshal(rest)
	if err != nil {
		return a, err
	}
	a.Config, err = Parse(config)
	return a, err
}

// WriteAnew is Write, unless the file says the same already.
func WriteAnew(path string, c Config) (written bool, err error) {
	text, err := Format(c)
	if err != nil {
		return false, err
	}
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, text) {
		return false, nil
	}
	return true, Write(path, c)
}
