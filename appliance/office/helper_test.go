package office_test

import (
	"slices"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
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
	fine(h.t, h.CameIn(ctx, o, access.ByPassword))
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
		h.in("olle")
		if !slices.Contains(h.noted(maria.Person), journal.SignedIn) {
			t.Error("the sign-in is not in the journal")
		}
		for name, want := range map[string]office.Helpable{"maria": office.HelpNow, "nils": office.HelpLater, "it": office.HelpNever} {
			if can, err := h.CanBeHelped(ctx, h.id(name)); can != want || err != nil {
				t.Errorf("%s can be helped: %v %v", name, can, err)
			}
		}
	})
	var siv access.Owner
	t.Run("who was made in a branch is locked for it from the first letter on", func(t *testing.T) {
		id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer("siv"))
		fine(t, err)
		h.actor["siv"] = mail.Actor{Kind: mail.ActorPerson, ID: id}
		if h.helpedBy("siv") != h.current("Social").ID {
			t.Error("locked for others")
		}
		siv = h.in("siv")
	})
	t.Run("who becomes an organiser opens what is locked from now on, and what was before when a colleague comes in", func(t *testing.T) {
		before := h.current("Social")
		fine(t, h.Appoint(ctx, h.actor["karin"], h.id("nils"), h.unit["Social"]))
		now := h.current("Social")
		same(t, h.openers(now), []string{"karin", "nils", "olle"})
		same(t, h.openers(before), []string{"karin", "olle"})
		fine(t, h.CameIn(ctx, maria, access.ByPassword)) // who organises nothing gives nothing
		fine(t, h.CameIn(ctx, karin, access.ByPassword))
		same(t, h.openers(before), []string{"karin", "nils", "olle"})
		if h.helpedBy("maria") != now.ID || h.helpedBy("siv") != before.ID {
			t.Error("whoever has come in is locked for the new pair, the others for the old")
		}
		nils := h.in("nils")
		g, err := h.GiveHelp(ctx, h.actor["nils"], nils.Key, h.personRow(h.id("siv")))
		fine(t, err)
		h.opens(keyring.NewPerson(h.id("siv"), g.Seed), h.personRow(h.id("siv")))
	})
	t.Run("a pair to which nothing is locked any more is gone after an hour", func(t *testing.T) {
		fine(t, h.CameIn(ctx, siv, access.ByPassword))
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
		g, err := h.GiveHelp(ctx, h.actor["karin"], karin.Key, row)
		fine(t, err)
		if !g.Seed.Equal(maria.Key.Seed()) {
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
		h.actor["siv"] = mail.Actor{Kind: mail.ActorPerson, ID: id}
		h.in("siv")
		fine(t, h.Place(ctx, system, id, h.unit["Barn"], true)) // and has not come in since
		_, err = h.GiveHelp(ctx, h.actor["karin"], karin.Key, h.personRow(id))
		want(t, err, mail.Invalid)
		if _, err := h.GiveHelp(ctx, h.actor["olle"], olle.Key, h.personRow(id)); err != nil {
			t.Error("who organises the house has a part in its pair: ", err)
		}
		if can, err := h.CanBeHelped(ctx, id); can != office.HelpNow || err != nil {
			t.Error("who organises the house can help: ", can, err)
		}
	})
	t.Run("who was never here has no password to forget", func(t *testing.T) {
		_, err := h.GiveHelp(ctx, h.actor["karin"], karin.Key, h.personRow(h.id("nils")))
		want(t, err, mail.Absent)
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
	given := func() access.Given {
		t.Helper()
		g, err := h.GiveHelp(ctx, h.actor["karin"], karin.Key, row)
		fine(t, err)
		return g
	}
	yes := func() bool { return true }
	t.Run("help that was given for a password which has been changed since changes nothing", func(t *testing.T) {
		g := given()
		fine(t, h.changes(row, maria.Key, "ett helt annat lösenord"))
		p, err := h.UseHelp(ctx, row, g, "hjälpt till en ny fras", yes)
		want(t, err, mail.Denied)
		if !p.ID.IsZero() {
			t.Error("a person beside an error")
		}
	})
	t.Run("nor does help in a question that has ended meanwhile", func(t *testing.T) {
		_, err := h.UseHelp(ctx, row, given(), "hjälpt till en ny fras", func() bool { return false })
		want(t, err, mail.Denied)
	})
	t.Run("the person chooses a password, the old one is dead, and the key is the same", func(t *testing.T) {
		g := given()
		p, err := h.UseHelp(ctx, row, g, "kort", yes)
		want(t, err, mail.Invalid)
		if !p.ID.IsZero() {
			t.Error("a person beside an error")
		}
		before, _ := h.wraps(row.ID)
		_, err = h.UseHelp(ctx, row, g, "hjälpt till en ny fras", yes)
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

func TestHelpAsked(t *testing.T) {
	h := newHouseOf(t)
	h.in("karin")
	maria := h.in("maria")
	told := func() (n int) {
		for _, k := range h.kinds("karin@kommun.example") {
			if k == mail.NoticeHelpWanted {
				n++
			}
		}
		return n
	}
	t.Run("the person and who may help are told, and the journal does not say that it was the person", func(t *testing.T) {
		fine(t, h.HelpAsked(ctx, maria.Person, false, access.Agent{Browser: "Firefox"}))
		if told() != 1 || !slices.Contains(h.kinds("maria@kommun.example"), mail.NoticeHelpAsked) {
			t.Error(h.kinds("karin@kommun.example"), h.kinds("maria@kommun.example"))
		}
		h.view(func(tx *vault.ReadTx) error {
			rows, err := tx.JournalSince(0, 1000)
			for _, e := range rows {
				if e.Kind == journal.HelpAsked && (e.Actor != mail.ActorNobody || e.Holder != h.id("maria")) {
					t.Errorf("%+v", e)
				}
			}
			return err
		})
	})
	t.Run("however many are asked about, an organiser gets one mail an hour", func(t *testing.T) {
		for range 5 {
			fine(t, h.HelpAsked(ctx, maria.Person, false, access.Agent{}))
		}
		if told() != 1 {
			t.Errorf("%d mails", told())
		}
		h.clock.goes(time.Hour + time.Minute)
		fine(t, h.HelpAsked(ctx, maria.Person, false, access.Agent{}))
		if told() != 2 {
			t.Errorf("%d mails after an hour", told())
		}
	})
	t.Run("whose key opens is told before others, however many there are", func(t *testing.T) {
		for _, name := range []string{"anna", "bea", "cia", "dora", "eva", "fia", "gun", "hilda", "iris", "jenny", "kajsa"} {
			id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer(name))
			fine(t, err)
			h.actor[name] = mail.Actor{Kind: mail.ActorPerson, ID: id}
			h.comes(newcomer(name).Profile.Address)
			fine(t, h.Appoint(ctx, system, id, h.unit["Social"]))
		}
		h.clock.goes(2 * time.Hour)
		before := told()
		fine(t, h.HelpAsked(ctx, maria.Person, true, access.Agent{}))
		if told() != before+1 {
			t.Error("Karin, the only one whose key opens Maria's, was not told")
		}
		if can, err := h.CanBeHelped(ctx, h.id("maria")); can != office.HelpNow || err != nil {
			t.Error(can, err)
		}
	})
}

func TestTheLastOrganiser(t *testing.T) {
	h := newHouseOf(t)
	fine(t, h.Appoint(ctx, system, h.id("olle"), mail.RootUnit))
	pair := h.current("")
	fine(t, h.Dismiss(ctx, system, h.id("olle"), mail.RootUnit))
	t.Run("nothing is locked to a pair that nobody opens any more", func(t *testing.T) {
		id, err := h.AddPerson(ctx, system, mail.RootUnit, newcomer("ny"))
		fine(t, err)
		wraps, keys := h.wraps(id)
		if wraps[mail.SeedHelper].Helper == pair.ID {
			t.Error("locked to the pair of who was dismissed")
		}
		if _, err := keyring.OpenSeedBy(keyring.SeedByHelper, h.helper, id, keys[mail.SeedHelper], wraps[mail.SeedHelper].Box); err != nil {
			t.Error("the kit's pair does not open it")
		}
	})
	t.Run("only who looks after the department above takes the rule of two away", func(t *testing.T) {
		u := h.theUnit("Social")
		u.TwoHelp = true
		fine(t, h.ChangeUnit(ctx, h.actor["karin"], u))
		u.TwoHelp = false
		want(t, h.ChangeUnit(ctx, h.actor["karin"], u), mail.Invalid)
		fine(t, h.ChangeUnit(ctx, h.actor["it"], u))
	})
}
