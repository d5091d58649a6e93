package mail_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"sigill/appliance/mail"
)

func TestID(t *testing.T) {
	t.Run("it comes back as it was", func(t *testing.T) {
		for range 1000 {
			id := mail.NewID()
			if got, err := mail.ParseID(id.String()); err != nil || got != id || id.IsZero() || len(id.String()) != 26 {
				t.Fatalf("%s: %s %v", id, got, err)
			}
		}
		if got, err := mail.ParseID(mail.ID{}.String()); err != nil || !got.IsZero() {
			t.Error(err)
		}
	})
	t.Run("an id has one spelling", func(t *testing.T) {
		good := mail.ID{1, 2, 3}.String()
		for _, s := range []string{"", good[:25], good + "0", strings.ToUpper(mail.ID{255, 254}.String()), good[:25] + "1", good[:25] + "z", good[:25] + "i", good[:25] + "-", good[:24] + "\n\n", good[:25] + "\n",
			good[:24] + "==", " " + good[:25], good[:24] + "é", "../../../../../../etc/pass", strings.Repeat("\x00", 26), strings.Repeat("u", 26)} {
			if id, err := mail.ParseID(s); mail.KindOf(err) != mail.Absent || !id.IsZero() {
				t.Errorf("%q: %v %v", s, id, err)
			}
		}
	})
}

func FuzzID(f *testing.F) {
	f.Add(mail.ID{1}.String())
	f.Add(strings.Repeat("z", 26))
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := mail.ParseID(s); err == nil && id.String() != s {
			t.Errorf("%q is %q", s, id)
		}
	})
}

func TestLifetime(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct{ name, now, end string }{
		{"30 days in winter", "2026-01-10T12:00:00Z", "2026-02-09T22:59:59Z"},
		{"30 days in summer", "2026-06-10T12:00:00Z", "2026-07-10T21:59:59Z"},
		{"30 days over the night that is an hour shorter", "2026-03-15T12:00:00Z", "2026-04-14T21:59:59Z"},
		{"30 days over the night that is an hour longer", "2026-10-10T12:00:00Z", "2026-11-09T22:59:59Z"},
		{"to the day of the shorter night itself", "2026-02-27T12:00:00Z", "2026-03-29T21:59:59Z"},
		{"to the day of the longer night itself", "2026-09-25T12:00:00Z", "2026-10-25T22:59:59Z"},
		{"begun just after midnight in the zone, the day before in UTC", "2026-06-09T22:30:00Z", "2026-07-10T21:59:59Z"},
		{"begun in the last second of the day", "2026-06-10T21:59:59Z", "2026-07-10T21:59:59Z"},
		{"over a leap day", "2028-02-10T12:00:00Z", "2028-03-11T22:59:59Z"},
		{"to a leap day", "2028-01-30T12:00:00Z", "2028-02-29T22:59:59Z"},
		{"over the end of February in a year without one", "2027-02-10T12:00:00Z", "2027-03-12T22:59:59Z"},
		{"over the end of a year", "2026-12-20T12:00:00Z", "2027-01-19T22:59:59Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mail.Lifetime{Days: 30}.End(at(c.now), zone)
			if !got.Equal(at(c.end)) || got.Location() != time.UTC {
				t.Errorf("ends %v", got)
			}
			if s := got.In(zone).Format("15:04:05"); s != "23:59:59" {
				t.Errorf("ends at %s", s)
			}
		})
	}
	t.Run("hours are counted, whatever the clock on the wall does", func(t *testing.T) {
		for _, now := range []string{"2026-03-28T23:30:00Z", "2026-10-24T23:30:00Z", "2026-06-01T00:00:00Z"} {
			if got := (mail.Lifetime{Hours: 24}).End(at(now), zone); got.Sub(at(now)) != 24*time.Hour || got.Location() != time.UTC {
				t.Errorf("from %s to %v", now, got)
			}
		}
	})
	t.Run("days before hours", func(t *testing.T) {
		if got := (mail.Lifetime{Days: 1, Hours: 1}).End(at("2026-06-01T00:00:00Z"), time.UTC); !got.Equal(at("2026-06-02T23:59:59Z")) {
			t.Errorf("ends %v", got)
		}
	})
	t.Run("nobody asked", func(t *testing.T) {
		if !(mail.Lifetime{}).IsZero() || (mail.Lifetime{Days: 1}).IsZero() || (mail.Lifetime{Hours: 1}).IsZero() {
			t.Error("wrong")
		}
	})
}

