package office

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// remindBefore is how long before its end a mailbox' people are told once more: enough for
// two working days over a weekend, to keep what somebody still needs.
const remindBefore = 4 * 24 * time.Hour

// RemindClosing tells once more of each function mailbox whose end is near, who has a place
// there now: some may have come since it was set.
func (o *Office) RemindClosing(ctx context.Context) (err error) {
	var near []mail.ID
	now := o.Clock.Now()
	o.Tree(func(t *org.Tree) {
		for _, m := range t.AllMailboxes() {
			if isNear(m, now) {
				near = append(near, m.ID)
			}
		}
	})
	for _, id := range near {
		err = errors.Join(err, o.remindClosing(ctx, id)) // and the others are told nonetheless
	}
	return err
}

func isNear(m org.Mailbox, now time.Time) bool {
	return now.Before(m.Ends) && !now.Before(m.Ends.Add(-remindBefore)) && !m.Reminded.Equal(m.Ends)
}

func (o *Office) remindClosing(ctx context.Context, id mail.ID) error {
	o.trees.acts.Lock() // until it is written nobody takes the end back
	defer o.trees.acts.Unlock()
	var m org.Mailbox
	o.Tree(func(t *org.Tree) { m, _ = t.Mailbox(id) })
	if !isNear(m, o.Clock.Now()) {
		return nil
	}
	m.Reminded = m.Ends
	row, err := o.sealMailbox(m)
	if err != nil {
		return err
	}
	told := o.responsible(m)
	err = o.withMails(len(told), func(link []mail.Slot) (int, error) {
		return len(told), o.Store.Update(ctx, func(tx Tx) error {
			if err := o.postClosing(tx, link, told, m); err != nil {
				return err
			}
			return tx.SaveFunctionMailbox(row)
		})
	})
	if err != nil {
		return err
	}
	o.tellTree(func(t *org.Tree) { t.PutMailbox(m) })
	return nil
}

// postClosing tells people when a mailbox ends, or that it does not.
func (o *Office) postClosing(tx Tx, link []mail.Slot, told []mail.ID, m org.Mailbox) error {
	for i, p := range told {
		n := mail.Notice{Kind: mail.NoticeClosing, At: tx.Now(), Until: org.LastMoment(m.Ends), Mailbox: m.Name}
		if err := o.post(tx, link[i], mail.Person{ID: p}, n); err != nil {
			return err
		}
	}
	return nil
}
