package journal_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

var morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// event returns the nth event of a small day.
func event(n int) mail.Event {
	kinds := []string{journal.Accepted, journal.NoticeSent, journal.Opened, journal.Ended, journal.Erased}
	e := mail.Event{Kind: kinds[n%len(kinds)], At: morning.Add(time.Duration(n) * time.Second), Actor: mail.ActorSender, Detail: "code"}
	binary.BigEndian.PutUint64(e.Message[:], uint64(n)+1)
	binary.BigEndian.PutUint64(e.Who[:], uint64(n)*7+3)
	return e
}

func chain(t testing.TB, n int) []journal.Entry {
	t.Helper()
	var last journal.Entry
	list := make([]journal.Entry, n)
	for i := range list {
		var err error
		if last, err = journal.Follow(last, event(i)); err != nil {
			t.Fatal(err)
		}
		list[i] = last
	}
	return list
}

// rechain makes numbers and hashes anew, as somebody does who can write the database.
func rechain(list []journal.Entry) []journal.Entry {
	var last journal.Entry
	out := make([]journal.Entry, len(list))
	for i, e := range list {
		last, _ = journal.Follow(last, e.Event)
		out[i] = last
	}
	return out
}

func seq(list []journal.Entry) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestHash(t *testing.T) {
	e := mail.Event{Kind: "opened", At: time.UnixMilli(1767225600123), Actor: mail.ActorGuest, Part: "p", Detail: "d",
		Message: mail.ID{1}, Holder: mail.ID{2}, Who: [32]byte{3}}
	t.Run("it is the hash that the package comment says, for ever", func(t *testing.T) {
		got := journal.Hash([32]byte{9}, 7, e)
		if h := hex.EncodeToString(got[:]); h != "51349650b664fe9e5f045a5df49ec3524010fe60be54822d50d4c2db779444a6" {
			t.Errorf("hash is %s", h)
		}
	})
	t.Run("every field is in it", func(t *testing.T) {
		seen := map[[32]byte]string{journal.Hash([32]byte{9}, 7, e): "itself"}
		try := func(name string, h [32]byte) {
			if other, ok := seen[h]; ok {
				t.Errorf("%s has the hash of %s", name, other)
			}
			seen[h] = name
		}
		try("another hash before", journal.Hash([32]byte{8}, 7, e))
		try("another number", journal.Hash([32]byte{9}, 8, e))
		for name, change := range map[string]func(*mail.Event){
			"kind": func(e *mail.Event) { e.Kind = "seen" }, "time": func(e *mail.Event) { e.At = e.At.Add(time.Millisecond) },
			"actor": func(e *mail.Event) { e.Actor++ }, "part": func(e *mail.Event) { e.Part = "q" },
			"message": func(e *mail.Event) { e.Message[15]++ }, "holder": func(e *mail.Event) { e.Holder[15]++ },
			"who": func(e *mail.Event) { e.Who[31]++ }, "detail": func(e *mail.Event) { e.Detail = "e" },
			"a letter moved from kind to part":   func(e *mail.Event) { e.Kind, e.Part = "opene", "dp" },
			"a letter moved from part to detail": func(e *mail.Event) { e.Part, e.Detail = "", "pd" },
		} {
			x := e
			change(&x)
			try(name, journal.Hash([32]byte{9}, 7, x))
		}
	})
}

func TestFollow(t *testing.T) {
	t.Run("an event without a kind, or with a text that is no code word, is not written", func(t *testing.T) {
		long := strings.Repeat("x", journal.MaxText+1)
		for _, e := range []mail.Event{{}, {Kind: long}, {Kind: "k", Part: long}, {Kind: "k", Detail: long}} {
			if _, err := journal.Follow(journal.Entry{}, e); err == nil {
				t.Errorf("written: %.20q", e.Kind)
			}
		}
		if _, err := journal.Follow(journal.Entry{}, mail.Event{Kind: "k", Detail: long[1:]}); err != nil {
			t.Error(err)
		}
	})
}

func TestKinds(t *testing.T) {
	all := []string{journal.Accepted, journal.Held, journal.Mended, journal.Opened, journal.Seen, journal.Answered,
		journal.Recalled, journal.Extended, journal.Shortened, journal.Done, journal.Ended, journal.ClosedUnread, journal.Erased, journal.NewCode,
		journal.NumberChanged, journal.WrongNumber, journal.Trashed, journal.Locked, journal.Unlocked, journal.NoticeSent,
		journal.NoticeDelayed, journal.NoticeFailed, journal.SMSSent, journal.SMSDelivered, journal.SMSFailed,
		journal.SignedIn, journal.SignedOut, journal.SignInFailed, journal.PersonMade, journal.Activated,
		journal.UnitMade, journal.UnitChanged, journal.UnitMoved, journal.UnitRemoved, journal.Placed, journal.Unplaced,
		journal.OrganiserMade, journal.OrganiserRemoved, journal.RolesChanged, journal.ProfileChanged,
		journal.MailboxMade, journal.MailboxChanged, journal.MailboxRemoved, journal.MailboxJoined, journal.MailboxLeft,
		journal.AppPasswordMade, journal.AppPasswordRemoved,
		journal.Traced, journal.PasskeyMade, journal.PasskeyRemoved, journal.SignOnBound, journal.SignOnFreed, journal.SeedHeld, journal.SeedsLetGo,
		journal.FactorReset, journal.MailboxGiven, journal.MailboxRefused, journal.GenerationMade, journal.Claimed, journal.Released, journal.Remarked,
		journal.SettingSet, journal.Started, journal.Stopped, journal.ClockHeld, journal.ClockReleased}
	t.Run("no word stands for two acts", func(t *testing.T) {
		s := slices.Clone(all)
		slices.Sort(s)
		if n := len(slices.Compact(s)); n != len(all) {
			t.Errorf("%d words for %d acts", n, len(all))
		}
	})
	t.Run("every step has the journal's word", func(t *testing.T) {
		for k := mail.StepAccepted; k <= mail.StepClosedUnread; k++ {
			if w := k.String(); !slices.Contains(all, w) && !(k == mail.StepNumber && slices.Contains(all, w+"_changed")) {
				t.Errorf("step %q has no kind", w)
			}
		}
	})
}

func TestVerifyReads(t *testing.T) {
	t.Run("an error of reading entries is not a fault of the journal", func(t *testing.T) {
		broken := errors.New("disk")
		_, err := journal.Verify(func(yield func(journal.Entry, error) bool) { yield(journal.Entry{}, broken) }, nil, journal.PublicKey{})
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an error of reading checkpoints is not a fault of the journal", func(t *testing.T) {
		_, err := journal.Verify(seq(nil), failing{}, journal.PublicKey{})
		if !errors.Is(err, errDisk) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an empty journal is whole", func(t *testing.T) {
		r, err := journal.Verify(seq(nil), bytes.NewReader(nil), journal.PublicKey{})
		if err != nil || !r.OK() || r.Entries != 0 {
			t.Errorf("%v %+v", err, r)
		}
	})
}

var errDisk = errors.New("disk")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errDisk }

func BenchmarkVerify(b *testing.B) {
	list := chain(b, 10_000)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if r, err := journal.Verify(seq(list), nil, journal.PublicKey{}); err != nil || !r.OK() {
			b.Fatal(r, err)
		}
		n += len(list)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}
