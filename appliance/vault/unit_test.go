package vault_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// somebody puts a person into the store.
func somebody(t *testing.T, db *vault.DB) mail.ID {
	t.Helper()
	p := mail.Person{ID: mail.NewID(), Lookup: [32]byte(random(32)), Public: random(40), Columns: random(80), At: newClock().Now().Truncate(time.Millisecond)}
	update(t, db, func(tx *vault.Tx) error { return tx.PutPerson(p) })
	return p.ID
}

func TestUnits(t *testing.T) {
	db := open(t, t.TempDir())
	now := newClock().Now().Truncate(time.Millisecond).UTC()
	root := mail.Unit{ID: mail.RootUnit, Kind: mail.Department, PaysSMS: true}
	group := mail.Unit{ID: mail.NewID(), Parent: mail.RootUnit, Kind: mail.Group, Columns: random(60), Starts: now, Ends: now.Add(time.Hour), PaysSMS: true, At: now, TwoHelp: true}
	units := func() (by map[mail.ID]mail.Unit) {
		by = map[mail.ID]mail.Unit{}
		view(t, db, func(tx *vault.ReadTx) error {
			list, err := tx.Units()
			for _, u := range list {
				by[u.ID] = u
			}
			return err
		})
		return by
	}
	t.Run("the root is there from the start, once", func(t *testing.T) {
		same(t, "units", units(), map[mail.ID]mail.Unit{root.ID: root})
	})
	t.Run("a unit comes back as it was put, and as it was saved", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error { return tx.PutUnit(group) })
		same(t, "unit", units()[group.ID], group)
		dep := mail.Unit{ID: mail.NewID(), Parent: mail.RootUnit, Kind: mail.Department, Columns: random(60), At: now}
		update(t, db, func(tx *vault.Tx) error { return tx.PutUnit(dep) })
		group.Parent, group.Columns, group.Starts, group.Ends, group.PaysSMS = dep.ID, random(70), time.Time{}, time.Time{}, false
		group.TwoHelp = false
		root.TwoHelp = true
		root.Columns = random(30)
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.SaveUnit(root); err != nil {
				return err
			}
			return tx.SaveUnit(group)
		})
		same(t, "unit", units()[group.ID], group)
		same(t, "root", units()[root.ID], root)
	})
	t.Run("one that is not there, or hangs on nothing, is refused", func(t *testing.T) {
		want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.SaveUnit(mail.Unit{ID: mail.NewID(), Parent: root.ID}) }), mail.Absent)
		want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteUnit(mail.NewID()) }), mail.Absent)
		for _, u := range []mail.Unit{{ID: mail.NewID(), Parent: mail.NewID(), Kind: mail.Department}, {ID: mail.NewID(), Parent: root.ID, Kind: 9}} {
			if err := db.Update(ctx, func(tx *vault.Tx) error { return tx.PutUnit(u) }); err == nil {
				t.Errorf("put: %+v", u)
			}
		}
		if err := db.Update(ctx, func(tx *vault.Tx) error { r := root; r.Parent = mail.ID{}; r.ID = group.ID; return tx.SaveUnit(r) }); err != nil && len(units()) != 3 {
			t.Error("two roots")
		}
	})
	t.Run("one in use does not go", func(t *testing.T) {
		p := somebody(t, db)
		update(t, db, func(tx *vault.Tx) error {
			return tx.PutMembership(mail.Membership{Person: p, Unit: group.ID, Since: now})
		})
		if err := db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteUnit(group.ID) }); err == nil {
			t.Error("gone")
		}
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteMembership(p, group.ID) })
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.PutOrganising(mail.Organising{Person: p, Unit: group.ID, Since: now}); err != nil {
				return err
			}
			return tx.DeleteUnit(group.ID)
		})
		if _, ok := units()[group.ID]; ok {
			t.Error("still there")
		}
	})
}

