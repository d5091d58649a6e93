package vault_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
)

var ctx = context.Background()

// clock is a clock that stands.
type clock struct{}

func newClock() clock { return clock{} }

func (clock) Now() time.Time         { return time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC) }
func (clock) Running() time.Duration { return 0 }

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func open(t testing.TB, dir string) *vault.DB {
	t.Helper()
	return openWith(t, vault.Config{Dir: dir})
}

func openWith(t testing.TB, cfg vault.Config) *vault.DB {
	t.Helper()
	if cfg.Clock == nil {
		cfg.Clock = newClock()
	}
	if cfg.Log == nil {
		cfg.Log = quiet
	}
	db, err := vaulttest.Open(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func update(t testing.TB, db *vault.DB, do func(tx *vault.Tx) error) {
	t.Helper()
	if err := db.Update(ctx, do); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *vault.DB, do func(tx *vault.ReadTx) error) {
	t.Helper()
	if err := db.View(ctx, do); err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, err error, k mail.Kind) {
	t.Helper()
	if err == nil || mail.KindOf(err) != k {
		t.Fatalf("error %v, want one of the kind %v", err, k)
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func value() (v mail.SlotValue) {
	rand.Read(v[:])
	return v
}

// letter is a message as the desk makes it: the house's holder and one guest.
type letter struct {
	sealed *mail.Sealed
	outbox []mail.Outgoing
	slots  []mail.SlotWrite // of the outbox
	step   mail.Step
	event  mail.Event
}

// newLetter reserves its slots in db and makes random boxes of the usual sizes.
func newLetter(t testing.TB, db *vault.DB, at time.Time) *letter {
	t.Helper()
	shred, err := db.Reserve(mail.Shred, 4)
	if err != nil {
		t.Fatal(err)
	}
	link, err := db.Reserve(mail.Link, 2)
	if err != nil {
		t.Fatal(err)
	}
	return compose(shred, link, at)
}

func compose(shred, link []mail.Slot, at time.Time) *letter {
	at = at.Truncate(time.Millisecond)
	m, owner, code := mail.NewID(), mail.NewID(), mail.NewID()
	house, guest := mail.NewID(), mail.NewID()
	s := &mail.Sealed{
		Message: mail.Message{ID: m, Thread: m, Way: mail.Out, State: mail.Active, Owner: owner, Slot: shred[0],
			Envelope: random(120), Size: 4000, At: at, LastDay: at.Add(90 * 24 * time.Hour)},
		Head: random(300),
		Parts: []mail.Part{
			{Message: m, N: mail.PartBody, Size: 1000, Box: random(1200)},
			{Message: m, N: mail.PartRaw, Size: 3000, Box: random(3200)},
		},
		Holders: []mail.Holder{
			{ID: house, Message: m, Kind: mail.HolderPerson, Owner: owner, House: true, Folder: mail.Sent, State: mail.Active,
				Slot: shred[1], Columns: random(120), ReadUntil: at.Add(90 * 24 * time.Hour), Opened: at},
			{ID: guest, Message: m, Kind: mail.HolderGuest, State: mail.Active, Slot: shred[2], Columns: random(160),
				OpenBy: at.Add(30 * 24 * time.Hour), ReadFor: 30 * 24 * time.Hour},
		},
		Wraps: []mail.Wrap{
			{Holder: house, Kind: mail.WrapEpoch, Ref: mail.NewID(), Box: random(60)},
			{Holder: guest, Kind: mail.WrapGuest, Ref: code, Box: random(60)},
		},
		Codes:  []mail.Code{{ID: code, Kind: mail.CodeGuest, Locator: [32]byte(random(32)), Holder: guest, Slot: shred[3], Expires: at.Add(time.Hour)}},
		Epochs: []mail.Epoch{{ID: mail.ID{1}, Owner: owner, Box: random(1168), At: at}},
	}
	for _, p := range shred {
		s.Slots = append(s.Slots, mail.SlotWrite{Slot: p, Value: value()})
	}
	l := &letter{sealed: s,
		step:  mail.Step{Holder: guest, Kind: mail.StepAccepted, At: at},
		event: mail.Event{Kind: "accepted", At: at, Actor: mail.ActorSender, Message: m, Who: [32]byte(random(32))}}
	for i, p := range link {
		l.slots = append(l.slots, mail.SlotWrite{Slot: p, Value: value()})
		l.outbox = append(l.outbox, mail.Outgoing{ID: mail.NewID(), Kind: []mail.NoticeKind{mail.NoticeLetter, mail.NoticeReport}[i%2],
			Message: m, Holder: guest, Slot: p, Box: random(500), At: at, Next: at, Expires: at.Add(48 * time.Hour), Bounce: [16]byte(random(16))})
	}
	return l
}

func (l *letter) put(tx *vault.Tx) error {
	if err := tx.PutSealed(l.sealed); err != nil {
		return err
	}
	if err := tx.PutSlots(l.slots); err != nil {
		return err
	}
	if err := tx.EnqueueAll(l.outbox); err != nil {
		return err
	}
	if err := tx.PutStep(l.step); err != nil {
		return err
	}
	return tx.Note(l.event)
}

// guest is the holder outside of the house.
func (l *letter) guest() mail.Holder { return l.sealed.Holders[1] }

func (l *letter) allSlots() (list []mail.Slot) {
	for _, w := range append(append([]mail.SlotWrite(nil), l.sealed.Slots...), l.slots...) {
		list = append(list, w.Slot)
	}
	return list
}
