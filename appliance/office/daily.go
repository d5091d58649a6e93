package office

import (
	"context"
	"errors"
	"strings"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// SetTold keeps when a person wants a mail about new letters of their own, and of function
// mailboxes. The error is Invalid for what is no choice.
func (o *Office) SetTold(ctx context.Context, person mail.ID, own, shared mail.Told) error {
	if !own.Valid() || !shared.Valid() {
		return mail.E(mail.Invalid, "error.invalid", nil)
	}
	err := o.Store.Update(ctx, func(tx Tx) error {
		return o.rewrite(tx, person, func(_ *mail.Person, f *mail.Profile) { f.Told, f.Shared = own, shared })
	})
	if err != nil {
		return err
	}
	return o.learn(ctx, person)
}

// settingDaily is the day on which people were last told once a day, and the moment until
// which letters were counted.
const settingDaily = "told.daily"

// TellDaily tells those who want one mail a day how many unread letters have come since the
// day before; whoever has none gets none. day is the house's by now: the second call for it
// does nothing. After a crash in between some may be told twice. It returns how many people
// were told.
func (o *Office) TellDaily(ctx context.Context, day string) (n int, err error) {
	now := o.Clock.Now()
	last, since, err := o.lastDaily(ctx, now)
	if err != nil || last == day {
		return 0, err
	}
	var people []mail.ID
	o.Tree(func(t *org.Tree) { people = t.ToldDaily() })
	for _, id := range people {
		told, e := o.tellDaily(ctx, id, since, now)
		if told {
			n++
		}
		err = errors.Join(err, e) // and the others are told nonetheless
	}
	return n, errors.Join(err, o.Store.Update(ctx, func(tx Tx) error {
		return tx.SetSetting(settingDaily, day+" "+now.Format(time.RFC3339Nano))
	}))
}

// lastDaily returns on which day people were last told, and until when; on the first day
// it is what has come in a day.
func (o *Office) lastDaily(ctx context.Context, now time.Time) (day string, until time.Time, err error) {
	var value string
	err = o.Store.View(ctx, func(tx ReadTx) (err error) {
		value, err = tx.Setting(settingDaily)
		if mail.KindOf(err) == mail.Absent {
			return nil
		}
		return err
	})
	day, at, _ := strings.Cut(value, " ")
	if until, e := time.Parse(time.RFC3339Nano, at); e == nil {
		return day, until, err
	}
	return "", now.Add(-24 * time.Hour), err
}

func (o *Office) tellDaily(ctx context.Context, person mail.ID, since, now time.Time) (told bool, err error) {
	var p mail.Person
	own, shared := 0, 0
	boxes := o.dailyBoxes(person, since)
	err = o.Store.View(ctx, func(tx ReadTx) (err error) {
		if p, err = tx.Person(person); err != nil {
			return err
		}
		for id, from := range boxes {
			n, err := tx.NewUnread(id, from, now)
			if err != nil {
				return err
			}
			if id == person {
				own = n
			} else {
				shared = min(shared+n, mail.MaxStanding)
			}
		}
		return nil
	})
	n := min(own+shared, mail.MaxStanding)
	if err != nil || n == 0 {
		return false, err
	}
	err = o.withMails(1, func(link []mail.Slot) (int, error) {
		return 1, o.Store.Update(ctx, func(tx Tx) error {
			return o.post(tx, link[0], p, mail.Notice{Kind: mail.NoticeDaily, Count: n, Shared: shared})
		})
	})
	return err == nil, err
}

// dailyBoxes are the mailboxes of which a person wants one mail a day, each with the moment from
// which letters are new: their own, and function mailboxes since they read there.
func (o *Office) dailyBoxes(person mail.ID, since time.Time) map[mail.ID]time.Time {
	boxes := map[mail.ID]time.Time{}
	o.Tree(func(t *org.Tree) {
		me, err := t.Person(person)
		if err != nil {
			return // gone since
		}
		if me.Told == mail.ToldDaily {
			boxes[person] = since
		}
		if me.Shared != mail.ToldDaily {
			return
		}
		for _, m := range t.MailboxesOf(person) {
			for _, c := range told(t, m) {
				if c.ID == person {
					boxes[m.ID] = latest(since, c.Since)
				}
			}
		}
	})
	return boxes
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
