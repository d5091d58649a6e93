package desk_test

import (
	"slices"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// resident is a person of these tests as letters are sealed to them.
func (h *house) at(a mail.Address) mail.Resident { return h.resident(h.people[a.Key()]) }

func TestMoveIn(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna(), toColleague()))
	guest, seen := h.guest(l.code)
	answer := h.reply(t, guest, l.anna, "Ett svar.")
	before := h.holder(l.anna)
	self := h.register(anna, annaPhone)

	t.Run("only who has shown the proof takes a letter in, and only the letter itself", func(t *testing.T) {
		_, err := h.MoveIn(ctx, self, l.anna, h.at(anna))
		want(t, err, mail.Absent)
		_, err = h.MoveIn(ctx, guest, l.house, h.at(anna))
		want(t, err, mail.Absent)
		_, err = h.MoveIn(ctx, guest, h.holders(answer)[1].ID, h.at(anna))
		want(t, err, mail.Absent)
	})
	id, err := h.MoveIn(ctx, guest, l.anna, h.at(anna))
	fine(t, err)
	t.Run("it is theirs from then on, with its times and what has happened", func(t *testing.T) {
		x := h.holder(id)
		if x.Kind != mail.HolderPerson || x.Owner != self.ID || x.Channel != mail.ChannelRecipient || x.House || !x.Due().Equal(before.Due()) || !x.Opened.Equal(before.Opened) || x.Level != before.Level {
			t.Errorf("%+v, before %+v", x, before)
		}
		if k := h.steps(id); count(k, mail.StepOpened) != 1 || count(k, mail.StepAnswered) != 1 {
			t.Errorf("%v", k)
		}
		o, err := h.Open(ctx, self, id)
		fine(t, err)
		if o.Body.Text != "Du får bistånd.\n" {
			t.Errorf("%q", o.Body.Text)
		}
	})
	t.Run("the answer has moved with it, and its writer sees whether it was read", func(t *testing.T) {
		list, err := h.Answers(ctx, self, id)
		fine(t, err)
		if len(list) != 1 || !list[0].Seen.IsZero() {
			t.Fatalf("%+v", list)
		}
		o, err := h.Open(ctx, self, list[0].Holder)
		fine(t, err)
		lines, err := h.Mailbox(ctx, self, mail.MailboxQuery{Folder: mail.Sent, Limit: 10})
		fine(t, err)
		if o.Body.Text != "Ett svar." || len(lines) != 1 || lines[0].Head.Subject == "" {
			t.Errorf("%q, %+v", o.Body.Text, lines)
		}
	})
	t.Run("the guest's code and keys open nothing, and the end erases them", func(t *testing.T) {
		for _, x := range []mail.ID{l.anna, id} {
			if _, err := h.Open(ctx, guest, x); err == nil {
				t.Error("opened")
			}
		}
		_, err := h.Admit(ctx, seen, "sms")
		want(t, err, mail.Gone)
		_, err = h.Look(ctx, l.code)
		want(t, err, mail.Gone)
		_, err = h.Purge(ctx)
		fine(t, err)
		h.view(func(tx *vault.ReadTx) error {
			if _, err := tx.Code(seen.Code); mail.KindOf(err) != mail.Absent {
				t.Errorf("the code's row is there: %v", err)
			}
			return nil
		})
	})
	t.Run("the sender counts them once, and the other reader is untouched", func(t *testing.T) {
		list, err := h.Progress(ctx, h.staff(caseworker), l.message)
		fine(t, err)
		if len(list) != 2 {
			t.Errorf("%d recipients", len(list))
		}
	})
	t.Run("a second press is told that it has moved", func(t *testing.T) {
		_, err := h.MoveIn(ctx, guest, l.anna, h.at(anna))
		want(t, err, mail.Gone)
	})
	t.Run("the recipient goes on answering, with the answers of before counted", func(t *testing.T) {
		m := h.reply(t, self, id, "Ett till.")
		own, copy := h.holders(m)[0], h.holders(m)[1]
		if h.message(m).Way != mail.In || h.message(m).Thread != h.message(l.message).Thread || !own.House || copy.Owner != self.ID || copy.Folder != mail.Sent || !copy.Due().Equal(h.holder(id).Due()) {
			t.Errorf("%+v %+v", own, copy)
		}
		o, err := h.Open(ctx, h.staff(caseworker), own.ID)
		fine(t, err)
		if o.Body.Text != "Ett till." || o.Head.From != anna {
			t.Errorf("%+v", o.Head)
		}
		if list, _ := h.Answers(ctx, self, id); len(list) != 2 {
			t.Errorf("%d answers", len(list))
		}
	})
	t.Run("a colleague with a copy does not answer like a citizen", func(t *testing.T) {
		m := h.accept(letterTo(toColleague(), toBo()))
		for _, x := range h.holders(m) {
			if !x.House && x.Kind == mail.HolderPerson {
				_, err := h.Reply(ctx, h.staff(colleague), x.ID)
				want(t, err, mail.Absent)
			}
		}
	})
	t.Run("it ends by itself, as it would have", func(t *testing.T) {
		h.clock.days(61)
		_, err := h.Open(ctx, self, id)
		want(t, err, mail.Gone)
	})
}

