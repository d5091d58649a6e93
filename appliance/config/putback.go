package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
)

// File returns the text of the file as it lies there now, as far as one may be long: what a backup keeps.
// It is empty if this configuration comes from none.
func (c Config) File() ([]byte, error) {
	if c.origin.path == "" {
		return nil, nil
	}
	text, _, err := readFile(c.origin.path)
	return text, err
}

// Read reads the text of a file as Load does, with the environment on top, but without the
// secrets: of a machine on which they are not there yet.
func Read(text []byte, languages ...string) (Config, error) {
	c, err := Parse(text)
	if err != nil {
		return Config{}, err
	}
	c.origin.environ = map[string]bool{}
	return c, errors.Join(c.environment(os.Environ()), c.Validate(languages...))
}

// Vacant reports whether nobody has said anything in the file at path: there is none, or it
// is the example as it was installed.
func Vacant(path string) bool {
	text, _, err := readFile(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && isExample(text)
}

// Beside is what the name of a file ends in that was put back beside one that is there.
const Beside = ".restored"

// PutBack writes the text of a configuration file to path if that is vacant, and else beside
// it, so that nothing that somebody has filled in is lost. It returns where to; "" if the file
// that is there says the same already.
func PutBack(path string, text []byte) (string, error) {
	have, _, err := readFile(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("configuration: %w", err)
	case err == nil && bytes.Equal(have, text):
		return "", nil
	case err == nil && !isExample(have):
		path += Beside
	}
	return path, replace(path, text, 0o640)
}

// Files returns the files that the configuration names and that it must find: with secrets,
// keys, certificates. A backup of the configuration has none of them.
func (c Config) Files() []string {
	var all []string
	gatherFiles(reflect.ValueOf(c), &all)
	slices.Sort(all)
	return slices.Compact(all)
}

// gatherFiles goes through tables and their lists. A key tells by its name that it names a
// file; a test holds that against the example.
func gatherFiles(v reflect.Value, all *[]string) {
	for i := range v.NumField() {
		tag, f := v.Type().Field(i).Tag.Get("toml"), v.Field(i)
		switch {
		case tag == "-":
		case f.Kind() == reflect.Struct:
			gatherFiles(f, all)
		case tables(f.Type()):
			for n := range f.Len() {
				gatherFiles(f.Index(n), all)
			}
		case !namesFile(tag):
		case f.Kind() == reflect.Slice:
			for n := range f.Len() {
				*all = append(*all, f.Index(n).String())
			}
		case f.String() != "":
			*all = append(*all, f.String())
		}
	}
}

func namesFile(tag string) bool {
	return strings.HasSuffix(tag, "_file") || strings.HasSuffix(tag, "_files") || tag == "tls_cert" || tag == "tls_key" || tag == "leaked"
}
