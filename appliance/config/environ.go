package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const prefix = "SIGILL_"

// others are variables of ours that are no settings: how our tests are told what to do.
var others = []string{"SIGILL_FULL", "SIGILL_SHOTS", "SIGILL_TONGUE", "SIGILL_EVERY_VIEW", "SIGILL_PICTURES", "SIGILL_AXE", "SIGILL_SEED", "SIGILL_KILLS", "SIGILL_FLIPS", "SIGILL_CUTS"}

// environment puts variables in the place of keys. A variable that is no key is
// a fault: a slip of the pen must not leave a setting as it was.
func (c *Config) environment(environ []string) error {
	var f faults
	keys := map[string]reflect.Value{}
	settable(reflect.ValueOf(c).Elem(), prefix, keys)
	for _, kv := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, prefix) || slices.Contains(others, name) {
			continue
		}
		v, ok := keys[name]
		if !ok {
			f.add(name, "there is no such key; see the example file")
			continue
		}
		if err := set(v, value); err != nil {
			f.add(name, "%v", err)
		}
		c.origin.environ[name] = true
	}
	return f.err()
}

// settable collects the keys that one value can set, by their variable.
func settable(v reflect.Value, name string, keys map[string]reflect.Value) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("toml")
		if tag == "-" {
			continue
		}
		key := name + strings.ToUpper(tag)
		switch f := v.Field(i); {
		case f.Kind() == reflect.Struct:
			settable(f, key+"_", keys)
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() != reflect.String, f.Kind() == reflect.Map:
		default:
			keys[key] = f
		}
	}
}

func set(v reflect.Value, s string) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fmt.Errorf("is not a whole number")
		}
		v.SetInt(n)
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("is neither true nor false")
		}
		v.SetBool(b)
	case reflect.Slice:
		var list []string
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		v.Set(reflect.ValueOf(list))
	default:
		panic("config: internal: no value of kind " + v.Kind().String())
	}
	return nil
}

// Text returns what a key says, as a variable would say it: lists separated by commas. It
// panics for what is no such key.
func (c *Config) Text(key string) string {
	switch v := c.field(key); v.Kind() {
	case reflect.Slice:
		return strings.Join(v.Interface().([]string), ", ")
	default:
		return fmt.Sprint(v.Interface())
	}
}

// SetText sets a key by what Text returns. The error is a Fault.
func (c *Config) SetText(key, text string) error {
	if err := set(c.field(key), text); err != nil {
		return &Fault{key, err.Error()}
	}
	return nil
}

func (c *Config) field(key string) reflect.Value {
	keys := map[string]reflect.Value{}
	settable(reflect.ValueOf(c).Elem(), prefix, keys)
	v, ok := keys[variable(key)]
	if !ok {
		panic("config: internal: no key " + key)
	}
	return v
}