func TestLettersToWhoHasShownNothingForLong(t *testing.T) {
	h := newHouse(t)
	self := h.register(anna, annaPhone)
	h.unshown = true
	m := h.accept(letterTo(toAnna()))
	t.Run("a letter is as to a guest, with a code and a PIN", func(t *testing.T) {
		if x := h.holders(m)[1]; x.Kind != mail.HolderGuest {
			t.Errorf("%+v", x)
		}
	})
	code, err := mail.ParseLinkCode(h.one(mail.NoticeLetter).Notice.Code)
	fine(t, err)
	t.Run("signed in they are asked for the PIN: the phone was shown too long ago", func(t *testing.T) {
		l := h.look(code)
		_, err := h.TakeIn(ctx, l, mail.Recipient{Resident: h.at(anna), Phone: annaPhone})
		want(t, err, mail.Denied)
	})
	t.Run("opened by it and moved in, the letter shows the inbox", func(t *testing.T) {
		h.showsInbox(self, time.Time{})
		sent := h.clock.Now()
		h.clock.days(3)
		l := h.look(code)
		guest, err := h.Admit(ctx, l, "pin")
		fine(t, err)
		_, err = h.MoveIn(ctx, guest, l.Holder, h.at(anna))
		fine(t, err)
		if at := h.shownBy(self).Inbox; !at.Equal(sent) { // and not of the day on which it was opened
			t.Errorf("%v", at)
		}
	})
}

// Another number has worked for the address since the account was made, and then it lapsed.
func TestALapsedAccountAndAnotherNumber(t *testing.T) {
	h := newHouse(t)
	h.register(anna, annaPhone)
	h.clock.days(1)
	h.unshown = true
	to := toAnna()
	to.Phone = boPhone
	_, _ = h.guest(h.letter(letterTo(to)).code)
	t.Run("a letter without a number waits, although that one is remembered", func(t *testing.T) {
		to.Phone = ""
		list := h.holders(h.accept(letterTo(to)))
		if !slices.ContainsFunc(list, func(x mail.Holder) bool { return x.Hold == mail.HoldChanged }) {
			t.Errorf("%+v", list)
		}
	})
}

// showsInbox and shownBy are what a registered recipient has shown the inbox.
func (h *house) showsInbox(r desk.Reader, at time.Time) {
	h.t.Helper()
	h.fine(h.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.PutRegistration(mail.Registration{Person: r.ID, Inbox: at, Phone: at})
	}))
}

func (h *house) shownBy(r desk.Reader) (shown mail.Registration) {
	h.t.Helper()
	h.fine(h.db.View(ctx, func(tx *vault.ReadTx) (err error) {
		shown, err = tx.Registration(r.ID)
		return err
	}))
	return shown
}

