package appliance_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// known is what the world outside was told by a program that was killed again and
// again. Everything in it must be true after any crash.
type known struct {
	mu      sync.Mutex
	letters []*told
	now     time.Duration // by which the clocks were turned, all lives together
	done    time.Duration // the same, where the answer came: what was due then has ended
	life    int
}

// told is one letter and what was said of it.
type told struct {
	n       int
	life    int       // in which it was sent
	sent    time.Time // by the turned clock, at the earliest
	till    time.Time // the same, at the latest: the clock may be turned meanwhile
	short   bool      // lives twelve hours
	held    bool      // has no number
	acked   bool      // 250
	at      time.Time // when that was said
	asked   bool      // recalling was asked for
	ended   bool      // recalled, and told so
	mended  bool
	opens   int // a number gets five SMS a day
	mending bool
	notices map[string]string // id in the trap: code
	hold    string            // code of the mail that asks for a number
	answers []answer
}

type answer struct {
	text  string
	file  []byte
	acked bool
}

// String tells a letter in a test's words.
func (l *told) String() string {
	return fmt.Sprintf("letter %d (life %d, sent %s, short %v, held %v, acknowledged %v at %s, recalled %v %v, mended %v %v, %d notices, %d answers)",
		l.n, l.life, l.sent.Format(time.DateTime), l.short, l.held, l.acked, l.at.Format(time.StampMilli), l.asked, l.ended, l.mending, l.mended, len(l.notices), len(l.answers))
}

func (l *told) subject() string { return fmt.Sprintf("Brev nummer %06d.", l.n) }
func (l *told) address() string { return fmt.Sprintf("p%06d@example.se", l.n) }
func (l *told) number() string  { return fmt.Sprintf("+4670%07d", l.n) }
func (l *told) body() string    { return fmt.Sprintf("Hej nummer %06d. Slut på %06d.", l.n, l.n) }

// file is the attachment of every third letter, made of its number alone.
func (l *told) file() []byte {
	if l.n%3 != 0 {
		return nil
	}
	b := make([]byte, 150_000+l.n%1000)
	rand.NewChaCha8([32]byte{byte(l.n), byte(l.n >> 8), byte(l.n >> 16)}).Read(b)
	return b
}

func (l *told) rcpt() string {
	if l.held {
		return l.address() + ".s"
	}
	return l.address() + ".0" + l.number()[3:] + ".s"
}

func (l *told) mail() []byte {
	m := "From: " + caseworker + "\nTo: " + l.rcpt() + "\nSubject: " + l.subject() + fmt.Sprintf("\nMessage-ID: <k%d@exempelkommun.se>\n", l.n)
	if l.short {
		m += "X-Sigill-Lifetime: 12h\n"
	}
	m += "MIME-Version: 1.0\n"
	text := "Content-Type: text/plain; charset=utf-8\n\n" + l.body() + "\n"
	if f := l.file(); f != nil {
		m += "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + text + "--b\nContent-Type: application/octet-stream\n" +
			"Content-Disposition: attachment; filename=fil.bin\nContent-Transfer-Encoding: base64\n\n" + lines(base64.StdEncoding.EncodeToString(f)) + "--b--\n"
	} else {
		m += text
	}
	return []byte(strings.ReplaceAll(m, "\n", "\r\n"))
}

// dueBy reports whether a letter must have ended at a time.
func (l *told) dueBy(now time.Time) bool {
	return l.short && now.After(l.till.Add(12*time.Hour+time.Minute))
}

// surelyAlive reports whether nothing can have ended it.
func (l *told) surelyAlive(now time.Time) bool {
	return !l.asked && !(l.short && now.After(l.sent.Add(12*time.Hour-time.Minute)))
}

// clock is the time that a child shows once it was turned by all.
func (k *known) clock(by time.Duration) time.Time { return time.Now().Add(by) }

func (k *known) next(r *rand.Rand) *told {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := &told{n: len(k.letters), life: k.life, sent: k.clock(k.done), short: r.IntN(6) == 0, held: r.IntN(8) == 0, notices: map[string]string{}}
	k.letters = append(k.letters, l)
	return l
}

// pick returns a letter that fits, or nil.
func (k *known) pick(r *rand.Rand, fits func(*told) bool) *told {
	k.mu.Lock()
	defer k.mu.Unlock()
	for range 50 {
		if len(k.letters) == 0 {
			return nil
		}
		at := len(k.letters) - 1 - r.IntN(min(len(k.letters), 300))
		if l := k.letters[at]; fits(l) {
			return l
		}
	}
	return nil
}

func (k *known) set(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

// load works on a child from all sides until stop is closed or the child is gone.
func (k *known) load(c *child, staff *visitor, seed uint64, stop <-chan struct{}) {
	var wait sync.WaitGroup
	for i, work := range []func(*child, *rand.Rand) error{
		k.deliver, k.deliver, k.deliver, k.read, k.read,
		func(c *child, r *rand.Rand) error { return k.recall(staff, r) },
		k.mend, k.turnSome, func(c *child, _ *rand.Rand) error { return k.collect(c) },
	} {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for {
				select {
				case <-stop:
					return
				case <-c.over:
					return
				default:
				}
				if work(c, r) != nil {
					<-time.After(10 * time.Millisecond) // gone, or the moment was wrong
				}
			}
		})
	}
	wait.Wait()
}

