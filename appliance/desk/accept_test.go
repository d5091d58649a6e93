package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/vault"
)

func TestAccept(t *testing.T) {
	h := newHouse(t)
	h.staff(caseworker)
	end := time.Date(2027, 3, 31, 23, 59, 59, 0, time.UTC)
	last := time.Date(2027, 4, 30, 23, 59, 59, 0, time.UTC)

	t.Run("a letter to a guest has a copy of the house, a holder, a code and two notices", func(t *testing.T) {
		h.woken = 0
		dr := letterTo(toAnna())
		dr.Ask.Receipt, dr.Ask.ReceiptSet = mail.ReceiptMail, true
		m := h.accept(dr)
		row, holders, news := h.message(m), h.holders(m), h.news()
		if row.Way != mail.Out || row.State != mail.Active || row.Receipt != mail.ReceiptMail || !row.LastDay.Equal(last) || row.Owner != h.staff(caseworker).ID || row.Size != dr.Size() {
			t.Errorf("%+v", row)
		}
		if len(holders) != 2 || !slices.Equal(kinds(news), []mail.NoticeKind{mail.NoticeLetter, mail.NoticeReport}) || h.woken != 1 {
			t.Fatalf("%d holders, %v, woken %d times", len(holders), kinds(news), h.woken)
		}
		own, anna := holders[0], holders[1]
		if own.Kind != mail.HolderPerson || !own.House || own.Folder != mail.Sent || own.Opened.IsZero() || !own.Due().Equal(last) {
			t.Errorf("%+v", own)
		}
		if anna.Kind != mail.HolderGuest || anna.House || !anna.Owner.IsZero() || !anna.Opened.IsZero() || !anna.Due().Equal(end) || anna.ReadFor != 30*24*time.Hour {
			t.Errorf("%+v", anna)
		}
		h.holdsNoMore(t, m)
	})
	t.Run("the notice says no more than the house publishes, and the report what became of it", func(t *testing.T) {
		h.accept(letterTo(toAnna()))
		news := h.news()
		for _, n := range news {
			switch n.Kind {
			case mail.NoticeLetter:
				x := n.Notice
				if x.To != anna || x.Owner.IsZero() || x.Tail != "67" || len(x.Code) != 24 || !x.Until.Equal(end) || x.Lang != "sv" || len(x.Outcomes) != 0 || x.MustTLS {
					t.Errorf("%#v", x.To)
				}
			case mail.NoticeReport:
				x := n.Notice
				if x.To != caseworker || x.Code != "" || x.InReplyTo != "1@kommun.example" || len(x.Outcomes) != 1 {
					t.Fatalf("%v", x.Outcomes)
				}
				o := x.Outcomes[0]
				if o.Address != anna || o.Given != toAnna().Given || o.Number != annaPhone || o.Step != mail.StepAccepted || o.Hold != mail.HoldNone || !o.Until.Equal(end) {
					t.Errorf("%+v", o)
				}
			}
		}
		if len(news) != 2 {
			t.Errorf("%d notices", len(news))
		}
	})
	t.Run("a colleague gets it in the mailbox, without a code, and it stays within the house", func(t *testing.T) {
		m := h.accept(letterTo(toColleague()))
		holders, news := h.holders(m), h.news()
		if h.message(m).Way != mail.Within || len(holders) != 2 || !slices.Equal(kinds(news), []mail.NoticeKind{mail.NoticeInternal, mail.NoticeReport}) {
			t.Fatalf("%+v %v", holders, kinds(news))
		}
		kim := h.staff(colleague)
		if x := holders[1]; x.Kind != mail.HolderPerson || x.House || x.Owner != kim.ID || x.Folder != mail.Inbox || x.Channel != mail.ChannelInternal {
			t.Errorf("%+v", x)
		}
		for _, n := range news {
			if n.Notice.Code != "" || n.Kind == mail.NoticeInternal && n.Notice.Lang != "fi" {
				t.Errorf("%s: code %v, language %s", n.Kind, n.Notice.Code != "", n.Notice.Lang)
			}
		}
		o, err := h.Open(ctx, kim, holders[1].ID)
		fine(t, err)
		if o.Head.Subject != "Beslut om bistånd" || o.Body.Text != "Du får bistånd.\n" {
			t.Errorf("%+v", o)
		}
		h.view(func(tx *vault.ReadTx) error {
			codes, err := tx.CodesOf(holders[1].ID)
			if len(codes) != 0 {
				t.Error("there is a code")
			}
			return err
		})
	})
	t.Run("who has no number waits, and the sender gets the link to mend it over TLS only", func(t *testing.T) {
		m := h.accept(letterTo(toNobody()))
		holders, n := h.holders(m), h.one(mail.NoticeHold)
		if len(holders) != 3 {
			t.Fatalf("%+v", holders)
		}
		repair, guest := holders[2], holders[1]
		if repair.Kind != mail.HolderRepair {
			repair, guest = guest, repair
		}
		week := time.Date(2027, 3, 8, 23, 59, 59, 0, time.UTC)
		if guest.Hold != mail.HoldNoNumber || !guest.Due().Equal(week) || repair.Kind != mail.HolderRepair || !repair.Due().Equal(week) {
			t.Errorf("%+v %+v", guest, repair)
		}
		if x := n.Notice; !x.MustTLS || x.Code == "" || x.To != caseworker || x.Outcomes[0].Step != mail.StepHeld || x.Outcomes[0].Hold != mail.HoldNoNumber || !x.Outcomes[0].Until.IsZero() {
			t.Errorf("%v", x.Outcomes)
		}
		h.view(func(tx *vault.ReadTx) error {
			wraps, err := tx.Wraps(guest.ID)
			if len(wraps) != 0 {
				t.Error("somebody who waits has a wrap")
			}
			return err
		})
		h.holdsNoMore(t, append(h.every(t), m)...)
	})
	t.Run("a near miss makes nobody a person of the house", func(t *testing.T) {
		typo := mail.Request{Address: "klm@kommun.example", Trap: mail.TrapTrigger}
		h.accept(letterTo(typo))
		if _, ok := h.people["klm@kommun.example"]; ok {
			t.Error("made")
		}
		h.news()
	})
	t.Run("of a mixed letter each gets what is theirs, and the strongest level is the message's", func(t *testing.T) {
		strong := toBo()
		strong.Level = mail.InPerson
		m := h.accept(letterTo(toAnna(), toColleague(), toNobody(), strong))
		news, holders := h.news(), h.holders(m)
		if want := []mail.NoticeKind{mail.NoticeHold, mail.NoticeInternal, mail.NoticeLetter, mail.NoticeLetter}; !slices.Equal(kinds(news), want) {
			t.Errorf("%v", kinds(news))
		}
		if len(holders) != 6 || h.message(m).Level != mail.InPerson || h.message(m).Way != mail.Out {
			t.Errorf("%d holders, %v", len(holders), h.message(m).Level)
		}
		for _, n := range news {
			if n.Kind == mail.NoticeHold && len(n.Notice.Outcomes) != 4 {
				t.Errorf("%d outcomes", len(n.Notice.Outcomes))
			}
		}
		h.holdsNoMore(t, append(h.every(t), m)...)
	})
	t.Run("a number is remembered, and used when none is given", func(t *testing.T) {
		h.accept(letterTo(mail.Request{Address: anna}))
		for _, n := range h.news() {
			if n.Kind == mail.NoticeReport {
				if o := n.Notice.Outcomes[0]; !o.Known || o.Number != annaPhone {
					t.Errorf("%+v", o)
				}
			}
		}
	})
	t.Run("a lifetime that was asked for ends every copy", func(t *testing.T) {
		dr := letterTo(toAnna(), toNobody())
		dr.Ask.Lifetime = mail.Lifetime{Hours: 3}
		m := h.accept(dr)
		for _, x := range h.holders(m) {
			if !x.Due().Equal(noon.Add(3 * time.Hour)) {
				t.Errorf("%v ends %v", x.Kind, x.Due())
			}
		}
		h.news()
	})
}

