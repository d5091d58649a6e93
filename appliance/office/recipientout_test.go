package office_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

const days = 24 * time.Hour

// shown reports whether new letters to the citizen go to the account.
func (x *town) shown() (account, phone bool) {
	x.t.Helper()
	found, err := x.Recipients(ctx, []mail.Address{citizen})
	fine(x.t, err)
	return found[citizen.Key()].Shown, found[citizen.Key()].PhoneShown
}

func TestAnAccountOutlivesNoInboxAndNoPhone(t *testing.T) {
	registered := func(t *testing.T) (*town, mail.Person) {
		x := newTown(t)
		p, err := x.registers(citizen)
		fine(t, err)
		return x, p
	}
	is := func(t *testing.T, x *town, account, phone bool) {
		t.Helper()
		if a, p := x.shown(); a != account || p != phone {
			t.Errorf("account %v, phone %v", a, p)
		}
	}
	t.Run("after 400 days without a sign of either, letters are as to a guest", func(t *testing.T) {
		x, _ := registered(t)
		x.clock.goes(400*days - time.Second)
		is(t, x, true, true)
		x.clock.goes(time.Second)
		is(t, x, false, false)
	})
	t.Run("a PIN at the sign-in shows the phone, and not the inbox", func(t *testing.T) {
		x, p := registered(t)
		x.clock.goes(300 * days)
		fine(t, x.PhoneShown(ctx, p.ID))
		x.clock.goes(100 * days)
		is(t, x, false, true)
	})
	t.Run("the link of a mail shows the inbox as it was when the mail was made", func(t *testing.T) {
		x, p := registered(t)
		x.clock.goes(200 * days)
		proof := x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())
		x.clock.goes(80 * days)
		fine(t, x.PhoneShown(ctx, p.ID))
		fine(t, x.InboxShown(ctx, p.ID, proof))
		x.clock.goes(319 * days)
		is(t, x, true, true)
		x.clock.goes(days)
		is(t, x, false, true)
	})
	t.Run("an older link takes nothing back", func(t *testing.T) {
		x, p := registered(t)
		old := x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now().Add(-80*days))
		fine(t, x.InboxShown(ctx, p.ID, old))
		is(t, x, true, true)
	})
	t.Run("a link that is older than 90 days, another's or made up shows nothing", func(t *testing.T) {
		x, p := registered(t)
		old := x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())
		x.clock.goes(91 * days)
		for _, proof := range []string{old, x.app.InboxProof(mail.ProofLetter, mail.NewID(), x.clock.Now()), x.app.InboxProof(mail.ProofJoin, p.ID, x.clock.Now()), "x"} {
			want(t, x.InboxShown(ctx, p.ID, proof), mail.Absent)
		}
	})
	t.Run("a link of a time to come shows nothing, but for a small error of the clock", func(t *testing.T) {
		x, p := registered(t)
		x.clock.goes(399 * days)
		fine(t, x.PhoneShown(ctx, p.ID))
		now := x.clock.Now()
		want(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, now.Add(25*time.Hour))), mail.Absent)
		fine(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, now.Add(23*time.Hour))))
		x.clock.goes(399 * days)
		is(t, x, true, true)
		x.clock.goes(days)
		is(t, x, false, false)
	})
	t.Run("while the clock is not believed nothing is kept", func(t *testing.T) {
		x, p := registered(t)
		x.Believed = func() bool { return false }
		x.clock.goes(300 * days)
		fine(t, x.PhoneShown(ctx, p.ID))
		fine(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())))
		x.clock.goes(100 * days)
		is(t, x, false, false)
	})
	t.Run("a letter's PIN that was right while the clock had leapt counts for nothing", func(t *testing.T) {
		x, _ := registered(t)
		x.clock.goes(3650 * days)
		x.remembers(citizen, citizenPhone, true)
		x.clock.goes(-3600 * days)
		is(t, x, true, true)
		x.clock.goes(400 * days)
		is(t, x, false, false)
	})
	t.Run("a mail that came back ends it at once, and the next one that is opened begins it again", func(t *testing.T) {
		x, p := registered(t)
		before := x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())
		x.clock.goes(time.Hour)
		x.update(func(tx *vault.Tx) error { return tx.LoseInbox(p.ID, tx.Now()) })
		is(t, x, false, true)
		fine(t, x.InboxShown(ctx, p.ID, before)) // of a mail from before it came back
		is(t, x, false, true)
		x.clock.goes(time.Hour)
		fine(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())))
		is(t, x, true, true)
	})
	t.Run("a letter's PIN to the same number shows the phone, and to another does not", func(t *testing.T) {
		x, p := registered(t)
		x.clock.goes(399 * days)
		fine(t, x.InboxShown(ctx, p.ID, x.app.InboxProof(mail.ProofLetter, p.ID, x.clock.Now())))
		x.remembers(citizen, "+46709998877", true)
		x.clock.goes(days)
		is(t, x, false, false)
		x.remembers(citizen, citizenPhone, true)
		is(t, x, true, true)
	})
	t.Run("another phone was proven when it was set", func(t *testing.T) {
		x, p := registered(t)
		x.clock.goes(399 * days)
		fine(t, x.reserves(p, "+46709998877"))
		x.clock.goes(days)
		is(t, x, false, true)
	})
}

