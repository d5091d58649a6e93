package access_test

import (
	"testing"
	"time"

	"sigill/appliance/access"
)

func TestTokens(t *testing.T) {
	c := newClock()
	set := access.NewTokens[string](c)
	add := func(t *testing.T, v string) access.Token {
		t.Helper()
		token, err := set.Add(v)
		fine(t, err)
		return token
	}
	alive := func(token access.Token) bool { _, ok := set.Get(token); return ok }

	t.Run("a token gives what was kept under it, as often as it is shown", func(t *testing.T) {
		a, b := add(t, "anna"), add(t, "bo")
		for range 2 {
			if v, ok := set.Get(a); !ok || v != "anna" {
				t.Errorf("%q %v", v, ok)
			}
		}
		if v, _ := set.Get(b); v != "bo" || a == b {
			t.Errorf("%q", v)
		}
	})
	t.Run("a token that was never given out is nobody's", func(t *testing.T) {
		token := add(t, "anna")
		token[31] ^= 1
		if v, ok := set.Get(token); ok || v != "" {
			t.Errorf("%q", v)
		}
		if alive(access.Token{}) {
			t.Error("the empty token is somebody's")
		}
	})
	t.Run("a token of another kind, or of the process before, is nobody's", func(t *testing.T) {
		other := access.NewTokens[string](c)
		if _, ok := other.Get(add(t, "anna")); ok {
			t.Error("taken")
		}
	})
	t.Run("what is in use by something else than requests is kept alive, and nothing beside it", func(t *testing.T) {
		a, b := add(t, "a download"), add(t, "b")
		keeps := func() bool { return set.KeepWhere(func(v string) bool { return v == "a download" }) }
		for range 3 {
			c.goes(access.SessionIdle - 1)
			if !keeps() {
				t.Fatal("over too early")
			}
		}
		if alive(b) || !alive(a) {
			t.Error("the wrong one lives")
		}
		set.Drop(a)
		if keeps() {
			t.Error("lives on")
		}
		a = add(t, "a download")
		for range 2 * int(access.SessionMost/access.SessionIdle) {
			c.goes(access.SessionIdle / 2)
			keeps()
		}
		if keeps() || alive(a) {
			t.Error("it lives for ever")
		}
	})
	t.Run("who does not come for half an hour has to begin again", func(t *testing.T) {
		token := add(t, "anna")
		c.goes(access.SessionIdle - 1)
		if !alive(token) {
			t.Fatal("over too early")
		}
		c.goes(access.SessionIdle - 1)
		if !alive(token) {
			t.Fatal("coming does not keep it alive")
		}
		c.goes(access.SessionIdle)
		if alive(token) {
			t.Error("lives on")
		}
	})
	t.Run("after twelve hours it is over, however often somebody came", func(t *testing.T) {
		token := add(t, "anna")
		step := 20 * time.Minute
		for past := step; past < access.SessionMost; past += step {
			c.goes(step)
			if !alive(token) {
				t.Fatalf("over after %v", past)
			}
		}
		c.goes(step)
		if alive(token) {
			t.Error("lives on")
		}
	})
	t.Run("a wall that is set back gives no session longer life", func(t *testing.T) {
		token := add(t, "anna")
		c.goes(access.SessionIdle)
		c.turned(-24 * time.Hour)
		if alive(token) {
			t.Error("lives on")
		}
	})
	t.Run("who leaves is out, and nobody else is", func(t *testing.T) {
		a, b := add(t, "anna"), add(t, "bo")
		set.Drop(a)
		set.Drop(a)
		if alive(a) || !alive(b) {
			t.Error(alive(a), alive(b))
		}
	})
	t.Run("all of one person's end together", func(t *testing.T) {
		a, b, also := add(t, "anna"), add(t, "bo"), add(t, "anna")
		set.DropWhere(func(v string) bool { return v == "anna" })
		if alive(a) || alive(also) || !alive(b) {
			t.Error(alive(a), alive(also), alive(b))
		}
	})
	t.Run("a sweep takes what is over and leaves what is not", func(t *testing.T) {
		kept := 0
		count := func() int {
			kept = 0
			set.DropWhere(func(string) bool { kept++; return false })
			return kept
		}
		old := add(t, "old")
		c.goes(access.SessionIdle - 1)
		young := add(t, "young")
		c.goes(1)
		set.Sweep()
		if count() != 1 || alive(old) || !alive(young) {
			t.Errorf("%d kept: %v %v", kept, alive(old), alive(young))
		}
	})
}
