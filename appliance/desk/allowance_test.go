package desk_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
)

// tells holds an error against the sentence that people get, with its values.
func tells(t *testing.T, err error, say string, with ...string) {
	t.Helper()
	var e *mail.Error
	if !errors.As(err, &e) || e.Kind != mail.Invalid || e.Say != say {
		t.Fatalf("%v, not %s", err, say)
	}
	for i := 0; i+1 < len(with); i += 2 {
		if e.With[with[i]] != with[i+1] {
			t.Errorf("%s: %v", say, e.With)
		}
	}
}

// light gives the caseworker a plan of three letters a week.
func (h *house) light() desk.Reader {
	h.t.Helper()
	r := h.staff(caseworker)
	h.lite = r.ID
	return r
}

func (h *house) send(to ...mail.Request) error {
	return h.Accept(ctx, mail.Actor{Kind: mail.ActorPerson}, letterTo(to...))
}

func (h *house) left() int {
	h.t.Helper()
	a, err := h.Desk.Allowance(ctx, h.lite)
	h.fine(err)
	return a.Left
}

func TestAllowance(t *testing.T) {
	t.Run("a light plan writes to whom contact lists have", func(t *testing.T) {
		h := newHouse(t)
		r := h.light()
		tells(t, h.send(toBo()), "error.plan.met", "Address", string(bo))
		h.contacts = map[mail.ID]mail.Address{r.ID: bo}
		h.fine(h.send(toBo()))
		tells(t, h.send(toAnna(), toBo()), "error.plan.met", "Address", string(anna))
	})
	t.Run("a light plan writes to those with whom letters were exchanged, and to nobody else", func(t *testing.T) {
		h := newHouse(t)
		l := h.letter(letterTo(toAnna()))
		h.accept(letterTo(toColleague()))
		r := h.light()
		h.fine(h.send(toAnna(), toColleague()))
		tells(t, h.send(toAnna(), toBo()), "error.plan.met", "Address", string(bo))
		if h.left() != 1 {
			t.Errorf("%d are left: what was refused has taken something", h.left())
		}
		_, _, err := h.Plan(ctx, r.ID, letterTo(toBo()))
		tells(t, err, "error.plan.met", "Address", string(bo))
		if _, _, err := h.Plan(ctx, r.ID, letterTo(toAnna())); err != nil {
			t.Error(err)
		}
		guest, _ := h.guest(l.code)
		h.reply(t, guest, l.anna, "Ett svar, som aldrig räknas.")
		if h.left() != 1 {
			t.Error("a reader's answer has taken something")
		}
	})
	t.Run("who has written is met, although nothing was written to them", func(t *testing.T) {
		h := newHouse(t)
		kim := h.staff(colleague)
		dr := letterTo(mail.Request{Address: caseworker})
		dr.From = colleague
		h.fine(h.Accept(ctx, mail.Actor{Kind: mail.ActorPerson, ID: kim.ID}, dr))
		h.light()
		h.fine(h.send(toColleague()))
	})
	t.Run("of letters that have ended nobody can tell any more with whom they were", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.light()
		h.clock.days(62)
		tells(t, h.send(toAnna()), "error.plan.met")
	})
	t.Run("an address that may be a slip of the pen is refused, for nobody knows whose it is", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.light()
		slip := toAnna()
		slip.Trap = mail.TrapTrigger
		tells(t, h.send(slip), "error.plan.trap", "Address", slip.Given)
	})
	t.Run("a number that cannot be is asked for, of whom one knows", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.light()
		slip := toAnna()
		slip.Phone, slip.Trap = "", mail.TrapNumber
		h.fine(h.send(slip))
	})
	t.Run("who has answered is met by the answer, when the letter that it answers is long gone", func(t *testing.T) {
		h := newHouse(t)
		l := h.letter(letterTo(toAnna()))
		guest, _ := h.guest(l.code)
		h.reply(t, guest, l.anna, "Ett svar.")
		h.light()
		h.clock.days(62)
		_, err := h.Expire(ctx)
		h.fine(err)
		_, err = h.Purge(ctx)
		h.fine(err)
		h.fine(h.send(toAnna()))
	})
	t.Run("who got the same letter is not met by it, wherever it lies", func(t *testing.T) {
		h := newHouse(t)
		kim := h.staff(colleague)
		dr := letterTo(mail.Request{Address: caseworker}, toBo())
		dr.From = colleague
		h.fine(h.Accept(ctx, mail.Actor{Kind: mail.ActorPerson, ID: kim.ID}, dr))
		r := h.light()
		tells(t, h.send(toBo()), "error.plan.met")
		lines, err := h.Mailbox(ctx, r, mail.MailboxQuery{Folder: mail.Inbox, Limit: 10})
		h.fine(err)
		h.fine(h.trash(r, lines[0].Holder.ID, mail.Trash))
		tells(t, h.send(toBo()), "error.plan.met")
		h.fine(h.send(toColleague()))
	})
	t.Run("a letter whose other recipient is being erased still tells of this one", func(t *testing.T) {
		h := newHouse(t)
		m := h.accept(letterTo(toAnna(), toBo()))
		h.light()
		for _, x := range h.holders(m) {
			if x.Kind == mail.HolderGuest {
				h.fine(h.store.EraseSlots(ctx, []mail.Slot{x.Slot}))
				break
			}
		}
		a, b := h.send(toAnna()), h.send(toBo())
		if (a == nil) == (b == nil) {
			t.Errorf("%v, %v", a, b)
		}
	})
	t.Run("what is refused makes nobody a person of the house", func(t *testing.T) {
		h := newHouse(t)
		h.light()
		tells(t, h.send(mail.Request{Address: "ny@kommun.example"}), "error.plan.met")
		if _, made := h.people["ny@kommun.example"]; made {
			t.Error("made")
		}
	})
	t.Run("a held letter is not mended to somebody else", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.forget(t, anna)
		h.light()
		x := h.held(t, letterTo(mail.Request{Address: anna}))
		tells(t, h.Mend(ctx, x.bearer, x.repair, x.waits, bo, boPhone), "error.plan.met", "Address", string(bo))
		h.fine(h.Mend(ctx, x.bearer, x.repair, x.waits, anna, annaPhone))
	})
	t.Run("each recipient is one letter, and on Monday the week begins anew", func(t *testing.T) {
		h := newHouse(t) // on a Monday at noon
		h.accept(letterTo(toAnna(), toBo()))
		h.light()
		h.fine(h.send(toAnna(), toBo()))
		tells(t, h.send(toAnna(), toBo()), "error.plan.week", "Left", "1", "Week", "3")
		h.fine(h.send(toAnna()))
		tells(t, h.send(toAnna()), "error.plan.week", "Left", "0", "Week", "3")
		h.clock.goes(6*24*time.Hour + 11*time.Hour)
		tells(t, h.send(toAnna()), "error.plan.week", "Left", "0")
		h.clock.goes(time.Hour + time.Minute)
		if h.left() != 3 {
			t.Errorf("%d are left on Monday", h.left())
		}
		h.fine(h.send(toAnna()))
	})
	t.Run("however many are sent at once, no more go than the week has", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.light()
		var sent atomic.Int32
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if h.send(toAnna()) == nil {
					sent.Add(1)
				}
			})
		}
		wg.Wait()
		if sent.Load() != 3 || h.left() != 0 {
			t.Errorf("%d were sent, %d are left", sent.Load(), h.left())
		}
	})
	t.Run("a letter that the store does not take costs nothing", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		h.light()
		h.store.inside = errCrash
		if err := h.send(toAnna()); err == nil {
			t.Fatal("taken")
		}
		h.store.whole()
		if h.left() != 3 {
			t.Errorf("%d are left", h.left())
		}
	})
	t.Run("a draft in the portal is held against it as well, and stays", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna()))
		r := h.light()
		d := h.draft(t, r, mail.Form{Subject: "Ett", To: []mail.FormTo{{Address: string(bo), Phone: string(boPhone)}}})
		tells(t, h.SendDraft(ctx, r, d, letterTo(toBo()), ""), "error.plan.met")
		h.fine(h.SendDraft(ctx, r, d, letterTo(toAnna()), ""))
		if h.left() != 2 {
			t.Errorf("%d are left", h.left())
		}
	})
	t.Run("other plans are as they were", func(t *testing.T) {
		h := newHouse(t)
		for range 5 {
			h.fine(h.send(toAnna(), toBo(), toNobody()))
		}
	})
}
