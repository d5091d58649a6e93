package office

import (
	"context"
	"slices"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// helperReads is what the office reads of helper pairs.
type helperReads interface {
	Helpers() ([]mail.Helper, error)
	CurrentHelper(unit mail.ID) (mail.Helper, error)
	HelperWrap(helper, member mail.ID) (mail.HelperWrap, error)
	HelperMembers() (map[mail.ID][]mail.ID, error)
}

// helperWrites is what the office writes of them.
type helperWrites interface {
	PutHelper(mail.Helper) error
	RetireHelper(unit mail.ID) error
	PutHelperWrap(mail.HelperWrap) (old mail.Slot, err error)
	DeleteHelperWrap(helper, member mail.ID) (mail.Slot, error)
	MoveHelpers(from, to mail.ID) error
	DropUnusedHelpers(before time.Time) ([]mail.Slot, error)
}

// helperPair is a pair to which seeds are locked. Without an id it is the one that stands
// with the recovery kit.
type helperPair struct {
	id  mail.ID
	pub seal.PublicKey
}

// helperPair returns the current pair of a unit.
func (o *Office) helperPair(ctx context.Context, unit func(t *org.Tree) mail.ID) (h helperPair, err error) {
	var id mail.ID
	o.Tree(func(t *org.Tree) { id = unit(t) })
	err = o.Store.View(ctx, func(tx ReadTx) error {
		h, err = o.currentHelper(tx, id)
		return err
	})
	return h, err
}

func (o *Office) currentHelper(tx ReadTx, unit mail.ID) (helperPair, error) {
	row, err := tx.CurrentHelper(unit)
	if mail.KindOf(err) == mail.Absent {
		return helperPair{pub: o.Helper}, nil
	}
	if err != nil {
		return helperPair{}, err
	}
	pub, err := seal.ParsePublicKey(row.Public)
	return helperPair{row.ID, pub}, err
}

// Helpable says whether somebody can be helped to a new password.
type Helpable uint8

// The answers.
const (
	HelpNever Helpable = iota // nobody may help them: only the recovery kit does
	HelpLater                 // their key is locked for others: they must first sign in
	HelpNow
)

// CanBeHelped tells whether somebody's key is locked for one of those who may help them.
func (o *Office) CanBeHelped(ctx context.Context, person mail.ID) (can Helpable, err error) {
	helpers, _ := o.helpers(person)
	if len(helpers) == 0 {
		return HelpNever, nil
	}
	can = HelpLater
	err = o.Store.View(ctx, func(tx ReadTx) error {
		first, err := ableFirst(tx, person, helpers)
		if err != nil {
			return err
		}
		w, ok, err := wrapOf(tx, person, mail.SeedHelper)
		if err != nil || !ok || w.Helper.IsZero() {
			return err
		}
		if _, err := tx.HelperWrap(w.Helper, first[0].ID); err == nil {
			can = HelpNow
		} else if mail.KindOf(err) != mail.Absent {
			return err
		}
		return nil
	})
	return can, err
}

// helperRest is how long a pair stays to which nothing is locked: somebody may just now
// be locking a seed to it.
const helperRest = time.Hour

// KeepHelpers sees to it that each unit over which somebody has a right has a helper pair
// that exactly those open who have one there or above. Whoever has none any more has no part in any of its pairs; whoever is new among them has one in the
// next, and gets those before from a colleague; see ShareHelpers.
func (o *Office) KeepHelpers(ctx context.Context) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	return o.keepHelpers(ctx)
}

// keepHelpers is KeepHelpers of who holds acts. It comes after each change of who
// organises what. That is refused by the tree at once; what this adds is that their keys
// follow.
func (o *Office) keepHelpers(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // the change stands, whoever waits
	k := &keepingHelpers{seedLocks: &seedLocks{o: o}}
	if err := k.look(ctx); err != nil {
		return err
	}
	if err := k.prepare(); err != nil {
		k.undo()
		return err
	}
	var dead []mail.Slot
	err := o.Store.Update(ctx, func(tx Tx) (err error) {
		dead, err = k.write(tx)
		return err
	})
	if err != nil {
		k.undo()
		return err
	}
	return o.erase(ctx, dead)
}

// followHelpers is keepHelpers after an act that stands: the tree refuses from then on
// whoever has lost a right, and what fails here is done within the hour.
func (o *Office) followHelpers(ctx context.Context) {
	if err := o.keepHelpers(ctx); err != nil {
		o.Log.Error("keep helper pairs", "part", "office", "err", err)
	}
}