// deliver hands in one letter by SMTP.
func (k *known) deliver(c *child, r *rand.Rand) error {
	s, err := smtp.Dial(c.info.SMTP)
	if err != nil {
		return err
	}
	defer s.Close()
	for range 5 {
		l := k.next(r)
		err := s.SendMail(caseworker, []string{l.rcpt()}, bytes.NewReader(l.mail()))
		k.set(func() { l.acked, l.at, l.till = err == nil, time.Now(), k.clock(k.now) })
		if err != nil {
			return err
		}
	}
	return nil
}

var holdNames = regexp.MustCompile(`p([0-9]{6})@example\.se`)

// collect takes what the trap has caught: it dies with the child.
func (k *known) collect(c *child) error {
	all, err := c.trapped()
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range all {
		code := codeIn.FindStringSubmatch(m.Text)
		name := holdNames.FindStringSubmatch(m.To[0] + " " + m.Text)
		if m.Kind != "email" || code == nil || name == nil {
			continue
		}
		var n int
		fmt.Sscan(strings.TrimLeft(name[1], "0")+" 0", &n)
		if n >= len(k.letters) {
			continue
		}
		if l := k.letters[n]; m.To[0] == caseworker {
			l.hold = code[1]
		} else {
			l.notices[m.ID] = code[1]
		}
	}
	<-time.After(100 * time.Millisecond)
	return nil
}

func (l *told) code() string {
	for _, c := range l.notices {
		return c
	}
	return ""
}

// read opens a letter, and sometimes answers it with a file.
func (k *known) read(c *child, r *rand.Rand) error {
	var code string
	l := k.pick(r, func(l *told) bool { code = l.code(); return code != "" && l.life == k.life && !l.asked && l.opens < 3 })
	if l == nil {
		return fmt.Errorf("none")
	}
	k.set(func() { l.opens++ })
	v := newVisitor(c.info.Portal)
	defer v.close()
	if err := v.open(c, code, l.number()); err != nil {
		return err
	}
	if r.IntN(2) == 0 {
		return nil
	}
	a := answer{text: fmt.Sprintf("Svar från %06d, %d.", l.n, r.IntN(1e9)), file: bytes.Repeat([]byte{byte(l.n)}, 10+r.IntN(120_000))}
	if err := v.get("/m/letter/reply"); err != nil {
		return err
	}
	err := v.upload("/m/letter/reply", a.text, "svar.bin", a.file)
	a.acked = err == nil && v.wants("Ditt svar har kommit fram") == nil
	k.set(func() { l.answers = append(l.answers, a) })
	return err
}

var sentLine = regexp.MustCompile(`(?s)href="(/mail/[0-9a-z]{26})">.*?((?:Re: )?Brev nummer [0-9]{6}\.)`)

// recall takes back a letter of the first page.
func (k *known) recall(v *visitor, r *rand.Rand) error {
	<-time.After(time.Duration(r.IntN(150)) * time.Millisecond)
	if err := v.get("/mail/sent"); err != nil {
		return err
	}
	list := sentLine.FindAllStringSubmatch(v.page, -1)
	if len(list) == 0 {
		return nil
	}
	one := list[r.IntN(len(list))]
	l := k.bySubject(html.UnescapeString(one[2]))
	if l == nil || l.n%4 != 0 {
		return nil
	}
	k.set(func() { l.asked = true })
	if err := v.get(one[1]); err != nil || v.code != 200 {
		return err
	}
	if err := v.post(one[1] + "/recall"); err != nil {
		return err
	}
	if v.code == 200 && v.wants("återkallat") == nil {
		k.set(func() { l.ended = true })
	}
	return nil
}

func (k *known) bySubject(s string) *told {
	var n int
	if _, err := fmt.Sscanf(strings.TrimSpace(s), "Brev nummer %06d.", &n); err != nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if n >= len(k.letters) {
		return nil
	}
	return k.letters[n]
}

// mend gives a number to a letter that waits.
func (k *known) mend(c *child, r *rand.Rand) error {
	<-time.After(time.Duration(r.IntN(150)) * time.Millisecond)
	var code string
	l := k.pick(r, func(l *told) bool { code = l.hold; return code != "" && !l.mending && !l.asked })
	if l == nil {
		return fmt.Errorf("none")
	}
	v := newVisitor(c.info.Portal)
	defer v.close()
	if err := v.get("/m"); err != nil {
		return err
	}
	if err := v.post("/m", "code", code); err != nil || v.at != "/m/mend" {
		return err
	}
	m := regexp.MustCompile(`action="(/m/mend/[0-9a-z]+)"`).FindStringSubmatch(v.page)
	if m == nil {
		return nil
	}
	k.set(func() { l.mending = true })
	if err := v.post(m[1], "address", l.address(), "phone", l.number(), "repeat", l.number()); err != nil {
		return err
	}
	if v.wants("Brevet är på väg") == nil {
		k.set(func() { l.mended = true })
	}
	return nil
}

// turnSome lets some time go by, so that letters end while everything else goes on.
func (k *known) turnSome(c *child, r *rand.Rand) error {
	<-time.After(time.Duration(100+r.IntN(300)) * time.Millisecond)
	by := time.Duration(1+r.IntN(60)) * time.Second
	if r.IntN(4) == 0 {
		by = time.Duration(r.IntN(300)) * time.Minute
	}
	var to time.Duration
	k.set(func() { k.now += by; to = k.now })
	if err := c.turn(by); err != nil {
		return err
	}
	k.set(func() { k.done = max(k.done, to) })
	return nil
}

// sorted returns the letters that fit, in their order.
func (k *known) sorted(fits func(*told) bool) []*told {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(k.letters), func(l *told) bool { return !fits(l) })
}
