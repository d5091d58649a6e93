package updater_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigill/updater"
)

func TestUpdate(t *testing.T) {
	h := newHouse(t)
	t.Run("a newer program takes over, with all letters", func(t *testing.T) {
		w := newTown(t, h)
		w.takes("Hej")
		if err := w.stages(h.pack(t, "1.1.0")); err != nil {
			t.Fatal(err)
		}
		if err := w.updates(); err != nil {
			t.Fatal(err)
		}
		if w.version() != "1.0.0" {
			t.Error("it stands there before the keeper was asked")
		}
		if !w.starts() || w.version() != "1.1.0" || !strings.HasPrefix(w.read("data/sigill.db"), "form 2") {
			t.Errorf("%s %q", w.version(), w.read("data/sigill.db"))
		}
		t.Run("and leaves nothing of the snapshot, the trial and the bundle", func(t *testing.T) {
			if list, _ := filepath.Glob(w.at("data/update/*")); len(list) != 1 || filepath.Base(list[0]) != "journal" {
				t.Errorf("%q", list)
			}
		})
		t.Run("the one before is put back by hand, while the data have its form", func(t *testing.T) {
			w.starts()
			r, err := updater.ReadRecord(w.at("state"))
			if err != nil || r.Previous.Version != "1.0.0" || r.Phase != updater.Done {
				t.Fatal(r, err)
			}
			w.write("data/sigill.db", strings.Replace(w.read("data/sigill.db"), "form 2, and longer than it was", "form 1", 1)) // it never had another
			w.write("data/sigill.db-wal", "log")
			if err := w.service().GoBack(r.Previous); err != nil {
				t.Fatal(err)
			}
			if !w.starts() || w.version() != "1.0.0" {
				t.Error(w.version())
			}
		})
	})
	t.Run("one that fails its trial leaves everything as it was", func(t *testing.T) {
		w := newTown(t, h)
		w.takes("Hej")
		w.try = func(string) error { return updater.Silent }
		if err := w.stages(h.pack(t, "1.1.0")); err != nil {
			t.Fatal(err)
		}
		if err := w.updates(); !errors.Is(err, updater.Silent) {
			t.Fatal(err)
		}
		if !w.starts() || w.version() != "1.0.0" {
			t.Error(w.version())
		}
		if j, err := w.service().Journal(); err != nil || j.Phase != updater.Returned || j.Why != "silent" || j.To.Version != "1.1.0" {
			t.Errorf("%+v %v", j, err)
		}
	})
	t.Run("one that does not start in its place goes away after three starts, and the data come back", func(t *testing.T) {
		w := newTown(t, h)
		w.takes("Hej")
		w.breaks = true
		if err := errors.Join(w.stages(h.pack(t, "1.1.0")), w.updates()); err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			if w.starts() || w.version() != "1.1.0" {
				t.Fatalf("start %d: %s", n+1, w.version())
			}
		}
		if !w.starts() || w.version() != "1.0.0" {
			t.Fatal(w.version())
		}
		if j, err := w.service().Journal(); err != nil || j.Why != "starts" {
			t.Errorf("%+v %v", j, err)
		}
		if !w.starts() || w.version() != "1.0.0" {
			t.Error("it comes once more")
		}
		t.Run("and may be tried anew", func(t *testing.T) {
			w.breaks = false
			if err := errors.Join(w.stages(h.pack(t, "1.1.0")), w.updates()); err != nil || !w.starts() || w.version() != "1.1.0" {
				t.Error(err, w.version())
			}
		})
	})
	t.Run("the keeper believes the service nothing", func(t *testing.T) {
		forged := newHouse(t)
		w := newTown(t, forged)
		if err := errors.Join(w.stages(forged.pack(t, "1.1.0")), w.updates()); err != nil {
			t.Fatal(err)
		}
		k := w.keeper()
		k.Keys = h.keys
		if swapped, err := k.Attend(); swapped || !errors.Is(err, updater.Unsigned) || w.version() != "1.0.0" {
			t.Fatal(swapped, err)
		}
		if !w.starts() || w.version() != "1.0.0" { // it is not asked again
			t.Error(w.version())
		}
		if j, err := w.service().Journal(); err != nil || j.Why != "unsigned" {
			t.Errorf("%+v %v", j, err)
		}
	})
	t.Run("nor a journal that asks for a program that it has never had", func(t *testing.T) {
		w := newTown(t, h)
		w.starts()
		if err := w.service().GoBack(updater.Program{Version: "0.9.0", Sum: strings.Repeat("ab", 32)}); err != nil {
			t.Fatal(err)
		}
		if !w.starts() || w.version() != "1.0.0" {
			t.Error(w.version())
		}
	})
}

