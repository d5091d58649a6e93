package intake

import (
	"fmt"

	"sigill/appliance/mail"
)

// Draft reads a mail that a proven sender handed in for rcpts: the content by
// Read, the recipients by the grammar, the tag off the subject, the header fields.
//
// Who is secure: with a tag or an X-Sigill field, all recipients. Without, those with a
// trigger; if there are any, the others are held with TrapNoTrigger, because a
// secure mail never goes to somebody in clear. If there are none, the mail is not
// for us: Invalid, "error.nosecure".
//
// What was asked: the stronger level of tag and header stands in Ask, a trigger's own level in
// its Request, and policy takes the stronger of both. The sender's own tag names the
// lifetime, a header field only where the tag names none. A number in tag or header is one
// person's: with several recipients who have no number of their own the mail is
// Invalid, "error.tag.phone". Those are counted over To, Cc and the envelope,
// because Exchange hands in one mail for each recipient.
func (g Grammar) Draft(raw []byte, from mail.Address, rcpts []string, lim Limits) (*mail.Draft, error) {
	if len(rcpts) > lim.Recipients {
		return nil, mail.E(mail.TooLarge, "error.recipients", fmt.Errorf("intake: %d recipients", len(rcpts))).Tell("limit", fmt.Sprint(lim.Recipients))
	}
	d, h, err := read(raw, lim)
	if err != nil {
		return nil, err
	}
	g.phones = map[string]mail.Phone{}
	clean, tag, tagged, err := g.Subject(d.Subject)
	if err != nil {
		return nil, err
	}
	fields, asked, err := g.asked(h)
	if err != nil {
		return nil, err
	}
	d.Subject = clean
	ask := strongest(tag, fields)
	d.Ask = mail.Ask{Level: ask.Level, LevelSet: ask.LevelSet, Lifetime: ask.Lifetime, Receipt: ask.Receipt, ReceiptSet: ask.ReceiptSet, Case: ask.Case, Lang: ask.Lang}
	g.sender(d, from)
	listed := g.listed(h)
	if err := g.recipients(d, rcpts, listed, tagged || asked); err != nil {
		return nil, err
	}
	return d, g.soleNumber(d, ask.Phone, listed)
}

// strongest joins tag and header.
func strongest(tag, fields Tag) Tag {
	t := tag
	if fields.LevelSet && (!t.LevelSet || fields.Level > t.Level) {
		t.Level, t.LevelSet = fields.Level, true
	}
	if t.Lifetime.IsZero() {
		t.Lifetime = fields.Lifetime
	}
	if t.Phone == "" {
		t.Phone = fields.Phone
	}
	t.receipt(fields)
	t.Case, t.Lang = fields.Case, fields.Lang
	return t
}

// sender puts the proven address in. A display name belongs to the From line's
// address and goes with it: under another's address it would be a lie.
func (g Grammar) sender(d *mail.Draft, from mail.Address) {
	if d.From.Key() != from.Key() {
		f := faults(d.Faults)
		f.add(FaultFrom)
		d.Faults, d.FromName = f, ""
	}
	d.From = from
}

// listed are the addresses of To and Cc, read by the grammar.
type listed struct {
	mail.Request
	secure bool
	name   string
}

func (g Grammar) listed(h header) []listed {
	var f faults
	var list []listed
	for _, name := range []string{"to", "cc"} {
		for _, v := range h.all(name) {
			for _, n := range addresses(v, &f) {
				req, secure, err := g.Recipient(n.given)
				if err == nil {
					list = append(list, listed{req, secure, n.name})
				}
			}
		}
	}
	return list
}

// recipients fills To: one request for each different address of the envelope.
func (g Grammar) recipients(d *mail.Draft, rcpts []string, list []listed, all bool) error {
	names := map[string]string{}
	for _, l := range list {
		if key := l.Address.Key(); l.name != "" && names[key] == "" {
			names[key] = l.name
		}
	}
	seen := map[string]int{}
	triggered := false
	for _, rcpt := range rcpts {
		req, secure, err := g.Recipient(rcpt)
		if err != nil {
			return err
		}
		triggered = triggered || secure
		if !secure {
			req.Level = mail.Registered
			if d.Ask.LevelSet {
				req.Level = d.Ask.Level
			}
			if !all {
				req.Trap = mail.TrapNoTrigger
			}
		}
		req.Name = names[req.Address.Key()]
		key := req.Address.Key()
		if key == "" {
			key = " " + rcpt
		}
		if i, again := seen[key]; again {
			same(&d.To[i], req)
			continue
		}
		seen[key] = len(d.To)
		d.To = append(d.To, req)
	}
	if !all && !triggered {
		return mail.E(mail.Invalid, "error.nosecure", fmt.Errorf("intake: no secure recipient"))
	}
	return nil
}

// same joins two mentions of one address: the stronger level, the number that
// is given; two different numbers, or a trap at either, are held.
func same(a *mail.Request, b mail.Request) {
	a.Level = max(a.Level, b.Level)
	switch {
	case a.Trap == mail.TrapNoTrigger: // the other mention has the trigger
		a.Trap = b.Trap
	case b.Trap != mail.NoTrap && b.Trap != mail.TrapNoTrigger:
		a.Trap = b.Trap
	}
	switch {
	case a.Phone == "":
		a.Phone = b.Phone
	case b.Phone != "" && a.Phone != b.Phone:
		a.Phone, a.Trap = "", mail.TrapNumber
	}
}

// soleNumber gives the number of tag or header to the one recipient that it is for.
func (g Grammar) soleNumber(d *mail.Draft, phone mail.Phone, list []listed) error {
	if phone == "" {
		return nil
	}
	without := map[string]bool{}
	some := false // a trigger is used: then only those with one are meant
	for _, l := range list {
		some = some || l.secure
	}
	for _, l := range list {
		if (l.secure || !some) && l.Phone == "" {
			without[l.Address.Key()] = true
		}
	}
	for _, r := range d.To {
		if r.Phone == "" {
			without[r.Address.Key()] = true
		}
	}
	if len(without) > 1 {
		return mail.E(mail.Invalid, "error.tag.phone", fmt.Errorf("intake: one number for %d recipients", len(without)))
	}
	for i := range d.To {
		if d.To[i].Phone == "" && d.To[i].Trap == mail.NoTrap {
			d.To[i].Phone = phone
		}
	}
	return nil
}
