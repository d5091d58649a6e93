package vault_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// The kill test: a driver process puts, changes and purges letters and tells on a
// pipe what it was told; then it is killed, and what it told is held against what
// the store has.
//
// All of a letter is made from its number, so that the judge needs nothing else:
//
//	P n   letter n was put         U n s   was seen at second s
//	p n   will be purged           E n     was erased

func numbered(n uint64) *letter {
	r := rand.NewChaCha8([32]byte(binary.LittleEndian.AppendUint64(make([]byte, 24), n)))
	l := compose(make([]mail.Slot, 4), make([]mail.Slot, 2), newClock().Now())
	fill := func(b []byte) { r.Read(b) }
	s := l.sealed
	fill(s.Message.ID[:])
	s.Message.Thread = s.Message.ID
	for i := range s.Holders {
		fill(s.Holders[i].ID[:])
		s.Holders[i].Message = s.Message.ID
	}
	for i := range s.Parts {
		s.Parts[i].Message = s.Message.ID
		fill(s.Parts[i].Box)
	}
	fill(s.Codes[0].ID[:])
	fill(s.Codes[0].Locator[:])
	s.Codes[0].Holder = s.Holders[1].ID
	s.Wraps[0].Holder, s.Wraps[1].Holder = s.Holders[0].ID, s.Holders[1].ID
	s.Wraps[1].Ref = s.Codes[0].ID
	for i := range s.Slots {
		fill(s.Slots[i].Value[:])
	}
	for i := range l.slots {
		fill(l.slots[i].Value[:])
		fill(l.outbox[i].ID[:])
		fill(l.outbox[i].Bounce[:])
		l.outbox[i].Message, l.outbox[i].Holder = s.Message.ID, s.Holders[1].ID
	}
	l.step.Holder, l.event.Message = s.Holders[1].ID, s.Message.ID
	return l
}

func (l *letter) place(shred, link []mail.Slot) {
	s := l.sealed
	for i := range shred {
		s.Slots[i].Slot = shred[i]
	}
	s.Message.Slot, s.Holders[0].Slot, s.Holders[1].Slot, s.Codes[0].Slot = shred[0], shred[1], shred[2], shred[3]
	for i := range link {
		l.slots[i].Slot, l.outbox[i].Slot = link[i], link[i]
	}
}

func content(n uint64) []byte {
	b := make([]byte, 3000+n%70_000)
	rand.NewChaCha8([32]byte(binary.LittleEndian.AppendUint64(make([]byte, 24), ^n))).Read(b)
	return b
}

