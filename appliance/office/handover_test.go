package office_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

// week is how long somebody must organise to count for one of two, and a day.
const week = 8 * 24 * time.Hour

// opensAs reports whether somebody's own keys open what was sealed to somebody who has left.
func (h *houseOf) opensAs(key *keyring.Person, left mail.Person) bool {
	return h.has(key, left.ID, mail.Resident{ID: left.ID, Key: left.ID, Public: left.Public})
}

// leaving is a house in which Maria has left, with letters, and Karin and Olle organise.
type leaving struct {
	*houseOf
	maria, karin, olle, nils access.Owner
	left                     mail.Person // Maria's row as it was
}

func newLeaving(t *testing.T) *leaving {
	h := newHouseOf(t)
	fine(t, h.Appoint(ctx, system, h.id("olle"), mail.RootUnit))
	l := &leaving{houseOf: h}
	l.karin, l.olle = h.in("karin"), h.in("olle")
	l.maria, l.nils = h.in("maria"), h.in("nils")
	l.left = h.personRow(h.id("maria"))
	fine(t, h.letter(l.left.ID, mail.Inbox))
	h.clock.goes(week)
	fine(t, h.Suspend(ctx, h.actor["karin"], l.left.ID, office.ByHand))
	return l
}

func (l *leaving) hands() {
	l.t.Helper()
	fine(l.t, l.HandOver(ctx, l.actor["karin"], l.left.ID, l.id("nils")))
}

// older has somebody give Nils what came before.
func (l *leaving) older(by access.Owner) error {
	return l.GiveOlderByHelp(ctx, mail.Actor{Kind: mail.ActorPerson, ID: by.Person.ID}, by.Key, l.left.ID, l.id("nils"))
}

func TestHandOver(t *testing.T) {
	l := newLeaving(t)
	other, err := l.AddMailbox(ctx, system, org.Mailbox{Unit: l.unit["Social"], Address: socials, Name: "Socialtjänsten"})
	fine(t, err)
	for _, name := range []string{"maria", "nils"} {
		fine(t, l.JoinMailbox(ctx, system, other, l.id(name), false))
	}
	before := l.receives(other)
	own, locks := l.wraps(l.left.ID)
	l.hands()
	t.Run("the address is a function mailbox's of the department, of the same id, so that letters and answers find it", func(t *testing.T) {
		r, ok, err := l.Resident(ctx, "maria@kommun.example", "")
		if err != nil || !ok || !r.Shared || r.ID != l.left.ID || r.Key == l.left.ID {
			t.Errorf("%+v %v %v", r, ok, err)
		}
		l.Tree(func(tree *org.Tree) {
			m, err := tree.Mailbox(l.left.ID)
			if err != nil || m.Unit != l.unit["Barn"] || m.Name != "Maria" || !tree.Reads(l.id("nils"), m.ID) {
				t.Errorf("%+v %v", m, err)
			}
			if _, there := tree.PersonAt("maria@kommun.example"); there {
				t.Error("the person is still there")
			}
		})
	})
	t.Run("who takes over reads what comes from now on, is told, and nobody has what came before", func(t *testing.T) {
		if !l.has(l.nils.Key, l.left.ID, l.key(l.left.ID)) {
			t.Error("not the new letters")
		}
		for _, k := range []access.Owner{l.nils, l.karin, l.olle} {
			if l.opensAs(k.Key, l.left) {
				t.Error("somebody has the old ones")
			}
		}
		if !l.asks(l.left.ID, "nils") || !slices.Contains(l.kinds("nils@kommun.example"), mail.NoticeHandedOver) {
			t.Error("does not ask for them, or was not told")
		}
	})
	t.Run("nothing is left of the person: no lock of their own, no factor, no place, also not elsewhere", func(t *testing.T) {
		p := l.personRow(l.left.ID)
		if !p.IsNobody() || p.Lookup == l.left.Lookup || p.Active || p.Roles != 0 {
			t.Errorf("%+v", p)
		}
		wraps, _ := l.wraps(l.left.ID)
		if len(wraps) != 0 {
			t.Errorf("%d locks", len(wraps))
		}
		if _, ok, err := l.Login(ctx, l.left.Lookup); ok || err != nil {
			t.Error("a login", err)
		}
		if l.has(l.maria.Key, other, before) || l.has(l.maria.Key, other, l.key(other)) || !l.has(l.nils.Key, other, l.key(other)) || l.key(other).Key == before.Key {
			t.Error("the other mailbox has not changed its key")
		}
	})
	t.Run("what the person opened it by is erased, and what R and H open it by is not", func(t *testing.T) {
		l.view(func(tx *vault.ReadTx) error {
			wraps, err := tx.GenerationWraps(l.left.ID)
			fine(t, err)
			if len(wraps) != 2 {
				t.Fatalf("%d locks of the old key", len(wraps))
			}
			for _, w := range wraps {
				v, err := tx.SlotValue(w.Slot)
				fine(t, err)
				if key, err := l.app.OpenSlot(byte(w.Slot.File), w.Slot.N, v); err != nil || !key.Equal(locks[w.Kind]) {
					t.Error("another lock", err)
				}
			}
			v, err := tx.SlotValue(own[mail.SeedPassword].Slot)
			if err == nil && v != (mail.SlotValue{}) {
				t.Error("the password's slot is there")
			}
			return nil
		})
	})
	t.Run("who left is told, too: it may be somebody whose mailbox was taken from them", func(t *testing.T) {
		if n := l.kinds("maria@kommun.example"); n[len(n)-1] != mail.NoticeHandedOff {
			t.Error(n)
		}
	})
	t.Run("it is written down, and stands after the next start", func(t *testing.T) {
		if !slices.Contains(l.noted(l.left), journal.HandedOver) {
			t.Error(l.noted(l.left))
		}
		again := l.another()
		r, ok, err := again.Resident(ctx, "maria@kommun.example", "")
		if err != nil || !ok || r.Key != l.key(l.left.ID).Key {
			t.Error("another key after the start", err)
		}
	})
}

