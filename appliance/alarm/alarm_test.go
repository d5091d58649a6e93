package alarm_test

import (
	"testing"
	"time"

	"sigill/appliance/alarm"
	"sigill/appliance/doctor"
	"sigill/appliance/mail"
)

// told runs looks one after another and says what was told at each, before its dot: "+" a
// fault, "-" its end.
func told(t *testing.T, hook bool, looks ...[]doctor.Finding) (s string, keep []mail.Fault) {
	t.Helper()
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for _, found := range looks {
		c := alarm.Next(keep, alarm.Look{At: at, Found: found, Least: doctor.Fault, Of: func(string) bool { return true }, Hook: hook})
		for range c.Raised {
			s += "+"
		}
		for range c.Ended {
			s += "-"
		}
		s += "."
		keep, at = c.Keep, at.Add(5*time.Minute)
	}
	return s, keep
}

func TestOnceAndItsEnd(t *testing.T) {
	bad := []doctor.Finding{{Check: "dns.spf", What: "doctor.spf.none", Grave: doctor.Fault}}
	warn := []doctor.Finding{{Check: "dns.spf", What: "doctor.spf.none", Grave: doctor.Warn}}
	silent := []doctor.Finding{{Check: "dns.spf", What: "doctor.dns.silent", Grave: doctor.Note}}
	for _, c := range []struct {
		name  string
		looks [][]doctor.Finding
		want  string
	}{
		{"what is found once is nothing", [][]doctor.Finding{bad, nil, bad, nil}, "...."},
		{"twice in a row is told, and never again", [][]doctor.Finding{bad, bad, bad, bad}, ".+..."},
		{"its end is told when it was missed twice", [][]doctor.Finding{bad, bad, nil, nil, nil}, ".+..-.."},
		{"a moment without it is no end", [][]doctor.Finding{bad, bad, nil, bad, nil, bad}, ".+....."},
		{"what cannot be asked is no end", [][]doctor.Finding{bad, bad, silent, silent, silent}, ".+...."},
		{"a warning is no fault", [][]doctor.Finding{warn, warn, warn}, "..."},
		{"what comes back is told anew", [][]doctor.Finding{bad, bad, nil, nil, bad, bad}, ".+..-..+."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := told(t, false, c.looks...); got != c.want {
				t.Errorf("%s, not %s", got, c.want)
			}
		})
	}
	t.Run("nothing is remembered of what is over, but for a webhook that is to be told of it", func(t *testing.T) {
		if _, keep := told(t, false, bad, bad, nil, nil); len(keep) != 0 {
			t.Error(keep)
		}
		if _, keep := told(t, true, bad, bad, nil, nil); len(keep) != 1 || keep[0].Calls != alarm.Calls || keep[0].Ended.IsZero() {
			t.Error(keep)
		}
	})
	t.Run("a look at other things changes nothing", func(t *testing.T) {
		_, keep := told(t, false, bad, bad)
		c := alarm.Next(keep, alarm.Look{At: keep[0].Seen, Least: doctor.Fault, Of: func(check string) bool { return check != "dns.spf" }})
		if len(c.Keep) != 1 || c.Keep[0] != keep[0] || len(c.Ended) != 0 {
			t.Errorf("%+v", c)
		}
	})
}
