// Package welch tells whether one thing takes longer than another: tests at doors use it,
// by which a stranger must not learn from the time what there is behind them.
//
// Nothing of it is in the product.
package welch

import (
	"fmt"
	"math"
	"slices"
)

// Seen is the |t| from which on a difference counts as seen: it comes by chance once in a
// hundred thousand runs.
const Seen = 4.5

type sample struct{ mean, variance float64 } // variance is of the mean

func sampleOf(list []float64) (s sample) {
	for _, v := range list {
		s.mean += v / float64(len(list))
	}
	for _, v := range list {
		s.variance += (v - s.mean) * (v - s.mean)
	}
	s.variance /= float64(len(list)-1) * float64(len(list))
	return s
}

// Test is Welch's t of how much longer a takes than b, in microseconds, with all that was
// measured; say tells it with both means. Each needs two values.
func Test(a, b []float64) (t float64, say string) {
	x, y := sampleOf(a), sampleOf(b)
	t = (x.mean - y.mean) / math.Sqrt(x.variance+y.variance)
	return t, fmt.Sprintf("%d and %d tries: %+.1f µs to %.0f: Welch's t %.2f", len(a), len(b), x.mean-y.mean, y.mean, t)
}

// Without leaves out the slowest part of both together, by one bound for both: what it cuts
// off is the disk's and the neighbours', and where a difference makes one of the two slower,
// more of that one is cut off and the rest still differs.
func Without(part float64, a, b []float64) (fewer, less []float64) {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	most := all[int(float64(len(all)-1)*(1-part))]
	over := func(v float64) bool { return v > most }
	return slices.DeleteFunc(slices.Clone(a), over), slices.DeleteFunc(slices.Clone(b), over)
}
