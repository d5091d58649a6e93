package office_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

const socials mail.Address = "socialtjansten@kommun.example"

// mailbox makes a function mailbox of the Social department, which karin organises.
func (h *houseOf) mailbox(rules mail.MailboxRules, readers ...string) mail.ID {
	h.t.Helper()
	id, err := h.AddMailbox(ctx, system, org.Mailbox{Unit: h.unit["Social"], Address: socials, Name: "Socialtjänsten", Rules: rules})
	fine(h.t, err)
	for _, name := range readers {
		fine(h.t, h.JoinMailbox(ctx, system, id, h.id(name), false))
	}
	return id
}

// key is the key to which a mailbox's letters are sealed at this moment.
func (h *houseOf) key(mailbox mail.ID) mail.Resident {
	h.t.Helper()
	r, err := h.Owner(ctx, mailbox)
	fine(h.t, err)
	return r
}

// has reports whether somebody's own keys open a generation of a mailbox, and that it is
// the key to which letters were sealed.
func (h *houseOf) has(key *keyring.Person, mailbox mail.ID, to mail.Resident) (ok bool) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) error {
		w, err := tx.GenerationWrap(mailbox, to.Key, mail.ID(key.ID))
		if mail.KindOf(err) == mail.Absent {
			return nil
		}
		if err != nil {
			return err
		}
		v, err := tx.SlotValue(w.Slot)
		if err != nil {
			return err
		}
		sw, err := h.app.OpenSlot(byte(w.Slot.File), w.Slot.N, v)
		if err != nil {
			return err
		}
		k, err := key.Generation(to.Key, sw, w.Box)
		ok = err == nil && slices.Equal(seal.PrivateKeyOf(k.Seed()).Public().Bytes(), to.Public)
		return err
	})
	return ok
}

// receives puts a letter into a mailbox, so that its keys are in use.
func (h *houseOf) receives(mailbox mail.ID) mail.Resident {
	h.t.Helper()
	fine(h.t, h.letter(mailbox, mail.Inbox))
	return h.key(mailbox)
}

func kindOf(err error) mail.Kind { return mail.KindOf(err) }

