package signon

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxText    = 1000 // bytes of one claim that is used as text
	maxMethods = 20   // of amr
)

// claims are what is said of somebody, by the exact names: encoding/json would take Nonce
// for nonce if a struct had it.
type claims map[string]json.RawMessage

// text returns a claim that is a string.
func (c claims) text(name string) (string, bool) {
	var s string
	err := json.Unmarshal(c[name], &s)
	return s, err == nil && s != "" && len(s) <= maxText
}

// only returns a claim that is a string, or a list of one, as Entra has "emails".
func (c claims) only(name string) (string, bool) {
	var list []string
	if json.Unmarshal(c[name], &list) != nil || len(list) != 1 {
		return c.text(name)
	}
	return list[0], list[0] != "" && len(list[0]) <= maxText
}

// list returns a claim that is a list of strings, as far as it is reasonable.
func (c claims) list(name string) []string {
	var list []string
	if json.Unmarshal(c[name], &list) != nil {
		return nil
	}
	list = slices.DeleteFunc(list, func(s string) bool { return !isToken(s, 100) })
	return slices.Clip(list[:min(len(list), maxMethods)])
}

// isTrue reports whether a claim is true. Some issuers send it as a string.
func (c claims) isTrue(name string) bool {
	return string(c[name]) == "true" || string(c[name]) == `"true"`
}

// holds reports whether a claim is a value, or has it among others.
func (c claims) holds(name, value string) bool {
	var one any
	if json.Unmarshal(c[name], &one) != nil {
		return false
	}
	switch v := one.(type) {
	case string:
		return v == value
	case bool, float64:
		return string(c[name]) == value // as it is written there: true, 1
	case []any:
		return slices.Contains(v, any(value))
	}
	return false
}

// time returns a claim that is a moment: seconds since 1970 (RFC 7519, 2), or, as AD FS
// writes auth_time, RFC 3339.
func (c claims) time(name string) (time.Time, bool) {
	var seconds float64
	if json.Unmarshal(c[name], &seconds) == nil && len(c[name]) > 0 {
		const most = 253402300800 // the year 10000, beyond which there is no RFC 3339 either
		if math.IsNaN(seconds) || seconds <= 0 || seconds >= most {
			return time.Time{}, false
		}
		return time.Unix(int64(seconds), 0).UTC(), true
	}
	s, ok := c.text(name)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err == nil && t.Unix() > 0
}

// name returns what the person is called, or nothing if that cannot be shown.
func (c claims) name() string {
	s, ok := c.text("name")
	if !ok {
		given, _ := c.text("given_name")
		family, _ := c.text("family_name")
		s = given + " " + family
	}
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxName || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return s
}