func TestWhoMayHandOver(t *testing.T) {
	l := newLeaving(t)
	hand := func(by string, to string) error { return l.HandOver(ctx, l.actor[by], l.left.ID, l.id(to)) }
	before := picture(l.Office)
	t.Run("who does not organise the person finds nobody", func(t *testing.T) {
		want(t, hand("nils", "nils"), mail.Absent)
		want(t, l.HandOver(ctx, mail.Actor{Kind: mail.ActorPerson, ID: mail.NewID()}, l.left.ID, l.id("nils")), mail.Absent)
	})
	t.Run("somebody who is still here keeps the mailbox", func(t *testing.T) {
		want(t, l.HandOver(ctx, l.actor["karin"], l.id("nils"), l.id("karin")), mail.Invalid)
	})
	t.Run("it is not handed to oneself, to who left, or to whom the organiser does not see", func(t *testing.T) {
		want(t, hand("karin", "maria"), mail.Invalid)
		want(t, hand("karin", "it"), mail.Invalid)
		fine(t, l.Suspend(ctx, system, l.id("nils"), office.ByHand))
		want(t, hand("karin", "nils"), mail.Invalid)
		fine(t, l.Resume(ctx, system, l.id("nils"), office.ByHand))
	})
	t.Run("if the store refuses, everything is as it was", func(t *testing.T) {
		n := len(l.store.slots)
		l.store.inside = errors.New("full")
		err := hand("karin", "nils")
		l.store.inside = nil
		if err == nil || len(l.store.slots) != n || picture(l.Office) != before {
			t.Errorf("%v, %d slots set aside", err, len(l.store.slots)-n)
		}
		wraps, _ := l.wraps(l.left.ID)
		if len(wraps) == 0 || l.personRow(l.left.ID).Lookup != l.left.Lookup {
			t.Error("the person is gone")
		}
	})
	l.hands()
	t.Run("it is handed over once", func(t *testing.T) {
		want(t, hand("karin", "nils"), mail.Absent)
	})
}