func TestANoticeThatComesBack(t *testing.T) {
	h := newHouse(t)
	self := h.register(anna, annaPhone)
	h.showsInbox(self, h.clock.Now())
	lost := func(t *testing.T) {
		t.Helper()
		if !h.shownBy(self).Lost.Equal(h.clock.Now()) {
			t.Errorf("%+v", h.shownBy(self))
		}
		h.showsInbox(self, h.clock.Now())
	}
	t.Run("refused for good, it says that the inbox is lost", func(t *testing.T) {
		h.accept(letterTo(toAnna()))
		fine(t, h.Failed(ctx, h.one(mail.NoticeRecipient).ID, "550 5.1.1"))
		lost(t)
	})
	t.Run("so it does when it comes back later", func(t *testing.T) {
		h.accept(letterTo(toAnna()))
		due := h.one(mail.NoticeRecipient)
		fine(t, h.Sent(ctx, due.ID, ""))
		fine(t, h.Bounced(ctx, due.Bounce, "550 5.1.1"))
		lost(t)
	})
	for why, detail := range map[string]string{
		"its time ran out":                       "5.4.7",
		"its key is gone":                        "key gone",
		"the mailbox is full":                    "552 5.2.2",
		"the server takes nothing of us":         "550 5.7.1",
		"the next server cannot take the script": "553 5.6.7",
		"our own address was refused":            "550 5.1.8",
		"the server does not say why":            "550",
		"nothing is said":                        "",
	} {
		t.Run("it does not if "+why, func(t *testing.T) {
			h.showsInbox(self, h.clock.Now())
			h.accept(letterTo(toAnna()))
			fine(t, h.Failed(ctx, h.one(mail.NoticeRecipient).ID, detail))
			if !h.shownBy(self).Lost.IsZero() {
				t.Errorf("lost by %q", detail)
			}
		})
	}
	t.Run("a disabled mailbox is lost", func(t *testing.T) {
		h.accept(letterTo(toAnna()))
		fine(t, h.Failed(ctx, h.one(mail.NoticeRecipient).ID, "550 5.2.1"))
		lost(t)
	})
	t.Run("a delay does not", func(t *testing.T) {
		h.accept(letterTo(toAnna()))
		fine(t, h.Delayed(ctx, h.one(mail.NoticeRecipient).ID, h.clock.Now(), "450"))
		if !h.shownBy(self).Lost.IsZero() {
			t.Error("lost")
		}
	})
}

func TestTakeIn(t *testing.T) {
	h := newHouse(t)
	self := h.register(anna, annaPhone)
	to := func() mail.Recipient {
		return mail.Recipient{Resident: h.at(anna), Phone: h.registered[anna], PhoneShown: !h.unshown}
	}
	// Letters from before, to a guest: the house does not know of the account yet.
	old := func(change func(*mail.Request)) desk.Letter {
		phone := h.registered[anna]
		delete(h.registered, anna)
		defer func() { h.registered[anna] = phone }()
		r := toAnna()
		change(&r)
		return h.look(h.letter(letterTo(r)).code)
	}
	t.Run("a letter to the own address and number moves in by its code", func(t *testing.T) {
		id, err := h.TakeIn(ctx, old(func(*mail.Request) {}), to())
		fine(t, err)
		o, err := h.Open(ctx, self, id)
		fine(t, err)
		if o.Body.Text != "Du får bistånd.\n" || count(h.steps(id), mail.StepOpened) != 1 {
			t.Errorf("%q %v", o.Body.Text, h.steps(id))
		}
	})
	for name, change := range map[string]func(*mail.Request){
		"another number":  func(r *mail.Request) { r.Phone = boPhone },
		"another address": func(r *mail.Request) { r.Address = bo },
		"e-ID asked for":  func(r *mail.Request) { r.Level = mail.InPerson },
	} {
		t.Run("one with "+name+" does not", func(t *testing.T) {
			_, err := h.TakeIn(ctx, old(change), to())
			want(t, err, mail.Denied)
		})
	}
	t.Run("one that wrong PINs have closed does not", func(t *testing.T) {
		l := old(func(*mail.Request) {})
		for range desk.MaxWrong {
			fine(t, h.CountTry(ctx, l.Holder))
			fine(t, h.TryWasWrong(ctx, l.Holder))
		}
		_, err := h.TakeIn(ctx, l, to())
		want(t, err, mail.Denied)
	})
	t.Run("who has another number by now shows the PIN", func(t *testing.T) {
		l := old(func(*mail.Request) {})
		h.registered[anna] = boPhone
		defer func() { h.registered[anna] = annaPhone }()
		_, err := h.TakeIn(ctx, l, to())
		want(t, err, mail.Denied)
	})
}

