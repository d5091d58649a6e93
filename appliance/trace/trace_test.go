package trace_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/trace"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is turned by hours.
type clock struct{ hours atomic.Int64 }

func (c *clock) Running() time.Duration { return time.Duration(c.hours.Load()) * time.Hour }
func (c *clock) Now() time.Time         { return noon.Add(c.Running()) }

type store struct{ *vault.DB }

func (s store) Update(ctx context.Context, f func(trace.Tx) error) error {
	return s.DB.Update(ctx, func(tx *vault.Tx) error { return f(tx) })
}

func (s store) View(ctx context.Context, f func(trace.ReadTx) error) error {
	return s.DB.View(ctx, func(tx *vault.ReadTx) error { return f(tx) })
}

// bench is a trace over a real store.
type bench struct {
	*trace.Trace
	t     *testing.T
	db    *vault.DB
	dir   string
	clock *clock
}

func open(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), clock: &clock{}}
	var err error
	if b.db, err = vaulttest.Open(t, vault.Config{Dir: b.dir, Clock: b.clock, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.db.Close() })
	b.again(keyring.NewApp(seal.NewSecret(), keyring.NewSalt()))
	return b
}

// again begins anew over the same store, as after a restart.
func (b *bench) again(app *keyring.App) {
	b.Trace = trace.New(trace.Config{Store: store{b.db}, App: app, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Days: 30})
}

const (
	from = mail.Address("Okand@Annan.example")
	to   = mail.Address("anna@example.se")
)

func (b *bench) refused(change ...func(*mail.Arrival)) mail.Arrival {
	a := mail.Arrival{
		ID: mail.NewID(), At: b.clock.Now(), Peer: "192.0.2.77", From: from, To: []mail.ArrivalTo{{Address: to, Answer: "550 5.7.1"}}, Count: 1,
		Answer: "550 5.7.1", Why: mail.RefusedStranger, MessageID: "hemligt-id@annan.example",
	}
	for _, f := range change {
		f(&a)
	}
	b.Mail(a)
	return a
}