func TestRefusals(t *testing.T) {
	h := newHouse(t)
	set := func(key string, v any) func(*release) { return func(r *release) { r.manifest[key] = v } }
	by := func(keys ...int) func(*release) { return func(r *release) { r.by = keys } }
	for name, x := range map[string]struct {
		bundle []byte
		want   updater.Refusal
	}{
		"one signature":                     {h.pack(t, "1.1.0", by(1)), updater.Unsigned},
		"two with one key":                  {h.pack(t, "1.1.0", by(1, 1)), updater.Unsigned},
		"one, and one of a stranger":        {h.pack(t, "1.1.0", by(1, 3)), updater.Unsigned},
		"none":                              {h.pack(t, "1.1.0", by()), updater.Unsigned},
		"signatures of another manifest":    {h.pack(t, "1.1.0", func(r *release) { r.comment = "sigill 1.0.9 linux-amd64" }), updater.Unsigned},
		"for another computer":              {h.pack(t, "1.1.0", set("platform", "linux-arm64")), updater.Platform},
		"the same version":                  {h.pack(t, "1.0.0"), updater.Older},
		"an older one":                      {h.pack(t, "0.9.9"), updater.Older},
		"an early form of the same one":     {h.pack(t, "1.0.0-rc1"), updater.Older},
		"one that wants another in between": {h.pack(t, "3.0.0", set("min_from", "2.0.0")), updater.TooFar},
		"one that is over":                  {h.pack(t, "1.1.0", set("expires", today.Add(-time.Minute))), updater.Expired},
		"another program than the signed":   {h.pack(t, "1.1.0", func(r *release) { r.program = programOf("6.6.6") }), updater.Damaged},
		"a longer program":                  {h.pack(t, "1.1.0", func(r *release) { r.program = append(r.program, 'x') }), updater.Damaged},
		"a shorter one":                     {h.pack(t, "1.1.0", func(r *release) { r.program = r.program[:9] }), updater.Damaged},
		"a manifest of another form":        {h.pack(t, "1.1.0", set("format", 2)), updater.Damaged},
		"no version":                        {h.pack(t, "1.1"), updater.Damaged},
		"notes with control characters":     {h.pack(t, "1.1.0", set("notes", "\x1b[2J")), updater.Damaged},
		"no JSON":                           {h.pack(t, "1.1.0", func(r *release) { r.raw = []byte("{") }), updater.Damaged},
		"a program before its manifest":     {h.pack(t, "1.1.0", func(r *release) { r.names = []string{"sigill", "manifest.json"} }), updater.Damaged},
		"another file in it":                {h.pack(t, "1.1.0", func(r *release) { r.names = []string{"manifest.json", "../../etc/passwd"} }), updater.Damaged},
		"a file behind the program": {h.pack(t, "1.1.0", func(r *release) {
			r.names = []string{"manifest.json", "manifest.json.1.minisig", "manifest.json.2.minisig", "sigill", "more"}
		}), updater.Damaged},
		"a manifest that is too long": {h.pack(t, "1.1.0", func(r *release) { r.raw = bytes.Repeat([]byte(" "), 65<<10) }), updater.Damaged},
		"signatures in an order of their own": {h.pack(t, "1.1.0", func(r *release) {
			r.names = []string{"manifest.json", "manifest.json.2.minisig", "manifest.json.1.minisig", "sigill"}
		}), updater.Damaged},
		"no archive": {[]byte("hello"), updater.Damaged},
		"nothing":    {nil, updater.Damaged},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, h)
			if err := w.stages(x.bundle); !errors.Is(err, x.want) {
				t.Errorf("%v, want %v", err, x.want)
			}
			if list, _ := filepath.Glob(w.at("data/update/*")); len(list) != 0 {
				t.Errorf("left: %q", list)
			}
		})
	}
	good := h.pack(t, "1.1.0")
	t.Run("cut short, anywhere", func(t *testing.T) {
		for n := 0; n < len(good)-1536; n += 311 { // the rest is padding, and an archive's end
			w := newTown(t, h)
			if err := w.stages(good[:n]); err == nil {
				t.Fatalf("the first %d bytes are taken", n)
			}
		}
	})
	t.Run("a bit turned, anywhere that counts", func(t *testing.T) {
		for n := 0; n < len(good)-1024; n += 397 {
			bad := bytes.Clone(good)
			bad[n] ^= 4
			w := newTown(t, h)
			if err := w.stages(bad); err != nil {
				continue
			}
			// What is left: padding, and fields of the archive that mean nothing. What would
			// run must be what was signed.
			if err := w.updates(); err != nil || !w.starts() || w.version() != "1.1.0" {
				t.Fatalf("byte %d: %v %s", n, err, w.version())
			}
		}
	})
	t.Run("all three signatures, or any two, are good", func(t *testing.T) {
		for _, keys := range [][]int{{0, 1, 2}, {1, 2}, {2, 0}, {0, 1, 3}} {
			if err := newTown(t, h).stages(h.pack(t, "1.1.0", by(keys...))); err != nil {
				t.Errorf("%v: %v", keys, err)
			}
		}
	})
	t.Run("without keys nobody's signature counts", func(t *testing.T) {
		w := newTown(t, &house{})
		if err := w.stages(good); !errors.Is(err, updater.NoKeys) {
			t.Error(err)
		}
	})
	t.Run("a full disk takes nothing", func(t *testing.T) {
		w := newTown(t, h)
		if _, err := w.service().Stage(bytes.NewReader(good), w.here(), func() (int64, error) { return 1 << 20, nil }, quiet); !errors.Is(err, updater.NoRoom) {
			t.Error(err)
		}
	})
}

