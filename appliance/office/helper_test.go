package office_test

import (
	"slices"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// pairs are the helper pairs of a unit, the current one last.
func (h *houseOf) pairs(unit string) (list []mail.Helper) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) error {
		all, err := tx.Helpers()
		for _, p := range all {
			if p.Unit == h.unit[unit] {
				list = append(list, p)
			}
		}
		return err
	})
	return list
}

// openers are who has a part in a pair, by name.
func (h *houseOf) openers(pair mail.Helper) (names []string) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) error {
		by, err := tx.HelperMembers()
		for _, id := range by[pair.ID] {
			for name, a := range h.actor {
				if a.ID == id {
					names = append(names, name)
				}
			}
		}
		return err
	})
	slices.Sort(names)
	return names
}

func (h *houseOf) current(unit string) mail.Helper {
	h.t.Helper()
	list := h.pairs(unit)
	if len(list) == 0 || list[len(list)-1].Old {
		h.t.Fatalf("%q has no pair", unit)
	}
	return list[len(list)-1]
}

// pairOf is a unit's pair, as an organiser opens it.
func (h *houseOf) pairOf(unit string, key *keyring.Person) seal.PrivateKey {
	h.t.Helper()
	var pair seal.PrivateKey
	h.view(func(tx *vault.ReadTx) error {
		w, err := tx.HelperWrap(h.current(unit).ID, mail.ID(key.ID))
		fine(h.t, err)
		v, err := tx.SlotValue(w.Slot)
		fine(h.t, err)
		sw, err := h.app.OpenSlot(byte(w.Slot.File), w.Slot.N, v)
		fine(h.t, err)
		k, err := key.Generation(w.Helper, sw, w.Box)
		fine(h.t, err)
		pair = seal.PrivateKeyOf(k.Seed())
		return nil
	})
	return pair
}

// helpedBy is the pair to which somebody's seed is locked.
func (h *houseOf) helpedBy(name string) mail.ID {
	h.t.Helper()
	wraps, _ := h.wraps(h.id(name))
	return wraps[mail.SeedHelper].Helper
}

// in signs somebody in who was invited.
func (h *houseOf) in(name string) access.Owner {
	h.t.Helper()
	key := h.comes(newcomer(name).Profile.Address)
	o := h.owner(h.personRow(h.id(name)), key)
	fine(h.t, h.CameIn(ctx, o))
	return o
}

