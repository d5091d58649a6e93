package office_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// recovered is a registered recipient whose access the recovery kit has just restored, and
// who has not used the code yet.
func recovered(t *testing.T) (kitTown, mail.Person) {
	t.Helper()
	x := newKitTown(t)
	p, err := x.registers(citizen)
	fine(t, err)
	r, err := x.AskRecovery(ctx, here, x.kit.Sharing, citizen)
	fine(t, err)
	c, err := r.Custody(x.kit.Pages()[3:])
	fine(t, err)
	a, err := r.Answer(c)
	fine(t, err)
	_, err = x.Restore(ctx, here, a, false)
	fine(t, err)
	return x, p
}

func (x kitTown) keeps(t *testing.T, p mail.Person) {
	t.Helper()
	wraps, _ := x.wraps(p.ID)
	if _, ok := wraps[mail.SeedRecoveryKey]; !ok || x.personRow(p.ID).IsNobody() {
		t.Error("the key to all their letters is gone for ever")
	}
}

// A recipient whose access was restored has letters. They are no invitation that nobody
// has ever used, though the row says that they are not active.
func TestARecoveredRecipientKeepsTheKey(t *testing.T) {
	t.Run("when the code that was handed over has run out", func(t *testing.T) {
		x, p := recovered(t)
		x.clock.goes(15 * 24 * time.Hour)
		_, err := x.ForgetInvitations(ctx)
		fine(t, err)
		x.keeps(t, p)
	})
	t.Run("when somebody registers with a letter meanwhile", func(t *testing.T) {
		x, p := recovered(t)
		_, err := x.registers(citizen)
		want(t, err, mail.Invalid)
		x.keeps(t, p)
	})
	t.Run("and an administrator finds nothing to withdraw or to invite again", func(t *testing.T) {
		x, p := recovered(t)
		chief, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: "chef@kommun.example", Name: "Chef"}, Roles: mail.RoleAdmin, Password: "fyra gröna hästar"})
		fine(t, err)
		boss := mail.Actor{Kind: mail.ActorAdmin, ID: chief.ID}
		list, err := x.InvitedRecipients(ctx, boss)
		fine(t, err)
		if len(list) != 0 {
			t.Errorf("%d listed as never here, with address and phone", len(list))
		}
		want(t, x.WithdrawRecipient(ctx, boss, p.ID), mail.Absent)
		x.keeps(t, p)
	})
}