func TestLettersToRecipients(t *testing.T) {
	h := newHouse(t)
	self := h.register(anna, annaPhone)
	staff := h.staff(caseworker)
	t.Run("a letter is sealed to the key, and its mail has no code", func(t *testing.T) {
		m := h.accept(letterTo(toAnna()))
		n := h.one(mail.NoticeRecipient).Notice
		x := h.holders(m)[1]
		if n.Code != "" || n.To != anna || n.Lang != "fi" || x.Kind != mail.HolderPerson || x.Owner != self.ID || h.message(m).Way != mail.Out {
			t.Errorf("%+v", x)
		}
		o, err := h.Open(ctx, self, x.ID)
		fine(t, err)
		if o.Body.Text != "Du får bistånd.\n" {
			t.Errorf("%q", o.Body.Text)
		}
		_, err = h.Open(ctx, h.register(bo, boPhone), x.ID)
		want(t, err, mail.Absent)
		want(t, h.NewCode(ctx, staff, x.ID), mail.Invalid)
	})
	t.Run("e-ID is not what they have shown", func(t *testing.T) {
		r := toAnna()
		r.Level = mail.InPerson
		h.accept(letterTo(r))
		h.one(mail.NoticeLetter)
	})
	held := func() (m, holder mail.ID) {
		r := toAnna()
		r.Phone = "+46709998877"
		m = h.accept(letterTo(r))
		for _, x := range h.holders(m) {
			if x.Hold == mail.HoldRegistered {
				holder = x.ID
			}
		}
		h.news()
		return m, holder
	}
	t.Run("another number waits, and the sender puts it into the account", func(t *testing.T) {
		_, holder := held()
		_, err := h.Open(ctx, self, holder)
		want(t, err, mail.Absent)
		fine(t, h.Mend(ctx, staff, mail.ID{}, holder, "", ""))
		h.one(mail.NoticeRecipient)
		_, err = h.Open(ctx, self, holder)
		fine(t, err)
		want(t, h.Mend(ctx, staff, mail.ID{}, holder, "", ""), mail.Absent)
	})
	t.Run("or types the registered number", func(t *testing.T) {
		_, holder := held()
		fine(t, h.Mend(ctx, staff, mail.ID{}, holder, "", annaPhone))
		_, err := h.Open(ctx, self, holder)
		fine(t, err)
	})
	t.Run("or the other one again: then it is a guest's", func(t *testing.T) {
		_, holder := held()
		fine(t, h.Mend(ctx, staff, mail.ID{}, holder, "", "+46709998877"))
		r, l := h.guest(h.code(h.one(mail.NoticeLetter)))
		_, err := h.Open(ctx, r, l.Holder)
		fine(t, err)
		_, err = h.Open(ctx, self, holder)
		want(t, err, mail.Absent)
	})
	t.Run("without a number it waits on if the account is closed by then", func(t *testing.T) {
		_, holder := held()
		delete(h.registered, anna)
		defer func() { h.registered[anna] = annaPhone }()
		want(t, h.Mend(ctx, staff, mail.ID{}, holder, "", ""), mail.Invalid)
		if h.holder(holder).Hold != mail.HoldRegistered {
			t.Error("it does not wait any more")
		}
	})
	t.Run("nothing without a number is mended of who waits for one", func(t *testing.T) {
		m := h.accept(letterTo(toNobody()))
		for _, x := range h.holders(m) {
			if x.Hold != mail.HoldNone {
				want(t, h.Mend(ctx, staff, mail.ID{}, x.ID, "", ""), mail.Absent)
			}
		}
	})
}

