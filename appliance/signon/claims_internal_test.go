package signon

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzClaims: whatever an issuer says, what is made of it stays within its bounds.
func FuzzClaims(f *testing.F) {
	for _, s := range []string{
		`{"a":"x"}`, `{"a":["x"]}`, `{"a":17}`, `{"a":1e400}`, `{"a":-5}`, `{"a":true}`, `{"a":null}`, `{"a":{"b":"c"}}`,
		`{"a":"2026-11-22T09:00:00+01:00"}`, `{"name":"Maria Ek"}`, `{"given_name":"Maria"}`, `{"name":"\u202e\u0000"}`, `[]`, ``, `{"a":253402300799.9}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var c claims
		if json.Unmarshal([]byte(s), &c) != nil {
			return
		}
		for _, name := range []string{"a", "name", "missing"} {
			for _, get := range []func(string) (string, bool){c.text, c.only} {
				if v, ok := get(name); ok && (v == "" || len(v) > maxText) {
					t.Errorf("%q", v)
				}
			}
			if v := c.list(name); len(v) > maxMethods {
				t.Errorf("%d methods", len(v))
			}
			if at, ok := c.time(name); ok && (at.Unix() < 0 || at.Year() > 9999+1) || !ok && at.After(time.Unix(1<<40, 0)) {
				t.Error(at)
			}
			if c.holds(name, "") && string(c[name]) != `""` && c[name][0] != '[' {
				t.Errorf("%s holds nothing", c[name])
			}
			c.isTrue(name)
		}
		if n := c.name(); utf8.RuneCountInString(n) > maxName || !utf8.ValidString(n) {
			t.Errorf("%q", n)
		}
	})
}