func TestDue(t *testing.T) {
	a, b := time.Unix(100, 0), time.Unix(200, 0)
	for _, c := range []struct {
		name string
		h    mail.Holder
		want time.Time
	}{
		{"never opened: the day to open", mail.Holder{OpenBy: a, ReadUntil: b}, a},
		{"opened: the day to read", mail.Holder{OpenBy: a, ReadUntil: b, Opened: a}, b},
		{"opened without a day to read: never", mail.Holder{OpenBy: a, Opened: a}, time.Time{}},
		{"no day to open", mail.Holder{ReadUntil: b}, b},
		{"no day at all: never", mail.Holder{}, time.Time{}},
	} {
		if got := c.h.Due(); !got.Equal(c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestLightOf(t *testing.T) {
	read, unread := mail.Holder{Kind: mail.HolderGuest, Opened: time.Unix(1, 0)}, mail.Holder{Kind: mail.HolderGuest}
	person := mail.Holder{Kind: mail.HolderPerson, Opened: time.Unix(1, 0)}
	house := mail.Holder{Kind: mail.HolderPerson, House: true, Opened: time.Unix(1, 0)}
	repair := mail.Holder{Kind: mail.HolderRepair, Opened: time.Unix(1, 0)}
	transit := mail.Holder{Kind: mail.HolderTransit, Opened: time.Unix(1, 0)}
	replaced := mail.Holder{Kind: mail.HolderGuest, Why: mail.EndReplaced}
	ended := mail.Holder{Kind: mail.HolderGuest, Why: mail.EndUnopened}
	for _, c := range []struct {
		name string
		list []mail.Holder
		want mail.Light
	}{
		{"nobody", nil, mail.Red},
		{"only the house's own copy", []mail.Holder{house}, mail.Red},
		{"one, not read", []mail.Holder{house, unread}, mail.Red},
		{"one, read", []mail.Holder{house, read}, mail.Green},
		{"two, one read", []mail.Holder{read, unread}, mail.Yellow},
		{"two, both read", []mail.Holder{read, person}, mail.Green},
		{"repair and transit do not count", []mail.Holder{repair, transit, unread}, mail.Red},
		{"a replaced code does not count", []mail.Holder{replaced, read}, mail.Green},
		{"a replaced code alone", []mail.Holder{replaced}, mail.Red},
		{"one that ended unread counts", []mail.Holder{ended, read}, mail.Yellow},
	} {
		if got := mail.LightOf(c.list); got != c.want {
			t.Errorf("%s: %d", c.name, got)
		}
	}
}

func TestError(t *testing.T) {
	t.Run("the kind of a wrapped error is found", func(t *testing.T) {
		err := fmt.Errorf("open: %w", mail.E(mail.Gone, "error.gone", fs.ErrNotExist))
		if mail.KindOf(err) != mail.Gone || !errors.Is(err, fs.ErrNotExist) {
			t.Error(mail.KindOf(err))
		}
	})
	t.Run("an error of somebody else is internal", func(t *testing.T) {
		if mail.KindOf(errors.New("x")) != mail.Internal || mail.KindOf(nil) != mail.Internal {
			t.Error("is not")
		}
	})
	t.Run("the outermost kind counts", func(t *testing.T) {
		if k := mail.KindOf(mail.E(mail.Absent, "a", mail.E(mail.Denied, "b", nil))); k != mail.Absent {
			t.Error(k)
		}
	})
	t.Run("every kind has a word", func(t *testing.T) {
		seen := map[string]bool{}
		for k := mail.Internal; k <= mail.Locked; k++ {
			if s := k.String(); strings.HasPrefix(s, "kind ") || seen[s] {
				t.Errorf("%d is %q", k, s)
			}
			seen[k.String()] = true
		}
		if s := mail.Kind(200).String(); s != "kind 200" {
			t.Error(s)
		}
	})
	t.Run("a value told later stands, and the error it was told of is not changed", func(t *testing.T) {
		e := mail.E(mail.TooLarge, "error.toolarge", nil)
		a := e.Tell("limit", "1").Tell("is", "2")
		b := a.Tell("limit", "3")
		if e.With != nil || a.With["limit"] != "1" || a.With["is"] != "2" || b.With["limit"] != "3" || b.With["is"] != "2" {
			t.Errorf("%v %v %v", e.With, a.With, b.With)
		}
	})
	t.Run("its text is for the operator", func(t *testing.T) {
		if s := mail.E(mail.Again, "error.again", errors.New("disk")).Error(); s != "again: error.again: disk" {
			t.Error(s)
		}
		if s := mail.E(mail.Again, "error.again", nil).Error(); s != "again: error.again" {
			t.Error(s)
		}
	})
}

func TestWords(t *testing.T) {
	t.Run("every step and actor has its own word", func(t *testing.T) {
		seen := map[string]bool{}
		for k := mail.StepAccepted; k <= mail.StepClosedUnread; k++ {
			if s := k.String(); s == "" || seen[s] {
				t.Errorf("step %d is %q", k, s)
			}
			seen[k.String()] = true
		}
		if mail.StepKind(0).String() != "" || mail.StepKind(250).String() != "" {
			t.Error("what is no step has a word")
		}
		seen = map[string]bool{}
		for k := mail.ActorNobody; k <= mail.ActorAdmin; k++ {
			if seen[k.String()] {
				t.Errorf("actor %d is %q", k, k)
			}
			seen[k.String()] = true
		}
		if mail.ActorKind(250).String() != "nobody" {
			t.Error("an unknown actor is somebody")
		}
	})
	t.Run("every level has its own word", func(t *testing.T) {
		if mail.Letter.String() != "letter" || mail.Registered.String() != "registered" || mail.InPerson.String() != "eid" || mail.Level(9).String() != "level 9" {
			t.Error("wrong")
		}
	})
	t.Run("a draft's size is all that it holds", func(t *testing.T) {
		d := mail.Draft{Text: "12", HTML: "345", Raw: []byte("6789"), Files: []mail.File{{Data: []byte("12345")}, {}}}
		if d.Size() != 14 {
			t.Error(d.Size())
		}
	})
}
