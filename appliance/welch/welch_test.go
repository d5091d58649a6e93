package welch_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"sigill/appliance/welch"
)

func TestWelch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	times := func(n int, mean, spread float64) (list []float64) {
		for range n {
			list = append(list, mean+spread*r.NormFloat64())
		}
		return list
	}
	t.Run("it is what the formula gives", func(t *testing.T) {
		// Means 5 and 3; variances of the means 1/3 and 1/3.
		if got, _ := welch.Test([]float64{4, 5, 6}, []float64{2, 3, 4}); math.Abs(got-2/math.Sqrt(2.0/3)) > 1e-9 {
			t.Error(got)
		}
	})
	t.Run("a small difference is seen with enough tries, and none is not", func(t *testing.T) {
		if got, say := welch.Test(times(1000, 1030, 100), times(1000, 1000, 100)); got < welch.Seen {
			t.Error(say)
		}
		if got, say := welch.Test(times(1000, 1000, 100), times(1000, 1000, 300)); math.Abs(got) >= welch.Seen {
			t.Error(say)
		}
	})
	t.Run("a few that are slow by chance do not hide it, left out by one bound for both", func(t *testing.T) {
		a, b := times(1000, 1030, 100), times(1000, 1000, 100)
		for i := range 20 {
			b[i*37] += 20_000 * r.Float64()
		}
		a, b = welch.Without(0.25, a, b)
		if got, say := welch.Test(a, b); got < welch.Seen || len(a)+len(b) != 1500 {
			t.Error(say)
		}
	})
}
