package appliance_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/desk"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// shelf is a store as the desk reads it, without an appliance around it.
type shelf struct{ *vault.DB }

func (s shelf) Update(ctx context.Context, f func(desk.Tx) error) error {
	return s.DB.Update(ctx, func(tx *vault.Tx) error { return f(tx) })
}

func (s shelf) View(ctx context.Context, f func(desk.ReadTx) error) error {
	return s.DB.View(ctx, func(tx *vault.ReadTx) error { return f(tx) })
}

func (s shelf) OpenBlob(id mail.ID) (desk.Blob, int64, error) { return s.DB.OpenBlob(id) }

// flips is a store whose bits are turned, one at a time.
type flips struct {
	*testing.T
	dir     string
	app     *keyring.App
	readers map[string]desk.Reader
	copies  map[mail.ID]string // message of each copy that somebody reads, by the copy
	whole   map[string]string  // what is read of the whole store
	files   map[string][]byte  // as they were
	r       *rand.Rand
}

// read reads everything as everybody: each list, and each letter with all its files.
// What cannot be read has an error for a value.
func (f *flips) read() (found map[string]string, err error) {
	db, err := vault.Open(f.Context(), vault.Config{Dir: f.dir, Clock: appliance.NewWall(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if c := db.Checked(); f.whole == nil && c.Lost+c.Kept > 0 {
		return nil, fmt.Errorf("before any bit is turned: %+v", c)
	}
	d := desk.New(desk.Config{Store: shelf{db}, App: f.app, Clock: appliance.NewWall(), Log: slog.New(slog.DiscardHandler), Wake: func() {},
		House: func(context.Context) (desk.House, error) {
			return desk.House{Rules: policy.Rules{Zone: time.UTC}, Lang: "sv"}, nil
		}, Sign: func(mail.ID) string { return "" }})
	found = map[string]string{}
	for who, r := range f.readers {
		for _, folder := range []mail.Folder{mail.Inbox, mail.Sent, mail.Drafts} {
			name := fmt.Sprintf("list %d of %s", folder, who)
			lines, err := d.Mailbox(f.Context(), r, mail.MailboxQuery{Folder: folder, Limit: 200})
			if err != nil {
				found[name] = "error: " + err.Error()
				continue
			}
			for _, l := range lines {
				found[name] += l.Holder.ID.String() + " " + l.Head.Subject + "\n"
				if f.whole == nil {
					f.copies[l.Holder.ID] = l.Message.ID.String()
				}
			}
		}
		for h, m := range f.copies {
			if name := "letter " + m + ", copy " + h.String() + " as " + who; f.whole == nil || f.whole[name] != "" {
				found[name] = f.letter(d, r, h)
			}
		}
	}
	return found, nil
}

// letter is all that somebody reads of a letter, in short.
func (f *flips) letter(d *desk.Desk, r desk.Reader, h mail.ID) string {
	ctx := f.Context()
	sum := sha256.New()
	o, err := d.Open(ctx, r, h)
	if err != nil {
		return "error: " + err.Error()
	}
	if err := json.NewEncoder(sum).Encode([]any{o.Head, o.Body}); err != nil {
		return "error: " + err.Error()
	}
	copyOf := func(file *desk.File, err error) error {
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(sum, io.NewSectionReader(file, 0, file.Size()))
		return err
	}
	for _, file := range o.Head.Files {
		if err := copyOf(d.File(ctx, r, h, file.N)); err != nil {
			return "error: " + err.Error()
		}
	}
	// Of what was written in the portal the date of its row is part.
	if o.Head.Raw {
		if err := copyOf(d.EML(ctx, r, h)); err != nil {
			return "error: " + err.Error()
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// newFlips makes a store with letters of every kind and everybody who reads them.
func newFlips(t *testing.T) *flips {
	s := newScene(t)
	f := &flips{T: t, dir: filepath.Join(s.dir, "data"), readers: map[string]desk.Reader{}, copies: map[mail.ID]string{}, files: map[string][]byte{}}
	f.r = rand.New(rand.NewPCG(seedOf(t), 11))
	b := &burglar{TB: t, loot: loot{dirs: []string{s.now, s.keys}}, files: map[string][]string{}, slots: map[mail.Slot][]seal.Secret{}, seeds: map[mail.ID][]seal.Secret{}}
	b.collect()
	defer b.dbs[0].Close()
	b.openApps()
	b.openSlots()
	b.openSeeds()
	f.app = b.apps[0]
	for u, seeds := range b.seeds {
		f.readers[u.String()] = desk.Reader{Actor: mail.Actor{Kind: mail.ActorPerson, ID: u}, Key: keyring.NewPerson(u, seeds[0])}
	}
	// The first look at a letter is written down. After two rounds nothing changes.
	for range 2 {
		f.whole = nil
		found, err := f.read()
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range found {
			if strings.HasPrefix(name, "letter") && strings.HasPrefix(v, "error") {
				delete(found, name) // another's
			}
		}
		f.whole = found
	}
	f.keep()
	return f
}

// checkpoint moves what stands in the log into the pages of the database.
func (f *flips) checkpoint() {
	f.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(f.dir, "sigill.db"))
	if err != nil {
		f.Fatal(err)
	}
	if row := rows(f, db, "PRAGMA wal_checkpoint(TRUNCATE)")[0]; row[0].(int64) != 0 {
		f.Fatal(row)
	}
	if err := db.Close(); err != nil {
		f.Fatal(err)
	}
	clear(f.files)
	f.keep()
}

// keep remembers the files as they are.
func (f *flips) keep() {
	f.Helper()
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "reserve" {
			return err
		}
		f.files[path] = readFile(f, path)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
}

// flip is one bit of one file.
type flip struct {
	kind, path string
	at         int64
	bit        int
}

// place is where bits are turned.
type place struct {
	name string
	used bool // in what is not zero
}

// next chooses a bit of a place.
func (f *flips) next(k place) flip {
	var paths []string
	for path := range f.files {
		if filepath.Base(path) == k.name || k.name == "blob" && strings.Contains(path, "/blobs/") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	path := paths[f.r.IntN(len(paths))]
	x := flip{kind: k.name, path: path, bit: f.r.IntN(8)}
	content := f.files[path]
	for x.at = f.r.Int64N(int64(len(content))); k.used && bytes.Equal(content[x.at&^63:][:min(64, len(content)-int(x.at&^63))], make([]byte, 64)[:min(64, len(content)-int(x.at&^63))]); {
		x.at = f.r.Int64N(int64(len(content)))
	}
	if k.used {
		x.kind += " in use"
	}
	return x
}

// damage is what a flip did.
type damage struct {
	shut    error // the store does not open
	lost    []string
	lists   []string
	moved   []string // lists in which one letter stands elsewhere, or not at all
	strange []string // other than it was, and no error
	letters map[string]bool
	checked string // what SQLite's own check says
	gone    string // what the store itself has erased, for no row seemed to name it
}

// try turns a bit, reads everything, and puts the files back.
func (f *flips) try(x flip) (d damage) {
	f.Helper()
	d.letters = map[string]bool{}
	b := bytes.Clone(f.files[x.path])
	b[x.at] ^= 1 << x.bit
	f.write(x.path, b)
	defer f.restore()
	defer func() {
		if p := recover(); p != nil {
			f.Errorf("%+v: panic: %v", x, p)
		}
	}()
	found, err := f.read()
	if d.shut = err; err != nil {
		return d
	}
	d.checked = f.integrity()
	if d.gone = f.destroyed(x.path); d.gone != "" {
		d.gone += " by " + f.turned()
	}
	for name, want := range f.whole {
		have := found[name]
		letter, isLetter := strings.CutPrefix(name, "letter ")
		switch {
		case have == want:
		case !isLetter && onlyOne(have, want):
			d.moved = append(d.moved, name)
		case !strings.HasPrefix(have, "error"):
			d.strange = append(d.strange, name+": "+have+", not "+want)
		case isLetter:
			d.lost = append(d.lost, name+": "+have)
			d.letters[letter[:26]] = true
		default:
			d.lists = append(d.lists, name+": "+have)
		}
	}
	return d
}

// integrity asks SQLite to hold its tables and indexes against each other.
func (f *flips) integrity() string {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(f.dir, "sigill.db"))
	if err != nil {
		return err.Error()
	}
	defer db.Close()
	var said string
	if err := db.QueryRow("PRAGMA integrity_check(1)").Scan(&said); err != nil {
		return err.Error()
	}
	return said
}

// destroyed tells what of slots and blobs is not as it was, but for the file with the
// turned bit, which may be mended.
func (f *flips) destroyed(turned string) string {
	for path, b := range f.files {
		if path == turned || !strings.Contains(path, "/blobs/") && filepath.Base(path) != "shred.slots" {
			continue
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, b) {
			return filepath.Base(path)
		}
	}
	return ""
}

// turned tells the rows of the database that are not what they were.
func (f *flips) turned() string {
	was := filepath.Join(f.TempDir(), "sigill.db")
	for _, end := range []string{"", "-wal"} {
		if b, ok := f.files[filepath.Join(f.dir, "sigill.db"+end)]; ok {
			f.write(was+end, b)
		}
	}
	var said []string
	now := f.lines(filepath.Join(f.dir, "sigill.db"))
	for line := range f.lines(was) {
		if !now[line] {
			said = append(said, line)
		}
	}
	return strings.Join(said, "; ")
}

// lines is each row of each table of a database as text.
func (f *flips) lines(path string) map[string]bool {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	lines := map[string]bool{}
	for _, table := range rows(f, db, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
		for _, row := range rows(f, db, fmt.Sprintf("SELECT * FROM %q", table[0])) {
			lines[fmt.Sprintf("%s %x", table[0], row)] = true
		}
	}
	return lines
}

func (f *flips) write(path string, b []byte) {
	f.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		f.Fatal(err)
	}
}

func (f *flips) restore() {
	f.Helper()
	for _, name := range []string{"sigill.db-shm", "sigill.db-wal"} {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.Fatal(err)
		}
	}
	for path, b := range f.files {
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, b) {
			f.write(path, b)
		}
	}
}

// TestFlippedBits turns bits of a store at rest, one at a time: nothing is read that
// nobody wrote, nothing crashes, and what the bit is not part of stays readable.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	f := newFlips(t)
	n := 25
	switch {
	case inFull(t):
		n = 150
	case raced:
		n = 9
	}
	if most, err := strconv.Atoi(os.Getenv("SIGILL_FLIPS")); err == nil {
		n = most
	}
	if len(f.whole) < 12 {
		t.Fatalf("only %d things to read: %v", len(f.whole), f.whole)
	}
	t.Run("of slots and blobs", func(t *testing.T) {
		f.T = t
		count := f.many(n*2/3, []place{{"shred.slots", true}, {"shred.mirror", true}, {"shred.slots", false}, {"blob", false}})
		for k, n := range count {
			if want := map[bool]string{true: "one letter", false: "harmless"}[strings.HasPrefix(k, "blob")]; !strings.HasSuffix(k, ": "+want) {
				t.Errorf("%d times %s", n, k)
			}
		}
	})
	t.Run("of the log", func(t *testing.T) {
		f.T = t
		f.many(n/3, []place{{"sigill.db-wal", true}})
	})
	t.Run("of pages of the database", func(t *testing.T) {
		f.T = t
		f.checkpoint()
		f.many(n/3, []place{{"sigill.db", true}})
	})
}

// onlyOne tells whether two lists differ by one letter only: where it stands, whether it
// does, or that it is shown without what it says.
func onlyOne(have, want string) bool {
	if have == want {
		return false
	}
	without := func(list, line string) string {
		return strings.Join(slices.DeleteFunc(strings.SplitAfter(list, "\n"), func(l string) bool {
			return strings.HasPrefix(l, line)
		}), "")
	}
	for line := range strings.Lines(want) {
		if id, _, _ := strings.Cut(line, " "); without(have, id) == without(want, id) {
			return true
		}
	}
	return false
}

// many turns n bits, and counts what that did. SQLite's pages have no check sum, so a
// bit of an index can take a letter out of a list without an error; the database's own
// check finds it, which runs every day. It does not see a bit of a time or a state: that
// may move one letter within the lists, hide it or show it as ended. A damaged row that names its slot no more must
// not make the next start erase the slot.
func (f *flips) many(n int, places []place) map[string]int {
	f.Helper()
	count := map[string]int{}
	for range n {
		x := f.next(places[f.r.IntN(len(places))])
		d := f.try(x)
		for _, s := range d.strange {
			say := f.Logf
			if d.checked == "ok" || strings.HasPrefix(s, "letter") {
				say = f.Errorf
			}
			say("%s, byte %d, bit %d (integrity check: %.100s): %s", x.kind, x.at, x.bit, d.checked, s)
		}
		what := "harmless"
		switch {
		case d.shut != nil:
			what = "the store does not open"
		case len(d.letters) > 1:
			what = "several letters"
			f.Logf("%s, byte %d, bit %d: %d letters: %s", x.kind, x.at, x.bit, len(d.letters), d.lost[0])
		case len(d.letters) == 1 && len(d.lists) > 0:
			what = "one letter, and lists with it"
		case len(d.letters) == 1:
			what = "one letter"
		case len(d.letters) == 0 && len(d.lists) == 0 && len(d.moved) > 0:
			what = "one letter's place in lists"
		case len(d.lists) > 0:
			what = "lists only"
			f.Logf("%s, byte %d, bit %d: %s", x.kind, x.at, x.bit, d.lists[0])
		}
		if d.shut != nil {
			f.Logf("%s, byte %d, bit %d: %v", x.kind, x.at, x.bit, d.shut)
		}
		if d.gone != "" {
			what += ", and keys or blobs are erased for good"
			f.Errorf("%s, byte %d, bit %d (integrity check: %.100s): %s is changed", x.kind, x.at, x.bit, d.checked, d.gone)
		}
		if d.shut == nil && d.checked != "ok" {
			what += ", found by an integrity check"
		}
		count[x.kind+": "+what]++
	}
	for _, k := range slices.Sorted(maps.Keys(count)) {
		f.Logf("%4d %s", count[k], k)
	}
	return count
}
