package journal_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

const origin = "sigill.example.se/journal"

func signer(t testing.TB) *journal.Signer {
	t.Helper()
	s, err := journal.NewSigner(origin, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(n int) time.Time { return morning.Add(time.Duration(n) * time.Second) }

// checkpoints signs list at every size that is a multiple of every.
func checkpoints(s *journal.Signer, list []journal.Entry, every int) []byte {
	var b bytes.Buffer
	for n := every; n <= len(list); n += every {
		b.Write(s.Sign(journal.Checkpoint{Size: int64(n), Root: list[n-1].Hash, At: at(n)}))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// TestAttacks is A12: each attack is tried at many places and must be found at all of
// them against the witness copy. Where it says so, the control shows that it passes
// without: else the test would prove nothing.
func TestAttacks(t *testing.T) {
	const size, every, tries = 600, 50, 60
	s := signer(t)
	honest := chain(t, size)
	witness := checkpoints(s, honest, every)
	if r, err := journal.Verify(seq(honest), bytes.NewReader(witness), s.Public()); err != nil || !r.OK() || r.Checkpoints != size/every || r.Entries != size {
		t.Fatalf("the honest journal: %v %v", err, r)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	change := func(e *journal.Entry) {
		switch rnd.IntN(6) {
		case 0:
			e.Kind += "x"
		case 1:
			e.Who[rnd.IntN(32)] ^= 1
		case 2:
			e.At = e.At.Add(time.Minute)
		case 3:
			e.Message[rnd.IntN(16)] ^= 0x80
		case 4:
			e.Detail = ""
		case 5:
			e.Actor = mail.ActorAdmin
		}
	}
	for _, a := range []struct {
		name    string
		do      func(l []journal.Entry, i int) []journal.Entry
		want    journal.Damage
		without bool // passes without checkpoints: the control
	}{
		{"an entry is edited", func(l []journal.Entry, i int) []journal.Entry { change(&l[i]); return l }, journal.Edited, false},
		{"an entry is edited and its hash made anew", func(l []journal.Entry, i int) []journal.Entry {
			change(&l[i])
			prev := [32]byte{}
			if i > 0 {
				prev = l[i-1].Hash
			}
			l[i].Hash = journal.Hash(prev, l[i].Seq, l[i].Event)
			return l
		}, "", false},
		{"a hash is changed", func(l []journal.Entry, i int) []journal.Entry { l[i].Hash[3] ^= 1; return l }, journal.Edited, false},
		{"an entry is deleted", func(l []journal.Entry, i int) []journal.Entry { return slices.Delete(l, i, i+1) }, "", false},
		{"an entry is deleted and the others renumbered", func(l []journal.Entry, i int) []journal.Entry {
			l = slices.Delete(l, i, i+1)
			for j := i; j < len(l); j++ {
				l[j].Seq--
			}
			return l
		}, "", false},
		{"two entries change places", func(l []journal.Entry, i int) []journal.Entry {
			j := (i + 1 + rnd.IntN(len(l)-1)) % len(l)
			l[i], l[j] = l[j], l[i]
			return l
		}, journal.Disorder, false},
		{"two entries change contents", func(l []journal.Entry, i int) []journal.Entry {
			j := (i + 1 + rnd.IntN(len(l)-1)) % len(l)
			l[i].Event, l[j].Event = l[j].Event, l[i].Event
			return l
		}, journal.Edited, false},
		{"an entry is put in twice", func(l []journal.Entry, i int) []journal.Entry { return slices.Insert(l, i, l[i]) }, journal.Disorder, false},
		{"the tail is cut off", func(l []journal.Entry, i int) []journal.Entry { return l[:i] }, journal.Cut, true},
		{"everything is cut off", func(l []journal.Entry, i int) []journal.Entry { return nil }, journal.Cut, true},
		{"an entry is edited and the chain made anew", func(l []journal.Entry, i int) []journal.Entry { change(&l[i]); return rechain(l) }, journal.Rewritten, true},
		{"an entry is left out and the chain made anew", func(l []journal.Entry, i int) []journal.Entry { return rechain(slices.Delete(l, i, i+1)) }, "", true},
		{"an entry is put in and the chain made anew", func(l []journal.Entry, i int) []journal.Entry {
			return rechain(slices.Insert(l, i, journal.Entry{Event: event(i + 9999)}))
		}, journal.Rewritten, true},
		{"the tail is cut off and grown again with other acts", func(l []journal.Entry, i int) []journal.Entry {
			l = l[:i]
			for len(l) < size {
				l = append(l, journal.Entry{Event: event(len(l) + 7777)})
			}
			return rechain(l)
		}, journal.Rewritten, true},
	} {
		t.Run(a.name, func(t *testing.T) {
			for n := range tries {
				i := rnd.IntN(size)
				switch n {
				case 0:
					i = 0
				case 1:
					i = size - 1
				}
				bad := a.do(slices.Clone(honest), i)
				r, err := journal.Verify(seq(bad), bytes.NewReader(witness), s.Public())
				if err != nil {
					t.Fatal(err)
				}
				if r.OK() {
					t.Fatalf("not found at entry %d", i+1)
				}
				if a.want != "" && !slices.ContainsFunc(r.Faults, func(f journal.Fault) bool { return f.Damage == a.want }) {
					t.Fatalf("found at entry %d, but not called %s: %v", i+1, a.want, r)
				}
				if a.without {
					if r, _ = journal.Verify(seq(bad), nil, s.Public()); !r.OK() {
						t.Fatalf("the control fails: the chain alone finds it at entry %d: %v", i+1, r)
					}
				}
			}
		})
	}
}

// TestAttacksOnCheckpoints tries what can be done to the checkpoint file.
func TestAttacksOnCheckpoints(t *testing.T) {
	const size, every = 300, 50
	s := signer(t)
	honest := chain(t, size)
	notes := bytes.SplitAfter(checkpoints(s, honest, every), []byte("=\n\n"))
	notes = notes[:len(notes)-1]
	if len(notes) != size/every {
		t.Fatalf("%d notes", len(notes))
	}
	join := func(n ...[]byte) []byte { return bytes.Join(n, nil) }
	check := func(t *testing.T, list []journal.Entry, file []byte) journal.Report {
		t.Helper()
		r, err := journal.Verify(seq(list), bytes.NewReader(file), s.Public())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	must := func(t *testing.T, r journal.Report, d journal.Damage) {
		t.Helper()
		if !slices.ContainsFunc(r.Faults, func(f journal.Fault) bool { return f.Damage == d }) {
			t.Errorf("not called %s: %v", d, r)
		}
	}
	t.Run("every single changed bit of the file is found", func(t *testing.T) {
		file := join(notes[0], notes[1])
		for i := range len(file) * 8 {
			bad := bytes.Clone(file)
			bad[i/8] ^= 1 << (i % 8)
			if r := check(t, honest, bad); r.OK() && !r.Torn {
				// The empty line at the very end says nothing; all else does.
				if i/8 != len(file)-1 || r.Checkpoints != 2 {
					t.Fatalf("bit %d of byte %d %q", i%8, i/8, file[max(0, i/8-9):i/8+1])
				}
			}
		}
	})
	t.Run("a checkpoint of another key is forged", func(t *testing.T) {
		other, err := journal.NewSigner(origin, bytes.Repeat([]byte{8}, 32))
		if err != nil {
			t.Fatal(err)
		}
		must(t, check(t, honest, checkpoints(other, honest, every)), journal.Forged)
	})
	t.Run("a checkpoint of another journal is forged", func(t *testing.T) {
		other, err := journal.NewSigner("other.example.se/journal", bytes.Repeat([]byte{7}, 32))
		if err != nil {
			t.Fatal(err)
		}
		must(t, check(t, honest, checkpoints(other, honest, every)), journal.Forged)
	})
	t.Run("a signature moved to another text is forged", func(t *testing.T) {
		a, _, _ := bytes.Cut(notes[0], []byte("\n\n"))
		_, b, _ := bytes.Cut(notes[1], []byte("\n\n"))
		must(t, check(t, honest, join(a, []byte("\n\n"), b)), journal.Forged)
	})
	t.Run("checkpoints that go backwards are found", func(t *testing.T) {
		must(t, check(t, honest, join(notes[0], notes[2], notes[1])), journal.Backwards)
	})
	t.Run("two checkpoints of one size that differ are found", func(t *testing.T) {
		fork := s.Sign(journal.Checkpoint{Size: every, Root: [32]byte{1}, At: at(1)})
		must(t, check(t, honest, join(notes[0], fork, []byte("\n"), notes[1])), journal.Backwards)
	})
	t.Run("a checkpoint in the middle may be missing: the later ones cover it", func(t *testing.T) {
		if r := check(t, honest, join(notes[0], notes[5])); !r.OK() || r.Checkpoints != 2 {
			t.Error(r)
		}
	})
	t.Run("garbage without end is read within bounds and found", func(t *testing.T) {
		must(t, check(t, honest, join(notes[0], bytes.Repeat([]byte("x"), 1<<20))), journal.Forged)
		must(t, check(t, honest, join(notes[0], bytes.Repeat([]byte("x\n"), 1<<19))), journal.Forged)
		must(t, check(t, honest, join(notes[0], bytes.Repeat([]byte("\n"), 1<<10), notes[1])), journal.Forged)
	})
	t.Run("a torn end is told, and nothing worse", func(t *testing.T) {
		whole := join(notes[0], notes[1])
		for cut := len(notes[0]) + 1; cut < len(whole)-1; cut++ {
			r := check(t, honest, whole[:cut])
			if !r.OK() || !r.Torn || r.Checkpoints != 1 {
				t.Fatalf("cut at %d: %v", cut, r)
			}
		}
		if r := check(t, honest, whole[:len(whole)-1]); !r.OK() || r.Torn || r.Checkpoints != 2 {
			t.Errorf("only the empty line is missing: %v", r)
		}
	})
	t.Run("with the signing key both are written anew: only the witness's copy shows it", func(t *testing.T) {
		bad := slices.Clone(honest)
		bad[40].Who = [32]byte{1}
		bad = rechain(bad)
		own := checkpoints(s, bad, every)
		if r := check(t, bad, own); !r.OK() {
			t.Errorf("the control fails: %v", r)
		}
		must(t, check(t, bad, join(notes...)), journal.Rewritten)
		must(t, check(t, bad[:100], join(notes...)), journal.Cut)
	})
	t.Run("a report is in words and bounded", func(t *testing.T) {
		bad := slices.Clone(honest)
		for i := range bad {
			bad[i].Detail = "other"
		}
		r := check(t, bad, join(notes...))
		if len(r.Faults) != 50 || r.More == 0 || !strings.Contains(r.String(), "Entry 1 is not what was written") || strings.Count(r.String(), "\n") > 60 {
			t.Errorf("%d faults, %d more: %v", len(r.Faults), r.More, r)
		}
		if r := check(t, honest, join(notes...)); !strings.Contains(r.String(), "Nothing is wrong") {
			t.Error(r)
		}
		if r := check(t, honest, nil); !strings.Contains(r.String(), "Without a checkpoint") {
			t.Error(r)
		}
	})
}