func TestWriteIn(t *testing.T) {
	h := newHouse(t)
	self := h.register(anna, annaPhone)
	staff, other := h.staff(caseworker), h.staff(colleague)
	from := mail.Profile{Address: anna}
	begin := func(to mail.ID) (*desk.Writing, error) {
		return h.WriteIn(ctx, self, to, from, func() string { return "En fråga" })
	}
	t.Run("nobody is written to before they have written", func(t *testing.T) {
		_, err := begin(staff.ID)
		want(t, err, mail.Absent)
	})
	l := h.accept(letterTo(toAnna()))
	h.news()
	t.Run("who has written is, and nobody else", func(t *testing.T) {
		list, err := h.Correspondents(ctx, self)
		fine(t, err)
		if len(list) != 1 || list[0].ID != staff.ID {
			t.Errorf("%+v", list)
		}
		for _, to := range []mail.ID{other.ID, self.ID, {}, mail.NewID()} {
			_, err := begin(to)
			want(t, err, mail.Absent)
		}
	})
	t.Run("it is the house's own, without a timer, and its writer's for a while", func(t *testing.T) {
		w, err := begin(staff.ID)
		fine(t, err)
		m, err := w.Send(ctx, "När kommer ni?")
		fine(t, err)
		own, mine := h.holders(m)[0], h.holders(m)[1]
		if x := h.message(m); x.Way != mail.In || x.Owner != staff.ID || x.Thread == h.message(l).Thread {
			t.Errorf("%+v", x)
		}
		if !own.House || own.Owner != staff.ID || !own.Due().IsZero() || mine.Owner != self.ID || mine.House || mine.Folder != mail.Sent || mine.Due().IsZero() {
			t.Errorf("%+v %+v", own, mine)
		}
		if n := h.one(mail.NoticeInternal).Notice; n.To != caseworker || n.Code != "" {
			t.Errorf("%+v", n)
		}
		o, err := h.Open(ctx, staff, own.ID)
		fine(t, err)
		if o.Head.From != anna || o.Head.Subject != "En fråga" || o.Body.Text != "När kommer ni?" {
			t.Errorf("%+v", o.Head)
		}
		_, err = h.Open(ctx, self, own.ID)
		want(t, err, mail.Absent)
		_, err = h.Open(ctx, self, mine.ID)
		fine(t, err)
		_, err = h.Reply(ctx, self, mine.ID) // it is no letter to them
		want(t, err, mail.Absent)
	})
	t.Run("so many a week, however many are begun at once; answers are not counted", func(t *testing.T) {
		h.lite = self.ID // three a week, of which one is used
		var open []*desk.Writing
		for range 4 {
			w, err := begin(staff.ID)
			fine(t, err)
			open = append(open, w)
		}
		sent := 0
		for _, w := range open {
			if _, err := w.Send(ctx, "Hej."); err == nil {
				sent++
			} else {
				want(t, err, mail.Invalid)
			}
		}
		if sent != 3 {
			t.Errorf("%d letters", sent)
		}
		_, err := begin(staff.ID)
		want(t, err, mail.Invalid)
		h.reply(t, self, h.holders(l)[1].ID, "Ett svar.")
	})
	t.Run("also after the letter has ended", func(t *testing.T) {
		h.lite = mail.ID{}
		h.clock.days(100)
		_, err := h.Expire(ctx)
		fine(t, err)
		_, err = h.Purge(ctx)
		fine(t, err)
		w, err := begin(staff.ID)
		fine(t, err)
		w.Cancel(ctx)
	})
}

