package intake

import (
	"bytes"
	"io"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
)

// theirs is what enmime reads.
func theirs(t *testing.T, b []byte, label string) string {
	t.Helper()
	head := "Content-Type: text/plain; charset=\"" + label + "\"\r\nContent-Transfer-Encoding: binary\r\n\r\n"
	p, err := enmime.NewParser(enmime.DisableCharacterDetection(true)).ReadParts(io.MultiReader(strings.NewReader(head), bytes.NewReader(b)))
	if err != nil {
		t.Fatal(err)
	}
	return string(p.Content)
}

func TestRareCharacterSets(t *testing.T) {
	t.Run("names that browsers do not know are read as enmime reads them", func(t *testing.T) {
		for label, raw := range map[string]string{
			"utf-7": "Hej +AOUA5AD2-!", "utf7": "+AMUAxADW-", "iso8859_1": "sm\xf6rg\xe5s", "iso646-us": "plain", "iso: western": "sm\xf6rg\xe5s", "we8iso8859p1": "sm\xf6rg\xe5s",
			"cp936": "\xc4\xe3\xba\xc3", "cp850": "sm\x94rg\x86s", "cp-850": "sm\x94rg\x86s", "ibm850": "sm\x94rg\x86s", "136": "\xa7A\xa6n", "cp932": "\x82\xb1\x82\xf1",
			"8859-1": "sm\xf6rg\xe5s", "8859_1": "sm\xf6rg\xe5s", "8859-2": "\xb1\xe6", "8859_5": "\xd0\xd1", "8859-7": "\xe1\xe2", "8859_15": "\xa4 sm\xf6r", "utf8mb4": "smörgås", "238": "\x9c\xb9",
			"hz-gb-2312": "~{<:Ky2;~}",
		} {
			var f faults
			if e := lookup(label); e != nil {
				t.Errorf("%s is not rare", label)
			}
			got := rare([]byte(raw), label, &f)
			if want := theirs(t, []byte(raw), label); got != want || !slices.Contains(f, FaultCharset) {
				t.Errorf("%s: %q, not %q", label, got, want)
			}
		}
	})
	t.Run("the pages of old machines are known by IANA's names", func(t *testing.T) {
		for label, want := range map[string]string{"cp437": "smörgås", "ibm437": "smörgås", "ibm00858": "smörgås"} {
			var f faults
			if got := rare([]byte("sm\x94rg\x86s"), label, &f); got != want {
				t.Errorf("%s: %q", label, got)
			}
		}
	})
	t.Run("what nobody knows is read as if nothing were stated", func(t *testing.T) {
		for _, label := range []string{"x-nothing", "8859-99", "a b", strings.Repeat("8859-1", 20), "\x00", "utf-7\r\n", "csnotreal"} {
			var f faults
			if got := rare([]byte("sm\xf6rg\xe5s"), label, &f); got != "smörgås" {
				t.Errorf("%q: %q", label, got)
			}
		}
	})
	t.Run("broken UTF-7 is text all the same", func(t *testing.T) {
		for _, raw := range []string{"+", "+AOU", "+2AA-", "+////-", "a+-b+", "\xff+AOU-", "+AOUA5AD2AOUA5AD2AOUA5AD2AOUA5AD2"} {
			var f faults
			if got := rare([]byte(raw), "utf-7", &f); !utf8.ValidString(got) {
				t.Errorf("%q: %q", raw, got)
			}
		}
	})
}

func TestAddressesWithoutCommas(t *testing.T) {
	for in, want := range map[string][]string{
		"anna@example.se bo@example.se":                          {"anna@example.se", "bo@example.se"},
		"Anna <anna@example.se> Bo <bo@example.se>":              {"anna@example.se", "bo@example.se"},
		"Anna <anna@example.se>; Bo <bo@example.se>;":            {"anna@example.se", "bo@example.se"},
		"\"Ek; Anna @ hem\" <anna@example.se> bo@example.se":     {"anna@example.se", "bo@example.se"},
		"\"a \\\" b@c.se d\" <anna@example.se>;\r\n\tbo@bo.se":   {"anna@example.se", "bo@bo.se"},
		"anna@example.se, bo@example.se cilla@example.se":        {"anna@example.se", "bo@example.se", "cilla@example.se"},
		"anna@example.se ,, (broken":                             {"anna@example.se"},
		"<anna@example.se> <bo@example.se> <cilla@example.se>":   {"anna@example.se", "bo@example.se", "cilla@example.se"},
		"Anna Ek <anna@example.se> Bo Ek <bo@example.se>, c@d.e": {"anna@example.se", "bo@example.se", "c@d.e"},
	} {
		var f faults
		var got []string
		for _, a := range addresses(in, &f) {
			got = append(got, a.given)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q is %q, not %q", in, got, want)
		}
		list, err := enmime.ParseAddressList(in)
		if err == nil && !slices.EqualFunc(list, got, func(a *mail.Address, s string) bool { return a.Address == s }) {
			t.Errorf("%q is %q, and to enmime %v", in, got, list)
		}
	}
}
