package office_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// failures takes the entries about failed sign-ins after one, in words.
func (x *town) failures(after *int64, p mail.Person) (list []string) {
	x.t.Helper()
	x.view(func(tx *vault.ReadTx) error {
		rows, err := tx.JournalSince(*after, 1<<20)
		for _, e := range rows {
			*after = e.Seq
			if !slices.Contains([]string{journal.SignInFailed, journal.TriesStopped, journal.FailuresLeftOut}, e.Kind) {
				continue
			}
			about := map[mail.ID]string{{}: "nobody", p.ID: "ulla"}[e.Holder]
			list = append(list, fmt.Sprintf("%s %s: %s, by %s", e.Kind, about, e.Detail, e.Actor))
			if e.Who != [32]byte{} || !e.Message.IsZero() || !e.At.Equal(x.clock.Now()) {
				x.t.Errorf("%+v", e)
			}
		}
		return err
	})
	return list
}

func TestSignInFailed(t *testing.T) {
	x := newTown(t)
	p := x.withPassword(ulla, "fyra ord som passar")
	var seen int64
	x.failures(&seen, p)
	nobodys := x.app.Lookup("ingen@kommun.example")
	for name, c := range map[string]struct {
		f    access.Failure
		want []string
	}{
		"whoever has the address is named by their id": {
			access.Failure{Lookup: p.Lookup, By: access.TriedPassword, Wrong: true}, []string{"sign_in_failed ulla: password, by nobody"},
		},
		"an address that nobody has is nobody's": {
			access.Failure{Lookup: nobodys, By: access.TriedPassword, Wrong: true}, []string{"sign_in_failed nobody: password, by nobody"},
		},
		"who is known already need not be found": {
			access.Failure{Person: p.ID, Lookup: nobodys, By: access.TriedApp, Wrong: true}, []string{"sign_in_failed ulla: app, by nobody"},
		},
		"who is signed in is that": {
			access.Failure{Person: p.ID, By: access.TriedAgain, Wrong: true}, []string{"sign_in_failed ulla: again, by person"},
		},
		"a try that was the last one says where": {
			access.Failure{Lookup: nobodys, By: access.TriedAppPassword, Wrong: true, Closes: []access.Brake{access.AtNetwork, access.AtAccount}},
			[]string{"sign_in_failed nobody: app_password, by nobody", "tries_stopped nobody: app_password network, by nobody", "tries_stopped nobody: app_password account, by nobody"},
		},
		"of a network it is nobody's, whoever was the last one": {
			access.Failure{Lookup: p.Lookup, By: access.TriedPassword, Wrong: true, Closes: []access.Brake{access.AtNetwork, access.AtAccount}},
			[]string{"sign_in_failed ulla: password, by nobody", "tries_stopped nobody: password network, by nobody", "tries_stopped ulla: password account, by nobody"},
		},
		"also if it was not compared": {
			access.Failure{Lookup: p.Lookup, By: access.TriedPassword, Closes: []access.Brake{access.AtDevice}}, []string{"tries_stopped ulla: password device, by nobody"},
		},
	} {
		fine(t, x.SignInFailed(ctx, c.f))
		if got := x.failures(&seen, p); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func TestFailedSignInsAreBounded(t *testing.T) {
	x := newTown(t)
	p := x.withPassword(ulla, "fyra ord som passar")
	var seen int64
	x.failures(&seen, p)
	// before counts as many as were written before.
	before := func(about string, n int) {
		t.Helper()
		fine(t, x.db.Update(ctx, func(tx *vault.Tx) error {
			for range n {
				if _, err := tx.Count(x.app.Tag("signin.failed", about), tx.Now(), 24*time.Hour); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	fails := func(lookup [32]byte, n int) []string {
		t.Helper()
		for range n {
			fine(t, x.SignInFailed(ctx, access.Failure{Lookup: lookup, By: access.TriedPassword, Wrong: true, Closes: []access.Brake{access.AtAccount}}))
		}
		return x.failures(&seen, p)
	}
	nobodys := x.app.Lookup("ingen@kommun.example")
	before("nobody", 1999)
	before("people", 19_999)
	t.Run("after 2,000 about nobody in a day the journal says once that it leaves some out", func(t *testing.T) {
		same(t, fails(nobodys, 5), []string{
			"sign_in_failed nobody: password, by nobody", "tries_stopped nobody: password account, by nobody", "failures_left_out nobody: nobody, by system",
		})
	})
	t.Run("what was tried at people does not go under in them, up to 20,000", func(t *testing.T) {
		same(t, fails(p.Lookup, 5), []string{
			"sign_in_failed ulla: password, by nobody", "tries_stopped ulla: password account, by nobody", "failures_left_out nobody: people, by system",
		})
	})
	t.Run("the next day they are written down again", func(t *testing.T) {
		x.clock.goes(24 * time.Hour)
		for lookup, who := range map[[32]byte]string{nobodys: "nobody", p.Lookup: "ulla"} {
			same(t, fails(lookup, 1), []string{"sign_in_failed " + who + ": password, by nobody", "tries_stopped " + who + ": password account, by nobody"})
		}
	})
}
