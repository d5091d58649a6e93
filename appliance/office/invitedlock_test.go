package office_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// Who looks at the list of the invited holds one of the vault's four readers, and asks the
// organisation meanwhile. Who tells the organisation something holds it, and asks for a
// reader. Four who look, and one citizen who chooses a language, must not wait for each
// other for ever: every request of the appliance asks the organisation.
func TestTheListOfTheInvitedStopsNobody(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(citizen)
	fine(t, err)
	for i := range 20 {
		fine(t, x.InviteRecipient(ctx, mail.SystemActor("test"), office.NewRecipient{Address: mail.Address(fmt.Sprintf("m%d@example.se", i)), Lang: "sv", Phone: citizenPhone}))
	}
	chief, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: "chef@kommun.example", Name: "Chef"}, Roles: mail.RoleAdmin, Password: "fyra gröna hästar"})
	fine(t, err)
	boss := mail.Actor{Kind: mail.ActorAdmin, ID: chief.ID}
	var all sync.WaitGroup
	var went atomic.Int64
	for range 8 {
		all.Go(func() {
			for range 100 {
				if _, err := x.InvitedRecipients(ctx, boss); err != nil {
					t.Error(err)
				}
				went.Add(1)
			}
		})
	}
	all.Go(func() {
		for i := range 200 {
			if err := x.SetLanguage(ctx, p.ID, []string{"sv", "en"}[i%2]); err != nil {
				t.Error(err)
			}
		}
	})
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	// However slow the machine is, some of them get on.
	for before := int64(-1); ; {
		select {
		case <-done:
			return
		case <-time.After(45 * time.Second):
		}
		now := went.Load()
		if now == before {
			all := make([]byte, 1<<20)
			t.Errorf("they wait for each other:\n%s", all[:runtime.Stack(all, true)]) // the vault is closed behind this, and frees them
			return
		}
		before = now
	}
}
