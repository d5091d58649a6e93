package office

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// faultReads is what the office reads of the machine's faults, faultWrites what it writes.
type faultReads interface {
	Faults() ([]mail.Fault, error)
}

type faultWrites interface {
	SetFaults([]mail.Fault) error
}

// Faults returns what is known of the machine's faults.
func (o *Office) Faults(ctx context.Context) (list []mail.Fault, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		list, err = tx.Faults()
		return err
	})
	return list, err
}

// KeepFaults remembers what is known of the machine's faults, and in the same transaction
// tells each administrator by mail what say says in their language; nobody if it says
// nothing. Each act is written down, so that who looks at the journal sees when the machine
// failed.
func (o *Office) KeepFaults(ctx context.Context, keep []mail.Fault, raised, ended []string, say func(lang string) []mail.Alarm) error {
	var to []mail.ID
	if say != nil {
		to = o.runners()
	}
	return o.withMails(len(to), func(link []mail.Slot) (int, error) {
		return len(to), o.Store.Update(ctx, func(tx Tx) error {
			if err := noteFaults(tx, raised, ended); err != nil {
				return err
			}
			if err := tx.SetFaults(keep); err != nil {
				return err
			}
			for i, id := range to {
				if err := o.postAlarm(tx, link[i], id, say); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func noteFaults(tx Tx, raised, ended []string) error {
	for _, l := range []struct {
		kind   string
		checks []string
	}{{journal.FaultFound, raised}, {journal.FaultMended, ended}} {
		for _, check := range l.checks {
			if err := tx.Note(mail.Event{Kind: l.kind, At: tx.Now(), Actor: mail.ActorSystem, Part: "doctor", Detail: check}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Office) postAlarm(tx Tx, slot mail.Slot, id mail.ID, say func(lang string) []mail.Alarm) error {
	p, err := tx.Person(id)
	if err != nil {
		return err
	}
	profile, err := o.Profile(p)
	if err != nil {
		return err
	}
	return o.post(tx, slot, p, mail.Notice{Kind: mail.NoticeAlarm, At: tx.Now(), Alarms: say(profile.Lang)})
}

// runners are those who run the machine now.
func (o *Office) runners() (ids []mail.ID) {
	o.Tree(func(t *org.Tree) {
		for _, p := range t.Administrators() {
			ids = append(ids, p.ID)
		}
	})
	return ids
}
