package vault_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"sigill/appliance/vault"
)

// BenchmarkPutSealed keeps typical letters durably: 12 rows and 6 slots each.
func BenchmarkPutSealed(b *testing.B) {
	for _, n := range []int{1, 10, 50} {
		b.Run(fmt.Sprintf("%d at once", n), func(b *testing.B) {
			db := open(b, b.TempDir())
			at := newClock().Now()
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ReportAllocs()
			b.ResetTimer()
			var wait sync.WaitGroup
			for range n {
				wait.Go(func() {
					for left.Add(-1) >= 0 {
						l := newLetter(b, db, at)
						if err := db.Update(ctx, func(tx *vault.Tx) error { return l.put(tx) }); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wait.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
