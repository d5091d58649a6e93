package locale_test

import "testing"

func TestMoney(t *testing.T) {
	c := load(t)
	sv, en := c.For("sv"), c.For("en")
	t.Run("an amount is said to the hundredth, with the language's own sign", func(t *testing.T) {
		if got := sv.Money(12_345_000, "SEK"); got != "12,35\u00a0SEK" {
			t.Errorf("%q", got)
		}
		if got := sv.Money(12_345_678_900, "SEK"); got != "12\u00a0345,68\u00a0SEK" {
			t.Errorf("%q", got)
		}
		if got := en.Money(12_344_999, "EUR"); got != "12.34\u00a0EUR" {
			t.Errorf("%q", got)
		}
	})
	for _, x := range []struct {
		n        int64
		decimals int
		want     string
	}{
		{0, 2, "0.00"}, {4_999, 2, "0.00"}, {5_000, 2, "0.01"}, {350_000, 4, "0.3500"}, {1, 6, "0.000001"}, {1_500_000, 0, "2"}, {-1_500_000, 1, "-1.5"}, {999_999, 2, "1.00"},
		{1_234_567_890_000, 2, "1234567.89"},
	} {
		if got := en.Amount(x.n, x.decimals); got != x.want {
			t.Errorf("%d to %d decimals is %q, not %q", x.n, x.decimals, got, x.want)
		}
	}
}
