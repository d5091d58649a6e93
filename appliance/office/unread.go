package office

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// unreadAtOnce bounds the letters that one mail tells of.
const unreadAtOnce = 1000

// TellUnread tells the people of each function mailbox, and the substitutes, what has
// lain unread there for as many working days as the mailbox says; and again after as many
// more. Of a mailbox that has nobody it is told to who organises it. It returns how many
// letters it were.
func (o *Office) TellUnread(ctx context.Context) (n int, err error) {
	var all []org.Mailbox
	o.Tree(func(t *org.Tree) { all = t.AllMailboxes() })
	for _, m := range all {
		if m.Alarm == 0 {
			continue
		}
		told, e := o.tellUnread(ctx, m)
		n += told
		err = errors.Join(err, e) // and the others are told nonetheless
	}
	return n, err
}

func (o *Office) tellUnread(ctx context.Context, m org.Mailbox) (n int, err error) {
	before := o.LainFor(o.Clock.Now(), m.Alarm)
	late, oldest, err := o.late(ctx, m.ID, before)
	if err != nil || len(late) == 0 {
		return 0, err
	}
	staff := o.responsible(m)
	err = o.withMails(len(staff), func(link []mail.Slot) (int, error) {
		return len(staff), o.Store.Update(ctx, func(tx Tx) error {
			for _, h := range late {
				if err := tx.PutAlarm(h, tx.Now()); err != nil {
					return err
				}
			}
			for i, id := range staff {
				p, err := tx.Person(id)
				if err != nil {
					return err
				}
				if err := o.post(tx, link[i], p, mail.Notice{Kind: mail.NoticeUnread, Mailbox: m.Name, Count: len(late), At: oldest}); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return len(late), err
}

// responsible returns who is told of what lies unread: the people of the mailbox, or else
// the organisers nearest above; nobody who is suspended.
func (o *Office) responsible(m org.Mailbox) (ids []mail.ID) {
	o.Tree(func(t *org.Tree) {
		add := func(p org.Person) {
			if !p.Out() {
				ids = append(ids, p.ID)
			}
		}
		for _, c := range t.Staff(m.ID) {
			add(c.Person)
		}
		path := t.Path(m.Unit)
		for i := len(path) - 1; i >= 0 && len(ids) == 0; i-- {
			for _, p := range t.Organisers(path[i].ID) {
				add(p)
			}
		}
	})
	return ids
}

// late returns what lies unread in a mailbox since before a moment and was not told of
// since then, and when the oldest came.
func (o *Office) late(ctx context.Context, mailbox mail.ID, before time.Time) (list []mail.ID, oldest time.Time, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		rows, err := tx.UnreadBefore(mailbox, before, unreadAtOnce)
		for _, u := range rows {
			list = append(list, u.Holder)
		}
		if len(rows) > 0 {
			oldest = rows[0].At
		}
		return err
	})
	return list, oldest, err
}
