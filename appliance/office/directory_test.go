package office_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

// staff is a directory that says what the test has written into it.
type staff struct {
	*houseOf
	entries map[string]mail.DirectoryEntry // by name
	fails   error                          // after half of them
}

func newStaff(t *testing.T, names ...string) *staff {
	s := &staff{newHouseOf(t), map[string]mail.DirectoryEntry{}, nil}
	s.Directory = office.DirectoryRules{Read: s.read, Unit: []string{"Social"}, SuspendGone: true, Brake: 5}
	for _, n := range names {
		s.has(n, "Barn")
	}
	return s
}

// has writes somebody into the directory.
func (s *staff) has(name string, units ...string) {
	p := newcomer(name).Profile
	s.entries[name] = mail.DirectoryEntry{ID: "id of " + name, Address: string(p.Address), Name: p.Name, Units: units, CostCentre: "5200"}
}

func (s *staff) change(name string, with func(*mail.DirectoryEntry)) {
	e := s.entries[name]
	with(&e)
	s.entries[name] = e
}

func (s *staff) read(_ context.Context, each func(mail.DirectoryEntry) error) error {
	names := make([]string, 0, len(s.entries))
	for n := range s.entries {
		names = append(names, n)
	}
	slices.Sort(names)
	for i, n := range names {
		if s.fails != nil && i >= len(names)/2 {
			return s.fails
		}
		if err := each(s.entries[n]); err != nil {
			return err
		}
	}
	return s.fails
}

// syncs is an administrator's own reading.
func (s *staff) syncs() office.DirectoryRun { s.t.Helper(); return s.syncsBy("it", "") }

// nightly is the one that goes by itself.
func (s *staff) nightly() office.DirectoryRun {
	s.t.Helper()
	run, err := s.SyncDirectory(ctx, mail.SystemActor("directory"), "", &office.Progress{})
	fine(s.t, err)
	return run
}

func (s *staff) syncsBy(who, allow string) office.DirectoryRun {
	s.t.Helper()
	run, err := s.SyncDirectory(ctx, s.actor[who], allow, &office.Progress{})
	fine(s.t, err)
	return run
}

// at is who has the address of a name.
func (s *staff) at(name string) (p org.Person, unit string) {
	s.t.Helper()
	s.Tree(func(t *org.Tree) {
		var ok bool
		if p, ok = t.PersonAt(newcomer(name).Profile.Address); !ok {
			s.t.Fatalf("%s is not there", name)
		}
		u, _ := t.Unit(t.Home(p.ID))
		unit = u.Name
	})
	return p, unit
}

func says(r org.Report) (list []string) {
	for _, p := range r.Problems {
		list = append(list, p.Say)
	}
	slices.Sort(list)
	return list
}