func TestGiveOlderByHelp(t *testing.T) {
	t.Run("it takes a second organiser: who asked gives nothing, and neither does who reads", func(t *testing.T) {
		l := newLeaving(t)
		l.hands()
		want(t, l.older(l.karin), mail.Invalid)
		want(t, l.older(l.nils), mail.Invalid) // reads there, and organises nothing
		fine(t, l.older(l.olle))
		if !l.opensAs(l.nils.Key, l.left) || l.opensAs(l.olle.Key, l.left) || l.opensAs(l.karin.Key, l.left) || l.asks(l.left.ID, "nils") {
			t.Error("not with the one who takes over, or with others")
		}
		for _, to := range []mail.Address{"nils@kommun.example", "karin@kommun.example"} {
			if !slices.Contains(l.kinds(to), mail.NoticeOpened) {
				t.Errorf("%s was not told", to)
			}
		}
		if !slices.Contains(l.noted(l.nils.Person), journal.MailboxOpened) {
			t.Error("it is not in the journal")
		}
		want(t, l.older(l.olle), mail.Absent) // no question stands
	})
	t.Run("one organiser cannot make the second on the spot", func(t *testing.T) {
		l := newLeaving(t)
		siv, err := l.AddPerson(ctx, system, l.unit["Social"], newcomer("siv"))
		fine(t, err)
		l.actor["siv"] = mail.Actor{Kind: mail.ActorPerson, ID: siv}
		owner := l.in("siv")
		l.hands()
		fine(t, l.Appoint(ctx, l.actor["karin"], siv, l.unit["Social"]))
		fine(t, l.ShareHelpers(ctx, l.karin.Key)) // so that her key would open it
		want(t, l.older(owner), mail.Invalid)
		l.clock.goes(week)
		fine(t, l.older(owner))
	})
	t.Run("nor ask and then give by the hand of who is no organiser any more", func(t *testing.T) {
		l := newLeaving(t)
		l.hands()
		fine(t, l.Dismiss(ctx, system, l.id("karin"), l.unit["Social"]))
		want(t, l.older(l.olle), mail.Invalid)
	})
	t.Run("what the recovery kit gave for the person is not for the mailbox", func(t *testing.T) {
		h := newHouseOf(t)
		c := h.custodian()
		id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer("siv"))
		fine(t, err)
		siv, nils := h.personRow(id), h.in("nils")
		fine(t, h.letter(id, mail.Inbox))
		answer, err := c.answersFor("siv@kommun.example") // she has forgotten her password
		fine(t, err)
		h.clock.goes(time.Hour)
		fine(t, h.Suspend(ctx, h.actor["karin"], id, office.ByHand))
		fine(t, h.HandOver(ctx, h.actor["karin"], id, h.id("nils")))
		_, err = c.Restore(ctx, here, answer, false)
		want(t, err, mail.Invalid)
		if h.opensAs(nils.Key, siv) {
			t.Error("it has opened the letters to somebody else")
		}
	})
	t.Run("an administrator is no second person by that: they could make another one", func(t *testing.T) {
		l := newLeaving(t)
		it := l.in("it")
		fine(t, l.HandOver(ctx, l.actor["it"], l.left.ID, l.id("nils")))
		want(t, l.older(it), mail.Invalid)
		want(t, l.older(l.karin), mail.Invalid)
		t.Run("an organiser who asks again takes their place", func(t *testing.T) {
			fine(t, l.JoinMailbox(ctx, l.actor["olle"], l.left.ID, l.id("nils"), true))
			fine(t, l.older(l.karin))
		})
	})
	t.Run("nor is one who was made on the spot by an administrator who organises", func(t *testing.T) {
		l := newLeaving(t)
		fine(t, l.SetRoles(ctx, system, l.id("olle"), mail.RoleAdmin))
		olle := l.actor["olle"]
		fine(t, l.HandOver(ctx, olle, l.left.ID, l.id("nils")))
		puppet, err := l.AddPerson(ctx, olle, mail.RootUnit, newcomer("puppet"))
		fine(t, err)
		l.actor["puppet"] = mail.Actor{Kind: mail.ActorPerson, ID: puppet}
		l.in("puppet")
		fine(t, l.SetRoles(ctx, olle, puppet, mail.RoleAdmin))
		fine(t, l.RefuseOlder(ctx, olle, l.left.ID, l.id("nils")))
		fine(t, l.JoinMailbox(ctx, l.actor["puppet"], l.left.ID, l.id("nils"), true))
		want(t, l.older(l.olle), mail.Invalid)
		if l.opensAs(l.nils.Key, l.left) {
			t.Error("one alone has opened a leaver's letters")
		}
	})
	t.Run("nobody gives to themself", func(t *testing.T) {
		l := newLeaving(t)
		fine(t, l.HandOver(ctx, l.actor["karin"], l.left.ID, l.id("karin")))
		err := l.GiveOlderByHelp(ctx, l.actor["karin"], l.karin.Key, l.left.ID, l.id("karin"))
		want(t, err, mail.Invalid)
		fine(t, l.GiveOlderByHelp(ctx, l.actor["olle"], l.olle.Key, l.left.ID, l.id("karin")))
		if !l.opensAs(l.karin.Key, l.left) {
			t.Error("the other one could not")
		}
	})
	t.Run("it opens every generation of a mailbox in which nobody is left who has them", func(t *testing.T) {
		l := newLeaving(t)
		box := l.mailbox(0, "nils")
		old := l.receives(box)
		fine(t, l.LeaveMailbox(ctx, system, box, l.id("nils")))
		fine(t, l.JoinMailbox(ctx, l.actor["karin"], box, l.id("nils"), true))
		if l.has(l.nils.Key, box, old) {
			t.Fatal("kept his part")
		}
		fine(t, l.GiveOlderByHelp(ctx, l.actor["olle"], l.olle.Key, box, l.id("nils")))
		if !l.has(l.nils.Key, box, old) {
			t.Error("not given")
		}
	})
	t.Run("the recovery kit gives it as well", func(t *testing.T) {
		h := newHouseOf(t)
		c := h.custodian()
		id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer("siv")) // locked for this kit
		fine(t, err)
		siv, nils := h.personRow(id), h.in("nils")
		fine(t, h.letter(id, mail.Inbox))
		fine(t, h.Suspend(ctx, system, id, office.ByHand))
		fine(t, h.HandOver(ctx, system, id, h.id("nils")))
		answer, err := c.answersFor("siv@kommun.example")
		fine(t, err)
		done, err := c.Restore(ctx, here, answer, false)
		fine(t, err)
		if !h.opensAs(nils.Key, siv) || !slices.Equal(done.Readers, []mail.Address{"nils@kommun.example"}) {
			t.Errorf("not given: %+v", done)
		}
	})
}

