package policy_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

func stockholm(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Skip("no time zone data on this machine")
	}
	return z
}

var noon = time.Date(2026, 4, 26, 12, 0, 0, 0, time.UTC)

func TestDecide(t *testing.T) {
	number := mail.Phone("+46701234567")
	other := mail.Phone("+46707654321")
	for _, c := range []struct {
		name  string
		to    mail.Request
		ask   mail.Ask
		known policy.Known
		rules policy.Rules
		want  policy.Verdict
		kind  mail.Kind // of the error; Internal means none
	}{
		{name: "a number in the address goes by the portal, registered", to: mail.Request{Phone: number}, want: policy.Verdict{Phone: number}},
		{name: "no number and none remembered is held", want: policy.Verdict{Hold: mail.HoldNoNumber}},
		{name: "a remembered number is used and said", known: policy.Known{Phone: other, Given: noon}, want: policy.Verdict{Phone: other, Remembered: true}},
		{name: "one that was given a year ago is still used", known: policy.Known{Phone: other, Given: noon.AddDate(0, 0, -365)}, want: policy.Verdict{Phone: other, Remembered: true}},
		{name: "one that nobody has used for longer is asked for", known: policy.Known{Phone: other, Given: noon.AddDate(0, 0, -366)}, want: policy.Verdict{Phone: other, Remembered: true, Hold: mail.HoldStale, Doubt: mail.HoldStale}},
		{name: "one to which a PIN was right since is used", known: policy.Known{Phone: other, Given: noon.AddDate(-3, 0, 0), Worked: noon.AddDate(0, 0, -100)}, want: policy.Verdict{Phone: other, Remembered: true}},
		{name: "an old one that the sender has confirmed is used", ask: mail.Ask{Confirmed: true}, known: policy.Known{Phone: other}, want: policy.Verdict{Phone: other, Remembered: true, Doubt: mail.HoldStale}},
		{name: "another number than the one that has worked is asked for", to: mail.Request{Phone: number}, known: policy.Known{Phone: other, Given: noon, Worked: noon}, want: policy.Verdict{Phone: number, Hold: mail.HoldChanged, Doubt: mail.HoldChanged}},
		{name: "and used when the sender has confirmed it", to: mail.Request{Phone: number}, ask: mail.Ask{Confirmed: true}, known: policy.Known{Phone: other, Given: noon, Worked: noon}, want: policy.Verdict{Phone: number, Doubt: mail.HoldChanged}},
		{name: "the same number, given again, is no change", to: mail.Request{Phone: number}, known: policy.Known{Phone: number, Worked: noon}, want: policy.Verdict{Phone: number}},
		{name: "a letter that needs no number is not held for one", to: mail.Request{Level: mail.Letter}, rules: policy.Rules{Letter: true}, known: policy.Known{Phone: other, Worked: noon}, want: policy.Verdict{Level: mail.Letter}},
		{name: "a given number beats a remembered one", to: mail.Request{Phone: number}, known: policy.Known{Phone: other}, want: policy.Verdict{Phone: number}},
		{name: "a letter without a number goes to a registered recipient's key", known: policy.Known{Registered: number, Since: noon, Phone: other, Worked: noon.AddDate(0, -1, 0)}, want: policy.Verdict{Channel: mail.ChannelRecipient}},
		{name: "but not without a word if another number has worked since: the inbox may be another person's by now", known: policy.Known{Registered: number, Since: noon.AddDate(0, -2, 0), Phone: other, Given: noon, Worked: noon.AddDate(0, -1, 0)}, want: policy.Verdict{Hold: mail.HoldRegistered, Doubt: mail.HoldRegistered}},
		{name: "not at level letter either, which needs no number", to: mail.Request{Level: mail.Letter}, rules: policy.Rules{Letter: true}, known: policy.Known{Registered: number, Since: noon.AddDate(0, -2, 0), Phone: other, Worked: noon}, want: policy.Verdict{Level: mail.Letter, Hold: mail.HoldRegistered, Doubt: mail.HoldRegistered}},
		{name: "and goes to the key when the sender has confirmed it", ask: mail.Ask{Confirmed: true}, known: policy.Known{Registered: number, Since: noon.AddDate(0, -2, 0), Phone: other, Worked: noon}, want: policy.Verdict{Channel: mail.ChannelRecipient, Doubt: mail.HoldRegistered}},
		{name: "one that has only been given since is no reason", known: policy.Known{Registered: number, Since: noon.AddDate(0, -2, 0), Phone: other, Given: noon}, want: policy.Verdict{Channel: mail.ChannelRecipient}},
		{name: "nor is the registered one that has worked since", known: policy.Known{Registered: number, Since: noon.AddDate(0, -2, 0), Phone: number, Worked: noon}, want: policy.Verdict{Channel: mail.ChannelRecipient}},
		{name: "whoever names the registered one has said whom they mean", to: mail.Request{Phone: number}, known: policy.Known{Registered: number, Since: noon.AddDate(0, -2, 0), Phone: other, Worked: noon}, want: policy.Verdict{Channel: mail.ChannelRecipient}},
		{name: "of an account that has lapsed a letter goes by a link", known: policy.Known{Lapsed: number, Since: noon.AddDate(0, -2, 0), Phone: number, Given: noon, Worked: noon}, want: policy.Verdict{Phone: number, Remembered: true}},
		{name: "and not without a word if another number has worked since", known: policy.Known{Lapsed: number, Since: noon.AddDate(0, -2, 0), Phone: other, Given: noon, Worked: noon.AddDate(0, -1, 0)}, want: policy.Verdict{Phone: other, Remembered: true, Hold: mail.HoldChanged, Doubt: mail.HoldChanged}},
		{name: "but to that one when the sender has confirmed it", ask: mail.Ask{Confirmed: true}, known: policy.Known{Lapsed: number, Since: noon.AddDate(0, -2, 0), Phone: other, Given: noon, Worked: noon}, want: policy.Verdict{Phone: other, Remembered: true, Doubt: mail.HoldChanged}},
		{name: "and to any that the sender gives and none has contradicted", to: mail.Request{Phone: number}, known: policy.Known{Lapsed: number, Since: noon, Phone: other, Given: noon}, want: policy.Verdict{Phone: number}},
		{name: "so does one with the number that they have registered", to: mail.Request{Phone: number}, known: policy.Known{Registered: number, Phone: other, Worked: noon}, want: policy.Verdict{Channel: mail.ChannelRecipient}},
		{name: "another number than the registered one is asked for", to: mail.Request{Phone: other}, known: policy.Known{Registered: number}, want: policy.Verdict{Phone: other, Hold: mail.HoldRegistered, Doubt: mail.HoldRegistered}},
		{name: "also at level letter, which needs none", to: mail.Request{Phone: other, Level: mail.Letter}, rules: policy.Rules{Letter: true}, known: policy.Known{Registered: number}, want: policy.Verdict{Phone: other, Level: mail.Letter, Hold: mail.HoldRegistered, Doubt: mail.HoldRegistered}},
		{name: "and goes there by a link when the sender has confirmed it", to: mail.Request{Phone: other}, ask: mail.Ask{Confirmed: true}, known: policy.Known{Registered: number}, want: policy.Verdict{Phone: other, Doubt: mail.HoldRegistered}},
		{name: "in person is no password: a registered recipient gets a link and is asked for e-ID", to: mail.Request{Phone: number, Level: mail.InPerson}, rules: policy.Rules{EID: true}, known: policy.Known{Registered: number}, want: policy.Verdict{Phone: number, Level: mail.InPerson}},
		{name: "a near miss is held, also to a registered recipient", to: mail.Request{Trap: mail.TrapTrigger}, known: policy.Known{Registered: number}, want: policy.Verdict{Hold: mail.HoldNearMiss}},
		{name: "a colleague needs no number", known: policy.Known{Person: true}, want: policy.Verdict{Channel: mail.ChannelInternal}},
		{name: "a near miss is held, whoever it is", to: mail.Request{Trap: mail.TrapTrigger, Phone: number}, known: policy.Known{Person: true}, want: policy.Verdict{Hold: mail.HoldNearMiss, Phone: number}},
		{name: "a number that cannot be is held", to: mail.Request{Trap: mail.TrapNumber}, want: policy.Verdict{Hold: mail.HoldNumber}},
		{name: "letter where it is not accepted is raised", to: mail.Request{Level: mail.Letter, Phone: number}, want: policy.Verdict{Phone: number, Raised: true}},
		{name: "letter by tag is raised too", to: mail.Request{Phone: number}, ask: mail.Ask{Level: mail.Letter, LevelSet: true}, want: policy.Verdict{Phone: number, Raised: true}},
		{name: "letter where it is accepted needs no number", to: mail.Request{Level: mail.Letter}, rules: policy.Rules{Letter: true}, want: policy.Verdict{Level: mail.Letter}},
		{name: "a raised letter without a number is held", to: mail.Request{Level: mail.Letter}, want: policy.Verdict{Hold: mail.HoldNoNumber, Raised: true}},
		{name: "in person before there is e-ID is refused", to: mail.Request{Level: mail.InPerson, Phone: number}, kind: mail.Invalid},
		{name: "in person by tag before there is e-ID is refused", to: mail.Request{Phone: number}, ask: mail.Ask{Level: mail.InPerson, LevelSet: true}, kind: mail.Invalid},
		{name: "a tag raises what the address asks for", to: mail.Request{Phone: number}, ask: mail.Ask{Level: mail.InPerson, LevelSet: true}, rules: policy.Rules{EID: true}, want: policy.Verdict{Phone: number, Level: mail.InPerson}},
		{name: "a tag does not lower a strong trigger", to: mail.Request{Level: mail.InPerson, Phone: number}, ask: mail.Ask{Level: mail.Letter, LevelSet: true}, rules: policy.Rules{EID: true, Letter: true}, want: policy.Verdict{Phone: number, Level: mail.InPerson}},
		{name: "a level that was not named does not lower the address's", to: mail.Request{Level: mail.InPerson, Phone: number}, rules: policy.Rules{EID: true}, want: policy.Verdict{Phone: number, Level: mail.InPerson}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rules.Zone = time.UTC
			d := &mail.Draft{To: []mail.Request{c.to}, Ask: c.ask}
			got, err := policy.Decide(d, []policy.Known{c.known}, c.rules, noon)
			if c.kind != mail.Internal {
				if mail.KindOf(err) != c.kind {
					t.Fatalf("got %v, want kind %v", err, c.kind)
				}
				return
			}
			if err != nil || got.Recipients[0] != c.want {
				t.Fatalf("got %+v, %v; want %+v", got.Recipients, err, c.want)
			}
		})
	}
	t.Run("nobody to send to is said", func(t *testing.T) {
		if _, err := policy.Decide(&mail.Draft{}, nil, policy.Rules{Zone: time.UTC}, noon); mail.KindOf(err) != mail.Invalid {
			t.Fatal(err)
		}
	})
	t.Run("the 501st recipient is too many", func(t *testing.T) {
		d := &mail.Draft{To: make([]mail.Request, 501)}
		if _, err := policy.Decide(d, make([]policy.Known, 501), policy.Rules{Zone: time.UTC}, noon); mail.KindOf(err) != mail.TooLarge {
			t.Fatal(err)
		}
	})
}

