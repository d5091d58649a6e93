package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
)

// Format writes a configuration as the text of a file: the documented example, word for word,
// with the values in it, and the tables of lists and of names behind it. Parse reads from it
// what was given; what is not in the file, such as secrets, is not in it either.
func Format(c Config) ([]byte, error) {
	f := formatter{values: map[string]string{}}
	if err := f.gather(reflect.ValueOf(c), ""); err != nil {
		return nil, err
	}
	var b strings.Builder
	section := ""
	for line := range strings.Lines(string(example())) {
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimRight(name, "]\n") + "."
		}
		key, _, ok := strings.Cut(line, " = ")
		if !ok || strings.ContainsAny(key, "# ") {
			b.WriteString(line)
			continue
		}
		value, ok := f.values[section+key]
		if !ok {
			return nil, fmt.Errorf("write the configuration: there is no %s%s", section, key)
		}
		delete(f.values, section+key)
		fmt.Fprintf(&b, "%s = %s\n", key, value)
	}
	if len(f.values) > 0 {
		return nil, fmt.Errorf("write the configuration: the example has no %s", slices.Sorted(maps.Keys(f.values)))
	}
	if f.tables.Len() > 0 {
		b.WriteString("\n# What follows was written by the set-up; each table is explained above.\n" + f.tables.String())
	}
	if b.Len() > maxFile {
		return nil, fmt.Errorf("write the configuration: it would be longer than %d bytes", maxFile)
	}
	return []byte(b.String()), nil
}

// formatter gathers what stands behind the keys of the file.
type formatter struct {
	values map[string]string // of keys that stand once
	tables strings.Builder   // those of lists and of names
}

func (f *formatter) gather(v reflect.Value, before string) error {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("toml")
		if tag == "-" {
			continue
		}
		x, key := v.Field(i), before+tag
		var err error
		switch {
		case x.Kind() == reflect.Struct:
			err = f.gather(x, key+".")
		case tables(x.Type()):
			err = f.list(x, key)
		case x.Kind() == reflect.Map:
			f.names(x, key)
		default:
			f.values[key], err = value(x)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// list writes the tables of a list: of each the fields that say something, and then its
// tables of names.
func (f *formatter) list(list reflect.Value, key string) error {
	for i := range list.Len() {
		fmt.Fprintf(&f.tables, "\n[[%s]]\n", key)
		row := list.Index(i)
		for n := range row.NumField() {
			tag := row.Type().Field(n).Tag.Get("toml")
			if tag == "-" || row.Field(n).Kind() == reflect.Map || row.Field(n).IsZero() {
				continue
			}
			text, err := value(row.Field(n))
			if err != nil {
				return err
			}
			fmt.Fprintf(&f.tables, "%s = %s\n", tag, text)
		}
		for n := range row.NumField() {
			if tag := row.Type().Field(n).Tag.Get("toml"); tag != "-" && row.Field(n).Kind() == reflect.Map {
				f.names(row.Field(n), key+"."+tag)
			}
		}
	}
	return nil
}

func (f *formatter) names(m reflect.Value, key string) {
	if m.Len() == 0 {
		return
	}
	fmt.Fprintf(&f.tables, "\n[%s]\n", key)
	var lines []string
	for _, k := range m.MapKeys() {
		lines = append(lines, quote(k.String())+" = "+quote(m.MapIndex(k).String())+"\n")
	}
	slices.Sort(lines)
	f.tables.WriteString(strings.Join(lines, ""))
}

func value(v reflect.Value) (string, error) {
	switch v.Kind() {
	case reflect.String:
		return quote(v.String()), nil
	case reflect.Int, reflect.Int64, reflect.Bool:
		return fmt.Sprint(v.Interface()), nil
	case reflect.Slice:
		var words []string
		for i := range v.Len() {
			text, err := value(v.Index(i))
			if err != nil {
				return "", err
			}
			words = append(words, text)
		}
		return "[" + strings.Join(words, ", ") + "]", nil
	}
	return "", errors.New("is of a kind that no file has: " + v.Kind().String())
}

// quote writes a basic string of TOML 1.0: Go's own quoting knows escapes that TOML does not.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Write writes a configuration to the file at path: whole or not at all, durably, with the
// mode and as far as may be the owner that the file has; 0640 where there is none.
func Write(path string, c Config) error {
	text, err := Format(c)
	if err != nil {
		return err
	}
	return replace(path, text, 0o640)
}

// WriteSecret writes a secret into a file of its own, 0600, beside those that are there.
// Whatever was there under that name is replaced.
func WriteSecret(path string, secret Secret) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write a secret: %w", err)
	}
	return replace(path, []byte(string(secret)+"\n"), 0o600)
}

// replace puts a file in the place of another. Its errors hold nothing of the content.
func replace(path string, content []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".sigill-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if old, e := os.Stat(path); e == nil {
		mode = old.Mode().Perm()
		if s, ok := old.Sys().(*syscall.Stat_t); ok {
			// Who is not root gives nothing away. The file is then of who runs the service, who
			// could read it before.
			_ = f.Chown(int(s.Uid), int(s.Gid))
		}
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