func TestLeaving(t *testing.T) {
	h := newHouseOf(t)
	karin, maria := h.actor["karin"], h.id("maria")
	h.in("maria")
	until := h.clock.Now().Add(48 * time.Hour)
	fine(t, h.SetLeaving(ctx, karin, maria, until))
	t.Run("until the last day is over nothing changes, and then the person is out", func(t *testing.T) {
		if n, err := h.SuspendLeavers(ctx); n != 0 || err != nil || !h.personRow(maria).Leaves.Equal(until) {
			t.Error(n, err)
		}
		h.clock.goes(48 * time.Hour)
		if n, err := h.another().SuspendLeavers(ctx); n != 1 || err != nil { // also after a start
			t.Error(n, err)
		}
		if !slices.Contains(h.out, maria) || h.personRow(maria).Suspended.IsZero() {
			t.Error("is still in")
		}
		if got := h.noted(h.personRow(maria)); !slices.Contains(got, journal.LeavesSet) || got[len(got)-1] != journal.Suspended {
			t.Error(got)
		}
	})
	fine(t, h.Load(ctx))
	t.Run("who is let in again has no last day", func(t *testing.T) {
		fine(t, h.Resume(ctx, karin, maria, office.ByHand))
		if n, err := h.SuspendLeavers(ctx); n != 0 || err != nil || !h.personRow(maria).Leaves.IsZero() {
			t.Error(n, err)
		}
	})
	t.Run("it can be taken back", func(t *testing.T) {
		fine(t, h.SetLeaving(ctx, karin, maria, h.clock.Now().Add(time.Hour)))
		fine(t, h.SetLeaving(ctx, karin, maria, time.Time{}))
		h.clock.goes(2 * time.Hour)
		if n, _ := h.SuspendLeavers(ctx); n != 0 {
			t.Error("out nonetheless")
		}
	})
	t.Run("a day that is over, oneself, somebody else's people and who is out already are refused", func(t *testing.T) {
		later := h.clock.Now().Add(time.Hour)
		want(t, h.SetLeaving(ctx, karin, maria, h.clock.Now()), mail.Invalid)
		want(t, h.SetLeaving(ctx, karin, h.id("karin"), later), mail.Invalid)
		want(t, h.SetLeaving(ctx, karin, h.id("olle"), later), mail.Absent)
		h.in("it")
		want(t, h.SetLeaving(ctx, system, h.id("it"), later), mail.Invalid) // the last administrator
		fine(t, h.Suspend(ctx, karin, maria, office.ByHand))
		want(t, h.SetLeaving(ctx, karin, maria, later), mail.Invalid)
	})
}

