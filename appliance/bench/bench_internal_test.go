package bench

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	if s := spread([]float64{5, 1, 3}); s != (Spread{3, 1, 5, 3}) {
		t.Errorf("%+v", s)
	}
	if s := spread([]float64{4, 2}); s.Median != 3 {
		t.Errorf("%+v", s)
	}
	if s := spread(nil); s.N != 0 {
		t.Errorf("%+v", s)
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		t      target
		median float64
		want   string
	}{
		{atLeast(2, "×"), 2.1, "reached"}, {atLeast(2, "×"), 2, "reached"}, {atLeast(2, "×"), 1.9, "short"},
		{atMost(40, "MB"), 39, "reached"}, {atMost(40, "MB"), 40, "reached"}, {atMost(40, "MB"), 41, "short"},
	} {
		if got := c.t.verdict(Spread{Median: c.median, N: 1}); got != c.want {
			t.Errorf("%v with %v: %s, not %s", c.t, c.median, got, c.want)
		}
	}
	if got := atMost(1, "").verdict(Spread{}); got != "not measured" {
		t.Errorf("nothing measured: %s", got)
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	if s := spread(ratios([]float64{10, 100, 30}, []float64{5, 50, 10})); s.Median != 2 || s.Most != 3 {
		t.Errorf("%+v", s)
	}
}

func TestMarked(t *testing.T) {
	t.Run("it is the same, however it is read", func(t *testing.T) {
		whole, err := io.ReadAll(&marked{end: 100_000})
		if err != nil || len(whole) != 100_000 {
			t.Fatal(len(whole), err)
		}
		var parts bytes.Buffer
		if _, err := io.CopyBuffer(struct{ io.Writer }{&parts}, struct{ io.Reader }{&marked{end: 100_000}}, make([]byte, 977)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(whole, parts.Bytes()) || bytes.Count(whole, []byte(mark)) < 2000 {
			t.Error("they differ")
		}
	})
	t.Run("the search finds it across the edge of two reads, and nothing where nothing is", func(t *testing.T) {
		dir := t.TempDir()
		if err := control(dir); err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "clean"), make([]byte, 3<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := unmarked(dir); err != nil {
			t.Error(err)
		}
	})
}

func TestLetters(t *testing.T) {
	for _, size := range []int{small, large} {
		l := newLetters(size).next(3, 4)
		if n := len(l.head) + len(l.rest); n < size*9/10 || n > size*11/10 {
			t.Errorf("%d bytes instead of %d", n, size)
		}
		for line := range strings.Lines(string(l.head) + string(l.rest)) {
			if strings.HasPrefix(line, ".") || !strings.HasSuffix(line, "\r\n") {
				t.Fatalf("a line that DATA would change: %q", line)
			}
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, o := range []Options{{Rows: []int{9}, Rounds: 1}, {Rounds: 0}, {Rounds: 101}} {
		o.Out, o.Log = io.Discard, io.Discard
		if Run(context.Background(), o) == nil {
			t.Errorf("%+v is run", o)
		}
	}
}

func TestParseStat(t *testing.T) {
	line := "42 (a) b (c) S 7 7 7 0 -1 4194560 1 2 3 4 100 50 20 10 20 0 1 0 5 6 7"
	for _, c := range []struct {
		pid  int
		used time.Duration
		ours bool
	}{{42, 1800 * time.Millisecond, true}, {7, 1800 * time.Millisecond, true}, {4, 0, false}} {
		used, ours, err := parseStat(line, c.pid)
		if err != nil || used != c.used || ours != c.ours {
			t.Errorf("%d: %v %v %v", c.pid, used, ours, err)
		}
	}
	if _, _, err := parseStat("1 (x) S 1", 1); err == nil {
		t.Error("a short line is taken")
	}
}