func TestMailboxKeys(t *testing.T) {
	t.Run("who joins reads what comes from then on, and nothing from before", func(t *testing.T) {
		h := newHouseOf(t)
		maria, nils := h.comes("maria@kommun.example"), h.comes("nils@kommun.example")
		box := h.mailbox(0, "maria")
		old := h.receives(box)
		fine(t, h.JoinMailbox(ctx, system, box, h.id("nils"), false))
		now := h.key(box)
		if now.Key == old.Key || !h.Replaced(old.Key) || h.Replaced(now.Key) {
			t.Error("letters may still be sealed to the key from before")
		}
		for _, c := range []struct {
			who  *keyring.Person
			to   mail.Resident
			want bool
		}{{maria, old, true}, {maria, now, true}, {nils, old, false}, {nils, now, true}} {
			if h.has(c.who, box, c.to) != c.want {
				t.Errorf("%+v", c)
			}
		}
	})
	t.Run("who leaves is out at once: nothing from before opens, and nothing newer", func(t *testing.T) {
		h := newHouseOf(t)
		maria, nils := h.comes("maria@kommun.example"), h.comes("nils@kommun.example")
		box := h.mailbox(0, "maria", "nils")
		old := h.receives(box)
		var slot mail.Slot
		h.view(func(tx *vault.ReadTx) error {
			w, err := tx.GenerationWrap(box, old.Key, h.id("nils"))
			slot = w.Slot
			return err
		})
		if !h.has(nils, box, old) { // and his session keeps it
			t.Fatal("no part in the key to begin with")
		}
		fine(t, h.LeaveMailbox(ctx, system, box, h.id("nils")))
		now := h.key(box)
		if h.has(nils, box, old) || h.has(nils, box, now) || !h.has(maria, box, old) || !h.has(maria, box, now) {
			t.Error("the keys are not with those who stay")
		}
		h.view(func(tx *vault.ReadTx) error {
			if v, err := tx.SlotValue(slot); err == nil && v != (mail.SlotValue{}) {
				t.Error("the slot of his part is not erased")
			}
			return nil
		})
		if _, err := nils.Generation(now.Key, seal.NewSecret(), make([]byte, 1200)); err == nil {
			t.Error("his key ring opens what is newer")
		}
	})
	t.Run("R and the helpers of the branch open every generation, and nobody else but its readers", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria")
		helper := h.pairOf("Social", h.comes("karin@kommun.example"))
		h.receives(box)
		fine(t, h.JoinMailbox(ctx, system, box, h.id("nils"), false))
		h.view(func(tx *vault.ReadTx) error {
			list, err := tx.GenerationsOf(box)
			if len(list) != 2 {
				t.Errorf("%d generations", len(list))
			}
			for i, g := range list {
				wraps, err := tx.GenerationWraps(g.ID)
				fine(t, err)
				if len(wraps) != 4-i { // nils has no part in the first
					t.Errorf("generation %d has %d wraps", g.N, len(wraps))
				}
				for _, w := range wraps {
					v, err := tx.SlotValue(w.Slot)
					fine(t, err)
					sw, err := h.app.OpenSlot(byte(w.Slot.File), w.Slot.N, v)
					fine(t, err)
					for kind, key := range map[mail.SeedKind]seal.PrivateKey{mail.SeedRecoveryKey: h.recovery, mail.SeedHelper: helper} {
						seed, err := keyring.OpenSeedBy(keyring.SeedKind(w.Kind), key, g.ID, sw, w.Box)
						if opens := err == nil && slices.Equal(seal.PrivateKeyOf(seed).Public().Bytes(), g.Public); opens != (w.Kind == kind) {
							t.Errorf("wrap of kind %d under the custodian of kind %d: %v", w.Kind, kind, err)
						}
					}
				}
			}
			return err
		})
	})
	t.Run("a colleague gives what came before; who has not asked gets nothing", func(t *testing.T) {
		h := newHouseOf(t)
		maria, nils, olle := h.comes("maria@kommun.example"), h.comes("nils@kommun.example"), h.comes("olle@kommun.example")
		box := h.mailbox(0, "maria")
		first := h.receives(box)
		fine(t, h.JoinMailbox(ctx, system, box, h.id("nils"), false))
		second := h.receives(box)
		if err := h.GiveOlder(ctx, h.actor["maria"], maria, box, h.id("nils")); kindOf(err) != mail.Absent {
			t.Error(err)
		}
		fine(t, h.JoinMailbox(ctx, system, box, h.id("olle"), true))
		third := h.key(box)
		for name, c := range map[string]struct {
			by   mail.Actor
			key  *keyring.Person
			to   mail.ID
			want mail.Kind
		}{
			"the asker himself":      {h.actor["olle"], olle, h.id("olle"), mail.Invalid},
			"an organiser":           {h.actor["karin"], h.comes("karin@kommun.example"), h.id("olle"), mail.Invalid},
			"somebody else":          {h.actor["it2"], maria, h.id("olle"), mail.Absent},
			"to one who reads":       {h.actor["maria"], maria, h.id("nils"), mail.Absent},
			"to one who has no seat": {h.actor["maria"], maria, h.id("karin"), mail.Absent},
		} {
			if err := h.GiveOlder(ctx, c.by, c.key, box, c.to); kindOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if h.has(olle, box, first) || h.has(olle, box, second) || !h.has(olle, box, third) {
			t.Error("what came before was open before anybody gave it")
		}
		fine(t, h.GiveOlder(ctx, h.actor["nils"], nils, box, h.id("olle")))
		if h.has(olle, box, first) || !h.has(olle, box, second) || !h.asks(box, "olle") {
			t.Error("who came later gives what he has, and the question stands")
		}
		fine(t, h.GiveOlder(ctx, h.actor["maria"], maria, box, h.id("olle")))
		if !h.has(olle, box, first) || h.asks(box, "olle") {
			t.Error("not all was given")
		}
	})
	t.Run("a question can be taken off the table, and asked again", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria")
		key := h.receives(box)
		fine(t, h.JoinMailbox(ctx, system, box, h.id("nils"), true))
		if err := h.RefuseOlder(ctx, h.actor["olle"], box, h.id("nils")); kindOf(err) != mail.Absent {
			t.Error(err)
		}
		fine(t, h.RefuseOlder(ctx, h.actor["maria"], box, h.id("nils")))
		before := h.key(box).Key
		if h.asks(box, "nils") || before == key.Key {
			t.Error("it still stands")
		}
		fine(t, h.JoinMailbox(ctx, h.actor["karin"], box, h.id("nils"), true))
		if !h.asks(box, "nils") || h.key(box).Key != before {
			t.Error("asking anew makes no other key")
		}
	})
	t.Run("a mailbox in which nothing ever was has one key, however many join", func(t *testing.T) {
		h := newHouseOf(t)
		before := len(h.store.slots)
		box := h.mailbox(0, "maria", "nils", "olle")
		h.view(func(tx *vault.ReadTx) error {
			list, err := tx.GenerationsOf(box)
			if len(list) != 1 || list[0].N != 4 {
				t.Errorf("%+v", list)
			}
			return err
		})
		mails := len(h.notices()) - 5 // invitations
		if n := len(h.store.slots) - before - mails; n != 5 {
			t.Errorf("%d slots, want one for R, for H and for each of three", n)
		}
	})
	t.Run("somebody who gets another key gets a part in the next one", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "nils")
		h.receives(box)
		h.leaves(h.id("nils"))
		want(t, h.InviteAgain(ctx, system, h.id("nils")), mail.Invalid) // nobody else could open what is there
		fine(t, h.JoinMailbox(ctx, system, box, h.id("maria"), false))
		fine(t, h.InviteAgain(ctx, system, h.id("nils")))
		nils := h.comes("nils@kommun.example")
		if mail.ID(nils.ID) == h.id("nils") {
			t.Fatal("the same key")
		}
		if !h.has(nils, box, h.key(box)) || !slices.Contains(h.MailboxesOf(mail.ID(nils.ID)), box) || len(h.MailboxesOf(h.id("nils"))) != 0 {
			t.Error("the seat did not go with the person")
		}
		asks := false
		h.Tree(func(tr *org.Tree) {
			for _, c := range tr.Staff(box) {
				asks = asks || c.ID == mail.ID(nils.ID) && c.Asks
			}
		})
		if !asks {
			t.Error("nobody asks for what was open before")
		}
	})
	t.Run("what a stop left undone is done by the next look", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria", "nils")
		old := h.receives(box)
		fine(t, h.db.Update(ctx, func(tx *vault.Tx) error {
			_, err := tx.DeleteGenerationWraps(box, h.id("nils"))
			return err
		}))
		fine(t, h.RenewMailboxes(ctx))
		if h.key(box).Key == old.Key {
			t.Error("no other key")
		}
		now := h.key(box)
		fine(t, h.RenewMailboxes(ctx))
		if h.key(box).Key != now.Key {
			t.Error("another key for nothing")
		}
	})
	t.Run("a change that comes to nothing leaves the key, the people and the slots as they were", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria", "nils")
		key, slots := h.receives(box), len(h.store.slots)
		h.store.inside = errors.New("the disk is full")
		for name, err := range map[string]error{
			"join":  h.JoinMailbox(ctx, system, box, h.id("olle"), false),
			"leave": h.LeaveMailbox(ctx, system, box, h.id("nils")),
			"make": func() error {
				_, err := h.AddMailbox(ctx, system, org.Mailbox{Unit: h.unit["Bygg"], Address: "bygg@kommun.example", Name: "Bygg"})
				return err
			}(),
		} {
			if err == nil {
				t.Errorf("%s went well", name)
			}
		}
		h.store.inside = nil
		if h.key(box).Key != key.Key || h.Replaced(key.Key) || len(h.store.slots) != slots || len(h.MailboxesOf(h.id("nils"))) != 1 || len(h.MailboxesOf(h.id("olle"))) != 0 {
			t.Error("something has changed")
		}
	})
}

