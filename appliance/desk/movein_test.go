package desk_test

import (
	"testing"

	"sigill/appliance/mail"
)

// What may be in a registered recipient's account is one rule, for new letters and for
// those that move in; see policy.InAccount.
func TestWhatAnAccountTakes(t *testing.T) {
	for _, c := range []struct {
		name  string
		level mail.Level
		goes  bool // a new letter to them, and their own one from before
		other bool // one to another address
	}{
		{"a letter of which the link is enough: theirs, for an account takes more; another's may have been forwarded", mail.Letter, true, false},
		{"a letter with a PIN: theirs, and another's of which they have shown the PIN", mail.Registered, true, true},
		{"a letter in person stays behind the e-ID", mail.InPerson, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			to := func(r mail.Request) letter { r.Level = c.level; return h.letter(letterTo(r)) }
			own, others := to(toAnna()), to(toBo())
			self := h.register(anna, annaPhone)
			for _, x := range []struct {
				letter
				moves bool
			}{{own, c.goes}, {others, c.other}} {
				guest, seen := h.guest(x.code)
				if seen.MayMoveIn(anna) != x.moves {
					t.Errorf("to %s: offered is %v", seen.Address, !x.moves)
				}
				id, err := h.MoveIn(ctx, guest, x.anna, h.at(anna))
				if !x.moves {
					want(t, err, mail.Denied)
					_, err = h.Open(ctx, guest, x.anna) // it is where it was
					fine(t, err)
					continue
				}
				fine(t, err)
				_, err = h.Open(ctx, self, id)
				fine(t, err)
			}
			r := toAnna()
			r.Level = c.level
			m := h.accept(letterTo(r))
			if there := h.holders(m)[1].Owner == self.ID; there != c.goes {
				t.Errorf("a new letter in the account: %v", there)
			}
		})
	}
	t.Run("by the link alone none in person moves either", func(t *testing.T) {
		h := newHouse(t)
		r := toAnna()
		r.Level = mail.InPerson
		l := h.letter(letterTo(r))
		h.register(anna, annaPhone)
		_, err := h.TakeIn(ctx, h.look(l.code), mail.Recipient{Resident: h.at(anna), Phone: annaPhone, PhoneShown: true})
		want(t, err, mail.Denied)
	})
}

func TestTakeInWhileTheNumberChanges(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	h.register(anna, annaPhone)
	seen, staff := h.look(l.code), h.staff(caseworker)
	h.store.before = func(step string) error {
		if step == "update" { // the number was right when it was looked at
			h.store.before = nil
			return h.SetNumber(ctx, staff, l.anna, "+46709998877")
		}
		return nil
	}
	_, err := h.TakeIn(ctx, seen, mail.Recipient{Resident: h.at(anna), Phone: annaPhone, PhoneShown: true})
	want(t, err, mail.Again)
	if x := h.holder(l.anna); x.Kind != mail.HolderGuest || x.State != mail.Active {
		t.Errorf("it has moved without the PIN that its sender asks for: %+v", x)
	}
	_, err = h.TakeIn(ctx, h.look(l.code), mail.Recipient{Resident: h.at(anna), Phone: annaPhone, PhoneShown: true})
	want(t, err, mail.Denied)
}