func (b *bench) by(a mail.Address) []mail.Arrival {
	b.t.Helper()
	list, _, _, err := b.ByAddress(b.t.Context(), a, noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 60))
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *bench) ref(ref string) []mail.Arrival {
	b.t.Helper()
	list, err := b.ByRef(b.t.Context(), ref)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func TestARefusedMail(t *testing.T) {
	b := open(t)
	a := b.refused()
	t.Run("is found by its sender, its recipient, its number and its Message-ID", func(t *testing.T) {
		for what, list := range map[string][]mail.Arrival{"sender": b.by("okand@annan.example"), "recipient": b.by("ANNA@example.se"), "number": b.ref(a.ID.String()), "Message-ID": b.ref("hemligt-id@annan.example")} {
			if len(list) != 1 || list[0].ID != a.ID || list[0].From != from || list[0].Why != mail.RefusedStranger || list[0].To[0].Answer != "550 5.7.1" {
				t.Errorf("%s: %+v", what, list)
			}
		}
	})
	t.Run("and by nothing else", func(t *testing.T) {
		if n := len(b.by("anna@example.com")) + len(b.ref(mail.NewID().String())) + len(b.ref("annat@annan.example")); n != 0 {
			t.Errorf("%d found", n)
		}
		list, _, _, err := b.ByAddress(t.Context(), to, noon.Add(time.Hour), noon.AddDate(0, 0, 1))
		if err != nil || len(list) != 0 {
			t.Errorf("at another time: %v %v", list, err)
		}
	})
	t.Run("stands nowhere in clear", func(t *testing.T) {
		for _, word := range []string{"annan.example", "anna@", "192.0.2.77", "hemligt-id"} {
			b.lacks([]byte(word))
		}
	})
	t.Run("is forgotten when its days are over, and its key before", func(t *testing.T) {
		slots := b.slots()
		b.clock.hours.Store(24 * 30)
		if err := b.Forget(t.Context()); err != nil || len(b.by(to)) != 1 {
			t.Fatalf("too early: %v", err)
		}
		b.clock.hours.Store(24 * 31)
		if err := b.Forget(t.Context()); err != nil || len(b.by(to))+len(b.ref(a.ID.String())) != 0 {
			t.Fatalf("it is there: %v", err)
		}
		if bytes.Equal(slots, b.slots()) || !bytes.Equal(b.slots()[64:], make([]byte, len(slots)-64)) {
			t.Error("the key of the day is there")
		}
	})
}

func (b *bench) slots() []byte {
	b.t.Helper()
	s, err := os.ReadFile(filepath.Join(b.dir, "shred.slots"))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) lacks(word []byte) {
	b.t.Helper()
	files, _ := filepath.Glob(filepath.Join(b.dir, "*"))
	for _, f := range files {
		if s, err := os.ReadFile(f); err == nil && bytes.Contains(bytes.ToLower(s), bytes.ToLower(word)) {
			b.t.Errorf("%s holds %s", filepath.Base(f), word)
		}
	}
}

func TestAMailThatWasTaken(t *testing.T) {
	b := open(t)
	letter := mail.NewIDAt(noon)
	a := b.refused(func(a *mail.Arrival) {
		a.Why, a.Answer, a.Friend, a.By, a.Letters = mail.NotRefused, "250 2.0.0", true, mail.ByRelay, []mail.ID{letter}
	})
	t.Run("is found by its letter, and has no address: that dies with the letter", func(t *testing.T) {
		list, err := b.ByLetter(t.Context(), letter, noon)
		if err != nil || len(list) != 1 || list[0].ID != a.ID || list[0].From != "" || len(list[0].To) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		if len(b.by(from))+len(b.by(to)) != 0 {
			t.Error("it is found by an address")
		}
	})
	t.Run("after a restart too", func(t *testing.T) {
		b.again(b.App)
		if list := b.ref(letter.String()); len(list) != 1 || list[0].Peer != "192.0.2.77" {
			t.Errorf("%+v", list)
		}
	})
	t.Run("and the next mail of the day goes under the same key", func(t *testing.T) {
		b.refused()
		if len(b.by(to)) != 1 || len(b.ref(a.ID.String())) != 1 {
			t.Error("one of them is not found")
		}
		used, slots := 0, b.slots()
		for at := 64; at < len(slots); at += 64 {
			if !bytes.Equal(slots[at:at+64], make([]byte, 64)) {
				used++
			}
		}
		if used != 1 {
			t.Errorf("%d keys", used)
		}
	})
}

func TestStrangersDoNotFillTheDisk(t *testing.T) {
	b := open(t)
	const many = 2_000 + 300
	for i := range many {
		b.refused(func(a *mail.Arrival) { a.From, a.MessageID = mail.Address(fmt.Sprintf("n%d@annan.example", i)), "" })
	}
	_, beyond, whole, err := b.ByAddress(t.Context(), to, noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1))
	if err != nil || beyond != 300 || whole {
		t.Errorf("%d are only counted, whole %v, %v", beyond, whole, err)
	}
	t.Run("and the house's own have room nevertheless", func(t *testing.T) {
		b.refused(func(a *mail.Arrival) { a.Friend, a.From = true, "maria@kommun.example" })
		if len(b.by("maria@kommun.example")) != 1 {
			t.Error("it is not found")
		}
	})
	t.Run("nor the memory, where nobody writes", func(t *testing.T) {
		for range 5_000 {
			b.refused(func(a *mail.Arrival) { a.At = noon.AddDate(0, 0, 1) })
		}
		_, beyond, _, err := b.ByAddress(t.Context(), to, noon.AddDate(0, 0, 1).Add(-time.Hour), noon.AddDate(0, 0, 2))
		if err != nil || beyond < 5_000-2_000 {
			t.Errorf("%d are counted, %v", beyond, err)
		}
	})
}

func TestRunWritesWithoutBeingAsked(t *testing.T) {
	b := open(t)
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	a := b.refused()
	end()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.again(b.App)
	if len(b.ref(a.ID.String())) != 1 {
		t.Error("it is not there after the end")
	}
}
