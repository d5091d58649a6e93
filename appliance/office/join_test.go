package office_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

const clerk = mail.Address("karl@bolag.example")

// becomesOurs makes the clerk's domain one of the house's.
func (x *town) becomesOurs() {
	x.domains = append(x.domains, "bolag.example")
	x.Office = x.another()
}

// told is the last mail of a kind to an address.
func (x *town) told(a mail.Address, k mail.NoticeKind) (n mail.Notice, ok bool) {
	x.t.Helper()
	for _, m := range x.notices() {
		if m.To == a && m.Kind == k {
			n, ok = m, true
		}
	}
	return n, ok
}

func (x *town) isRecipient(a mail.Address) bool {
	x.t.Helper()
	found, err := x.Recipients(ctx, []mail.Address{a})
	fine(x.t, err)
	return len(found) == 1
}

func (x *town) inLists(a mail.Address) (known bool) {
	x.Tree(func(tree *org.Tree) { _, known = tree.PersonAt(a) })
	return known
}

func TestRegisteredAtWhatBecomesOurs(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(clerk)
	fine(t, err)
	stranger, err := x.registers(citizen)
	fine(t, err)
	x.becomesOurs()
	owner := x.owner(p, x.key(p, citizenWord))
	t.Run("a letter makes them no one of the house: they stay a recipient, in no list", func(t *testing.T) {
		_, ok, err := x.Resident(ctx, clerk, "")
		fine(t, err)
		if ok || !x.isRecipient(clerk) || x.inLists(clerk) || x.MayWrite(p.ID) {
			t.Error("one of the house without a word")
		}
	})
	t.Run("a mail asks whose address is the house's now, and nobody else, once a month", func(t *testing.T) {
		n, err := x.OfferJoining(ctx)
		fine(t, err)
		again, err := x.OfferJoining(ctx)
		fine(t, err)
		if _, asked := x.told(clerk, mail.NoticeJoin); n != 1 || again != 0 || !asked {
			t.Errorf("%d, then %d", n, again)
		}
		if _, asked := x.told(citizen, mail.NoticeJoin); asked {
			t.Error("a citizen is asked")
		}
	})
	n, _ := x.told(clerk, mail.NoticeJoin)
	t.Run("an organiser who adds them is told to wait, and makes nobody", func(t *testing.T) {
		_, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: clerk}})
		want(t, err, mail.Invalid)
		if x.inLists(clerk) {
			t.Error("made")
		}
	})
	t.Run("a link that is none, another's, or of a letter, does nothing", func(t *testing.T) {
		for _, proof := range []string{"", "x", x.app.InboxProof(mail.ProofJoin, stranger.ID, x.clock.Now()), x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())} {
			want(t, x.Join(ctx, owner, proof), mail.Absent)
		}
		theirs := x.app.InboxProof(mail.ProofJoin, stranger.ID, x.clock.Now())
		want(t, x.Join(ctx, x.owner(stranger, nil), theirs), mail.Absent) // no address of the house
	})
	t.Run("who was signed in with a password of before, does not come in by it", func(t *testing.T) {
		late := owner
		late.Lock = mail.Box("another")
		want(t, x.Join(ctx, late, n.Proof), mail.Denied)
	})
	t.Run("signed in and with the link they are of the house, with the same key, and are told", func(t *testing.T) {
		fine(t, x.Join(ctx, owner, n.Proof))
		r, ok, err := x.Resident(ctx, clerk, "")
		fine(t, err)
		if !ok || r.ID != p.ID || !slices.Equal(r.Public, p.Public) || x.isRecipient(clerk) || !x.inLists(clerk) || !x.MayWrite(p.ID) {
			t.Errorf("%v %+v", ok, r)
		}
		if _, told := x.told(clerk, mail.NoticeAdopted); !told {
			t.Error("nobody told them")
		}
		if len(x.out) != 1 || x.out[0] != p.ID {
			t.Error("what they have open shows a recipient's pages")
		}
		want(t, x.Join(ctx, x.owner(x.personRow(p.ID), nil), n.Proof), mail.Absent)
	})
	t.Run("the phone stays the second factor until there is an app: the password alone is less", func(t *testing.T) {
		f, err := x.Factor(ctx, p.ID)
		fine(t, err)
		has, err := x.HasFactor(ctx, p.ID)
		fine(t, err)
		if !f.On() || !f.Phoned || f.Phone != citizenPhone || !has { // an organiser may take a lost phone away
			t.Errorf("%+v, has %v", f, has)
		}
		fine(t, x.sets(x.personRow(p.ID), access.NewTOTPKey(), 1, citizenPhone))
		if f, _ = x.Factor(ctx, p.ID); f.Phoned || f.Key.IsZero() {
			t.Errorf("%+v", f)
		}
	})
}