func TestHelperPairs(t *testing.T) {
	h := newHouseOf(t)
	fine(t, h.Appoint(ctx, system, h.id("olle"), mail.RootUnit))
	t.Run("each branch has a pair that its organisers open and those above them; an administrator by that alone does not", func(t *testing.T) {
		same(t, h.openers(h.current("Social")), []string{"karin", "olle"})
		same(t, h.openers(h.current("")), []string{"olle"})
		if n := len(h.pairs("Barn")) + len(h.pairs("Bygg")); n != 0 {
			t.Errorf("%d pairs of departments that nobody organises", n)
		}
	})
	karin, maria := h.in("karin"), h.in("maria")
	t.Run("a person's key is locked for the nearest branch when they come in", func(t *testing.T) {
		if h.helpedBy("maria") != h.current("Social").ID || h.helpedBy("karin") != h.current("Social").ID || h.helpedBy("it") == h.current("Social").ID {
			t.Error("locked for others")
		}
		for name, want := range map[string]bool{"maria": true, "nils": false, "it": false} {
			if can, err := h.CanBeHelped(ctx, h.id(name)); can != want || err != nil {
				t.Errorf("%s can be helped: %v %v", name, can, err)
			}
		}
	})
	t.Run("who was made in a branch is locked for it from the first letter on", func(t *testing.T) {
		id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer("siv"))
		fine(t, err)
		h.actor["siv"] = mail.Actor{Kind: mail.ActorPerson, ID: id}
		if h.helpedBy("siv") != h.current("Social").ID {
			t.Error("locked for others")
		}
	})
	t.Run("who becomes an organiser opens what is locked from now on, and what was before when a colleague comes in", func(t *testing.T) {
		before := h.current("Social")
		fine(t, h.Appoint(ctx, h.actor["karin"], h.id("nils"), h.unit["Social"]))
		now := h.current("Social")
		same(t, h.openers(now), []string{"karin", "nils", "olle"})
		same(t, h.openers(before), []string{"karin", "olle"})
		fine(t, h.CameIn(ctx, maria)) // who organises nothing gives nothing
		fine(t, h.CameIn(ctx, karin))
		same(t, h.openers(before), []string{"karin", "nils", "olle"})
		if h.helpedBy("maria") != now.ID || h.helpedBy("siv") != before.ID {
			t.Error("whoever has come in is locked for the new pair, the others for the old")
		}
		nils := h.in("nils")
		seed, err := h.GiveHelp(ctx, h.actor["nils"], nils.Key, h.personRow(h.id("siv")))
		fine(t, err)
		h.opens(keyring.NewPerson(h.id("siv"), seed), h.personRow(h.id("siv")))
	})
	t.Run("a pair to which nothing is locked any more is gone after an hour", func(t *testing.T) {
		fine(t, h.CameIn(ctx, h.in("siv")))
		h.clock.goes(2 * time.Hour)
		fine(t, h.KeepHelpers(ctx))
		for _, p := range h.pairs("Social")[:len(h.pairs("Social"))-1] {
			locked := false
			for name := range h.actor {
				locked = locked || name != "system" && h.helpedBy(name) == p.ID
			}
			if !locked {
				t.Errorf("%v is there still", p.ID)
			}
		}
	})
	t.Run("who is dismissed has no part in any pair, and what locked them is erased", func(t *testing.T) {
		var slots []mail.Slot
		h.view(func(tx *vault.ReadTx) error {
			for _, p := range h.pairs("Social") {
				if w, err := tx.HelperWrap(p.ID, h.id("nils")); err == nil {
					slots = append(slots, w.Slot)
				}
			}
			return nil
		})
		before := h.current("Social")
		fine(t, h.Dismiss(ctx, h.actor["it"], h.id("nils"), h.unit["Social"]))
		for _, p := range h.pairs("Social") {
			if slices.Contains(h.openers(p), "nils") {
				t.Error("opens one")
			}
		}
		if len(slots) == 0 || h.current("Social").ID == before.ID {
			t.Errorf("%d slots, the pair is the same: %v", len(slots), h.current("Social").ID == before.ID)
		}
		h.view(func(tx *vault.ReadTx) error {
			for _, s := range slots {
				_, err := tx.SlotValue(s)
				want(t, err, mail.Gone)
			}
			return nil
		})
	})
	t.Run("moving a department hangs its pair under those who are above it then", func(t *testing.T) {
		fine(t, h.Appoint(ctx, system, h.id("nils"), h.unit["Bygg"]))
		fine(t, h.MoveUnit(ctx, h.actor["it"], h.unit["Social"], h.unit["Bygg"]))
		same(t, h.openers(h.current("Social")), []string{"karin", "nils", "olle"})
		fine(t, h.MoveUnit(ctx, h.actor["it"], h.unit["Social"], mail.RootUnit))
		same(t, h.openers(h.current("Social")), []string{"karin", "olle"})
	})
	t.Run("a department that goes leaves its pair to the one above, for those who have not come in since", func(t *testing.T) {
		h.add("Skola", "", mail.Department)
		fine(t, h.Appoint(ctx, system, h.id("nils"), h.unit["Skola"]))
		id, err := h.AddPerson(ctx, system, h.unit["Skola"], newcomer("pia"))
		fine(t, err)
		h.actor["pia"] = mail.Actor{Kind: mail.ActorPerson, ID: id}
		pair := h.helpedBy("pia")
		fine(t, h.Place(ctx, system, id, mail.RootUnit, true))
		fine(t, h.RemoveUnit(ctx, system, h.unit["Skola"]))
		if h.helpedBy("pia") != pair {
			t.Error("the lock is another one, and nobody could have made it")
		}
		for _, p := range h.pairs("") {
			if p.ID == pair {
				same(t, h.openers(p), []string{"olle"})
				return
			}
		}
		t.Error("the pair is gone")
	})
	t.Run("an organiser who gets another key opens the pairs with that one", func(t *testing.T) {
		fine(t, h.Appoint(ctx, h.actor["it"], h.id("pia"), mail.RootUnit))
		h.leaves(h.id("pia"))
		fine(t, h.InviteAgain(ctx, h.actor["it"], h.id("pia")))
		var p org.Person
		h.Tree(func(t *org.Tree) { p, _ = t.PersonAt(newcomer("pia").Profile.Address) })
		if p.ID == h.id("pia") {
			t.Fatal("the key is the same")
		}
		h.actor["pia"] = mail.Actor{Kind: mail.ActorPerson, ID: p.ID}
		same(t, h.openers(h.current("")), []string{"olle", "pia"})
	})
	t.Run("the next process finds all of it as it should be", func(t *testing.T) {
		before := len(h.pairs("")) + len(h.pairs("Social"))
		fine(t, h.another().KeepHelpers(ctx))
		if after := len(h.pairs("")) + len(h.pairs("Social")); after > before {
			t.Errorf("%d pairs, then %d", before, after)
		}
	})
}