func (h *houseOf) asks(mailbox mail.ID, name string) (asks bool) {
	h.Tree(func(t *org.Tree) {
		for _, c := range t.Staff(mailbox) {
			asks = asks || c.ID == h.id(name) && c.Asks
		}
	})
	return asks
}

func TestMailboxRights(t *testing.T) {
	t.Run("only who organises its department changes a mailbox; to others it looks as if there were none", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria", "nils")
		for _, c := range []struct {
			who string
			may bool
		}{{"karin", true}, {"it", true}, {"maria", false}, {"olle", false}} {
			by := h.actor[c.who]
			for name, err := range map[string]error{
				"change":     h.ChangeMailbox(ctx, by, org.Mailbox{ID: box, Unit: h.unit["Social"], Name: "Socialtjänsten"}),
				"join":       h.JoinMailbox(ctx, by, box, h.id("maria"), false),
				"leave":      h.LeaveMailbox(ctx, by, box, h.id("nils")),
				"back":       h.JoinMailbox(ctx, by, box, h.id("nils"), false),
				"substitute": h.AppointSubstitute(ctx, by, box, h.id("karin")),
			} {
				if c.may && err != nil && kindOf(err) != mail.Absent || !c.may && kindOf(err) != mail.Absent {
					t.Errorf("%s, %s: %v", c.who, name, err)
				}
			}
			_, err := h.AddMailbox(ctx, by, org.Mailbox{Unit: h.unit["Social"], Address: mail.Address(c.who + "-box@kommun.example"), Name: "En till"})
			if (err == nil) != c.may {
				t.Errorf("%s makes one: %v", c.who, err)
			}
		}
	})
	t.Run("an organiser seats whom they organise somewhere, and nobody from outside", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0)
		if err := h.JoinMailbox(ctx, h.actor["karin"], box, h.id("olle"), false); kindOf(err) != mail.Invalid {
			t.Errorf("somebody of another branch: %v", err)
		}
		fine(t, h.JoinMailbox(ctx, h.actor["karin"], box, h.id("nils"), false))
		h.add("Gode män", "Social", mail.Group)
		out, err := h.AddPerson(ctx, system, h.unit["Gode män"], office.NewPerson{Profile: mail.Profile{Address: "gode@example.se", Name: "Gode"}})
		fine(t, err)
		if err := h.JoinMailbox(ctx, system, box, out, false); kindOf(err) != mail.Invalid {
			t.Errorf("somebody from outside: %v", err)
		}
	})
	t.Run("everybody may leave, and only for themselves", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria", "nils")
		if err := h.LeaveMailbox(ctx, h.actor["maria"], box, h.id("nils")); kindOf(err) != mail.Absent {
			t.Error(err)
		}
		fine(t, h.LeaveMailbox(ctx, h.actor["nils"], box, h.id("nils")))
		if err := h.LeaveMailbox(ctx, h.actor["nils"], box, h.id("nils")); kindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
	t.Run("all who read there are told who joins, and who leaves is told it", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria")
		seen := len(h.notices())
		fine(t, h.JoinMailbox(ctx, h.actor["it"], box, h.id("it"), true)) // an administrator seats themself
		fine(t, h.LeaveMailbox(ctx, h.actor["it"], box, h.id("it")))
		var got []string
		for _, n := range h.notices()[seen:] {
			got = append(got, string(n.Kind)+" "+n.To.Local()+" "+n.Mailbox+" "+n.Person)
		}
		slices.Sort(got)
		if want := []string{"asked it Socialtjänsten It", "asked maria Socialtjänsten It", "left it Socialtjänsten "}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
}

func TestMailboxAddress(t *testing.T) {
	t.Run("what comes to its address is the mailbox's, also after a restart", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria")
		r, ok, err := h.Resident(ctx, "Socialtjansten@KOMMUN.example", "")
		fine(t, err)
		if !ok || r.ID != box || !r.Shared || r.Name != "Socialtjänsten" || len(r.Tell) != 1 || r.Tell[0].Address != "maria@kommun.example" {
			t.Errorf("%+v", r)
		}
		again, _, err := h.another().Resident(ctx, socials, "")
		fine(t, err)
		if again.Key != r.Key || len(again.Tell) != 1 {
			t.Errorf("%+v", again)
		}
	})
	t.Run("an address that only a letter has made a person of becomes a mailbox", func(t *testing.T) {
		h := newHouseOf(t)
		p := h.person(socials)
		if _, ok, _ := h.another().Resident(ctx, socials, ""); !ok {
			t.Fatal("nobody")
		}
		box := h.mailbox(0, "maria")
		if r, _, err := h.Resident(ctx, socials, ""); err != nil || r.ID != box || !h.Replaced(p.ID) {
			t.Errorf("%+v %v", r, err)
		}
		for _, n := range h.notices() {
			if n.Kind == mail.NoticeInvitation && n.To == socials {
				t.Error("the invitation still goes out")
			}
		}
		h.Tree(func(tr *org.Tree) {
			if _, ok := tr.PersonAt(socials); ok {
				t.Error("the list of people still has it")
			}
		})
	})
	t.Run("an address with letters, or that somebody uses, stays theirs", func(t *testing.T) {
		h := newHouseOf(t)
		p := h.person(socials)
		fine(t, h.letter(p.ID, mail.Sent))
		h.comes("nils@kommun.example")
		for _, a := range []mail.Address{socials, "nils@kommun.example", "it@kommun.example", "anna@example.se"} {
			if _, err := h.AddMailbox(ctx, system, org.Mailbox{Unit: h.unit["Social"], Address: a, Name: "X"}); kindOf(err) != mail.Invalid {
				t.Errorf("%s: %v", a, err)
			}
		}
		if r, _, _ := h.Resident(ctx, socials, ""); r.ID != p.ID || h.Replaced(p.ID) {
			t.Error("the person is gone")
		}
	})
	t.Run("nor does somebody go whom another organiser has invited", func(t *testing.T) {
		h := newHouseOf(t) // olle of Bygg was never here, and karin organises Social
		if _, err := h.AddMailbox(ctx, h.actor["karin"], org.Mailbox{Unit: h.unit["Social"], Address: "olle@kommun.example", Name: "X"}); kindOf(err) != mail.Invalid {
			t.Error(err)
		}
		if r, _, _ := h.Resident(ctx, "olle@kommun.example", ""); r.ID != h.id("olle") {
			t.Error("he is gone")
		}
	})
	t.Run("and nobody becomes a person at a mailbox's address", func(t *testing.T) {
		h := newHouseOf(t)
		h.mailbox(0)
		_, err := h.AddPerson(ctx, system, h.unit["Social"], newcomer("socialtjansten"))
		want(t, err, mail.Invalid)
		plan, report, err := h.PlanImport(ctx, system, h.unit["Social"], []org.Row{{Line: 2, Address: socials}})
		if err != nil || len(plan.New) != 0 || report.Good() {
			t.Errorf("%+v %+v %v", plan, report, err)
		}
		_, err = h.Make(ctx, newcomer("socialtjansten")) // as one who has looked just before
		want(t, err, mail.Again)
	})
	t.Run("of two who remove it at once one finds nothing, and nothing is sealed to it any more", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0, "maria")
		key := h.key(box)
		fine(t, h.RemoveMailbox(ctx, h.actor["karin"], box))
		want(t, h.RemoveMailbox(ctx, h.actor["karin"], box), mail.Absent)
		if !h.Replaced(key.Key) || !h.Replaced(box) {
			t.Error("a letter that is on its way would be stored for nobody")
		}
	})
	t.Run("only an administrator has answers to other people come to a mailbox", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(0)
		follow := org.Mailbox{ID: box, Unit: h.unit["Social"], Name: "S", Rules: mail.AnswersFromUnit}
		want(t, h.ChangeMailbox(ctx, h.actor["karin"], follow), mail.Invalid)
		_, err := h.AddMailbox(ctx, h.actor["karin"], org.Mailbox{Unit: h.unit["Social"], Address: "ny@kommun.example", Name: "N", Rules: mail.AnswersFromUnit})
		want(t, err, mail.Invalid)
		fine(t, h.ChangeMailbox(ctx, h.actor["it"], follow))
		follow.Name = "T"
		fine(t, h.ChangeMailbox(ctx, h.actor["karin"], follow)) // as it was
		follow.Unit = h.unit["Barn"]
		want(t, h.ChangeMailbox(ctx, h.actor["karin"], follow), mail.Invalid) // where others write
		follow.Rules = 0
		fine(t, h.ChangeMailbox(ctx, h.actor["karin"], follow))
	})
	t.Run("a mailbox goes while nothing was ever in it, with its keys; else it stays", func(t *testing.T) {
		h := newHouseOf(t)
		before := len(h.store.slots)
		box := h.mailbox(mail.TellAddress, "maria")
		mails := 0
		for _, n := range h.notices() {
			if n.Kind == mail.NoticeJoined {
				mails++
			}
		}
		fine(t, h.RemoveMailbox(ctx, h.actor["karin"], box))
		if len(h.store.slots) != before+mails {
			t.Errorf("%d slots stay", len(h.store.slots)-before-mails)
		}
		box = h.mailbox(0, "maria")
		h.receives(box)
		if err := h.RemoveMailbox(ctx, h.actor["karin"], box); kindOf(err) != mail.Invalid {
			t.Error(err)
		}
		if err := h.RemoveUnit(ctx, system, h.unit["Social"]); kindOf(err) != mail.Invalid {
			t.Errorf("its department: %v", err)
		}
	})
}