func TestWhoIsAskedAfterTheOfferHasRunOut(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(clerk)
	fine(t, err)
	x.becomesOurs()
	_, err = x.OfferJoining(ctx)
	fine(t, err)
	n, _ := x.told(clerk, mail.NoticeJoin)
	x.clock.goes(31 * 24 * time.Hour)
	t.Run("an old link does nothing", func(t *testing.T) {
		want(t, x.Join(ctx, x.owner(p, nil), n.Proof), mail.Absent)
	})
	t.Run("they are asked again", func(t *testing.T) {
		if again, err := x.OfferJoining(ctx); err != nil || again != 1 {
			t.Errorf("%d %v", again, err)
		}
	})
}

func TestTheSignOnNamesARecipient(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(clerk)
	fine(t, err)
	x.becomesOurs()
	karl := office.Identity{Issuer: "https://idp.example", Subject: "17", Address: clerk, Name: "Karl Ek"}
	t.Run("they are told that there is an account, and nobody is made one of the house or bound", func(t *testing.T) {
		q, err := x.SignedOn(ctx, karl)
		want(t, err, mail.Invalid)
		_, told := x.told(clerk, mail.NoticeAdopted)
		bound, err := x.IsBound(ctx, p.ID)
		fine(t, err)
		if !q.ID.IsZero() || told || bound || x.inLists(clerk) || !x.isRecipient(clerk) {
			t.Errorf("%v, told %v, bound %v", q.ID, told, bound)
		}
	})
	t.Run("nor by choosing a password, and what they have open stays so", func(t *testing.T) {
		_, err := x.Arrive(ctx, karl, "sv", forgot)
		want(t, err, mail.Invalid)
		if x.inLists(clerk) || len(x.out) != 0 {
			t.Error("made")
		}
	})
	t.Run("of a suspended account they are told the same", func(t *testing.T) {
		boss := x.actorOf("chef@kommun.example", mail.RoleAdmin)
		fine(t, x.SuspendRecipient(ctx, boss, clerk, mail.ForStranger))
		_, err := x.SignedOn(ctx, karl)
		want(t, err, mail.Invalid)
		fine(t, x.ResumeRecipient(ctx, boss, p.ID))
	})
	t.Run("once the account's owner has taken it along the sign-on means them", func(t *testing.T) {
		_, err := x.OfferJoining(ctx)
		fine(t, err)
		n, _ := x.told(clerk, mail.NoticeJoin)
		fine(t, x.Join(ctx, x.owner(p, x.key(p, citizenWord)), n.Proof))
		q, err := x.SignedOn(ctx, karl)
		fine(t, err)
		if bound, _ := x.IsBound(ctx, p.ID); q.ID != p.ID || !bound {
			t.Errorf("%v, bound %v", q.ID == p.ID, bound)
		}
	})
}

// An address is given to somebody else in time: who made the account years ago need not be
// whom the sign-on names today (OpenID Connect Core 1.0, 5.7).
func TestTheSignOnMakesNobodyOfTheHouseOfWhoHadTheAddressBefore(t *testing.T) {
	for name, lost := range map[string]bool{"nothing has shown the inbox for 500 days": false, "and a mail to it came back": true} {
		t.Run(name, func(t *testing.T) {
			x := newTown(t)
			before, err := x.registers(clerk)
			fine(t, err)
			x.clock.goes(500 * days)
			if lost {
				x.update(func(tx *vault.Tx) error { return tx.LoseInbox(before.ID, tx.Now()) })
			}
			x.becomesOurs()
			_, _ = x.SignedOn(ctx, office.Identity{Issuer: "https://idp.example", Subject: "17", Address: clerk, Name: "Karin Ny"})
			if x.personRow(before.ID).Kind == mail.HousePerson || x.MayWrite(before.ID) {
				t.Error("who had the address before is one of the house, with a password and a phone of their own")
			}
			if _, ok, _ := x.Resident(ctx, clerk, ""); ok && x.person(clerk).ID == before.ID {
				t.Error("and letters to the new employee are sealed to their key")
			}
		})
	}
}

func TestTheSignOnAfterTheAccountWasClosed(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(clerk)
	fine(t, err)
	x.becomesOurs()
	boss := x.actorOf("chef@kommun.example", mail.RoleAdmin)
	fine(t, x.SuspendRecipient(ctx, boss, clerk, mail.ForStranger))
	x.clock.goes(14 * days)
	fine(t, x.CloseRecipient(ctx, boss, p.ID, string(clerk)))
	_, err = x.CloseDueAccount(ctx, p.ID)
	fine(t, err)
	who := office.Identity{Issuer: "https://idp.example", Subject: "17", Address: clerk, Name: "Karin Ny"}
	_, err = x.SignedOn(ctx, who)
	want(t, err, mail.Absent)
	q, err := x.Arrive(ctx, who, "sv", forgot)
	fine(t, err)
	if q.ID == p.ID || !x.inLists(clerk) {
		t.Error("not somebody new")
	}
}