func TestGiveHelp(t *testing.T) {
	h := newHouseOf(t)
	fine(t, h.Appoint(ctx, system, h.id("olle"), mail.RootUnit))
	karin, maria, olle, it := h.in("karin"), h.in("maria"), h.in("olle"), h.in("it")
	row := h.personRow(h.id("maria"))
	t.Run("an organiser's key opens the seed of who is in the branch", func(t *testing.T) {
		seed, err := h.GiveHelp(ctx, h.actor["karin"], karin.Key, row)
		fine(t, err)
		if !seed.Equal(maria.Key.Seed()) {
			t.Error("another one")
		}
	})
	t.Run("the person, and the others who may help, are told", func(t *testing.T) {
		if !slices.Contains(h.kinds("maria@kommun.example"), mail.NoticeHelpGiven) || !slices.Contains(h.kinds("olle@kommun.example"), mail.NoticeHelped) {
			t.Error(h.kinds("maria@kommun.example"), h.kinds("olle@kommun.example"))
		}
		if slices.Contains(h.kinds("karin@kommun.example"), mail.NoticeHelped) {
			t.Error("who has helped is told of it")
		}
	})
	t.Run("who may not organise the person opens nothing, whatever key they have", func(t *testing.T) {
		_, err := h.GiveHelp(ctx, h.actor["maria"], karin.Key, h.personRow(h.id("nils")))
		want(t, err, mail.Absent)
		_, err = h.GiveHelp(ctx, h.actor["karin"], karin.Key, h.personRow(h.id("olle"))) // an organiser of more
		want(t, err, mail.Absent)
		_, err = h.GiveHelp(ctx, h.actor["karin"], karin.Key, h.personRow(h.id("karin"))) // oneself
		want(t, err, mail.Absent)
		_, err = h.GiveHelp(ctx, h.actor["olle"], olle.Key, h.personRow(h.id("it"))) // an administrator
		want(t, err, mail.Absent)
		_, err = h.GiveHelp(ctx, h.actor["it"], it.Key, row) // an administrator who organises nothing
		want(t, err, mail.Absent)
	})
	t.Run("an organiser without a part in the pair is told so", func(t *testing.T) {
		id, err := h.AddPerson(ctx, system, h.unit["Bygg"], newcomer("siv"))
		fine(t, err)
		fine(t, h.Place(ctx, system, id, h.unit["Barn"], true)) // and has not come in since
		_, err = h.GiveHelp(ctx, h.actor["karin"], karin.Key, h.personRow(id))
		want(t, err, mail.Invalid)
		if _, err := h.GiveHelp(ctx, h.actor["olle"], olle.Key, h.personRow(id)); err != nil {
			t.Error("who organises the house has a part in its pair: ", err)
		}
		_, err = h.GiveHelp(ctx, h.actor["karin"], karin.Key, h.personRow(h.id("nils"))) // made before anybody could help
		want(t, err, mail.Invalid)
	})
	t.Run("the organiser's right and the machine's slot open nothing without the organiser's key", func(t *testing.T) {
		wraps, keys := h.wraps(row.ID)
		w := wraps[mail.SeedHelper]
		stranger := keyring.NewPerson(h.id("karin"), seal.NewSecret())
		pub, err := seal.ParsePublicKey(row.Public)
		fine(t, err)
		if _, err := stranger.HelpSeed(row.ID, pub, keys[mail.SeedHelper], w.Box); err == nil {
			t.Error("opened")
		}
	})
	t.Run("one organiser cannot make a second one on the spot", func(t *testing.T) {
		fine(t, h.Appoint(ctx, h.actor["karin"], h.id("nils"), h.unit["Social"]))
		h.clock.goes(6 * 24 * time.Hour)
		if !h.MayHelp(h.id("nils"), row.ID) || h.MayVouch(h.id("nils"), row.ID) {
			t.Error("vouches after six days")
		}
		h.clock.goes(24 * time.Hour)
		if !h.MayVouch(h.id("nils"), row.ID) || h.MayVouch(h.id("maria"), h.id("nils")) {
			t.Error("does not vouch after seven days, or who organises nothing does")
		}
	})
	t.Run("it is in the journal who has helped whom", func(t *testing.T) {
		if !slices.Contains(h.noted(row), journal.HelpGiven) {
			t.Error(h.noted(row))
		}
	})
	t.Run("the person chooses a password, the old one is dead, and the key is the same", func(t *testing.T) {
		p, err := h.UseHelp(ctx, row, maria.Key.Seed(), "kort")
		want(t, err, mail.Invalid)
		if !p.ID.IsZero() {
			t.Error("a person beside an error")
		}
		before, _ := h.wraps(row.ID)
		_, err = h.UseHelp(ctx, row, maria.Key.Seed(), "hjälpt till en ny fras")
		fine(t, err)
		after, keys := h.wraps(row.ID)
		if after[mail.SeedPassword].Slot == before[mail.SeedPassword].Slot {
			t.Error("the lock is the old one")
		}
		seed, err := h.stretch.OpenSeedByPassword(ctx, row.ID, []byte("hjälpt till en ny fras"), keys[mail.SeedPassword], after[mail.SeedPassword].Box)
		fine(t, err)
		if !seed.Equal(maria.Key.Seed()) || !slices.Contains(h.noted(row), journal.HelpUsed) {
			t.Error("another key, or it is not in the journal")
		}
	})
}
