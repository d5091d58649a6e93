package locale_test

import "testing"

func TestWholeNumbers(t *testing.T) {
	c := load(t)
	for _, x := range []struct {
		n          any
		sv, en, da string
	}{
		{0, "0", "0", "0"}, {-7, "-7", "-7", "-7"}, {9999, "9999", "9999", "9999"}, {10_000, "10\u00a0000", "10,000", "10.000"},
		{int64(123_456), "123\u00a0456", "123,456", "123.456"}, {-1_234_567, "-1\u00a0234\u00a0567", "-1,234,567", "-1.234.567"},
	} {
		for lang, want := range map[string]string{"sv": x.sv, "en": x.en, "da": x.da} {
			if got := c.For(lang).Whole(x.n); got != want {
				t.Errorf("%v is %q in %s, not %q", x.n, got, lang, want)
			}
		}
	}
	t.Run("so they stand in a sentence, which keeps the form of its number", func(t *testing.T) {
		if got := c.For("sv").N("layout.unread", 12_000); got != "12\u00a0000 olästa" {
			t.Errorf("%q", got)
		}
		if got := c.For("sv").N("layout.unread", 1); got != "1 oläst" {
			t.Errorf("%q", got)
		}
	})
}