// keepingHelpers is what is to change of the helper pairs.
type keepingHelpers struct {
	*seedLocks
	leave []mail.HelperWrap // locks of those who may not organise there any more
	end   []mail.ID         // units in which nobody organises any more: nothing is locked to their pairs
	next  []nextHelper
	pairs []mail.Helper
}

// nextHelper is a unit that needs another pair, for these organisers.
type nextHelper struct {
	unit       mail.ID
	organisers []mail.Person
}

// helperRows reads the helper pairs, and who has a part in which.
func (o *Office) helperRows(ctx context.Context) (rows []mail.Helper, members map[mail.ID][]mail.ID, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		if rows, err = tx.Helpers(); err != nil {
			return err
		}
		members, err = tx.HelperMembers()
		return err
	})
	return rows, members, err
}

// peopleOf reads the rows of some people, in their order.
func (o *Office) peopleOf(ctx context.Context, ids []mail.ID) (list []mail.Person, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = o.Store.View(ctx, func(tx ReadTx) error {
		for _, id := range ids {
			p, err := tx.Person(id)
			if err != nil {
				return err
			}
			list = append(list, p)
		}
		return nil
	})
	return list, err
}

// look finds out what does not fit. The organisation is asked between the looks into the
// store, and not in one: whoever tells it something waits for a reader meanwhile. It stays as
// it is, for acts is held.
func (k *keepingHelpers) look(ctx context.Context) error {
	rows, members, err := k.o.helperRows(ctx)
	if err != nil {
		return err
	}
	var units []mail.ID
	over := map[mail.ID][]mail.ID{} // who may organise a unit
	k.o.Tree(func(t *org.Tree) {
		units = t.HelperUnits()
		for _, u := range units {
			over[u] = t.HelpersOver(u)
		}
		for _, row := range rows {
			over[row.Unit] = t.HelpersOver(row.Unit)
		}
	})
	current := map[mail.ID]mail.ID{}
	for _, row := range rows {
		for _, m := range members[row.ID] {
			if !slices.Contains(over[row.Unit], m) {
				k.leave = append(k.leave, mail.HelperWrap{Helper: row.ID, Member: m})
			}
		}
		if !row.Old {
			current[row.Unit] = row.ID
			if !slices.Contains(units, row.Unit) {
				k.end = append(k.end, row.Unit)
			}
		}
	}
	for _, u := range units {
		if h, ok := current[u]; ok && same(members[h], over[u]) || len(over[u]) == 0 {
			continue
		}
		organisers, err := k.o.peopleOf(ctx, over[u])
		if err != nil {
			return err
		}
		k.next = append(k.next, nextHelper{u, organisers})
	}
	return nil
}

// prepare makes the new pairs: a hybrid seal for each organiser, a quarter of a
// millisecond.
func (k *keepingHelpers) prepare() (err error) {
	n := 0
	for _, x := range k.next {
		n += 1 + len(x.organisers)
	}
	if k.seedLocks, err = k.o.newLocks(n); err != nil {
		return err
	}
	for _, x := range k.next {
		seed := seal.NewSecret()
		h := mail.Helper{ID: mail.NewID(), Unit: x.unit, Public: seal.PrivateKeyOf(seed).Public().Bytes(), At: k.o.Clock.Now()}
		if err := k.lockForR(h.ID, seed); err != nil {
			return err
		}
		for _, p := range x.organisers {
			if err := k.lockFor(h.ID, p, seed); err != nil {
				return err
			}
		}
		k.pairs = append(k.pairs, h)
	}
	return nil
}

func (k *keepingHelpers) write(tx Tx) (dead []mail.Slot, err error) {
	for _, w := range k.leave {
		slot, err := tx.DeleteHelperWrap(w.Helper, w.Member)
		if err != nil {
			return nil, err
		}
		dead = append(dead, slot)
	}
	for _, u := range k.end {
		if err := tx.RetireHelper(u); err != nil {
			return nil, err
		}
	}
	for _, h := range k.pairs {
		if err := tx.PutHelper(h); err != nil {
			return nil, err
		}
	}
	if _, err := k.writeHelpers(tx); err != nil {
		return nil, err
	}
	unused, err := tx.DropUnusedHelpers(tx.Now().Add(-helperRest))
	return append(dead, unused...), err
}

// same reports whether two lists name the same, each of them once.
func same(a, b []mail.ID) bool {
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return len(a) == len(b)
}