func TestFreeze(t *testing.T) {
	h := newHouse(t)
	over := h.pack(t, "1.1.0", func(r *release) { r.manifest["expires"] = today.Add(-time.Minute) })
	stage := func(change func(*updater.Here)) error {
		w := newTown(t, h)
		here := w.here()
		change(&here)
		_, err := w.service().Stage(bytes.NewReader(over), here, plenty, quiet)
		return err
	}
	t.Run("what is over is not taken", func(t *testing.T) {
		if err := stage(func(*updater.Here) {}); !errors.Is(err, updater.Expired) {
			t.Error(err)
		}
	})
	t.Run("unless somebody says so by itself", func(t *testing.T) {
		if err := stage(func(h *updater.Here) { h.Over = true }); err != nil {
			t.Error(err)
		}
	})
	t.Run("and by a clock that nobody believes nothing is over", func(t *testing.T) {
		if err := stage(func(h *updater.Here) { h.Believed = false }); err != nil {
			t.Error(err)
		}
	})
}

func TestSeen(t *testing.T) {
	h := newHouse(t)
	open := func(bundle []byte, keys updater.Keys) *updater.Bundle {
		t.Helper()
		b, err := updater.Open(bytes.NewReader(bundle), keys)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	newest := open(h.pack(t, "1.3.0"), h.keys)
	seen := updater.Seen{}.And(newest.Manifest, newest.By)
	stage := func(seen updater.Seen, bundle []byte) error {
		w := newTown(t, h)
		here := w.here()
		here.Seen = seen
		_, err := w.service().Stage(bytes.NewReader(bundle), here, plenty, quiet)
		return err
	}
	t.Run("a version that is below one seen before is not taken, though it is newer than what runs", func(t *testing.T) {
		if err := stage(seen, h.pack(t, "1.2.0")); !errors.Is(err, updater.Replayed) {
			t.Error(err)
		}
	})
	t.Run("nor the same one with an older day of issue", func(t *testing.T) {
		old := h.pack(t, "1.3.0", func(r *release) { r.manifest["issued"] = today.Add(-48 * time.Hour) })
		if err := stage(seen, old); !errors.Is(err, updater.Replayed) {
			t.Error(err)
		}
	})
	t.Run("the same one is", func(t *testing.T) {
		if err := stage(seen, h.pack(t, "1.3.0")); err != nil {
			t.Error(err)
		}
	})
	t.Run("what was restored lowers nothing: the higher of both counts", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "update.seen")
		if err := updater.WriteSeen(updater.Machine{}, path, seen); err != nil {
			t.Fatal(err)
		}
		kept, err := updater.ReadSeen(path)
		if err != nil {
			t.Fatal(err)
		}
		older := open(h.pack(t, "1.1.0"), h.keys)
		restored := updater.Seen{}.And(older.Manifest, older.By)
		for _, both := range []updater.Seen{restored.With(kept), kept.With(restored)} {
			if err := stage(both, h.pack(t, "1.2.0")); !errors.Is(err, updater.Replayed) {
				t.Error(err)
			}
		}
	})
	t.Run("what other keys have signed before counts nothing for new ones", func(t *testing.T) {
		theirs := newHouse(t)
		b := open(theirs.pack(t, "999.0.0"), theirs.keys)
		if err := stage(updater.Seen{}.And(b.Manifest, b.By), h.pack(t, "1.2.0")); err != nil {
			t.Error(err)
		}
	})
	t.Run("keys are three different ones", func(t *testing.T) {
		one := h.keys[0].String()
		for _, texts := range [][]string{{one}, {one, one, h.keys[1].String()}, {one, h.keys[1].String(), "RWQ"}} {
			if _, err := updater.ParseKeys(texts); err == nil {
				t.Errorf("%q", texts)
			}
		}
	})
}