// drive is the driver process. With lying it tells before it is told, which the
// judge must notice.
func drive(dir string, base uint64, seed uint64, lying bool) error {
	db, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet})
	if err != nil {
		return err
	}
	var out sync.Mutex
	say := func(f string, a ...any) {
		out.Lock()
		defer out.Unlock()
		fmt.Printf(f+"\n", a...)
	}
	failed := make(chan error)
	for w := range uint64(6) {
		go func() {
			r := rand.New(rand.NewPCG(seed, w))
			for n := base + w; ; n += 6 {
				if err := driveOne(db, n, r, say, lying); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

func driveOne(db *vault.DB, n uint64, r *rand.Rand, say func(string, ...any), lying bool) error {
	l := numbered(n)
	shred, err := db.Reserve(mail.Shred, 4)
	if err != nil {
		return err
	}
	link, err := db.Reserve(mail.Link, 2)
	if err != nil {
		return err
	}
	l.place(shred, link)
	if n%4 == 0 {
		blob := db.NewBlobID()
		if _, err := db.PutBlob(ctx, blob, cipher(content(n))); err != nil {
			return err
		}
		l.sealed.Parts = append(l.sealed.Parts, mail.Part{Message: l.sealed.Message.ID, N: mail.PartFile, Blob: blob})
	}
	if lying {
		say("P %d", n)
	}
	if err := db.Update(ctx, l.put); err != nil {
		return err
	}
	say("P %d", n)
	if r.IntN(3) == 0 {
		seen := l.sealed.Message.At.Add(time.Duration(r.IntN(1000)) * time.Second)
		h := l.guest()
		h.Seen = seen
		if err := db.Update(ctx, func(tx *vault.Tx) error { return tx.SaveHolder(h) }); err != nil {
			return err
		}
		say("U %d %d", n, seen.Unix())
	}
	if r.IntN(3) > 0 {
		return nil
	}
	say("p %d", n)
	done := &life{letter: l}
	if p := l.sealed.Parts; len(p) == 3 {
		done.blob = p[2].Blob
	}
	if err := done.end(db); err != nil {
		return err
	}
	if !done.erased {
		return errors.New("not erased")
	}
	say("E %d", n)
	return nil
}

// told is what the driver was told, over all its lives.
type told struct {
	put, asked, erased map[uint64]bool
	seen               map[uint64]int64
}

func (k *told) read(r io.Reader) error {
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		f := strings.Fields(sc.Text())
		if len(f) < 2 {
			return fmt.Errorf("driver: %s", sc.Text())
		}
		n, err := strconv.ParseUint(f[1], 10, 64)
		switch {
		case err != nil:
			return fmt.Errorf("driver: %s", sc.Text())
		case f[0] == "P":
			k.put[n] = true
		case f[0] == "p":
			k.asked[n] = true
		case f[0] == "E":
			k.erased[n] = true
		case f[0] == "U" && len(f) == 3:
			k.seen[n], _ = strconv.ParseInt(f[2], 10, 64)
		default:
			return fmt.Errorf("driver: %s", sc.Text())
		}
	}
	return nil
}

// judge holds what was told of the letters from base on against the store.
func (k *told) judge(db *vault.DB, dir string, base uint64) error {
	if c := db.Checked(); c.Lost > 0 {
		return fmt.Errorf("%+v", c)
	}
	slots, err := os.ReadFile(filepath.Join(dir, "shred.slots"))
	if err != nil {
		return err
	}
	mirror, err := os.ReadFile(filepath.Join(dir, "shred.mirror"))
	if err != nil {
		return err
	}
	bytesOf := string(slots) + string(mirror)
	return db.View(ctx, func(tx *vault.ReadTx) error {
		for n := range k.put {
			if n < base && n%50 != 0 { // the older ones by samples
				continue
			}
			if err := k.judgeOne(db, tx, n, bytesOf); err != nil {
				return fmt.Errorf("letter %d: %w", n, err)
			}
		}
		return nil
	})
}

func (k *told) judgeOne(db *vault.DB, tx *vault.ReadTx, n uint64, files string) error {
	l := numbered(n)
	m, err := tx.Message(l.sealed.Message.ID)
	if err != nil {
		return fmt.Errorf("lost: %w", err)
	}
	hs, err := tx.Holders(m.ID)
	if err != nil || len(hs) != 2 {
		return fmt.Errorf("%d holders, %w", len(hs), err)
	}
	if k.erased[n] {
		for _, w := range l.sealed.Slots {
			if strings.Contains(files, string(w.Value[:])) {
				return errors.New("an erased key is back")
			}
		}
		parts, err := tx.Parts(m.ID)
		for _, p := range parts {
			if _, _, err := db.OpenBlob(p.Blob); !p.Blob.IsZero() && mail.KindOf(err) != mail.Absent {
				return errors.New("an erased blob is back")
			}
		}
		return err
	}
	if k.asked[n] {
		return nil
	}
	for i, s := range []mail.Slot{m.Slot, hs[0].Slot, hs[1].Slot} {
		if v, err := tx.SlotValue(s); err != nil || v != l.sealed.Slots[i].Value {
			return fmt.Errorf("slot %v: %w", s, err)
		}
	}
	if t := hs[1].Seen; k.seen[n] != 0 && t.Unix() != k.seen[n] {
		return fmt.Errorf("seen at %v", t)
	}
	parts, err := tx.Parts(m.ID)
	if err != nil || len(parts) != 2+boolInt(n%4 == 0) {
		return fmt.Errorf("%d parts, %w", len(parts), err)
	}
	p, err := tx.Part(m.ID, mail.PartRaw, 0)
	if err != nil || string(p.Box) != string(l.sealed.Parts[1].Box) {
		return fmt.Errorf("a part with other bytes: %w", err)
	}
	if n%4 > 0 {
		return nil
	}
	b, size, err := db.OpenBlob(parts[2].Blob)
	if err != nil {
		return err
	}
	defer b.Close()
	got := make([]byte, size)
	if _, err := b.ReadAt(got, 0); err != nil || string(got) != string(content(n)) {
		return fmt.Errorf("a blob with other bytes: %w", err)
	}
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// kills starts and kills the driver n times and returns the first thing wrong.
func kills(t *testing.T, dir string, n int, seed uint64, lying bool) (*told, error) {
	k := &told{map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}, map[uint64]int64{}}
	r := rand.New(rand.NewPCG(seed, 99))
	for i := range n {
		base := uint64(i+1) * 10_000_000
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("VAULT_TEST_DRIVE=%d %d %v %s", base, seed+uint64(i), lying, dir))
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(150+r.IntN(700))*time.Millisecond, func() { cmd.Process.Kill() })
		err = k.read(pipe)
		cmd.Process.Kill()
		cmd.Wait()
		timer.Stop()
		if err != nil {
			return k, err
		}
		db, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet})
		if err != nil {
			return k, err
		}
		err = k.judge(db, dir, base)
		if err == nil {
			chain(t, db)
		}
		if err2 := db.Close(); err != nil || err2 != nil {
			return k, fmt.Errorf("after kill %d: %w", i+1, errors.Join(err, err2))
		}
	}
	return k, nil
}

func TestKill(t *testing.T) {
	if args := os.Getenv("VAULT_TEST_DRIVE"); args != "" {
		var base, seed uint64
		var lying bool
		var dir string
		if _, err := fmt.Sscan(args, &base, &seed, &lying, &dir); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(os.Stderr, "driver:", drive(dir, base, seed, lying))
		os.Exit(1)
	}
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1: it takes a minute")
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("VAULT_TEST_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	rounds := 60
	if s := os.Getenv("VAULT_TEST_KILLS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	t.Run("what was told is there, whole and once, and what was erased stays away", func(t *testing.T) {
		k, err := kills(t, t.TempDir(), rounds, seed, false)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		t.Logf("%d kills: %d letters, %d erased, 0 lost, 0 back", rounds, len(k.put), len(k.erased))
	})
	t.Run("control: a driver that tells too early is found out", func(t *testing.T) {
		_, err := kills(t, t.TempDir(), rounds, seed, true)
		if err == nil {
			t.Fatal("the test cannot see a loss")
		}
		t.Log(err)
	})
}
