package desk_test

import (
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// known is what the house keeps of an address.
func (h *house) known(a mail.Address) (c mail.Contact) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) (err error) { c, err = tx.Contact(h.app.Lookup(a.Key())); return err })
	return c
}

// holds is for what Anna's letter waits.
func (h *house) holds(m mail.ID) mail.Hold {
	h.t.Helper()
	for _, x := range h.holders(m) {
		if x.Kind == mail.HolderGuest {
			return x.Hold
		}
	}
	h.t.Fatal("no recipient")
	return mail.HoldNone
}

func TestDoubtfulNumbers(t *testing.T) {
	bare := mail.Request{Given: "anna@example.se.s", Address: anna}
	t.Run("a number that nobody has used for a year is asked for, and right again when it was given", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.clock.days(366)
		h.news()
		x := h.held(t, letterTo(bare))
		if h.holds(x.message) != mail.HoldStale || x.list[0].Why != mail.HoldStale {
			t.Error(h.holds(x.message))
		}
		h.fine(h.Mend(ctx, x.bearer, x.repair, x.waits, anna, annaPhone))
		if k := h.holds(h.accept(letterTo(bare))); k != mail.HoldNone {
			t.Error(k)
		}
	})
	t.Run("one to which a PIN was right meanwhile is not", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.clock.days(300)
		h.news()
		l := h.letter(letterTo(bare))
		h.guest(l.code)
		h.clock.days(300)
		if k := h.holds(h.accept(letterTo(bare))); k != mail.HoldNone {
			t.Error(k)
		}
	})
	t.Run("giving the same number again keeps it fresh, and what is known of it", func(t *testing.T) {
		h := newHouse(t)
		l := h.letter(letterTo(toAnna()))
		h.guest(l.code)
		worked := h.known(anna).Worked
		h.clock.days(200)
		h.accept(letterTo(toAnna()))
		if c := h.known(anna); !c.At.Equal(h.clock.Now()) || !c.Worked.Equal(worked) || worked.IsZero() {
			t.Errorf("%+v", c)
		}
	})
	t.Run("another number than the one that has worked is asked for, and not remembered before", func(t *testing.T) {
		h := newHouse(t)
		l := h.letter(letterTo(toAnna()))
		h.guest(l.code)
		h.news()
		another := toAnna()
		another.Phone = boPhone
		x := h.held(t, letterTo(another))
		if h.holds(x.message) != mail.HoldChanged {
			t.Error(h.holds(x.message))
		}
		if k := h.holds(h.accept(letterTo(bare))); k != mail.HoldNone {
			t.Error("the number that works is lost: ", k)
		}
		y := h.held(t, letterTo(another))
		h.fine(h.Mend(ctx, y.bearer, y.repair, y.waits, anna, annaPhone)) // it was a slip
		if k := h.holds(h.accept(letterTo(another))); k != mail.HoldChanged {
			t.Error("the same slip is not asked for again: ", k)
		}
		h.fine(h.Mend(ctx, x.bearer, x.repair, x.waits, anna, boPhone))
		if k := h.holds(h.accept(letterTo(another))); k != mail.HoldNone {
			t.Error("confirmed, and asked for again: ", k)
		}
	})
	t.Run("a number that never worked is put right without being asked", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		another := toAnna()
		another.Phone = boPhone
		if k := h.holds(h.accept(letterTo(another))); k != mail.HoldNone {
			t.Error(k)
		}
	})
	t.Run("who has seen the summary has confirmed it, and that counts", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.clock.days(366)
		r := h.staff(caseworker)
		list, _, err := h.Plan(ctx, r.ID, &mail.Draft{From: caseworker, To: []mail.Request{bare}, Ask: mail.Ask{Confirmed: true}})
		h.fine(err)
		if list[0].Hold != mail.HoldNone || list[0].Doubt != mail.HoldStale {
			t.Errorf("%+v", list[0])
		}
		d := h.draft(t, r, mail.Form{Subject: "Ett", To: []mail.FormTo{{Address: string(anna)}}})
		dr := letterTo(bare)
		dr.Ask.Confirmed = true
		h.fine(h.SendDraft(ctx, r, d, dr, ""))
		if k := h.holds(h.accept(letterTo(bare))); k != mail.HoldNone {
			t.Error("confirmed, and asked for again: ", k)
		}
	})
}
