package smtpd

import (
	"testing"
	"time"
)

func TestBudget(t *testing.T) {
	t.Run("mails that declared no size do not all wait for each other", func(t *testing.T) {
		// Small enough to be no large mail, and together all that there is.
		b := newBudget(100*weight, 20*time.Millisecond)
		var all []*lease
		for range 5 {
			l := &lease{b: b}
			if !l.grow(t.Context(), 20) {
				t.Fatal("no room at the begin")
			}
			all = append(all, l)
		}
		if !all[0].grow(t.Context(), 21) {
			t.Error("nobody may go on")
		}
		if !all[1].grow(t.Context(), 22) {
			t.Error("what the first gave back is not used")
		}
		for _, l := range all {
			l.free()
		}
		if !b.small.TryAcquire(100*weight) || !b.large.TryAcquire(1) {
			t.Error("memory was not given back")
		}
	})
}
