package updater_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"sigill/updater"
)

var today = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// house is who releases: four keys, of which the first three count.
type house struct {
	private [4]minisign.PrivateKey
	keys    updater.Keys
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{}
	var texts []string
	for i := range h.private {
		pub, key, err := minisign.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		h.private[i] = key
		if i < 3 {
			texts = append(texts, pub.String())
		}
	}
	var err error
	if h.keys, err = updater.ParseKeys(texts); err != nil {
		t.Fatal(err)
	}
	return h
}

// release is one that may be spoilt before it is packed.
type release struct {
	manifest map[string]any
	program  []byte
	comment  string
	by       []int // keys
	names    []string
	after    func(*bytes.Buffer)
	raw      []byte // in the place of the manifest
}

func programOf(version string) []byte {
	return []byte("program " + version + "\n" + strings.Repeat("x", 5000))
}

// pack makes a bundle of a version, as change has it.
func (h *house) pack(t testing.TB, version string, change ...func(*release)) []byte {
	t.Helper()
	program := programOf(version)
	sum := sha256.Sum256(program)
	r := &release{program: program, by: []int{0, 2}, manifest: map[string]any{
		"format": 1, "version": version, "min_from": "1.0.0", "platform": "linux-amd64", "sha256": hex.EncodeToString(sum[:]), "size": len(program),
		"issued": today.Add(-time.Hour), "expires": today.Add(90 * 24 * time.Hour), "notes": "Snabbare.\n",
	}}
	for _, c := range change {
		c(r)
	}
	text, err := json.Marshal(r.manifest)
	if err != nil {
		t.Fatal(err)
	}
	if r.raw != nil {
		text = r.raw
	}
	if r.comment == "" {
		r.comment = fmt.Sprintf("sigill %v %v", r.manifest["version"], r.manifest["platform"])
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(name string, content []byte) {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	names := r.names
	if names == nil {
		names = []string{"manifest.json"}
		for i := range r.by {
			names = append(names, fmt.Sprintf("manifest.json.%d.minisig", i+1))
		}
		names = append(names, "sigill")
	}
	signed := 0
	for _, name := range names {
		switch {
		case name == "manifest.json":
			add(name, text)
		case name == "sigill":
			add(name, r.program)
		case strings.HasSuffix(name, ".minisig") && signed < len(r.by):
			add(name, minisign.SignWithComments(h.private[r.by[signed]], text, r.comment, "untrusted"))
			signed++
		default:
			add(name, []byte("?"))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r.after != nil {
		r.after(&b)
	}
	return b.Bytes()
}

// errStopped is a process that was ended where the disk was to change.
var errStopped = errors.New("kill -9")

// stopping is a disk on which a process ends before its n-th change; 0: never.
type stopping struct {
	updater.Machine
	n, done int
}

func (s *stopping) step() {
	if s.done++; s.n > 0 && s.done == s.n {
		panic(errStopped)
	}
}

func (s *stopping) Open(name string, flag int, mode fs.FileMode) (updater.File, error) {
	s.step()
	f, err := s.Machine.Open(name, flag, mode)
	if err != nil {
		return nil, err
	}
	return stoppingFile{f, s}, nil
}

func (s *stopping) Rename(from, to string) error { s.step(); return s.Machine.Rename(from, to) }
func (s *stopping) Remove(name string) error     { s.step(); return s.Machine.Remove(name) }
func (s *stopping) SyncDir(string) error         { s.step(); return nil }

type stoppingFile struct {
	updater.File
	s *stopping
}

func (f stoppingFile) Write(p []byte) (int, error) {
	f.s.step()
	// A process that ends in the middle of it has written a part.
	n, err := f.File.Write(p[:len(p)/2])
	if err != nil {
		return n, err
	}
	f.s.step()
	m, err := f.File.Write(p[len(p)/2:])
	return n + m, err
}
func (f stoppingFile) WriteAt(p []byte, off int64) (int, error) {
	f.s.step()
	return f.File.WriteAt(p, off)
}
func (f stoppingFile) Truncate(n int64) error { f.s.step(); return f.File.Truncate(n) }
func (f stoppingFile) Sync() error            { f.s.step(); return nil }

// town is a computer with a program, its data, and nobody but the test that starts it.
type town struct {
	testing.TB
	*house
	dir     string
	disk    *stopping
	try     func(program string) error // in the place of a trial that goes well
	breaks  bool                       // the new program does not come as far as its doors
	ticks   int
	letters []string // that were taken, and must be there for ever
}

const oldData = "form 1; letters: "

func newTown(t testing.TB, h *house) *town {
	t.Helper()
	w := &town{TB: t, house: h, dir: t.TempDir(), disk: &stopping{}}
	w.write("bin/sigill", string(programOf("1.0.0")))
	w.write("data/sigill.db", oldData)
	w.write("data/sigill.db-wal", "log")
	if err := os.MkdirAll(w.at("state"), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) at(name string) string { return filepath.Join(w.dir, name) }

func (w *town) write(name, text string) {
	w.Helper()
	if err := os.MkdirAll(filepath.Dir(w.at(name)), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(w.at(name), []byte(text), 0o755); err != nil {
		w.Fatal(err)
	}
}

func (w *town) read(name string) string {
	w.Helper()
	b, err := os.ReadFile(w.at(name))
	if err != nil {
		w.Fatal(err)
	}
	return string(b)
}

// version is of the program that stands there, which must be one of those that are signed.
func (w *town) version() string {
	w.Helper()
	text := w.read("bin/sigill")
	v := strings.TrimPrefix(strings.SplitN(text, "\n", 2)[0], "program ")
	if text != string(programOf(v)) {
		w.Fatalf("what stands there is no whole program: %.40q", text)
	}
	return v
}

type nothing struct{}

func (nothing) Close() error { return nil }

func (w *town) service() *updater.Service {
	return &updater.Service{
		Dir: w.at("data/update"), Version: w.version(), Program: w.at("bin/sigill"), Keys: w.keys, Keeper: w.at("state"), Disk: w.disk,
		Now: func() time.Time { w.ticks++; return today.Add(time.Duration(w.ticks) * time.Second) },
		Try: func(_ context.Context, program string) error {
			if b, err := os.ReadFile(program); err != nil || !bytes.HasPrefix(b, []byte("program ")) {
				return errors.Join(errors.New("that is no program"), err)
			}
			w.migrate()
			if w.try != nil {
				return w.try(program)
			}
			return nil
		},
		Data: updater.Data{
			Dir: w.at("data"), Copied: []string{"sigill.db", "sigill.db-wal"}, Made: []string{"sigill.db-shm"},
			Hold:  func() (io.Closer, error) { return nothing{}, nil },
			Erase: func(path string) error { w.disk.step(); return os.Remove(path) },
		},
	}
}

func (w *town) keeper() *updater.Keeper {
	return &updater.Keeper{Dir: w.at("state"), Program: w.at("bin/sigill"), Service: w.at("data/update"), Version: w.version(), Platform: "linux-amd64", Keys: w.keys, Disk: w.disk}
}

// migrate is what a new program does to the data before anything else.
func (w *town) migrate() {
	text := w.read("data/sigill.db")
	w.write("data/sigill.db", strings.Replace(text, "form 1", "form 2, and longer than it was", 1))
	w.write("data/sigill.db-wal", w.read("data/sigill.db-wal")+" of the new program")
	w.write("data/sigill.db-shm", "index")
}

func (w *town) here() updater.Here {
	return updater.Here{Version: w.version(), Platform: "linux-amd64", Seen: updater.Seen{}, Now: today, Believed: true}
}

func plenty() (int64, error) { return 1 << 40, nil }

func quiet(int64, int64) {}

// stages lays a bundle ready.
func (w *town) stages(bundle []byte) error {
	_, err := w.service().Stage(bytes.NewReader(bundle), w.here(), plenty, quiet)
	return err
}

// updates is what serve does when somebody asks for it, up to its end.
func (w *town) updates() error { return w.service().Install(w.Context(), 1) }

// starts is a start of whatever program stands there, with the step before it; it reports
// whether the doors are open then.
func (w *town) starts() bool {
	w.Helper()
	if _, err := w.keeper().Attend(); err != nil {
		w.Logf("the keeper: %v", err)
	}
	if _, err := w.service().Settle(); err != nil {
		w.Fatalf("the service does not start: %v", err)
	}
	data := w.read("data/sigill.db")
	switch v := w.version(); {
	case v == "1.0.0" && !strings.HasPrefix(data, "form 1;"):
		w.Fatalf("the old program has data that it does not know: %q", data)
	case v == "1.0.0" && w.read("data/sigill.db-wal") != "log":
		w.Fatalf("the old program reads a log that is not its own: %q", w.read("data/sigill.db-wal"))
	case v != "1.0.0" && w.breaks:
		return false
	case v != "1.0.0" && strings.HasPrefix(data, "form 1;"):
		w.migrate()
	}
	for _, l := range w.letters {
		if !strings.Contains(data, l) {
			w.Fatalf("a letter is lost: %q", data)
		}
	}
	if err := w.service().Opened(); err != nil {
		w.Fatal(err)
	}
	return true
}

// takes takes a letter, with the doors open.
func (w *town) takes(letter string) {
	w.letters = append(w.letters, letter)
	w.write("data/sigill.db", w.read("data/sigill.db")+letter+", ")
}

// stopped runs do, which may be ended by the disk.
func stopped(do func()) (was bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != errStopped {
				panic(v)
			}
			was = true
		}
	}()
	do()
	return false
}