func TestLife(t *testing.T) {
	zone := stockholm(t)
	decide := func(l mail.Lifetime, r policy.Rules) (policy.Life, error) {
		r.Zone = zone
		d := &mail.Draft{To: []mail.Request{{Phone: "+46701234567"}}, Ask: mail.Ask{Lifetime: l}}
		dec, err := policy.Decide(d, make([]policy.Known, 1), r, noon)
		return dec.Life, err
	}
	t.Run("by default 30 days to open, 30 to read, and the house's copy as long as both", func(t *testing.T) {
		l, err := decide(mail.Lifetime{}, policy.Rules{})
		if err != nil {
			t.Fatal(err)
		}
		// 26 May 23:59:59 in Stockholm is 21:59:59 UTC in summer.
		if want := time.Date(2026, 5, 26, 21, 59, 59, 0, time.UTC); !l.OpenBy.Equal(want) {
			t.Errorf("open by %v, want %v", l.OpenBy, want)
		}
		if l.ReadFor != 30*24*time.Hour || !l.End.IsZero() {
			t.Errorf("read for %v, end %v", l.ReadFor, l.End)
		}
		if want := time.Date(2026, 6, 25, 21, 59, 59, 0, time.UTC); !l.LastDay.Equal(want) {
			t.Errorf("last day %v, want %v", l.LastDay, want)
		}
	})
	t.Run("a tag fixes one end date for all", func(t *testing.T) {
		l, err := decide(mail.Lifetime{Days: 7}, policy.Rules{})
		if err != nil || !l.End.Equal(l.OpenBy) || !l.End.Equal(l.LastDay) || l.ReadFor != 0 {
			t.Fatalf("%+v, %v", l, err)
		}
	})
	t.Run("hours are counted, days end at midnight", func(t *testing.T) {
		l, err := decide(mail.Lifetime{Hours: 12}, policy.Rules{})
		if err != nil || !l.End.Equal(noon.Add(12*time.Hour)) {
			t.Fatalf("%+v, %v", l, err)
		}
	})
	for name, l := range map[string]mail.Lifetime{"too long": {Days: 366}, "too many hours": {Hours: 366 * 24}, "negative": {Days: -1}, "both": {Days: 1, Hours: 1}} {
		t.Run("a lifetime that is "+name+" is refused", func(t *testing.T) {
			if _, err := decide(l, policy.Rules{}); mail.KindOf(err) != mail.Invalid {
				t.Fatal(err)
			}
		})
	}
	t.Run("an opening in winter ends at midnight in winter", func(t *testing.T) {
		r := policy.Rules{Zone: zone}
		got := r.ReadUntil(30*24*time.Hour, time.Date(2026, 10, 10, 12, 0, 0, 0, time.UTC))
		if want := time.Date(2026, 11, 9, 22, 59, 59, 0, time.UTC); !got.Equal(want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
