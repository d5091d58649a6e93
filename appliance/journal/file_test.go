package journal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sigill/appliance/journal"
)

func TestCheckpointFile(t *testing.T) {
	s := signer(t)
	list := chain(t, 200)
	point := func(n int) journal.Checkpoint {
		return journal.Checkpoint{Size: int64(n), Root: list[n-1].Hash, At: at(n)}
	}
	open := func(t *testing.T, path string) *journal.Checkpoints {
		t.Helper()
		c, err := journal.OpenCheckpoints(path, s)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	add := func(t *testing.T, c *journal.Checkpoints, n int) {
		t.Helper()
		note, err := c.Add(point(n))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Public().Open(note); err != nil || got != point(n) {
			t.Fatalf("the note says %v, %v", got, err)
		}
	}
	verify := func(t *testing.T, path string) journal.Report {
		t.Helper()
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := journal.Verify(seq(list), f, s.Public())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	t.Run("who reads beside it does not see a checkpoint of entries that came later", func(t *testing.T) {
		c := open(t, filepath.Join(t.TempDir(), "checkpoints"))
		add(t, c, 10)
		before, err := c.Reader()
		if err != nil {
			t.Fatal(err)
		}
		defer before.Close()
		add(t, c, 20)
		r, err := journal.Verify(seq(list[:15]), before, s.Public())
		if err != nil || !r.OK() || r.Torn || r.Checkpoints != 1 || r.Newest.Size != 10 {
			t.Errorf("%v\n%v", err, r)
		}
	})
	t.Run("what was added is there after the next start", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "checkpoints")
		c := open(t, path)
		if c.Last().Size != 0 {
			t.Error("a new file has a newest checkpoint")
		}
		add(t, c, 10)
		add(t, c, 20)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
		c = open(t, path)
		if c.Last() != point(20) {
			t.Errorf("newest is %v", c.Last())
		}
		add(t, c, 30)
		if r := verify(t, path); !r.OK() || r.Checkpoints != 3 || r.Torn {
			t.Error(r)
		}
		if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", st.Mode())
		}
	})
	t.Run("a journal that shrank or was rewritten is not signed", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "checkpoints")
		c := open(t, path)
		add(t, c, 50)
		if _, err := c.Add(point(49)); err == nil {
			t.Error("fewer entries were signed")
		}
		other := point(50)
		other.Root[0] ^= 1
		if _, err := c.Add(other); err == nil {
			t.Error("another root was signed")
		}
		add(t, c, 51)
		if r := verify(t, path); !r.OK() || r.Checkpoints != 2 {
			t.Error(r)
		}
	})
	t.Run("a file torn at any byte is mended at the next start, and goes on", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "checkpoints")
		c := open(t, path)
		add(t, c, 10)
		st, _ := os.Stat(path)
		add(t, c, 20)
		c.Close()
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for cut := int(st.Size()); cut < len(whole)-1; cut += 7 {
			if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			c := open(t, path)
			add(t, c, 30)
			c.Close()
			if r := verify(t, path); !r.OK() || r.Torn || r.Checkpoints != 2 {
				t.Fatalf("torn at %d: %v", cut, r)
			}
		}
		for _, tail := range []string{"\x00\x00\x00\x00", "sigill", "sigill\n", "a\n\n"} {
			if err := os.WriteFile(path, append(bytes.Clone(whole), tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			c := open(t, path)
			if c.Last() != point(20) {
				t.Fatalf("behind %q the newest is %v", tail, c.Last())
			}
			add(t, c, 30)
			c.Close()
			if r := verify(t, path); !r.OK() || r.Checkpoints != 3 {
				t.Fatalf("behind %q: %v", tail, r)
			}
		}
	})
	t.Run("only the last empty line is missing: nothing is lost", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "checkpoints")
		if err := os.WriteFile(path, s.Sign(point(10)), 0o600); err != nil {
			t.Fatal(err)
		}
		c := open(t, path)
		if c.Last() != point(10) {
			t.Errorf("newest is %v", c.Last())
		}
		add(t, c, 20)
		if r := verify(t, path); !r.OK() || r.Checkpoints != 2 {
			t.Error(r)
		}
	})
	t.Run("garbage does not keep true checkpoints from being written, and stays to be seen", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "checkpoints")
		garbage := bytes.Repeat([]byte("x"), 100_000)
		if err := os.WriteFile(path, garbage, 0o600); err != nil {
			t.Fatal(err)
		}
		add(t, open(t, path), 10)
		if b, _ := os.ReadFile(path); !bytes.HasPrefix(b, garbage) {
			t.Error("the evidence is gone")
		}
		if r := verify(t, path); r.OK() {
			t.Error("not found")
		}
	})
	t.Run("nothing is written to a closed file", func(t *testing.T) {
		c := open(t, filepath.Join(t.TempDir(), "checkpoints"))
		c.Close()
		if _, err := c.Add(point(10)); err == nil {
			t.Error("written")
		}
		if c.Last().Size != 0 {
			t.Error("said to be the newest")
		}
	})
	t.Run("many at once give a whole file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "checkpoints")
		c := open(t, path)
		var w sync.WaitGroup
		for g := range 4 {
			w.Go(func() {
				for n := 1 + g; n <= 40; n += 4 {
					c.Add(point(n)) // refused if a later one was quicker
				}
			})
		}
		w.Wait()
		if r := verify(t, path); !r.OK() || r.Newest.Size != 40 {
			t.Error(r)
		}
	})
}