func TestSuspendRecipient(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(citizen)
	fine(t, err)
	boss := x.actorOf("chef@kommun.example", mail.RoleAdmin)
	other := x.actorOf("ulla@kommun.example", 0)
	t.Run("nobody does it but who may, and there is nothing to learn", func(t *testing.T) {
		want(t, x.SuspendRecipient(ctx, other, citizen, mail.ForMisuse), mail.Absent)
		want(t, x.SuspendRecipient(ctx, boss, "ingen@example.se", mail.ForMisuse), mail.Absent)
		want(t, x.SuspendRecipient(ctx, boss, "ulla@kommun.example", mail.ForMisuse), mail.Absent)
		want(t, x.SuspendRecipient(ctx, boss, citizen, "something"), mail.Invalid)
	})
	fine(t, x.SuspendRecipient(ctx, boss, citizen, mail.ForStranger))
	t.Run("nobody signs in, sessions are over, letters are as to a guest, and a mail says why", func(t *testing.T) {
		if _, ok, _ := x.Login(ctx, p.Lookup); ok || len(x.out) != 1 || x.isRecipient(citizen) {
			t.Errorf("signs in: %v, out: %v", ok, x.out)
		}
		if n, told := x.told(citizen, mail.NoticeOut); !told || n.Why != "stranger" {
			t.Errorf("%v %q", told, n.Why)
		}
		want(t, x.SuspendRecipient(ctx, boss, citizen, mail.ForStranger), mail.Invalid)
	})
	t.Run("who may sees them, and nobody else", func(t *testing.T) {
		list, err := x.SuspendedRecipients(ctx, boss)
		fine(t, err)
		none, err := x.SuspendedRecipients(ctx, other)
		fine(t, err)
		if len(list) != 1 || list[0].Address != citizen || list[0].Why != mail.ForStranger || len(none) != 0 {
			t.Errorf("%+v %+v", list, none)
		}
	})
	t.Run("it is not closed before two weeks are over, nor by who may not", func(t *testing.T) {
		want(t, x.CloseRecipient(ctx, boss, p.ID, string(citizen)), mail.Invalid)
		x.clock.goes(14 * days)
		want(t, x.CloseRecipient(ctx, other, p.ID, string(citizen)), mail.Absent)
		want(t, x.ResumeRecipient(ctx, other, p.ID), mail.Absent)
	})
	t.Run("let in again they are as before, and are told", func(t *testing.T) {
		fine(t, x.ResumeRecipient(ctx, boss, p.ID))
		if _, ok, _ := x.Login(ctx, p.Lookup); !ok || !x.isRecipient(citizen) {
			t.Error("still out")
		}
		if _, told := x.told(citizen, mail.NoticeResumed); !told {
			t.Error("nobody told them")
		}
		want(t, x.ResumeRecipient(ctx, boss, p.ID), mail.Absent)
		want(t, x.CloseRecipient(ctx, boss, p.ID, string(citizen)), mail.Absent)
	})
	t.Run("closed they are forgotten as who closes their own, and the address registers again", func(t *testing.T) {
		fine(t, x.SuspendRecipient(ctx, boss, citizen, mail.ForDeath))
		x.clock.goes(14 * days)
		for _, typed := range []string{"", "bo@example.se"} {
			want(t, x.CloseRecipient(ctx, boss, p.ID, typed), mail.Invalid)
		}
		if due, err := x.DueAccounts(ctx); err != nil || len(due) != 0 {
			t.Fatalf("%v %v", due, err)
		}
		fine(t, x.CloseRecipient(ctx, boss, p.ID, string(citizen)))
		due, err := x.DueAccounts(ctx)
		fine(t, err)
		if !slices.Equal(due, []mail.ID{p.ID}) {
			t.Fatalf("%v", due)
		}
		closed, err := x.CloseDueAccount(ctx, p.ID)
		fine(t, err)
		wraps, _ := x.wraps(p.ID)
		if n, told := x.told(citizen, mail.NoticeClosed); !closed || !told || n.Why != "death" || len(wraps) != 0 || !x.personRow(p.ID).IsNobody() {
			t.Errorf("%v %v %q", closed, told, n.Why)
		}
		_, err = x.registers(citizen)
		fine(t, err)
	})
}