// Whose account is closed has not removed what they never saw.
func TestTheEndOfAnAccountTellsWhoseLettersWereNotRead(t *testing.T) {
	h := newHouse(t)
	self := h.register(anna, annaPhone)
	mine := func(m mail.ID) (id mail.ID) {
		for _, x := range h.holders(m) {
			if x.Owner == self.ID {
				id = x.ID
			}
		}
		return id
	}
	over := mine(h.accept(letterTo(toAnna())))
	h.clock.days(100) // and nobody has ended it yet
	read := mine(h.accept(letterTo(toAnna())))
	_, err := h.Open(ctx, self, read)
	fine(t, err)
	var unread []mail.ID
	for range 60 { // more than one transaction's
		unread = append(unread, mine(h.accept(letterTo(toAnna()))))
	}
	h.news()
	h.store.before = refuses("update", 2)
	if h.EndOwn(ctx, self) == nil {
		t.Fatal("the second transaction did not fail")
	}
	h.store.whole()
	fine(t, h.EndOwn(ctx, self))
	fine(t, h.EndOwn(ctx, self))
	t.Run("what they had read they have removed", func(t *testing.T) {
		if s := h.steps(read); count(s, mail.StepDone) != 1 || count(s, mail.StepClosedUnread) != 0 {
			t.Errorf("%v", s)
		}
	})
	t.Run("what they had not says so, once, and so does a mail to each sender", func(t *testing.T) {
		for _, id := range unread {
			if s := h.steps(id); count(s, mail.StepDone) != 0 || count(s, mail.StepClosedUnread) != 1 || h.holder(id).Why != mail.EndClosed {
				t.Errorf("%v", s)
			}
		}
		told := h.news()
		if len(told) != len(unread) {
			t.Fatalf("%d mails", len(told))
		}
		for _, n := range told {
			if n.Kind != mail.NoticeNeverRead || n.Notice.To != caseworker || n.Notice.Outcomes[0].Address != anna || n.Notice.Outcomes[0].Step != mail.StepClosedUnread {
				t.Errorf("%s %+v", n.Kind, n.Notice.Outcomes)
			}
		}
	})
	t.Run("what was over is only ended", func(t *testing.T) {
		if s := h.steps(over); count(s, mail.StepDone)+count(s, mail.StepClosedUnread) != 0 || count(s, mail.StepEnded) != 1 {
			t.Errorf("%v", s)
		}
	})
}

func TestEndOwn(t *testing.T) {
	h := newHouse(t)
	self, neighbour := h.register(anna, annaPhone), h.register(bo, boPhone)
	m := h.accept(letterTo(toAnna(), toBo()))
	var hers mail.ID
	for _, x := range h.holders(m) {
		if x.Owner == self.ID {
			hers = x.ID
		}
	}
	_, err := h.Open(ctx, self, hers)
	fine(t, err)
	answer := h.reply(t, self, hers, "Ett svar.")
	own, err := h.CountOwn(ctx, self)
	fine(t, err)
	if own != (desk.Own{Letters: 1, Sent: 1}) {
		t.Errorf("%+v", own)
	}
	fine(t, h.EndOwn(ctx, self))
	t.Run("their copies end, and nobody else's", func(t *testing.T) {
		_, err := h.Open(ctx, self, hers)
		want(t, err, mail.Gone)
		for _, x := range append(h.holders(m), h.holders(answer)...) {
			if (x.State >= mail.Purging) != (x.Owner == self.ID) {
				t.Errorf("%+v", x)
			}
		}
		if count(h.steps(hers), mail.StepDone) != 1 {
			t.Errorf("%v", h.steps(hers))
		}
		if own, err := h.CountOwn(ctx, self); err != nil || own != (desk.Own{}) {
			t.Errorf("%+v %v", own, err)
		}
		if own, err := h.CountOwn(ctx, neighbour); err != nil || own.Letters != 1 {
			t.Errorf("%+v %v", own, err)
		}
	})
	t.Run("it may be done again, and the keys go", func(t *testing.T) {
		fine(t, h.EndOwn(ctx, self))
		_, err := h.Purge(ctx)
		fine(t, err)
		if x := h.holder(hers); x.State != mail.Erased || !x.Slot.IsZero() {
			t.Errorf("%+v", x)
		}
	})
	t.Run("nothing of the house's ends by it", func(t *testing.T) {
		want(t, h.EndOwn(ctx, h.staff(caseworker)), mail.Absent)
		_, err := h.Open(ctx, h.staff(caseworker), h.holders(m)[0].ID)
		fine(t, err)
	})
}
