package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Source is where the value of a setting comes from.
type Source uint8

// The sources, each taking the place of the one before it.
const (
	FromDefault     Source = iota // nothing is said of it
	FromProgram                   // what runs without a file, as the demo does
	FromFile                      // the file
	FromEnvironment               // a variable
)

// Setting is one key of the file, as people are shown it: what it may be, what it is by
// itself, and what it is. Values stand as the file has them.
type Setting struct {
	Key      string // "web.listen"; of a field of a table of a list "sms.gateway.url"
	Variable string // that takes its place; "" where none can
	Needed   bool   // there is no default, and nothing runs without it
	List     bool   // it is a list of tables; its values are their names
	Hidden   bool   // may hold a secret: its values say only that there is one
	Default  string // "" for nothing
	Values   []Value
	Next     []Value // what the file says now, if it differs; see Book
	Differs  bool    // Next is what will hold
	Source   Source
	Bound    *Bound   // of a number
	Choices  []string // if it must be one of these
}

// Value is what a setting is. Of the fields of a list's tables there is one for each table
// that says something.
type Value struct {
	Of   string // the name of the table; else ""
	Text string
}

// Section is the table of the file in which a key stands; "" is before the first.
func (s Setting) Section() string {
	section, _, ok := strings.Cut(s.Key, ".")
	if !ok && !s.List {
		return ""
	}
	return section
}

// Other reports whether it is something else than by itself.
func (s Setting) Other() bool {
	if len(s.Values) == 0 { // a number, and a yes or no, always say something, unless there is no table with them
		return s.Default != "" && s.Default != "false" && s.Bound == nil
	}
	return slices.ContainsFunc(s.Values, func(v Value) bool { return v.Text != s.Default })
}

// needed are the keys that nobody can guess. A test holds them against Validate.
var needed = []string{
	"house.name", "house.department", "house.domains", "web.base_url", "smtp.hostname", "smarthost.host", "notices.from", "notices.own_domain",
}

// hidden are the keys in which people write keys that belong in a file.
var hidden = []string{"sms.gateway.header", "sms.gateway.body"}

// Settings returns every key, in the order of the file. Secrets are not in it.
func (c Config) Settings() []Setting {
	b := lister{c: c, variables: map[string]reflect.Value{}}
	settable(reflect.ValueOf(&b.c).Elem(), prefix, b.variables)
	b.list(reflect.ValueOf(c.redacted()), reflect.ValueOf(Default()), "")
	return b.all
}

// lister walks through a configuration beside the default one.
type lister struct {
	c         Config
	variables map[string]reflect.Value
	all       []Setting
}

func (b *lister) list(v, def reflect.Value, before string) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("toml")
		if tag == "-" {
			continue
		}
		f, d, key := v.Field(i), def.Field(i), before+tag
		switch {
		case f.Kind() == reflect.Struct:
			b.list(f, d, key+".")
		case tables(f.Type()):
			b.tables(f, key)
		default:
			s := b.setting(key, literal(d))
			if text := literal(f); text != "" {
				s.Values = []Value{{Text: text}}
			}
			b.all = append(b.all, b.sourced(s))
		}
	}
}

// tables adds a list of tables, by their names, and then each field with what the tables
// say of it.
func (b *lister) tables(list reflect.Value, key string) {
	s := b.setting(key, "")
	s.List = true
	for i := range list.Len() {
		s.Values = append(s.Values, Value{Text: strconv.Quote(list.Index(i).FieldByName("Name").String())})
	}
	b.all = append(b.all, b.sourced(s))
	row := list.Type().Elem()
	for n := range row.NumField() {
		tag := row.Field(n).Tag.Get("toml")
		if tag == "-" {
			continue
		}
		s := b.setting(key+"."+tag, literal(reflect.Zero(row.Field(n).Type)))
		for i := range list.Len() {
			if text := literal(list.Index(i).Field(n)); text != "" {
				s.Values = append(s.Values, Value{Of: list.Index(i).FieldByName("Name").String(), Text: text})
			}
		}
		b.all = append(b.all, b.sourced(s))
	}
}

// setting is what is known of a key whatever it says.
func (b *lister) setting(key, def string) Setting {
	s := Setting{
		Key: key, Default: def,
		Needed: slices.Contains(needed, key), Hidden: slices.Contains(hidden, key), Choices: choices[key],
	}
	if n, ok := bounds[key]; ok {
		s.Bound = &n
	}
	if v := variable(key); b.variables[v].IsValid() {
		s.Variable = v
	}
	return s
}

// sourced adds where the value comes from, and takes away what must not be shown.
func (b *lister) sourced(s Setting) Setting {
	o := b.c.origin
	switch {
	case o.environ[s.Variable]:
		s.Source = FromEnvironment
	case o.written[s.Key]:
		s.Source = FromFile
	case o.path == "" && s.Other():
		s.Source = FromProgram
	}
	if s.Hidden {
		for i := range s.Values {
			s.Values[i].Text = Secret("").String()
		}
	}
	return s
}

// FromEnvironment reports whether a variable has taken the place of a key.
func (c Config) FromEnvironment(key string) bool { return c.origin.environ[variable(key)] }

// variable is the name of what takes the place of a key in the environment.
func variable(key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// tables reports whether a field is a list of tables.
func tables(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct
}

// literal is a value as the file has it; "" for one that says nothing.
func literal(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		if v.String() == "" {
			return ""
		}
		return strconv.Quote(v.String())
	case reflect.Slice:
		if v.Len() == 0 {
			return ""
		}
		var words []string
		for i := range v.Len() {
			words = append(words, strconv.Quote(v.Index(i).String()))
		}
		return "[" + strings.Join(words, ", ") + "]"
	case reflect.Map:
		if v.Len() == 0 {
			return ""
		}
		var words []string
		for _, k := range v.MapKeys() {
			words = append(words, fmt.Sprintf("%s = %q", k, v.MapIndex(k)))
		}
		slices.Sort(words)
		return "{ " + strings.Join(words, ", ") + " }"
	case reflect.Int, reflect.Int64, reflect.Bool:
		return fmt.Sprint(v.Interface())
	}
	panic("config: internal: no value of kind " + v.Kind().String())
}