func TestWhoInvitedSuspends(t *testing.T) {
	x := newTown(t)
	by := x.organiser("eva@kommun.example")
	other := x.organiser("olle@kommun.example")
	fine(t, x.InviteRecipient(ctx, by, office.NewRecipient{Address: citizen, Lang: "sv", Phone: citizenPhone}))
	t.Run("an invitation that nobody has used is taken back, and not suspended", func(t *testing.T) {
		want(t, x.SuspendRecipient(ctx, by, citizen, mail.ForAsked), mail.Absent)
	})
	code, err := mail.ParseLinkCode(x.invited(citizen).Code)
	fine(t, err)
	secret := x.app.Code(code.Secret())
	var id mail.ID
	x.view(func(tx *vault.ReadTx) error {
		c, err := tx.CodeByLocator(secret.Locator)
		id = c.ID
		return err
	})
	p, err := x.ActivateRecipient(ctx, id, secret, citizenPhone, citizenWord)
	fine(t, err)
	if account, phone := x.shown(); !account || !phone {
		t.Error("who came by the mail and the PIN has shown neither")
	}
	want(t, x.SuspendRecipient(ctx, other, citizen, mail.ForAsked), mail.Absent)
	fine(t, x.SuspendRecipient(ctx, by, citizen, mail.ForAsked))
	t.Run("and lets in again, but closes nothing: that takes an administrator", func(t *testing.T) {
		x.clock.goes(14 * days)
		want(t, x.CloseRecipient(ctx, by, p.ID, string(citizen)), mail.Absent)
		boss := x.actorOf("chef@kommun.example", mail.RoleAdmin)
		for who, may := range map[mail.Actor]bool{by: false, boss: true} {
			list, err := x.SuspendedRecipients(ctx, who)
			fine(t, err)
			if len(list) != 1 || list[0].May != may {
				t.Errorf("%+v", list)
			}
		}
		fine(t, x.ResumeRecipient(ctx, by, p.ID))
		fine(t, x.SuspendRecipient(ctx, by, citizen, mail.ForAsked))
		x.clock.goes(14 * days)
		fine(t, x.CloseRecipient(ctx, boss, p.ID, string(citizen)))
	})
}

func TestAClosedAccountIsKnownUntilItsLettersHaveEnded(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(citizen)
	fine(t, err)
	boss := x.actorOf("chef@kommun.example", mail.RoleAdmin)
	other := x.registersAt("bo@example.se")
	for _, owner := range []mail.ID{p.ID, other.ID, boss.ID} {
		fine(t, x.letter(owner, mail.Inbox))
	}
	left := func(want ...mail.ID) {
		t.Helper()
		list, err := x.ClosedWithLetters(ctx)
		fine(t, err)
		if !slices.Equal(list, want) {
			t.Errorf("%v, want %v", list, want)
		}
	}
	left()
	fine(t, x.closes(x.owner(p, x.key(p, citizenWord))))
	left(p.ID)
	t.Run("nothing else is done with what is left of it", func(t *testing.T) {
		invited, err := x.InvitedRecipients(ctx, boss)
		fine(t, err)
		out, err := x.SuspendedRecipients(ctx, boss)
		fine(t, err)
		_, waits, err := x.Invitee(ctx, p.ID)
		fine(t, err)
		n, err := x.OfferJoining(ctx)
		fine(t, err)
		due, err := x.DueAccounts(ctx)
		fine(t, err)
		if len(invited) != 0 || len(out) != 0 || waits || n != 0 || len(due) != 0 {
			t.Errorf("%v %v %v %d %v", invited, out, waits, n, due)
		}
		want(t, x.ResumeRecipient(ctx, boss, p.ID), mail.Absent)
		want(t, x.CloseRecipient(ctx, boss, p.ID, string(citizen)), mail.Absent)
		want(t, x.WithdrawRecipient(ctx, boss, p.ID), mail.Absent)
		want(t, x.closes(x.owner(p, nil)), mail.Absent)
	})
	x.update(func(tx *vault.Tx) error {
		list, err := tx.HoldersOf(p.ID, 10)
		for _, h := range list {
			h.State = mail.Purging
			err = errors.Join(err, tx.SaveHolder(h))
		}
		return err
	})
	left()
}

func (x *town) update(f func(tx *vault.Tx) error) {
	x.t.Helper()
	fine(x.t, x.db.Update(ctx, f))
}

func (x *town) registersAt(a mail.Address) mail.Person {
	x.t.Helper()
	p, err := x.registers(a)
	fine(x.t, err)
	return p
}

func (x *town) actorOf(a mail.Address, roles mail.Roles) mail.Actor {
	x.t.Helper()
	p, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: a, Name: "Namn"}, Roles: roles, Password: "fyra gröna hästar"})
	fine(x.t, err)
	return mail.Actor{Kind: mail.ActorPerson, ID: p.ID}
}

func (x *town) organiser(a mail.Address) mail.Actor {
	x.t.Helper()
	by := x.actorOf(a, 0)
	unit, err := x.AddUnit(ctx, mail.SystemActor("test"), org.Unit{Parent: mail.RootUnit, Kind: mail.Department, Label: org.Label{Name: string(a)}})
	fine(x.t, err)
	fine(x.t, x.Appoint(ctx, mail.SystemActor("test"), by.ID, unit))
	return by
}