// every is each message that the caseworker has sent.
func (h *house) every(t *testing.T) (ids []mail.ID) {
	t.Helper()
	lines, err := h.Mailbox(ctx, h.staff(caseworker), mail.MailboxQuery{Folder: mail.Sent, Limit: 200})
	fine(t, err)
	for _, l := range lines {
		ids = append(ids, l.Message.ID)
	}
	return ids
}

func TestWhatIsNotAccepted(t *testing.T) {
	h := newHouse(t)
	h.staff(caseworker)
	big := func() *mail.Draft {
		dr := letterTo(toAnna(), toNobody())
		dr.Files = []mail.File{{Name: "a.bin", Type: "application/octet-stream", Data: random(mail.InRow + 1)}, {Name: "b.bin", Data: random(mail.InRow + 1)}}
		return dr
	}
	nothing := func(t *testing.T) {
		t.Helper()
		if len(h.store.slots) != 0 || len(h.blobFiles()) != 0 || len(h.every(t)) != 0 || len(h.news()) != 0 {
			t.Errorf("left: %d slots, %d blobs, %d messages", len(h.store.slots), len(h.blobFiles()), len(h.every(t)))
		}
	}
	t.Run("nobody of the house is denied", func(t *testing.T) {
		dr := big()
		dr.From = anna
		want(t, h.Accept(ctx, sender, dr), mail.Denied)
		nothing(t)
	})
	t.Run("what policy refuses is refused before anything is made", func(t *testing.T) {
		dr := big()
		dr.Ask.Lifetime = mail.Lifetime{Days: 1000}
		want(t, h.Accept(ctx, sender, dr), mail.Invalid)
		if len(h.store.done) != 0 {
			t.Errorf("%v", h.store.done)
		}
	})
	t.Run("while the clock may not be believed nothing is taken", func(t *testing.T) {
		h.sure = mail.E(mail.Again, "error.clock", nil)
		want(t, h.Accept(ctx, sender, big()), mail.Again)
		h.sure = nil
		nothing(t)
	})
	for _, c := range []struct {
		step string
		n    int
	}{{"reserve", 1}, {"reserve", 2}, {"put blob", 1}, {"put blob", 2}, {"update", 1}} {
		t.Run(fmt.Sprintf("if the store refuses the step %s %d everything is given back", c.step, c.n), func(t *testing.T) {
			h.store.before = refuses(c.step, c.n)
			want(t, h.Accept(ctx, sender, big()), mail.Again)
			h.store.whole()
			nothing(t)
		})
	}
	t.Run("a transaction that fails at its end leaves nothing", func(t *testing.T) {
		h.store.inside = mail.E(mail.Again, "error.again", nil)
		want(t, h.Accept(ctx, sender, big()), mail.Again)
		h.store.whole()
		nothing(t)
	})
	t.Run("and the same draft goes through afterwards", func(t *testing.T) {
		m := h.accept(big())
		h.holdsNoMore(t, m)
		if len(h.blobFiles()) != 2 {
			t.Errorf("%d blobs", len(h.blobFiles()))
		}
		h.open()
		if c := h.db.Checked(); c.Swept != 0 || c.Lost != 0 {
			t.Errorf("%+v", c)
		}
	})
	t.Run("the sender's own name is found if the mail has none", func(t *testing.T) {
		dr := letterTo(toBo())
		h.accept(dr)
		if dr.FromName != "ulla" {
			t.Errorf("%q", dr.FromName)
		}
	})
}