func TestWhoIsNotAskedToJoin(t *testing.T) {
	asked := func(t *testing.T, x *town) int {
		t.Helper()
		n, err := x.OfferJoining(ctx)
		fine(t, err)
		return n
	}
	t.Run("nobody who has not shown the inbox for too long, until they do", func(t *testing.T) {
		x := newTown(t)
		p, err := x.registers(clerk)
		fine(t, err)
		x.becomesOurs()
		x.clock.goes(400 * days)
		if n := asked(t, x); n != 0 {
			t.Errorf("%d asked", n)
		}
		fine(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())))
		if n := asked(t, x); n != 1 {
			t.Errorf("%d asked", n)
		}
	})
	t.Run("nobody for a fourth time", func(t *testing.T) {
		x := newTown(t)
		_, err := x.registers(clerk)
		fine(t, err)
		x.becomesOurs()
		n := 0
		for range 6 {
			n += asked(t, x)
			x.clock.goes(31 * days)
		}
		if n != 3 {
			t.Errorf("%d mails", n)
		}
	})
}

// between is a store in which something happens just before the next act.
type between struct {
	office.Store
	happens func()
}

func (b *between) Update(ctx context.Context, do func(office.Tx) error) error {
	if f := b.happens; f != nil {
		b.happens = nil
		f()
	}
	return b.Store.Update(ctx, do)
}

func TestAnAccountThatIsClosedMeanwhile(t *testing.T) {
	// closes is an office in which an account is closed just before what it does next.
	closes := func(x *town, id mail.ID, first func()) *office.Office {
		c := x.Office.Config
		c.Store = &between{Store: x.store, happens: func() {
			first()
			_, err := x.CloseDueAccount(ctx, id)
			fine(x.t, err)
		}}
		o := office.New(c)
		fine(x.t, o.Load(ctx))
		return o
	}
	x := newTown(t)
	p, err := x.registers(clerk)
	fine(t, err)
	x.becomesOurs()
	_, err = x.OfferJoining(ctx)
	fine(t, err)
	n, _ := x.told(clerk, mail.NoticeJoin)
	boss := x.actorOf("chef@kommun.example", mail.RoleAdmin)
	owner := x.owner(p, x.key(p, citizenWord))
	t.Run("is nobody's to take along", func(t *testing.T) {
		o := closes(x, p.ID, func() {
			fine(t, x.SuspendRecipient(ctx, boss, clerk, mail.ForAsked))
			x.clock.goes(14 * days)
			fine(t, x.CloseRecipient(ctx, boss, p.ID, string(clerk)))
		})
		want(t, o.Join(ctx, owner, n.Proof), mail.Absent)
		if row := x.personRow(p.ID); !row.IsNobody() || x.inLists(clerk) {
			t.Errorf("%+v", row)
		}
	})
}

func TestACodeThatWentInClearOpensNobodyOfTheHouse(t *testing.T) {
	x := newTown(t)
	fine(t, x.InviteRecipient(ctx, mail.SystemActor("test"), office.NewRecipient{Address: clerk, Lang: "sv", Phone: citizenPhone}))
	n := x.invited(clerk)
	x.becomesOurs()
	r, ok, err := x.Resident(ctx, clerk, "") // a letter to them
	fine(t, err)
	t.Run("who was only invited as a recipient is made one of the house as anybody", func(t *testing.T) {
		again, told := x.told(clerk, mail.NoticeInvitation)
		if !ok || !told || !again.MustTLS || x.personRow(r.ID).Kind != mail.HousePerson {
			t.Errorf("%v %v %+v", ok, told, again)
		}
	})
	t.Run("the code of before opens nothing, with the phone or without", func(t *testing.T) {
		code, err := mail.ParseLinkCode(n.Code)
		fine(t, err)
		secret := x.app.Code(code.Secret())
		x.view(func(tx *vault.ReadTx) error {
			_, err := tx.CodeByLocator(secret.Locator)
			want(t, err, mail.Absent)
			return nil
		})
		if len(x.kinds(clerk)) != 1 {
			t.Errorf("the mail with it still waits: %v", x.kinds(clerk))
		}
	})
	t.Run("nor is one of the house's to be bound", func(t *testing.T) {
		q := x.withPassword(ulla, forgot)
		c := x.Office.Config
		c.Store = &between{Store: x.store, happens: func() {
			x.update(func(tx *vault.Tx) error {
				row := x.personRow(q.ID)
				row.Public = nil
				return tx.SavePerson(row)
			})
		}}
		o := office.New(c)
		fine(t, o.Load(ctx))
		_, err := o.SignedOn(ctx, at("u", ulla))
		want(t, err, mail.Absent)
		if bound, err := x.IsBound(ctx, q.ID); bound || err != nil {
			t.Errorf("bound %v, %v", bound, err)
		}
	})
}