func TestReaders(t *testing.T) {
	h := newHouseOf(t)
	h.in("it")
	names := func(owner mail.ID) (list []string) {
		all, err := h.Readers(ctx, owner)
		fine(t, err)
		for _, p := range all {
			list = append(list, p.Address.Local()+" "+p.Lang)
		}
		slices.Sort(list)
		return list
	}
	box := h.mailbox(mail.TellAddress, "maria", "nils")
	t.Run("a function mailbox has those who read there, whoever is told of its letters", func(t *testing.T) {
		fine(t, h.AppointSubstitute(ctx, system, box, h.id("karin")))
		if got := names(box); len(got) != 2 || !strings.HasPrefix(got[0], "maria ") || !strings.HasPrefix(got[1], "nils ") {
			t.Errorf("%q", got)
		}
	})
	t.Run("a person's own has the person", func(t *testing.T) {
		if got := names(h.id("nils")); len(got) != 1 || !strings.HasPrefix(got[0], "nils ") {
			t.Errorf("%q", got)
		}
	})
	t.Run("who is suspended reads nothing, and who has left neither", func(t *testing.T) {
		fine(t, h.Suspend(ctx, h.actor["it"], h.id("nils"), office.ByHand))
		if got := names(box); len(got) != 1 || !strings.HasPrefix(got[0], "maria ") || len(names(h.id("nils"))) != 0 {
			t.Errorf("%q", got)
		}
		fine(t, h.LeaveMailbox(ctx, system, box, h.id("maria")))
		if got := names(box); len(got) != 0 {
			t.Errorf("%q", got)
		}
	})
	t.Run("of nobody there are none", func(t *testing.T) {
		if _, err := h.Readers(ctx, mail.NewID()); kindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
}

func TestFollowers(t *testing.T) {
	names := func(h *houseOf, owner, writer mail.ID) (list []string) {
		all, err := h.Followers(ctx, owner, writer)
		fine(h.t, err)
		for _, r := range all {
			list = append(list, r.Address.Local())
		}
		return list
	}
	t.Run("an answer to a mailbox goes to who wrote in its name, if it says so and they still read there", func(t *testing.T) {
		h := newHouseOf(t)
		box := h.mailbox(mail.AnswersToWriter, "maria")
		if got := names(h, box, h.id("maria")); !slices.Equal(got, []string{"maria"}) {
			t.Errorf("%q", got)
		}
		if got := names(h, box, h.id("olle")); len(got) != 0 {
			t.Errorf("%q", got)
		}
		fine(t, h.ChangeMailbox(ctx, system, org.Mailbox{ID: box, Unit: h.unit["Social"], Name: "S"}))
		if got := names(h, box, h.id("maria")); len(got) != 0 {
			t.Errorf("%q", got)
		}
	})
	t.Run("an answer to somebody goes to the mailbox of their home, if it says so", func(t *testing.T) {
		h := newHouseOf(t)
		h.mailbox(mail.AnswersFromUnit)
		if got := names(h, h.id("karin"), mail.ID{}); !slices.Equal(got, []string{"socialtjansten"}) {
			t.Errorf("%q", got)
		}
		if got := names(h, h.id("maria"), mail.ID{}); len(got) != 0 { // at home below it
			t.Errorf("%q", got)
		}
	})
}

func TestTellUnread(t *testing.T) {
	h := newHouseOf(t)
	box := h.mailbox(0, "maria")
	fine(t, h.AppointSubstitute(ctx, system, box, h.id("olle")))
	fine(t, h.ChangeMailbox(ctx, system, org.Mailbox{ID: box, Unit: h.unit["Social"], Name: "Socialtjänsten", Alarm: 2}))
	h.receives(box)
	seen := len(h.notices())
	told := func(want int) {
		t.Helper()
		n, err := h.TellUnread(ctx)
		fine(t, err)
		if n != want {
			t.Errorf("%d letters, want %d", n, want)
		}
	}
	told(0)
	h.clock.goes(2*24*time.Hour + time.Minute)
	told(1)
	told(0) // they know
	var to []string
	for _, n := range h.notices()[seen:] {
		if n.Kind == mail.NoticeUnread && n.Count == 1 && n.Mailbox == "Socialtjänsten" {
			to = append(to, n.To.Local())
		}
	}
	slices.Sort(to)
	if !slices.Equal(to, []string{"maria", "olle"}) {
		t.Errorf("%q are told", to)
	}
	h.clock.goes(2*24*time.Hour + time.Minute)
	told(0) // of what nobody there can open it is told once
	t.Run("one that has nobody keeps no other from being told, and its organiser is", func(t *testing.T) {
		empty, err := h.AddMailbox(ctx, system, org.Mailbox{Unit: h.unit["Social"], Address: "a@kommun.example", Name: "A", Alarm: 1})
		fine(t, err)
		fine(t, h.letter(empty, mail.Inbox))
		fine(t, h.letter(box, mail.Inbox))
		h.clock.goes(3 * 24 * time.Hour)
		before := len(h.kinds("karin@kommun.example"))
		told(2)
		if k := h.kinds("karin@kommun.example"); len(k) != before+1 || k[len(k)-1] != mail.NoticeUnread {
			t.Errorf("%v", k)
		}
	})
	named := func() (n int) {
		for _, k := range h.kinds("olle@kommun.example") {
			if k == mail.NoticeSubstitute {
				n++
			}
		}
		return n
	}
	if named() != 1 {
		t.Errorf("who has become a substitute is told %d times", named())
	}
	fine(t, h.AppointSubstitute(ctx, system, box, h.id("olle")))
	if named() != 1 {
		t.Error("and once more for nothing")
	}
	if err := h.AppointSubstitute(ctx, system, box, h.id("maria")); kindOf(err) != mail.Invalid {
		t.Errorf("who reads there is told anyway: %v", err)
	}
}

// custodian is who keeps the whole kit.
type custodian struct {
	*houseOf
	kit keyring.Kit
}

func (h *houseOf) custodian() custodian {
	c := custodian{h, keyring.NewKit(here, keyring.DefaultSharing)}
	h.recovery = seal.PrivateKeyOf(c.kit.Recovery)
	h.Office = h.another()
	return c
}

func (c custodian) answers() (keyring.Answer, error) { return c.answersFor(socials) }

func (c custodian) answersFor(a mail.Address) (keyring.Answer, error) {
	q, err := c.AskRecovery(ctx, here, c.kit.Sharing, a)
	if err != nil {
		return keyring.Answer{}, err
	}
	if q, err = keyring.ParseRequest(q.Marshal()); err != nil {
		return keyring.Answer{}, err
	}
	shares, err := q.Custody(c.kit.Pages()[3:])
	fine(c.t, err)
	return q.Answer(shares)
}

func TestRecoverMailbox(t *testing.T) {
	h := newHouseOf(t)
	c := h.custodian()
	nils := h.comes("nils@kommun.example")
	box := h.mailbox(0, "maria")
	first := h.receives(box)
	fine(t, h.JoinMailbox(ctx, system, box, h.id("karin"), false))
	second := h.receives(box)
	t.Run("nobody gets anything who does not ask for it", func(t *testing.T) {
		_, err := c.answers()
		want(t, err, mail.Invalid)
	})
	for _, name := range []string{"maria", "karin"} { // all who could give it have gone
		fine(t, h.LeaveMailbox(ctx, system, box, h.id(name)))
	}
	fine(t, h.JoinMailbox(ctx, system, box, h.id("nils"), true))
	fine(t, h.JoinMailbox(ctx, system, box, h.id("olle"), false))
	var old keyring.Answer
	t.Run("who asks gets key by key, the newest first, and is told; who does not, does not", func(t *testing.T) {
		for i, keys := range [][]mail.Resident{{second}, {first, second}} {
			for range 3 { // one was made by everybody who left
				if h.has(nils, box, keys[0]) {
					break
				}
				a, err := c.answers()
				fine(t, err)
				old = a
				done, err := c.Restore(ctx, here, a, false)
				fine(t, err)
				if done.Address != socials || !slices.Equal(done.Readers, []mail.Address{"nils@kommun.example"}) || !done.Until.IsZero() {
					t.Errorf("%+v", done)
				}
			}
			for _, k := range keys {
				if !h.has(nils, box, k) {
					t.Errorf("round %d: not given", i)
				}
			}
		}
		if h.asks(box, "nils") {
			t.Error("the question still stands")
		}
		if n := h.kinds("nils@kommun.example"); !slices.Contains(n, mail.NoticeRestored) {
			t.Errorf("%v", n)
		}
		h.view(func(tx *vault.ReadTx) error {
			_, err := tx.GenerationWrap(box, first.Key, h.id("olle"))
			want(t, err, mail.Absent)
			return nil
		})
	})
	t.Run("an answer is taken once", func(t *testing.T) {
		fine(t, h.JoinMailbox(ctx, system, box, h.id("olle"), true))
		_, err := c.Restore(ctx, here, old, false)
		want(t, err, mail.Invalid)
		if !h.asks(box, "olle") {
			t.Error("given by an old answer")
		}
	})
	t.Run("if the store refuses, everything is as it was", func(t *testing.T) {
		a, err := c.answers()
		fine(t, err)
		n := len(h.store.slots)
		h.store.inside = errors.New("full")
		_, err = c.Restore(ctx, here, a, false)
		h.store.inside = nil
		if err == nil || len(h.store.slots) != n {
			t.Errorf("%v, %d slots set aside", err, len(h.store.slots)-n)
		}
		_, err = c.Restore(ctx, here, a, false)
		fine(t, err)
	})
}