// TestKill ends the process before each change of the disk, on the way there, on the way back
// and in the start after it.
func TestKill(t *testing.T) {
	h := newHouse(t)
	bundle := h.pack(t, "1.1.0")
	for name, prepare := range map[string]func(*town){
		"of an update":                      func(*town) {},
		"of one that fails its trial":       func(w *town) { w.try = func(string) error { return errors.New("no") } },
		"of one that does not start":        func(w *town) { w.breaks = true },
		"of one for which there is no room": func(w *town) { w.try = func(string) error { return syscall.ENOSPC } },
	} {
		t.Run(name, func(t *testing.T) {
			if name != "of an update" && os.Getenv("SIGILL_FULL") == "" {
				t.Skip("set SIGILL_FULL=1 for more of it")
			}
			ends, olds, news := 0, 0, 0
			for n := 1; ; n++ {
				w := newTown(t, h)
				w.takes("Hej")
				prepare(w)
				w.disk.n = n
				way := func() {
					if w.stages(bundle) == nil {
						_ = w.updates()
					}
					for range 6 {
						if w.starts() {
							return
						}
					}
					t.Fatal("it never starts")
				}
				if !stopped(way) {
					break // there is no n-th change
				}
				ends++
				w.disk.n = w.disk.done + 1 + n%7 // and once more soon after
				again := func() {
					for range 6 {
						if w.starts() {
							return
						}
					}
					t.Fatalf("ended at change %d, it never starts", n)
				}
				if stopped(again) {
					w.disk.n = 0
					again()
				}
				w.disk.n = 0
				switch w.version() {
				case "1.0.0":
					olds++
				default:
					news++
				}
				w.takes("Svar")
				again()
			}
			t.Logf("%d ends: %d times the old program, %d times the new", ends, olds, news)
			if ends < 20 || olds == 0 || (name == "of an update") != (news > 0) {
				t.Errorf("%d ends, %d, %d", ends, olds, news)
			}
		})
	}
	t.Run("of a return by hand", func(t *testing.T) {
		for n := 1; ; n++ {
			w := newTown(t, h)
			w.try = func(string) error { return nil }
			if err := errors.Join(w.stages(bundle), w.updates()); err != nil || !w.starts() || !w.starts() {
				t.Fatal(err)
			}
			w.write("data/sigill.db", oldData)
			w.write("data/sigill.db-wal", "log")
			w.disk.n = w.disk.done + n
			r, err := updater.ReadRecord(w.at("state"))
			if err != nil {
				t.Fatal(err)
			}
			ended := stopped(func() {
				if err := w.service().GoBack(r.Previous); err != nil {
					t.Fatal(err)
				}
				_, err := w.keeper().Attend()
				if err != nil {
					t.Fatal(err)
				}
				_, _ = w.service().Settle()
			})
			w.disk.n = 0
			if v := w.version(); v != "1.0.0" && v != "1.1.0" {
				t.Fatal(v)
			}
			if !w.starts() {
				t.Fatalf("ended at change %d, it does not start", n)
			}
			if !ended {
				if w.version() != "1.0.0" {
					t.Error(w.version())
				}
				return
			}
		}
	})
}

func TestSource(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	src := updater.Source{Place: dir, Platform: "linux-amd64"}
	w := newTown(t, h)
	if _, err := src.Check(t.Context(), h.keys, w.here()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, src.Name()), h.pack(t, "1.1.0"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := src.Check(t.Context(), h.keys, w.here()); err != nil || b.Manifest.Version != "1.1.0" || len(b.By) != 2 {
		t.Error(b, err)
	}
}

func FuzzOpen(f *testing.F) {
	h := newHouse(f)
	f.Add(h.pack(f, "1.1.0"))
	f.Add(h.pack(f, "1.1.0", func(r *release) { r.by = []int{1} }))
	f.Add([]byte("manifest.json"))
	f.Fuzz(func(t *testing.T, bundle []byte) {
		b, err := updater.Open(bytes.NewReader(bundle), h.keys)
		var refusal updater.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Errorf("%v is no refusal", err)
		}
		if err == nil && fmt.Sprint(b.Manifest.Version) != "1.1.0" {
			t.Errorf("%+v", b.Manifest)
		}
	})
}
