package access_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

var printed = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`)

func TestSignInCode(t *testing.T) {
	t.Run("it is read as people type it", func(t *testing.T) {
		for _, s := range []string{"K0FQ2-1DM9X", "k0fq2-1dm9x", " KOFQ2 IDM9X ", "kofq2ldm9x", "K0 FQ 21 DM 9X", "K0FQ2–1DM9X"} {
			if c, ok := access.ParseSignInCode(s); !ok || c.Text() != "K0FQ2-1DM9X" {
				t.Errorf("%q is %q, %v", s, c.Text(), ok)
			}
		}
		for _, s := range []string{"", "K0FQ2", "K0FQ2-1DM9XX", "K0FQ2-1DM9U", "123456", "K0FQ2-1DM9Å", strings.Repeat("-", 100)} {
			if _, ok := access.ParseSignInCode(s); ok {
				t.Errorf("%q is one", s)
			}
		}
	})
	t.Run("it cannot be printed but by its text", func(t *testing.T) {
		c := access.NewSignInCode()
		j, _ := json.Marshal(struct{ C any }{c})
		half := c.Text()[:5]
		for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%s %x %#v %+v", c, c, c, struct{ c access.SignInCode }{c}), string(j)} {
			if strings.Contains(s, half) {
				t.Errorf("%s", s)
			}
		}
	})
	t.Run("a set has ten that differ, and what is kept of it says none of them", func(t *testing.T) {
		codes, keep, err := access.NewSignInCodes(ctx, newApp(), keyring.NewStretcher(cheap, 2, nil), mail.NewID())
		fine(t, err)
		seen := map[string]bool{}
		for _, c := range codes {
			seen[c.Text()] = true
			if !printed.MatchString(c.Text()) {
				t.Errorf("%q", c.Text())
			}
		}
		if len(seen) != 10 || len(keep.Hashes) != 10 || len(keep.Salt) != 16 {
			t.Errorf("%d codes, %d hashes", len(seen), len(keep.Hashes))
		}
	})
}

func FuzzParseSignInCode(f *testing.F) {
	for _, s := range []string{"K0FQ2-1DM9X", "k0fq2 1dm9x", "OIL00-00000", "", "------------", "١٢٣٤٥٦٧٨٩٠", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := access.ParseSignInCode(s)
		if !ok {
			if c.Text() != "" {
				t.Fatalf("%q is none and has a text", s)
			}
			return
		}
		if !printed.MatchString(c.Text()) {
			t.Fatalf("%q is read as %q", s, c.Text())
		}
		if again, ok := access.ParseSignInCode(c.Text()); !ok || again.Text() != c.Text() {
			t.Fatalf("%q is read as another one the second time", s)
		}
	})
}

func TestSpendCodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	me := mail.NewID()
	t.Run("five sets a day, and a person's are no other's", func(t *testing.T) {
		for range 5 {
			fine(t, h.SpendCodes(ctx, me))
		}
		want(t, h.SpendCodes(ctx, me), mail.Busy, "error.codes.day")
		fine(t, h.SpendCodes(ctx, mail.NewID()))
	})
	t.Run("and the next day again", func(t *testing.T) {
		h.clock.goes(24 * time.Hour)
		fine(t, h.SpendCodes(ctx, me))
	})
}
