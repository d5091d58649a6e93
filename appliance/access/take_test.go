package access_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"sigill/appliance/access"
)

func TestTake(t *testing.T) {
	t.Parallel()
	c := newClock()
	set := access.NewTokens[string](c)
	t.Run("of many who show one token at the same moment, one gets what is under it", func(t *testing.T) {
		for range 100 {
			token, err := set.Add("picture")
			fine(t, err)
			var got atomic.Int64
			var wait sync.WaitGroup
			for range 8 {
				wait.Go(func() {
					if v, ok := set.Take(token); ok && v == "picture" {
						got.Add(1)
					}
				})
			}
			wait.Wait()
			if got.Load() != 1 {
				t.Fatalf("%d got it", got.Load())
			}
		}
	})
	t.Run("what is over, or was never given out, is nobody's", func(t *testing.T) {
		token, err := set.Add("picture")
		fine(t, err)
		c.goes(access.SessionIdle)
		if v, ok := set.Take(token); ok || v != "" {
			t.Errorf("%q", v)
		}
		if _, ok := set.Take(access.Token{}); ok {
			t.Error("the empty token is somebody's")
		}
	})
}