func TestDirectory(t *testing.T) {
	t.Run("who is in it is made and invited, in the department that it says; who was there is known again", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.has("maria", "Norr") // made by hand before
		run := s.syncs()
		if run.New != 2 || run.Units != 1 || run.Moved != 1 || run.Failed != "" || len(run.Problems.Problems) != 0 {
			t.Errorf("%+v", run)
		}
		if p, unit := s.at("anna"); unit != "Barn" || p.Name != "Anna" {
			t.Errorf("%+v %s", p, unit)
		}
		if _, unit := s.at("maria"); unit != "Norr" {
			t.Error(unit)
		}
		s.invitation("bo@kommun.example")
		s.Tree(func(tr *org.Tree) {
			if u, ok := tr.Names().Unit(mail.RootUnit, []string{"social", "norr"}); !ok || u.CostCentre != "5200" {
				t.Errorf("%+v", u)
			}
		})
	})
	t.Run("read again, nothing is done and nobody is invited twice", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		before, mails := picture(s.Office), len(s.notices())
		if run := s.syncs(); run.Changes() != 0 || run.Same != 2 || run.Entries != 2 {
			t.Errorf("%+v", run)
		}
		if picture(s.Office) != before || len(s.notices()) != mails {
			t.Error("something changed")
		}
	})
	t.Run("another department, name or cost centre there is one here; what was done by hand since stays", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		anna, _ := s.at("anna")
		bo, _ := s.at("bo")
		fine(t, s.Place(ctx, system, bo.ID, s.unit["Bygg"], true))
		fine(t, s.SetName(ctx, system, bo.ID, "Bosse"))
		s.change("anna", func(e *mail.DirectoryEntry) { e.Name, e.Units = "Anna Ek", []string{"Söder"} })
		s.change("bo", func(e *mail.DirectoryEntry) { e.CostCentre = "5300" })
		run := s.syncs()
		if run.Moved != 1 || run.Renamed != 1 || run.Costs != 1 {
			t.Errorf("%+v", run)
		}
		if p, unit := s.at("anna"); unit != "Söder" || p.Name != "Anna Ek" || p.ID != anna.ID {
			t.Errorf("%+v %s", p, unit)
		}
		if p, unit := s.at("bo"); unit != "Bygg" || p.Name != "Bosse" {
			t.Errorf("%+v %s", p, unit)
		}
		s.Tree(func(tr *org.Tree) {
			if u, _ := tr.Unit(s.unit["Barn"]); u.CostCentre != "5300" {
				t.Error(u.CostCentre)
			}
		})
	})
	t.Run("a cost centre on which its people do not agree is left alone", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.change("bo", func(e *mail.DirectoryEntry) { e.CostCentre = "5300" })
		if run := s.syncs(); run.Costs != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("a cost centre that was set by hand stays until the directory says something new", func(t *testing.T) {
		s := newStaff(t)
		s.has("anna", "Ny avdelning")
		s.syncs()
		unit := func() (u org.Unit) {
			s.Tree(func(t *org.Tree) { u, _ = t.Names().Unit(mail.RootUnit, []string{"Social", "Ny avdelning"}) })
			return u
		}
		u := unit()
		u.CostCentre = "9900"
		fine(t, s.ChangeUnit(ctx, system, u))
		for range 2 {
			if run := s.syncs(); run.Costs != 0 || unit().CostCentre != "9900" {
				t.Errorf("%+v", run)
			}
		}
		s.fails = errors.New("anything")
		s.SyncDirectory(ctx, s.actor["it"], "", &office.Progress{})
		s.fails = nil
		if run := s.syncs(); run.Costs != 0 {
			t.Errorf("%+v", run)
		}
		s.change("anna", func(e *mail.DirectoryEntry) { e.CostCentre = "5300" })
		if run := s.syncs(); run.Costs != 1 || unit().CostCentre != "5300" {
			t.Errorf("%+v", run)
		}
	})
	t.Run("one department in two spellings is one, and its people agree on nothing", func(t *testing.T) {
		s := newStaff(t, "anna")
		s.has("bo", "BARN")
		s.change("bo", func(e *mail.DirectoryEntry) { e.CostCentre = "7000" })
		s.syncs()
		if run := s.syncs(); run.Changes() != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("who is disabled or gone there is suspended here, and is let in again when back", func(t *testing.T) {
		s := newStaff(t, "anna", "bo", "cilla")
		s.syncs()
		s.change("anna", func(e *mail.DirectoryEntry) { e.Disabled = true })
		delete(s.entries, "bo")
		if run := s.syncs(); run.Suspended != 2 || run.Disabled != 1 || run.Braked != 0 {
			t.Errorf("%+v", run)
		}
		for name, out := range map[string]bool{"anna": true, "bo": true, "cilla": false, "nils": false} {
			if p, _ := s.at(name); p.Out() != out {
				t.Errorf("%s: %v", name, p.Out())
			}
		}
		if run := s.syncs(); run.Suspended != 0 || run.Resumed != 0 {
			t.Errorf("%+v", run)
		}
		s.change("anna", func(e *mail.DirectoryEntry) { e.Disabled = false })
		s.has("bo", "Söder")
		if run := s.syncs(); run.Resumed != 2 || run.Moved != 1 {
			t.Errorf("%+v", run)
		}
		for _, name := range []string{"anna", "bo"} {
			if p, _ := s.at(name); p.Out() {
				t.Errorf("%s is still out", name)
			}
		}
		delete(s.entries, "bo")
		if run := s.syncs(); run.Suspended != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("what somebody has decided by hand stands: suspended stays out, let in stays in", func(t *testing.T) {
		s := newStaff(t, "anna", "bo", "cilla")
		s.syncs()
		anna, _ := s.at("anna")
		bo, _ := s.at("bo")
		fine(t, s.Suspend(ctx, system, anna.ID, office.ByHand))
		delete(s.entries, "bo")
		s.syncs()
		fine(t, s.Resume(ctx, system, bo.ID, office.ByHand))
		if run := s.syncs(); run.Suspended != 0 || run.Resumed != 0 {
			t.Errorf("%+v", run)
		}
		if p, _ := s.at("anna"); !p.Out() {
			t.Error("let in")
		}
		s.has("bo", "Barn") // back, and gone once more
		s.syncs()
		delete(s.entries, "bo")
		if run := s.syncs(); run.Suspended != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("who did not come from the directory is never suspended by it", func(t *testing.T) {
		s := newStaff(t, "anna")
		s.syncs()
		for _, name := range []string{"nils", "olle"} {
			if p, _ := s.at(name); p.Out() {
				t.Error(name)
			}
		}
		s.has("olle")
		s.change("olle", func(e *mail.DirectoryEntry) { e.Disabled = true })
		if run := s.syncs(); run.Suspended != 0 || run.New != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("an administrator and the only organiser of a branch stay, and are told of", func(t *testing.T) {
		s := newStaff(t, "anna")
		s.has("it")
		s.has("karin")
		s.syncs()
		delete(s.entries, "it")
		delete(s.entries, "karin")
		run := s.syncs()
		if same(t, says(run.Problems), []string{"error.directory.admin", "error.directory.organiser"}); run.Kept != 2 {
			t.Errorf("%+v", run)
		}
		s.fails = errors.New("anything")
		s.SyncDirectory(ctx, s.actor["it"], "", &office.Progress{})
		if last, _, err := s.LastDirectory(ctx, s.actor["it"]); err != nil || last.Kept != 2 || last.Failed == "" {
			t.Errorf("%+v %v", last, err)
		}
		s.fails = nil
		for _, name := range []string{"it", "karin"} {
			if p, _ := s.at(name); p.Out() {
				t.Error(name)
			}
		}
		fine(t, s.Appoint(ctx, system, s.id("nils"), s.unit["Social"]))
		if run := s.syncs(); run.Suspended != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("of two organisers who leave at once one stays", func(t *testing.T) {
		s := newStaff(t, "anna", "karin", "nils")
		fine(t, s.Appoint(ctx, system, s.id("nils"), s.unit["Social"]))
		s.syncs()
		delete(s.entries, "karin")
		delete(s.entries, "nils")
		run := s.syncs()
		if same(t, says(run.Problems), []string{"error.directory.organiser"}); run.Suspended != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("another address of the same person is told and changes nothing; nor does their old one become somebody else's", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		before := picture(s.Office)
		s.change("anna", func(e *mail.DirectoryEntry) {
			e.Address, e.Name, e.Units = "anna.ek@kommun.example", "Anna Ek", []string{"Söder"}
		})
		s.entries["ny"] = mail.DirectoryEntry{ID: "ny", Address: "anna@kommun.example", Name: "Anna", Units: []string{"Söder"}}
		run := s.syncs()
		same(t, says(run.Problems), []string{"error.directory.address", "error.directory.taken"})
		if picture(s.Office) != before {
			t.Error("something changed")
		}
		delete(s.entries, "anna") // who has her address now is still not her
		s.change("ny", func(e *mail.DirectoryEntry) { e.Name = "Annika" })
		run = s.syncs()
		if same(t, says(run.Problems), []string{"error.directory.taken"}); run.Suspended != 1 || run.Resumed != 0 {
			t.Errorf("%+v", run)
		}
		if run = s.syncs(); run.Resumed != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("an account that was made anew for the same person is theirs", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		anna, _ := s.at("anna")
		s.change("anna", func(e *mail.DirectoryEntry) { e.ID = "another" })
		if run := s.syncs(); run.Suspended != 0 || run.New != 0 || len(run.Problems.Problems) != 0 {
			t.Errorf("%+v", run)
		}
		delete(s.entries, "anna")
		s.syncs()
		if p, _ := s.at("anna"); !p.Out() || p.ID != anna.ID {
			t.Errorf("%+v", p)
		}
		s.has("anna", "Barn") // once more, with the id of before
		if run := s.syncs(); run.Resumed != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("who was invited again since is still known", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		anna, _ := s.at("anna")
		s.leaves(anna.ID)
		fine(t, s.InviteAgain(ctx, system, anna.ID))
		if p, _ := s.at("anna"); p.ID == anna.ID {
			t.Fatal("the same row")
		}
		delete(s.entries, "anna")
		if run := s.syncs(); run.Suspended != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("what cannot be taken is told line by line, and the others are done", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		s.change("bo", func(e *mail.DirectoryEntry) { e.Name = "=cmd|x" })
		s.entries["x1"] = mail.DirectoryEntry{ID: "x1", Address: "x1@annan.example"}
		s.entries["x2"] = mail.DirectoryEntry{ID: "x2", Address: "trasig"}
		s.entries["x3"] = mail.DirectoryEntry{ID: "x3"}
		s.entries["x4"] = mail.DirectoryEntry{Address: "x4@kommun.example"}
		s.entries["x5"] = mail.DirectoryEntry{ID: "x5", Address: "ANNA@kommun.example"}
		s.entries["x6"] = mail.DirectoryEntry{ID: "x5", Address: "x6@kommun.example"}
		s.has("y", "Barn")
		run := s.syncs()
		same(t, says(run.Problems), []string{
			"error.directory.id", "error.directory.twice", "error.notours", "error.table.address", "error.table.address", "error.table.again", "error.table.formula",
		})
		if run.New != 1 || run.Suspended != 0 {
			t.Errorf("%+v", run)
		}
		if run := s.syncs(); run.New != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("a sponsored outsider at the address of an entry is not the directory's", func(t *testing.T) {
		s := newStaff(t, "anna")
		s.add("Ombud", "Social", mail.Group)
		n := newcomer("ombud")
		n.Profile.Address = "ombud@annan.example"
		id, err := s.AddPerson(ctx, system, s.unit["Ombud"], n)
		fine(t, err)
		s.entries["ombud"] = mail.DirectoryEntry{ID: "o", Address: "ombud@annan.example", Name: "Någon Annan"}
		run := s.syncs()
		if p, err := s.Profile(s.personRow(id)); err != nil || p.Name != "Ombud" || run.Renamed != 0 {
			t.Errorf("%+v %+v", p, run)
		}
		s.change("ombud", func(e *mail.DirectoryEntry) { e.Disabled = true })
		if run := s.syncs(); run.Suspended != 0 || !s.personRow(id).Suspended.IsZero() {
			t.Errorf("%+v", run)
		}
	})
	t.Run("half a directory, an empty one and one that cannot be reached change nothing, and it is kept why", func(t *testing.T) {
		s := newStaff(t, "anna", "bo", "cilla", "dan")
		s.syncs()
		before := picture(s.Office)
		fails := func(say string) {
			t.Helper()
			_, err := s.SyncDirectory(ctx, s.actor["it"], "", &office.Progress{})
			if err == nil {
				t.Fatal("no error")
			}
			run, ok, err := s.LastDirectory(ctx, s.actor["it"])
			if fine(t, err); !ok || run.Failed != say || picture(s.Office) != before {
				t.Errorf("%v %+v", ok, run)
			}
		}
		s.fails = mail.E(mail.Again, "error.directory.broke", nil)
		fails("error.directory.broke")
		s.fails = errors.New("anything")
		fails("error.directory.stopped")
		s.fails, s.entries = nil, nil
		fails("error.directory.empty")
	})
	t.Run("entries of which none has an id, or none an address, are not everybody gone", func(t *testing.T) {
		s := newStaff(t, "anna", "bo", "cilla", "dan")
		s.syncs()
		for _, lost := range []func(*mail.DirectoryEntry){
			func(e *mail.DirectoryEntry) { e.ID = "" }, func(e *mail.DirectoryEntry) { e.Address = "" },
		} {
			for _, n := range []string{"anna", "bo", "cilla", "dan"} {
				s.has(n, "Barn")
				s.change(n, lost)
			}
			before := picture(s.Office)
			if _, err := s.SyncDirectory(ctx, system, "", &office.Progress{}); mail.KindOf(err) != mail.Invalid || picture(s.Office) != before {
				t.Errorf("%v", err)
			}
		}
	})
	t.Run("who has left is out though something else fails", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		s.change("anna", func(e *mail.DirectoryEntry) { e.Disabled = true })
		s.has("cilla", "Helt ny")
		broken, cut := context.WithCancel(ctx)
		defer cut()
		s.store.after = func() {
			if p, _ := s.at("anna"); p.Out() {
				cut()
			}
		}
		if _, err := s.SyncDirectory(broken, system, "", &office.Progress{}); err == nil {
			t.Error("no error")
		}
		s.store.after = nil
		if p, _ := s.at("anna"); !p.Out() {
			t.Error("anna is in")
		}
		s.Tree(func(tr *org.Tree) {
			if _, ok := tr.PersonAt("cilla@kommun.example"); ok {
				t.Error("made before")
			}
		})
	})
	t.Run("who has become an administrator since the plan stays", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		anna, _ := s.at("anna")
		delete(s.entries, "anna")
		once := false
		s.store.after = func() { // the journal's entry is written behind the plan
			if !once {
				once = true
				fine(t, s.SetRoles(ctx, system, anna.ID, mail.RoleAdmin))
			}
		}
		run := s.syncs()
		s.store.after = nil
		if p, _ := s.at("anna"); p.Out() || run.Suspended != 0 || run.Kept != 1 {
			t.Errorf("%+v", run)
		}
		same(t, says(run.Problems), []string{"error.directory.admin"})
	})
	t.Run("a new account beside the disabled one of the same person is theirs", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		before := picture(s.Office)
		again := s.entries["anna"]
		again.ID = "new account"
		s.entries["anna2"] = again
		s.change("anna", func(e *mail.DirectoryEntry) { e.Disabled = true })
		for range 2 {
			if run := s.nightly(); run.Changes() != 0 || len(run.Problems.Problems) != 0 || picture(s.Office) != before {
				t.Errorf("%+v", run)
			}
		}
		s.change("anna2", func(e *mail.DirectoryEntry) { e.Disabled = true })
		if run := s.nightly(); run.Suspended != 1 {
			t.Errorf("%+v", run)
		}
	})
	for days, back := range map[time.Duration]bool{13: true, 15: false} {
		t.Run(fmt.Sprintf("a new account called the same %d days after somebody went out: theirs is %v, or it is a namesake", days, back), func(t *testing.T) {
			s := newStaff(t, "anna", "bo")
			s.syncs()
			delete(s.entries, "anna")
			s.syncs()
			s.clock.goes(days * 24 * time.Hour)
			s.has("anna", "Söder")
			s.change("anna", func(e *mail.DirectoryEntry) { e.ID = "another" })
			run := s.syncs()
			if p, _ := s.at("anna"); p.Out() == back || slices.Contains(says(run.Problems), "error.directory.taken") == back {
				t.Errorf("%+v", run)
			}
		})
	}
	t.Run("more than the brake lets through changes nothing until somebody says so", func(t *testing.T) {
		s := newStaff(t)
		for i := range 12 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		s.syncs()
		for i := range 6 {
			delete(s.entries, fmt.Sprintf("person%d", i))
		}
		s.has("ny", "Barn")
		before := picture(s.Office)
		for range 2 {
			if run := s.nightly(); run.Braked != 7 || picture(s.Office) != before {
				t.Errorf("%+v", run)
			}
		}
		yes := s.syncs().Allow
		delete(s.entries, "person6") // one more than was said yes to
		run := s.syncsBy("it", yes)
		if run.Braked != 8 || picture(s.Office) != before {
			t.Errorf("%+v", run)
		}
		if last, _, err := s.LastDirectory(ctx, s.actor["it"]); err != nil || len(last.Held.Suspended) != 7 || len(last.Held.New) != 1 || last.Held.New[0].Address != "ny@kommun.example" || last.Held.More != 0 {
			t.Errorf("%+v %v", last.Held, err)
		}
		if run := s.syncsBy("it", run.Allow); run.Braked != 0 || run.Suspended != 7 || run.New != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("a yes is for those people and no others, and for what was to be done to them", func(t *testing.T) {
		s := newStaff(t)
		for i := range 20 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		s.syncs()
		before := picture(s.Office)
		for i := range 6 {
			delete(s.entries, fmt.Sprintf("person%d", i))
		}
		first := s.syncs()
		for i := range 6 { // they are back, and six others are not there
			s.has(fmt.Sprintf("person%d", i), "Barn")
			delete(s.entries, fmt.Sprintf("person%d", 10+i))
		}
		if run := s.syncsBy("it", first.Allow); run.Braked != 6 || picture(s.Office) != before {
			t.Errorf("%+v", run)
		}
		for i := range 6 {
			s.has(fmt.Sprintf("person%d", i), "Söder")
			s.has(fmt.Sprintf("person%d", 10+i), "Barn")
		}
		second := s.syncs()
		if second.Braked != 6 || second.Allow == first.Allow || second.Held.Moved[0].To != "Social / Söder" {
			t.Errorf("%+v", second)
		}
		s.has("person0", "Norr")
		if run := s.syncsBy("it", second.Allow); run.Braked != 6 || picture(s.Office) != before {
			t.Errorf("%+v", run)
		}
	})
	t.Run("of very many the first are named, and how many more there are", func(t *testing.T) {
		s := newStaff(t, "anna")
		s.syncs()
		for i := range 250 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		if run := s.syncs(); run.Braked != 250 || len(run.Held.New) != 200 || run.Held.More != 50 {
			t.Errorf("%d %d %d", run.Braked, len(run.Held.New), run.Held.More)
		}
	})
	t.Run("by itself nothing is read until an administrator's own reading has gone well; then many new people wait", func(t *testing.T) {
		s := newStaff(t)
		for i := range 20 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		before := picture(s.Office)
		s.nightly()
		s.fails = errors.New("anything")
		if _, err := s.SyncDirectory(ctx, s.actor["it"], "", &office.Progress{}); err == nil {
			t.Error("no error")
		}
		s.fails = nil
		if s.nightly(); picture(s.Office) != before {
			t.Error("something changed")
		}
		if run := s.syncs(); run.New != 20 || !run.Begun {
			t.Errorf("%+v", run)
		}
		s.has("ny", "Barn")
		if run := s.nightly(); run.New != 1 || run.Braked != 0 {
			t.Errorf("%+v", run)
		}
		for i := range 30 {
			s.has(fmt.Sprintf("another%d", i), "Barn")
		}
		if run := s.nightly(); run.Braked != 30 || !run.Begun {
			t.Errorf("%+v", run)
		}
	})
	t.Run("many who would move wait, too, and who has no department any more stays and is told of", func(t *testing.T) {
		s := newStaff(t)
		for i := range 40 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		s.syncs()
		before := picture(s.Office)
		for i := range 40 {
			s.has(fmt.Sprintf("person%d", i), "Söder")
		}
		if run := s.nightly(); run.Braked != 40 || picture(s.Office) != before {
			t.Errorf("%+v", run)
		}
		for i := range 40 { // "department" may not be read any more
			s.has(fmt.Sprintf("person%d", i))
		}
		for range 2 {
			if run := s.nightly(); run.Moved != 0 || run.Braked != 0 || picture(s.Office) != before || len(run.Problems.Problems)+run.Problems.More != 40 || run.Problems.Problems[0].Say != "error.directory.units" {
				t.Errorf("%+v", run)
			}
		}
		for i := range 40 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		if run := s.nightly(); run.Same != 40 || run.Changes() != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("a few may always leave", func(t *testing.T) {
		s := newStaff(t, "anna", "bo", "cilla", "dan", "eva", "fia")
		s.syncs()
		for _, n := range []string{"anna", "bo", "cilla", "dan", "eva"} {
			delete(s.entries, n)
		}
		if run := s.syncs(); run.Suspended != 5 || run.Braked != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("who is gone stays where that is wished, and who is disabled does not", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.Directory.SuspendGone = false
		s.syncs()
		delete(s.entries, "anna")
		s.change("bo", func(e *mail.DirectoryEntry) { e.Disabled = true })
		if run := s.syncs(); run.Suspended != 1 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("trying changes nothing, and says what would come", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		before := picture(s.Office)
		run, err := s.TryDirectory(ctx, s.actor["it"])
		if fine(t, err); run.New != 2 || picture(s.Office) != before {
			t.Errorf("%+v", run)
		}
		if _, ok, err := s.LastDirectory(ctx, s.actor["it"]); ok || err != nil {
			t.Error(ok, err)
		}
	})
	t.Run("nobody but an administrator asks for it, and without a directory there is none", func(t *testing.T) {
		s := newStaff(t, "anna")
		for range 2 {
			for _, name := range []string{"karin", "maria"} {
				_, err := s.TryDirectory(ctx, s.actor[name])
				want(t, err, mail.Absent)
				_, err = s.SyncDirectory(ctx, s.actor[name], "", &office.Progress{})
				want(t, err, mail.Absent)
				_, _, err = s.LastDirectory(ctx, s.actor[name])
				want(t, err, mail.Absent)
			}
			s.Directory.Read = nil
			s.actor["karin"] = s.actor["it"]
		}
	})
	t.Run("one that broke off in the middle goes on where it stood", func(t *testing.T) {
		s := newStaff(t)
		for i := range 100 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		broken, cut := context.WithCancel(ctx)
		var n atomic.Int32
		s.store.after = func() {
			if n.Add(1) == 30 {
				cut()
			}
		}
		_, err := s.SyncDirectory(broken, s.actor["it"], "", &office.Progress{})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		s.store.after = nil
		run := s.syncs()
		if run.New == 0 || run.New == 100 || run.New+run.Same != 100 {
			t.Errorf("%+v", run)
		}
		delete(s.entries, "person3")
		if run := s.syncs(); run.Suspended != 1 || run.New != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("it stands after the next start, sealed", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.entries["x"] = mail.DirectoryEntry{ID: "x", Address: "kungshamn@annan.example"}
		s.syncs()
		o := s.another()
		o.Directory = s.Directory
		run, err := o.TryDirectory(ctx, system)
		if fine(t, err); run.Changes() != 0 || run.Same != 2 {
			t.Errorf("%+v", run)
		}
		last, ok, err := o.LastDirectory(ctx, system)
		if fine(t, err); !ok || last.New != 2 || last.Problems.Problems[0].With != "kungshamn@annan.example" {
			t.Errorf("%+v", last)
		}
		s.view(func(tx *vault.ReadTx) error {
			row, err := tx.DirectoryRun()
			if strings.Contains(string(row.Box), "kungshamn") {
				t.Error("in clear")
			}
			return err
		})
	})
	t.Run("what was done is in the journal, without anybody's name", func(t *testing.T) {
		s := newStaff(t, "anna", "bo")
		s.syncs()
		delete(s.entries, "bo")
		s.syncs()
		for i := range 6 {
			s.has(fmt.Sprintf("person%d", i), "Barn")
		}
		s.syncs()
		var details []string
		s.view(func(tx *vault.ReadTx) error {
			rows, err := tx.JournalSince(0, 1000)
			for _, e := range rows {
				if e.Kind == "directory_read" || e.Kind == "directory_held" || e.Kind == "suspended" {
					details = append(details, e.Kind+" "+e.Detail)
				}
			}
			return err
		})
		same(t, details, []string{"directory_read 2 0 0 0", "directory_read 0 0 1 0", "suspended directory", "directory_held 6 0 0"})
	})
}
