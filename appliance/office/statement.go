package office

import (
	"context"
	"encoding/json"
	"fmt"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// settingStatement holds the statement on accessibility, as JSON. It is public and names
// nobody: in clear like the page on which it stands.
const settingStatement = "accessibility"

// Statement returns what the organisation says of how accessible its pages are; what the
// product can say by itself, if nobody has said anything.
func (o *Office) Statement(ctx context.Context) (s org.Statement, err error) {
	var text string
	err = o.Store.View(ctx, func(tx ReadTx) error {
		text, err = tx.Setting(settingStatement)
		return err
	})
	if mail.KindOf(err) == mail.Absent {
		return org.Statement{Meets: org.MeetsPartly}, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, mail.E(mail.Internal, "error.internal", fmt.Errorf("setting %s: %w", settingStatement, err))
	}
	return s, nil
}

// SetStatement changes it. Who is no administrator gets Absent; the errors for people are
// Invalid.
func (o *Office) SetStatement(ctx context.Context, by mail.Actor, s org.Statement) error {
	if o.Roles(by.ID)&mail.RoleAdmin == 0 {
		return absent()
	}
	s, err := s.Clean()
	if err != nil {
		return err
	}
	o.Tree(func(t *org.Tree) {
		if _, none := t.Mailbox(s.Mailbox); !s.Mailbox.IsZero() && none != nil {
			err = mail.E(mail.Invalid, "error.statement.mailbox", nil)
		}
	})
	if err != nil {
		return err
	}
	return o.Store.Update(ctx, func(tx Tx) error {
		s.At = tx.Now()
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if err := tx.SetSetting(settingStatement, string(text)); err != nil {
			return err
		}
		if err := changed(tx, by, mail.RootUnit, mail.SettingStatement); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.SettingSet, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Detail: settingStatement})
	})
}

// FeedbackTo returns whose letters feedback on accessibility becomes: the function mailbox
// that an administrator has chosen, or else the administrator whose name comes first. The law
// asks for a way that works without anybody having set it up. Absent if nobody could read it.
func (o *Office) FeedbackTo(ctx context.Context) (mail.ID, error) {
	s, err := o.Statement(ctx)
	if err != nil {
		return mail.ID{}, err
	}
	to := mail.ID{}
	o.Tree(func(t *org.Tree) {
		if m, err := t.Mailbox(s.Mailbox); err == nil && len(t.Readers(m.ID)) > 0 {
			to = m.ID
		} else if list := t.Administrators(); len(list) > 0 {
			to = list[0].ID
		}
	})
	if to.IsZero() {
		return to, absent()
	}
	return to, nil
}