func TestPlanAndLevels(t *testing.T) {
	h := newHouse(t)
	h.accept(letterTo(toAnna()))
	t.Run("a plan says who would get what, and does nothing", func(t *testing.T) {
		h.store.done = nil
		another := toAnna()
		another.Phone = boPhone
		list, life, err := h.Plan(ctx, mail.ID{}, letterTo(another, toColleague(), toNobody(), toBo()))
		fine(t, err)
		got := ""
		for _, f := range list {
			got += fmt.Sprintf("%s first=%v known=%s hold=%d; ", f.Address, f.First, f.Known, f.Hold)
		}
		if want := "anna@example.se first=false known=+46701234567 hold=0; kim@kommun.example first=false known= hold=0; " +
			"eva@example.se first=true known= hold=1; bo@example.se first=true known= hold=0; "; got != want {
			t.Errorf("%s", got)
		}
		if len(h.store.done) != 0 || life.LastDay.IsZero() {
			t.Errorf("%v", h.store.done)
		}
	})
	t.Run("and refuses what would be refused", func(t *testing.T) {
		_, _, err := h.Plan(ctx, mail.ID{}, letterTo())
		want(t, err, mail.Invalid)
	})
	t.Run("the levels are those of the house", func(t *testing.T) {
		h.rules = policy.Rules{Zone: time.UTC}
		if l, err := h.Levels(ctx); err != nil || !slices.Equal(l, []mail.Level{mail.Registered}) {
			t.Error(l, err)
		}
	})
}
