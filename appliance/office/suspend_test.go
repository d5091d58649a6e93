package office_test

import (
	"slices"
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

func TestSuspend(t *testing.T) {
	h := newHouseOf(t)
	it, karin := h.actor["it"], h.actor["karin"]
	h.in("it")
	h.in("karin")
	m := h.in("maria")
	code, err := h.MakeRecoveryCode(ctx, m)
	fine(t, err)
	program, err := h.MakeAppPassword(ctx, m, "Skrivaren")
	fine(t, err)
	sender, err := h.Sender(ctx, m.Person.Lookup, program)
	fine(t, err)
	for _, name := range []string{"maria", "karin"} {
		fine(t, h.Suspend(ctx, it, h.id(name), office.ByHand))
	}
	t.Run("it is written down with who did it, every session ends, and the person is told nothing", func(t *testing.T) {
		if !slices.Contains(h.out, h.id("maria")) || !h.personRow(h.id("maria")).Suspended.Equal(h.clock.Now()) {
			t.Errorf("signed out: %v", h.out)
		}
		if got := h.noted(m.Person); got[len(got)-1] != "suspended" {
			t.Error(got)
		}
		if n := h.kinds("maria@kommun.example"); len(n) != 2 || n[1] != mail.NoticeAppPassword {
			t.Error(n)
		}
	})
	t.Run("no way in is open: password, code on paper, app password, help", func(t *testing.T) {
		p := h.personRow(h.id("maria"))
		if _, ok, err := h.Login(ctx, p.Lookup); ok || err != nil {
			t.Errorf("a login: %v %v", ok, err)
		}
		_, wrong := h.UseRecoveryCode(ctx, h.app.Lookup("ingen@kommun.example"), code, forgot+"x")
		_, err := h.UseRecoveryCode(ctx, p.Lookup, code, forgot+"x")
		if want(t, err, mail.Denied); err.Error() != wrong.Error() {
			t.Errorf("told apart: %v", err)
		}
		_, err = h.Sender(ctx, p.Lookup, program)
		want(t, err, mail.Denied)
		want(t, h.Sends(ctx, sender), mail.Denied)
		if h.MayWrite(p.ID) || h.MaySend(p.ID) {
			t.Error("writes")
		}
		if _, ok, err := h.Helped(ctx, p.Lookup); ok || err != nil {
			t.Errorf("can be helped: %v %v", ok, err)
		}
		if h.MayHelp(it.ID, p.ID) {
			t.Error("may be helped")
		}
		// What was begun before: it must not end in a new password.
		_, err = h.ChangePassword(ctx, m, "sju lila getter i rad")
		want(t, err, mail.Denied)
	})
	t.Run("an invitation opens nothing, and no other is made", func(t *testing.T) {
		fine(t, h.Suspend(ctx, it, h.id("nils"), office.ByHand))
		row, secret := h.invitation("nils@kommun.example")
		_, _, err := h.Activate(ctx, row, secret, "fyra gröna hästar")
		want(t, err, mail.Absent)
		want(t, h.InviteAgain(ctx, it, h.id("nils")), mail.Invalid)
		fine(t, h.Resume(ctx, it, h.id("nils"), office.ByHand))
		h.in("nils")
	})
	t.Run("who is suspended organises nothing, and opens no helper pair", func(t *testing.T) {
		if h.Roles(karin.ID) != 0 || h.MayHelp(karin.ID, h.id("nils")) {
			t.Error("organises")
		}
		want(t, h.SetName(ctx, karin, h.id("nils"), "Nisse"), mail.Absent)
		want(t, h.Suspend(ctx, karin, h.id("nils"), office.ByHand), mail.Absent)
		if pairs := h.pairs("Social"); len(pairs) > 0 && !pairs[len(pairs)-1].Old {
			t.Errorf("a pair for %v", h.openers(pairs[len(pairs)-1]))
		}
		h.Tree(func(tr *org.Tree) {
			if len(tr.Branches(karin.ID)) != 0 || len(tr.HelperUnits()) != 0 {
				t.Error("in the tree")
			}
		})
	})
	t.Run("letters to them are still taken, sealed to their own key; lists do not show them", func(t *testing.T) {
		r, ok, err := h.Resident(ctx, "maria@kommun.example", "")
		fine(t, err)
		if !ok || r.Key != h.id("maria") {
			t.Errorf("%v %v", r, ok)
		}
		h.Tree(func(tr *org.Tree) {
			ours := func(mail.Address) bool { return true }
			if _, found := tr.Sight(h.id("nils"), ours, h.clock.Now()).At("maria@kommun.example"); found {
				t.Error("is found")
			}
		})
	})
	t.Run("a function mailbox is not told by them, and keeps their locks", func(t *testing.T) {
		box, err := h.AddMailbox(ctx, system, org.Mailbox{Unit: h.unit["Barn"], Name: "Barnen", Address: "barnen@kommun.example"})
		fine(t, err)
		for _, name := range []string{"maria", "nils"} {
			fine(t, h.JoinMailbox(ctx, system, box, h.id(name), false))
		}
		r, err := h.Owner(ctx, box)
		fine(t, err)
		if len(r.Tell) != 1 || r.Tell[0].Address != "nils@kommun.example" {
			t.Errorf("%+v", r.Tell)
		}
		h.Tree(func(tr *org.Tree) {
			if !tr.Reads(h.id("maria"), box) {
				t.Error("the place is gone")
			}
		})
	})
	t.Run("nobody suspends themself, nor the last administrator", func(t *testing.T) {
		want(t, h.Suspend(ctx, it, it.ID, office.ByHand), mail.Invalid)
		want(t, h.Suspend(ctx, system, it.ID, office.ByDirectory), mail.Invalid)
		fine(t, h.SetRoles(ctx, system, h.id("olle"), mail.RoleAdmin))
		want(t, h.Suspend(ctx, system, it.ID, office.ByDirectory), mail.Invalid) // Olle was never here
		h.in("olle")
		fine(t, h.Suspend(ctx, h.actor["olle"], it.ID, office.ByHand))
		want(t, h.SetRoles(ctx, h.actor["olle"], h.id("olle"), 0), mail.Invalid) // the only one who can come in
		fine(t, h.Resume(ctx, h.actor["olle"], it.ID, office.ByHand))
	})
	t.Run("it stands after the next start", func(t *testing.T) {
		o := h.another()
		if _, ok, _ := o.Login(ctx, m.Person.Lookup); ok || o.MayWrite(h.id("maria")) || o.Roles(karin.ID) != 0 {
			t.Error("is in again")
		}
	})
	t.Run("who may sign in again is as before, and is told; the helper pair is there again", func(t *testing.T) {
		slots := len(h.store.slots)
		for range 2 { // the second changes nothing
			fine(t, h.Resume(ctx, it, h.id("maria"), office.ByHand))
		}
		if n := h.kinds("maria@kommun.example"); len(n) != 3 || n[2] != mail.NoticeResumed || len(h.store.slots) != slots+1 {
			t.Error(n, len(h.store.slots)-slots)
		}
		if _, ok, err := h.Login(ctx, m.Person.Lookup); !ok || err != nil {
			t.Error(ok, err)
		}
		fine(t, h.Sends(ctx, sender))
		fine(t, h.Resume(ctx, it, karin.ID, office.ByHand))
		same(t, h.openers(h.current("Social")), []string{"karin"})
		if h.Roles(karin.ID) != mail.RoleOrganiser {
			t.Error("not an organiser")
		}
		if got := h.noted(m.Person); got[len(got)-1] != "resumed" {
			t.Error(got)
		}
	})
	t.Run("whoever may not organise the person cannot tell that there is one", func(t *testing.T) {
		for _, do := range []func(id mail.ID) error{
			func(id mail.ID) error { return h.Suspend(ctx, karin, id, office.ByHand) },
			func(id mail.ID) error { return h.Resume(ctx, karin, id, office.ByHand) },
		} {
			is, never := do(h.id("olle")), do(mail.NewID())
			if want(t, is, mail.Absent); is.Error() != never.Error() {
				t.Errorf("%v, not %v", is, never)
			}
		}
	})
	t.Run("a suspension in the middle of choosing a password wins", func(t *testing.T) {
		nils := h.owner(h.personRow(h.id("nils")), nil)
		h.store.reserve = func() error {
			h.store.reserve = nil
			return h.Suspend(ctx, it, h.id("nils"), office.ByHand)
		}
		paper := access.Given{Lock: nils.Lock, Seed: seal.NewSecret()}
		_, err := h.UseHelp(ctx, nils.Person, paper, "sju lila getter i rad", func() bool { return true })
		want(t, err, mail.Denied)
		var row mail.Person
		h.view(func(tx *vault.ReadTx) (err error) { row, err = tx.Person(h.id("nils")); return err })
		if row.Suspended.IsZero() {
			t.Error("lost")
		}
	})
}
