package appliance_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
)

func full(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1: " + why)
	}
}

// inFull reports whether there is time for more of a test. If not a part of it skips itself,
// by which install/test.sh knows to run it again with more.
func inFull(t *testing.T) bool {
	if os.Getenv("SIGILL_FULL") != "" {
		return true
	}
	t.Run("more of it", func(t *testing.T) { t.Skip("set SIGILL_FULL=1 for more of it") })
	return false
}

// alone reports whether there is time for what computes by itself, one step after the
// other: the race detector sees nothing in it and makes it ten times as long. If not a part
// of the test skips itself, by which install/test.sh knows to run it again.
func alone(t *testing.T) bool {
	if !raced {
		return true
	}
	t.Run("more of it", func(t *testing.T) { t.Skip("more of it without the race detector") })
	return false
}

// TestKill kills the program at random moments under mixed load. What was answered
// 250, or said on a page, is held against what is there after each start.
func TestKill(t *testing.T) {
	full(t, "it takes minutes")
	kills, seed := 15, uint64(time.Now().UnixNano())
	if n, err := strconv.Atoi(os.Getenv("SIGILL_KILLS")); err == nil {
		kills = n
	}
	if n, err := strconv.ParseUint(os.Getenv("SIGILL_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("seed %d", seed)
	j := &judge{T: t, bin: buildProgram(t, ""), dir: t.TempDir(), known: &known{}, r: rand.New(rand.NewPCG(seed, 1))}
	for i := range kills {
		if err := j.live(i, seed+uint64(i)); err != nil {
			t.Fatalf("seed %d, kill %d: %v", seed, i+1, err)
		}
		if i%2 == 1 {
			j.journal()
		}
	}
	if err := j.last(); err != nil {
		t.Fatalf("seed %d, after all: %v", seed, err)
	}
	j.journal()
	j.figures(kills)
}

// judge holds what is known against what there is.
type judge struct {
	*testing.T
	*known
	bin, dir string
	r        *rand.Rand
	seen     struct{ letters, files, opened, answers, gone, twice int }
}

// live is one life of the program: it starts, what is known is held against it, it
// works, and is killed.
func (j *judge) live(i int, seed uint64) error {
	if i > 0 && j.r.IntN(8) == 0 {
		if err := j.killEarly(); err != nil {
			return err
		}
	}
	c, err := startChild(j.bin, j.dir)
	if err != nil {
		return err
	}
	defer c.kill()
	j.set(func() { j.life = i })
	staff := newVisitor(c.info.Portal)
	defer staff.close()
	if err := j.check(c, staff, false); err != nil {
		return err
	}
	stop := make(chan struct{})
	timer := time.AfterFunc(time.Duration(100+j.r.IntN(700))*time.Millisecond, func() { c.cmd.Process.Kill() })
	j.load(c, staff, seed, stop)
	timer.Stop()
	close(stop)
	if b := c.said.Bytes(); bytes.Contains(b, []byte("panic")) || bytes.Contains(b, []byte("level=ERROR")) {
		return fmt.Errorf("the program says: %s", b)
	}
	return nil
}

// killEarly kills the program while it starts, mends and sweeps.
func (j *judge) killEarly() error {
	c, err := spawn(j.bin, j.dir)
	if err != nil {
		return err
	}
	<-time.After(time.Duration(j.r.IntN(500)) * time.Millisecond)
	c.kill()
	return nil
}

// last holds all of it against a program that is then stopped.
func (j *judge) last() error {
	c, err := startChild(j.bin, j.dir)
	if err != nil {
		return err
	}
	defer c.kill()
	staff := newVisitor(c.info.Portal)
	defer staff.close()
	return j.check(c, staff, true)
}

// journal verifies the record of every act, with the checkpoints beside it.
func (j *judge) journal() {
	j.Helper()
	if _, err := appliance.VerifyJournal(context.Background(), j.dir+"/data", j.dir+"/keys"); err != nil {
		j.Fatalf("journal: %v", err)
	}
}

// check holds what is known against a child that has just started. all looks at
// every letter, else at those of the life before and at some older ones.
func (j *judge) check(c *child, staff *visitor, all bool) error {
	j.set(func() { j.now += 20 * time.Minute }) // sign-ins are counted
	// The demo remembers its clock, but a turn that was asked for in its last moment
	// may have come to nothing.
	ahead, err := c.ahead()
	if err != nil {
		return err
	}
	if err := c.turn(j.now - ahead); err != nil {
		return err
	}
	j.set(func() { j.done = j.now })
	if err := staff.signIn(c, caseworker); err != nil {
		return err
	}
	lives := j.life
	fits := func(l *told) bool { return all || l.life >= lives-1 || j.r.IntN(40) == 0 }
	at, err := j.list(staff, "/mail/sent", sentLine)
	if err != nil {
		return err
	}
	var wrong []error
	for _, l := range j.sorted(fits) {
		if err := j.owners(staff, l, at[l.subject()]); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", l, err))
		}
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	if err := j.answers(staff, fits); err != nil {
		return err
	}
	if err := j.readers(c, all); err != nil {
		return err
	}
	return j.ends()
}

// list returns every line of a folder: subject, and the pages under it.
func (j *judge) list(v *visitor, path string, line *regexp.Regexp) (map[string][]string, error) {
	found := map[string][]string{}
	next := regexp.MustCompile(`older"><a class="ds-link" href="` + path + `(\?before=[^"]*)"`)
	for at := path; at != ""; {
		if err := v.get(at); err != nil {
			return nil, err
		}
		if v.code != 200 {
			return nil, fmt.Errorf("%s: %d %.2000s", at, v.code, v.page)
		}
		for _, m := range line.FindAllStringSubmatch(v.page, -1) {
			s := html.UnescapeString(m[2])
			found[trimmed(s)] = append(found[trimmed(s)], m[1])
		}
		at = ""
		if m := next.FindStringSubmatch(v.page); m != nil {
			at = path + html.UnescapeString(m[1])
		}
	}
	return found, nil
}

func trimmed(s string) string { return string(bytes.TrimSpace([]byte(s))) }

// owners opens a letter as who sent it.
func (j *judge) owners(v *visitor, l *told, pages []string) error {
	now := j.clock(j.done)
	switch {
	case l.dueBy(now):
		if len(pages) > 0 {
			return errors.New("it is listed after its end")
		}
		return nil
	case l.short && !l.surelyAlive(now) && len(pages) == 0, !l.acked && len(pages) == 0:
		return nil
	case len(pages) != 1:
		return fmt.Errorf("it is there %d times", len(pages))
	}
	if err := v.get(pages[0]); err != nil {
		return err
	}
	for _, w := range []string{l.body(), l.subject()} {
		if err := v.wants(w); err != nil {
			return err
		}
	}
	if !l.asked && (!l.held || l.mended && !l.short) {
		if err := v.wants("Avisering levererad"); err != nil { // the clock was turned: all that is due was sent
			return err
		}
	}
	j.seen.letters++
	want := l.file()
	if want == nil {
		return nil
	}
	j.seen.files++
	if err := v.get(pages[0] + "/file/16"); err != nil {
		return err
	}
	if v.page != string(want) {
		return fmt.Errorf("its file has other bytes: %d, %d of %d", v.code, len(v.page), len(want))
	}
	return nil
}

// answers finds every answer in the caseworker's mailbox, with its file.
func (j *judge) answers(v *visitor, fits func(*told) bool) error {
	in, err := j.list(v, "/mail", sentLine)
	if err != nil {
		return err
	}
	for _, l := range j.sorted(func(l *told) bool { return len(l.answers) > 0 && fits(l) }) {
		pages := in["Re: "+l.subject()]
		for _, a := range l.answers {
			n := 0
			for _, p := range pages {
				if err := v.get(p); err != nil {
					return err
				}
				v.page, _, _ = strings.Cut(v.page, `class="stack conversation"`) // the thread's other letters
				if v.wants(a.text) != nil {
					continue
				}
				n++
				if err := v.get(p + "/file/16"); err != nil {
					return err
				}
				if v.page != string(a.file) {
					return fmt.Errorf("the answer to letter %d has a file with other bytes", l.n)
				}
			}
			if n > 1 || a.acked && n == 0 {
				return fmt.Errorf("an answer to letter %d is there %d times", l.n, n)
			}
			j.seen.answers += n
		}
	}
	return nil
}

// readers opens letters as those who got a notice, and tries those that have ended.
func (j *judge) readers(c *child, all bool) error {
	if err := j.collect(c); err != nil {
		return err
	}
	lives, most, now := j.life, 6, j.clock(j.done)
	if all {
		most = 100
	}
	list := j.sorted(func(l *told) bool { return l.code() != "" })
	j.r.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
	for _, l := range list {
		if n := len(l.notices); n > 2+lives-l.life {
			return fmt.Errorf("letter %d was announced %d times", l.n, n)
		} else if n > 1 {
			j.seen.twice++
		}
		if most == 0 || !all && l.life < lives-1 && j.r.IntN(4) > 0 {
			continue
		}
		most--
		v := newVisitor(c.info.Portal)
		err := j.reader(v, c, l, now)
		v.close()
		if err != nil {
			return fmt.Errorf("%s: %w", l, err)
		}
	}
	return nil
}

func (j *judge) reader(v *visitor, c *child, l *told, now time.Time) error {
	if l.ended || l.dueBy(now) {
		j.seen.gone++
		if err := v.get("/m"); err != nil {
			return err
		}
		if err := v.post("/m", "code", l.code()); err != nil {
			return err
		}
		return v.wants("går inte längre att läsa")
	}
	if !l.surelyAlive(now) || l.opens > 4 {
		return nil
	}
	l.opens++
	if err := v.open(c, l.code(), l.number()); err != nil {
		return err
	}
	j.seen.opened++
	if err := v.wants(l.body()); err != nil {
		return err
	}
	if l.file() == nil {
		return nil
	}
	if err := v.get("/m/letter/file/16"); err != nil {
		return err
	}
	if v.page != string(l.file()) {
		return errors.New("its reader gets a file with other bytes")
	}
	return nil
}

// ends wants every end that had begun to be carried out: the clock was turned since
// the start.
func (j *judge) ends() error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(j.dir, "data/sigill.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	var open, half int
	if err := db.QueryRow(`SELECT (SELECT count(*) FROM ledger WHERE done = 0), (SELECT count(*) FROM holder WHERE state = 2) + (SELECT count(*) FROM message WHERE state = 2)`).Scan(&open, &half); err != nil {
		return err
	}
	if open+half > 0 {
		return fmt.Errorf("%d ends are not carried out, %d rows are half ended", open, half)
	}
	return nil
}

func (j *judge) figures(kills int) {
	var acked, mended, recalled, answered int
	for _, l := range j.letters {
		acked += boolInt(l.acked)
		mended += boolInt(l.mended)
		recalled += boolInt(l.ended)
		for _, a := range l.answers {
			answered += boolInt(a.acked)
		}
	}
	j.Logf("%d kills: %d letters sent, %d acknowledged, %d mended, %d recalled, %d answers acknowledged; checked: %+v; 0 lost, 0 half, 0 back", kills, len(j.letters), acked, mended, recalled, answered, j.seen)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
