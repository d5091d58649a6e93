package appliance

import (
	"testing"
	"time"
)

func TestOutage(t *testing.T) {
	clock := NewTurned()
	o := &outage{clock: clock}
	began := clock.Now()
	for range manyFail - 1 {
		o.heard(false)
		clock.Turn(time.Minute)
	}
	t.Run("two in a row may be numbers that are wrong", func(t *testing.T) {
		if s := o.since(); !s.IsZero() {
			t.Error(s)
		}
	})
	t.Run("three are the gateway's fault, as of the first", func(t *testing.T) {
		o.heard(false)
		if s := o.since(); s.IsZero() || s.Sub(began) >= time.Minute {
			t.Errorf("%v, not %v", s, began)
		}
	})
	t.Run("one that goes ends it", func(t *testing.T) {
		o.heard(true)
		o.heard(false)
		if s := o.since(); !s.IsZero() {
			t.Error(s)
		}
	})
}