func TestMemberships(t *testing.T) {
	db := open(t, t.TempDir())
	now := newClock().Now().Truncate(time.Millisecond).UTC()
	p, q := somebody(t, db), somebody(t, db)
	var u [3]mail.ID
	for i := range u {
		u[i] = mail.NewID()
		update(t, db, func(tx *vault.Tx) error {
			return tx.PutUnit(mail.Unit{ID: u[i], Parent: mail.RootUnit, Kind: mail.Department, At: now})
		})
	}
	put := func(who, unit mail.ID, home bool) {
		update(t, db, func(tx *vault.Tx) error {
			return tx.PutMembership(mail.Membership{Person: who, Unit: unit, Home: home, Since: now})
		})
	}
	holds := func(name string, all ...mail.Membership) {
		t.Helper()
		view(t, db, func(tx *vault.ReadTx) error {
			list, err := tx.Memberships()
			by, want := map[mail.Membership]bool{}, map[mail.Membership]bool{}
			for _, m := range list {
				by[m] = true
			}
			for _, m := range all {
				want[m] = true
			}
			same(t, name, by, want)
			return err
		})
	}
	m := func(who, unit mail.ID, home bool) mail.Membership {
		return mail.Membership{Person: who, Unit: unit, Home: home, Since: now}
	}
	put(p, u[0], true)
	put(p, u[1], false)
	put(q, u[0], false)
	holds("put", m(p, u[0], true), m(p, u[1], false), m(q, u[0], false))
	put(p, u[1], true)
	holds("a member comes home, and the old home is left", m(p, u[1], true), m(q, u[0], false))
	put(p, u[1], false)
	holds("a home does not become a membership by the way", m(p, u[1], true), m(q, u[0], false))
	want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteMembership(p, u[2]) }), mail.Absent)
	want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteOrganising(p, u[2]) }), mail.Absent)

	right := mail.Organising{Person: p, Unit: u[2], Since: now}
	rights := func() (list []mail.Organising) {
		view(t, db, func(tx *vault.ReadTx) (err error) { list, err = tx.Organisings(); return err })
		return list
	}
	for range 2 {
		update(t, db, func(tx *vault.Tx) error { return tx.PutOrganising(right) })
	}
	same(t, "rights", rights(), []mail.Organising{right})
	r := somebody(t, db)
	update(t, db, func(tx *vault.Tx) error { return tx.MovePlaces(p, r) })
	holds("whoever takes a place has all of it", m(r, u[1], true), m(q, u[0], false))
	right.Person = r
	same(t, "rights", rights(), []mail.Organising{right})
	update(t, db, func(tx *vault.Tx) error { return tx.DeleteOrganising(r, u[2]) })
	same(t, "rights", rights(), []mail.Organising(nil))
}

// TestOrganisersOfBefore opens a store of the first migration, in which an organiser was
// one of the whole house.
func TestOrganisersOfBefore(t *testing.T) {
	dir := t.TempDir()
	raw := before(t, dir, 1)
	ids := map[mail.Roles]mail.ID{}
	for _, roles := range []mail.Roles{0, mail.RoleAdmin, mail.RoleOrganiser, mail.RoleAdmin | mail.RoleOrganiser} {
		id := mail.NewID()
		ids[roles] = id
		if _, err := raw.Exec(`INSERT INTO person (id, lookup, public, columns, active, roles, at) VALUES (?, ?, x'01', x'02', 1, ?, 5)`, id[:], random(32), int64(roles)); err != nil {
			t.Fatal(err)
		}
	}
	raw.Close()
	db := open(t, dir)
	view(t, db, func(tx *vault.ReadTx) error {
		list, err := tx.Organisings()
		for _, o := range list {
			if o.Unit != mail.RootUnit || o.Person != ids[mail.RoleOrganiser] && o.Person != ids[mail.RoleAdmin|mail.RoleOrganiser] {
				t.Errorf("%+v", o)
			}
		}
		people, err2 := tx.People()
		for _, p := range people {
			if p.Roles != 0 && p.Roles != mail.RoleAdmin {
				t.Errorf("%+v", p)
			}
		}
		if len(list) != 2 || len(people) != 4 || err2 != nil {
			t.Error(len(list), len(people), err2)
		}
		return err
	})
}
