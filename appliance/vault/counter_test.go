package vault_test

import (
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/vault"
)

// turned is a clock that stands until it is turned.
type turned struct{ by atomic.Int64 }

func (c *turned) Now() time.Time         { return newClock().Now().Add(time.Duration(c.by.Load())) }
func (c *turned) Running() time.Duration { return 0 }
func (c *turned) goes(d time.Duration)   { c.by.Add(int64(d)) }

func TestCountersOfATurnedClock(t *testing.T) {
	name := []byte("pin/1")
	t.Run("a clock that is set back gives no try back, however often and however far", func(t *testing.T) {
		c := &turned{}
		db := openWith(t, vault.Config{Dir: t.TempDir(), Clock: c})
		for i := int64(1); i <= 9; i++ {
			c.goes(-time.Duration(i) * 50 * time.Minute)
			if n, err := db.Counted(ctx, name); n != i-1 || err != nil {
				t.Errorf("after %d it counts %d, %v", i-1, n, err)
			}
			if n, err := db.Count(ctx, name, 15*time.Minute); n != i || err != nil {
				t.Errorf("count %d is %d, %v", i, n, err)
			}
		}
	})
	t.Run("who only looks is let in when the window is over, at the mended clock", func(t *testing.T) {
		c := &turned{}
		db := openWith(t, vault.Config{Dir: t.TempDir(), Clock: c})
		c.goes(30 * 24 * time.Hour)
		if _, err := db.Count(ctx, name, time.Minute); err != nil {
			t.Fatal(err)
		}
		c.goes(-30 * 24 * time.Hour)
		for _, want := range []int64{1, 1, 0} {
			if n, err := db.Counted(ctx, name); n != want || err != nil {
				t.Errorf("%d, want %d, %v", n, want, err)
			}
			c.goes(30 * time.Second)
		}
	})
}
