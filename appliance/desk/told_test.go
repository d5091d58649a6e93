package desk_test

import (
	"testing"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// crashes are the places at which the process may die, before or after a step.
var crashes = []struct {
	name  string
	after bool
	step  string
	n     int
}{
	{"before anything", false, "reserve", 1},
	{"before the rows", false, "update", 1},
	{"behind the rows", true, "update", 1},
	{"before a second transaction, if there is one", false, "update", 2},
	{"before the key is erased", false, "erase slots", 1},
	{"behind it", true, "erase slots", 1},
}

func TestAFailedNoticeIsToldWhateverBreaks(t *testing.T) {
	acts := map[string]func(h *house, n desk.Due) error{
		"Failed":  func(h *house, n desk.Due) error { return h.Failed(ctx, n.ID, "550 5.1.1") },
		"Bounced": func(h *house, n desk.Due) error { return h.Bounced(ctx, n.Bounce, "550 5.1.1") },
	}
	for act, do := range acts {
		for _, c := range crashes {
			t.Run(act+", dead "+c.name, func(t *testing.T) {
				h := newHouse(t)
				m := h.accept(letterTo(toAnna()))
				n := h.one(mail.NoticeLetter)
				if act == "Bounced" {
					fine(t, h.Sent(ctx, n.ID, "250"))
				}
				if c.after {
					h.store.after = breaks(c.step, c.n)
				} else {
					h.store.before = breaks(c.step, c.n)
				}
				if err := do(h, n); err == nil && act == "Failed" && !(c.step == "update" && c.n == 2) {
					t.Error("it did not break")
				}
				h.open() // the next process; the courier says it again
				fine(t, do(h, n))
				fine(t, do(h, n))
				b := h.one(mail.NoticeBounce)
				if b.Notice.To != caseworker || b.Notice.Outcomes[0].Address != anna || b.Notice.Outcomes[0].Detail != "550 5.1.1" {
					t.Errorf("%+v", b.Notice.Outcomes)
				}
				if k := count(h.steps(n.Holder), mail.StepNoticeFailed); k != 1 {
					t.Errorf("%d steps", k)
				}
				if b.Message != m {
					t.Error("of another message")
				}
			})
		}
	}
}

func TestABounceMayBeQuickerThanTheCourier(t *testing.T) {
	h := newHouse(t)
	h.accept(letterTo(toAnna()))
	n := h.one(mail.NoticeLetter)
	fine(t, h.Bounced(ctx, n.Bounce, "550 5.1.1"))
	fine(t, h.Sent(ctx, n.ID, "250 2.0.0"))
	if s := h.steps(n.Holder); len(s) != 2 || s[0] != mail.StepNoticeSent || s[1] != mail.StepNoticeFailed {
		t.Errorf("%v: a letter that never arrived looks as if it waits to be read", s)
	}
	if h.waits(n.ID) {
		t.Error("it is sent again")
	}
}

func TestNobodyIsToldOfOtherMails(t *testing.T) {
	h := newHouse(t)
	h.accept(letterTo(toAnna()))
	r := h.one(mail.NoticeReport)
	fine(t, h.Failed(ctx, r.ID, "550 5.1.1"))
	fine(t, h.Bounced(ctx, r.Bounce, "550 5.1.1"))
	if n := h.news(); len(n) != 0 || count(h.steps(r.Holder), mail.StepNoticeFailed) != 0 {
		t.Errorf("told: %v", kinds(n))
	}
}

// waits reports whether a mail of ours still stands in the outbox, with its key.
func (h *house) waits(id mail.ID) (yes bool) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) error {
		o, err := tx.Outgoing(id)
		yes = !o.Slot.IsZero() && len(o.Box) > 0
		return err
	})
	return yes
}

func TestMailsToTheSenderEndWithWhatTheyAreAbout(t *testing.T) {
	end := func(h *house) {
		_, err := h.Expire(ctx)
		h.fine(err)
		_, err = h.Purge(ctx)
		h.fine(err)
	}
	t.Run("reports, and what is told of a reader", func(t *testing.T) {
		h := newHouse(t)
		dr := letterTo(toAnna(), toBo())
		dr.Ask.Receipt, dr.Ask.ReceiptSet = mail.ReceiptMail, true
		dr.Ask.Lifetime = mail.Lifetime{Hours: 12}
		h.accept(dr)
		var list []desk.Due
		for _, n := range h.news() {
			switch {
			case n.Kind == mail.NoticeReport:
				list = append(list, n)
			case n.Notice.To == bo:
				fine(t, h.Failed(ctx, n.ID, "550 5.1.1"))
			default:
				_, l := h.guest(h.code(n))
				fine(t, h.WrongNumber(ctx, l))
			}
		}
		list = append(list, h.news()...)
		if len(list) != 4 {
			t.Fatalf("%v", kinds(list))
		}
		for _, n := range list {
			if !h.waits(n.ID) {
				t.Errorf("%s does not wait", n.Kind)
			}
		}
		h.clock.goes(13 * 60 * 60 * 1e9)
		end(h)
		for _, n := range list {
			if h.waits(n.ID) {
				t.Errorf("%s waits, sealed, behind the end of its message", n.Kind)
			}
		}
	})
	t.Run("a hold ends with the repair", func(t *testing.T) {
		h := newHouse(t)
		h.accept(letterTo(toAnna(), toNobody()))
		n := h.one(mail.NoticeHold)
		h.view(func(tx *vault.ReadTx) error {
			o, err := tx.Outgoing(n.ID)
			if x := h.holder(o.Holder); x.Kind != mail.HolderRepair {
				t.Errorf("it is about a holder of the kind %v", x.Kind)
			}
			return err
		})
		h.clock.days(9)
		end(h)
		if h.waits(n.ID) {
			t.Error("it waits, sealed, with a link that opens nothing")
		}
	})
}