// The directory lets somebody in again for the weeks that they still work.
func TestLastDayOutlivesASuspension(t *testing.T) {
	h := newHouseOf(t)
	h.in("maria")
	last := h.clock.Now().Add(30 * 24 * time.Hour)
	fine(t, h.SetLeaving(ctx, h.actor["karin"], h.id("maria"), last))
	fine(t, h.Suspend(ctx, system, h.id("maria"), office.ByDirectory)) // the account was locked for a day
	h.clock.goes(24 * time.Hour)
	fine(t, h.Resume(ctx, system, h.id("maria"), office.ByDirectory))
	h.clock.goes(30 * 24 * time.Hour)
	if n, err := h.SuspendLeavers(ctx); n != 1 || err != nil {
		t.Errorf("who has left still gets in: %d %v", n, err)
	}
}

// An answer of the kit is for those who asked when the custodians said yes.
func TestKitGivesToWhoAskedThen(t *testing.T) {
	h := newHouseOf(t)
	c := h.custodian()
	id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer("siv"))
	fine(t, err)
	siv := h.personRow(id)
	h.in("nils")
	karin := h.in("karin")
	fine(t, h.letter(id, mail.Inbox))
	fine(t, h.Suspend(ctx, system, id, office.ByHand))
	fine(t, h.HandOver(ctx, system, id, h.id("nils")))
	answer, err := c.answersFor("siv@kommun.example")
	fine(t, err)
	h.clock.goes(time.Hour)
	fine(t, h.JoinMailbox(ctx, h.actor["karin"], id, h.id("karin"), true))
	done, err := c.Restore(ctx, here, answer, false)
	fine(t, err)
	if h.opensAs(karin.Key, siv) || len(done.Readers) != 1 {
		t.Errorf("one organiser has put herself among them: %v", done.Readers)
	}
}

// Where it takes two to help, one does not take somebody's mailbox.
func TestHandOverWhereItTakesTwo(t *testing.T) {
	l := newLeaving(t)
	var u org.Unit
	l.Tree(func(tree *org.Tree) { u, _ = tree.Unit(l.unit["Barn"]) })
	u.TwoHelp = true
	fine(t, l.ChangeUnit(ctx, system, u))
	want(t, l.HandOver(ctx, l.actor["karin"], l.left.ID, l.id("karin")), mail.Invalid)
	if l.has(l.karin.Key, l.left.ID, l.key(l.left.ID)) {
		t.Error("one organiser reads what comes to somebody from now on")
	}
	fine(t, l.HandOver(ctx, l.actor["olle"], l.left.ID, l.id("nils")))
}

// Two who are the last administrators may not both have a last day.
func TestLastAdministratorsStay(t *testing.T) {
	h := newHouseOf(t)
	fine(t, h.SetRoles(ctx, system, h.id("olle"), mail.RoleAdmin))
	h.in("it")
	h.in("olle")
	last := h.clock.Now().Add(24 * time.Hour)
	fine(t, h.SetLeaving(ctx, system, h.id("it"), last))
	err := h.SetLeaving(ctx, system, h.id("olle"), last)
	h.clock.goes(24 * time.Hour)
	n, e := h.SuspendLeavers(ctx)
	if err == nil && n != 2 {
		t.Errorf("both were promised; %d of 2 is out, and nobody is told: %v", n, e)
	}
}

// A mailbox that nobody reads does not go silently.
func TestEndOfAMailboxWithoutReaders(t *testing.T) {
	h := newHouseOf(t)
	fine(t, h.Appoint(ctx, system, h.id("olle"), mail.RootUnit))
	h.in("maria")
	h.in("olle")
	box := h.mailbox(0, "maria")
	h.receives(box)
	fine(t, h.LeaveMailbox(ctx, h.actor["karin"], box, h.id("maria")))
	n := len(h.notices())
	fine(t, h.SetClosing(ctx, h.actor["karin"], box, h.clock.Now().Add(15*24*time.Hour), "KS 1"))
	if len(h.notices()) == n {
		t.Error("one organiser alone ends what is a public record, and nobody hears of it")
	}
}

func TestLeftBelow(t *testing.T) {
	t.Run("who has left with letters is found behind any number of those who have left without", func(t *testing.T) {
		l := newLeaving(t)
		for i := range 201 {
			id, err := l.AddPerson(ctx, system, l.unit["Barn"], newcomer(fmt.Sprintf("anna%d", i)))
			fine(t, err)
			fine(t, l.Suspend(ctx, system, id, office.ByHand))
		}
		list, err := l.LeftBelow(ctx, l.actor["karin"], 0)
		if err != nil || len(list) != 1 || list[0].ID != l.left.ID || list[0].Letters != 1 {
			t.Errorf("%d: %v", len(list), err)
		}
	})
}
