package office

import (
	"context"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// closingNotice is how long before its end a mailbox' people know of it: its letters are
// gone then, here and in every backup, and somebody may still need one.
const closingNotice = 14 * 24 * time.Hour

// maxDecision bounds what a disposal decision is called, in characters.
const maxDecision = 100

// SetClosing says when a function mailbox ends, with its keys and all that is in it, and by
// which disposal decision: what came in is a public record, and nothing else ends it. The
// zero time takes it back. All who have a place there are told; of a mailbox that has nobody,
// who organises it.
//
// The errors are Absent for who does not organise the mailbox, and Invalid for a time less
// than two weeks ahead, without a decision, and when its end has begun.
func (o *Office) SetClosing(ctx context.Context, by mail.Actor, id mail.ID, from time.Time, decision string) error {
	if decision = strings.TrimSpace(decision); from.IsZero() {
		decision = ""
	}
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var m org.Mailbox
	a := act{
		may: func(t *org.Tree) error {
			if err := organisesMailbox(t, by, id); err != nil {
				return err
			}
			switch {
			case m.Ends.Equal(from) && m.Decision == decision:
				return errSettled
			case !m.Ends.IsZero() && !o.Clock.Now().Before(m.Ends): // letters may be gone by now
				return mail.E(mail.Invalid, "error.closing.begun", nil)
			case from.IsZero():
			case from.Before(o.Clock.Now().Add(closingNotice)):
				return mail.E(mail.Invalid, "error.closing.soon", nil)
			case decision == "" || utf8.RuneCountInString(decision) > maxDecision:
				return mail.E(mail.Invalid, "error.closing.decision", nil)
			}
			return nil
		},
		note: mail.Event{Kind: journal.MailboxEnds, Holder: id, Detail: strings.TrimSpace(dayOf(from) + " " + decision)},
	}
	o.Tree(func(t *org.Tree) { m, _ = t.Mailbox(id) }) // who is no organiser of it is told by may
	told := o.responsible(m)
	return o.withMails(len(told), func(link []mail.Slot) (used int, err error) {
		a.write = func(tx Tx) error {
			m.Ends, m.Decision = from, decision
			row, err := o.sealMailbox(m)
			if err != nil {
				return err
			}
			if err := o.postClosing(tx, link, told, m); err != nil {
				return err
			}
			used = len(told)
			return tx.SaveFunctionMailbox(row)
		}
		a.done = func(t *org.Tree) { t.PutMailbox(m) }
		err = o.perform(ctx, by, a)
		return used, err
	})
}

// CountLetters returns how many letters a person or function mailbox has, and whether it
// ever had one.
func (o *Office) CountLetters(ctx context.Context, owner mail.ID) (n int, ever bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		if n, err = tx.CountHolders(owner); err != nil {
			return err
		}
		ever, err = tx.EverHeld(owner)
		return err
	})
	return n, ever, err
}

// Closing returns the function mailboxes whose end has come. From then on nothing is taken
// for them.
func (o *Office) Closing() (ids []mail.ID) {
	now := o.Clock.Now()
	o.Tree(func(t *org.Tree) {
		for _, m := range t.AllMailboxes() {
			if !m.Ends.IsZero() && !now.Before(m.Ends) {
				ids = append(ids, m.ID)
			}
		}
	})
	for _, id := range ids {
		o.replace(id)
	}
	return ids
}

// Close takes a function mailbox away whose end has come, with its keys. Who calls it has
// ended all that was in it before: with something left the error is Internal.
func (o *Office) Close(ctx context.Context, id mail.ID) error {
	var dead []mail.Slot
	var m org.Mailbox
	err := o.do(ctx, mail.SystemActor("office"), act{
		may: func(t *org.Tree) (err error) {
			m, err = t.Mailbox(id)
			return err
		},
		write: func(tx Tx) error {
			n, err := tx.CountHolders(id)
			if err != nil {
				return err
			}
			if n > 0 {
				return mail.E(mail.Internal, "error.internal", nil)
			}
			if err := tx.SetSetting(closedName(o.App.Lookup(m.Address.Key())), tx.Now().Format(time.RFC3339)); err != nil {
				return err
			}
			if err := tx.DropSettingChanges(id); err != nil {
				return err
			}
			dead, err = tx.DeleteFunctionMailbox(id)
			return err
		},
		done: func(t *org.Tree) {
			t.DropMailbox(id)
			o.forgetGeneration(id)
		},
		note: mail.Event{Kind: journal.MailboxClosed, Holder: id, Part: "office"},
	})
	if err != nil {
		return err
	}
	return o.erase(ctx, dead)
}

// closedName is the setting that says when the mailbox at an address has ended.
func closedName(lookup [32]byte) string { return "closed." + hex.EncodeToString(lookup[:]) }

// notClosed refuses letters to the address of a mailbox that has ended. They would else make
// a person of it, and whoever still gets mail there would be invited. An organiser may give
// the address to somebody: who is made by hand is found before this is asked.
func (o *Office) notClosed(ctx context.Context, lookup [32]byte) error {
	err := o.Store.View(ctx, func(tx ReadTx) error {
		_, err := tx.Setting(closedName(lookup))
		return err
	})
	if mail.KindOf(err) == mail.Absent {
		return nil
	}
	if err != nil {
		return err
	}
	return mail.E(mail.Invalid, "error.mailbox.closed", nil)
}
