package desk

import (
	"cmp"
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Receive takes a mail that a gateway hands in for people of the house. Each of them
// gets a message of their own, which is the house's copy and has no timer: what came
// in is a public record. Nil means that all are durable; else none is.
//
// A recipient who is nobody's here is Invalid, so that the gateway tells the sender.
func (d *Desk) Receive(ctx context.Context, actor mail.Actor, dr *mail.Draft) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	people := make([]mail.Resident, len(dr.To))
	for i, to := range dr.To {
		p, ok, err := d.Directory.Resident(ctx, to.Address, to.Name)
		if err != nil {
			return err
		}
		if !ok {
			return mail.E(mail.Invalid, "error.unknownrecipient", nil)
		}
		people[i] = p
	}
	var all []*sealing
	undo := func() {
		for _, s := range all {
			s.undo(ctx)
		}
	}
	for i := range people {
		s, err := d.newSealing(mail.In, people[i].ID, mail.ID{}, d.Clock.Now(), 1, people[i].Mails())
		if err != nil {
			undo()
			return err
		}
		all = append(all, s)
		if err := s.inbound(ctx, actor, dr, dr.To[i], people[i], house, "gateway"); err != nil {
			undo()
			return err
		}
	}
	err = d.Store.Update(ctx, func(tx Tx) error {
		for _, s := range all {
			if err := s.write(tx); err != nil {
				return err
			}
		}
		return taken(tx, dr)
	})
	if err != nil {
		undo()
		return err
	}
	d.Wake()
	return nil
}

// inbound seals a mail from outside for one person or function mailbox. way is by which it
// came, for the journal.
func (s *sealing) inbound(ctx context.Context, actor mail.Actor, dr *mail.Draft, to mail.Request, p mail.Resident, house House, way string) error {
	if err := s.envelope(mail.Envelope{Sender: dr.From, SenderName: dr.FromName}); err != nil {
		return err
	}
	h, err := s.holder(mail.HolderPerson, p.ID, mail.Columns{Address: to.Address, Name: to.Name})
	if err != nil {
		return err
	}
	h.House = true
	s.keep(h)
	if err := s.wrapFor(h, p); err != nil {
		return err
	}
	n := mail.Notice{Kind: mail.NoticeInternal, To: to.Address, ToName: to.Name, Lang: cmp.Or(p.Lang, house.Lang)}
	if err := s.tellResident(h.ID, p, n, time.Time{}); err != nil {
		return err
	}
	s.note(journal.Accepted, actor, mail.ID{}, way)
	return s.content(ctx, dr)
}
