package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

// party is what the house knows of one recipient.
type party struct {
	resident mail.Resident // of the house, if inside
	inside   bool
	// A registered recipient with this number, who is the resident then; "": none.
	registered mail.Phone
	lapsed     mail.Phone // that of one who has not shown inbox and phone for too long, and is a guest; "": none
	since      time.Time  // when they made the account
	phone      mail.Phone // remembered
	given      time.Time  // when it was last given
	worked     time.Time  // when a PIN sent to it was last right
	spoken     string     // language remembered
}

// lang is in which language the recipient is told: what they have chosen in an account, what
// the sender asks for, what is remembered of them. "" if nothing is known: then the house's.
func (p party) lang(asked string) string { return cmp.Or(p.resident.Lang, asked, p.spoken) }

// parties looks up every recipient of a letter that is sent now; whom of the house nobody has
// met is made.
func (d *Desk) parties(ctx context.Context, to []mail.Request) ([]party, error) {
	return d.partiesBy(ctx, to, d.Directory.Resident)
}

// partiesBy looks up every recipient: colleagues by a look of the directory's, registered
// recipients by the directory, others by the number last used.
func (d *Desk) partiesBy(ctx context.Context, to []mail.Request, look func(context.Context, mail.Address, string) (mail.Resident, bool, error)) ([]party, error) {
	list := make([]party, len(to))
	for i, r := range to {
		if r.Trap != mail.NoTrap {
			continue // the address is not sure; nobody is made a person by a typing error
		}
		var err error
		if list[i].resident, list[i].inside, err = look(ctx, r.Address, r.Name); err != nil {
			return nil, err
		}
	}
	if err := d.registered(ctx, to, list); err != nil {
		return nil, err
	}
	return list, d.Store.View(ctx, func(tx ReadTx) error {
		for i, r := range to {
			if list[i].inside || r.Trap != mail.NoTrap {
				continue
			}
			c, row, err := d.remembered(tx, r.Address)
			if mail.KindOf(err) == mail.Absent {
				continue
			}
			if err != nil {
				return err
			}
			list[i].phone, list[i].spoken, list[i].given, list[i].worked = c.Phone, c.Lang, row.At, row.Worked
		}
		return nil
	})
}

// registered fills in who of those from outside is a registered recipient, as far as inbox and
// phone are still known to be theirs; who is not is written to as anybody.
func (d *Desk) registered(ctx context.Context, to []mail.Request, list []party) error {
	var outside []mail.Address
	for i, r := range to {
		if !list[i].inside && r.Trap == mail.NoTrap {
			outside = append(outside, r.Address)
		}
	}
	if len(outside) == 0 {
		return nil
	}
	found, err := d.Directory.Recipients(ctx, outside)
	for i, r := range to {
		p, ok := found[r.Address.Key()]
		if !ok || list[i].inside || r.Trap != mail.NoTrap {
			continue
		}
		list[i].since = p.Since
		if p.Shown {
			list[i].resident, list[i].registered = p.Resident, p.Phone
		} else {
			list[i].lapsed = p.Phone
		}
	}
	return err
}

// remembered opens what is kept of an address.
func (d *Desk) remembered(tx ReadTx, a mail.Address) (c mail.Columns, row mail.Contact, err error) {
	lookup := d.App.Lookup(a.Key())
	if row, err = tx.Contact(lookup); err != nil {
		return c, row, err
	}
	b, err := d.App.OpenContact(lookup, row.Columns)
	if err != nil {
		return c, row, mail.E(mail.Internal, "error.internal", err)
	}
	return c, row, json.Unmarshal(b, &c)
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
		k[i] = policy.Known{Person: p.inside, Phone: p.phone, Given: p.given, Worked: p.worked, Registered: p.registered, Lapsed: p.lapsed, Since: p.since}
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
