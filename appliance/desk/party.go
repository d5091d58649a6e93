package desk

import (
	"context"
	"encoding/json"

	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

// party is what the house knows of one recipient.
type party struct {
	resident mail.Resident // of the house, if inside
	inside   bool
	phone    mail.Phone // remembered
	spoken   string     // language remembered
}

func (p party) lang(def string) string {
	switch {
	case p.inside && p.resident.Lang != "":
		return p.resident.Lang
	case p.spoken != "":
		return p.spoken
	}
	return def
}

// parties looks up every recipient: colleagues by the directory, others by the
// number last used.
func (d *Desk) parties(ctx context.Context, to []mail.Request) ([]party, error) {
	list := make([]party, len(to))
	for i, r := range to {
		if r.Trap != mail.NoTrap {
			continue // the address is not sure; nobody is made a person by a typing error
		}
		var err error
		if list[i].resident, list[i].inside, err = d.Directory.Resident(ctx, r.Address, r.Name); err != nil {
			return nil, err
		}
	}
	return list, d.Store.View(ctx, func(tx ReadTx) error {
		for i, r := range to {
			if list[i].inside || r.Trap != mail.NoTrap {
				continue
			}
			c, err := d.remembered(tx, r.Address)
			if mail.KindOf(err) == mail.Absent {
				continue
			}
			if err != nil {
				return err
			}
			list[i].phone, list[i].spoken = c.Phone, c.Lang
		}
		return nil
	})
}

// remembered opens what is kept of an address.
func (d *Desk) remembered(tx ReadTx, a mail.Address) (mail.Columns, error) {
	var c mail.Columns
	lookup := d.App.Lookup(a.Key())
	row, err := tx.Contact(lookup)
	if err != nil {
		return c, err
	}
	b, err := d.App.OpenContact(lookup, row.Columns)
	if err != nil {
		return c, mail.E(mail.Internal, "error.internal", err)
	}
	return c, json.Unmarshal(b, &c)
}

// maxMails bounds the mails by which one letter tells its recipients: function mailboxes
// multiply them.
const maxMails = 2000

// mails is how many mails it takes to tell them all. TooLarge above maxMails.
func mails(list []party) (n int, err error) {
	for _, p := range list {
		n += p.resident.Mails()
	}
	if n > maxMails {
		return n, mail.E(mail.TooLarge, "error.mails", nil)
	}
	return n, nil
}

func known(list []party) []policy.Known {
	k := make([]policy.Known, len(list))
	for i, p := range list {
		k[i] = policy.Known{Person: p.inside, Phone: p.phone}
	}
	return k
}

// wayOf says whether a message stays within the house.
func wayOf(list []party) mail.Way {
	for _, p := range list {
		if !p.inside {
			return mail.Out
		}
	}
	return mail.Within
}
