package desk

import (
	"context"

	"sigill/appliance/mail"
)

// HandIn takes what a stranger has written in a form of ours, for one mailbox of the house:
// sealed like any letter that comes in, and without a timer, since it is a public record. Nil
// means that it is durable. How much strangers may hand in is the door's to count.
func (d *Desk) HandIn(ctx context.Context, owner mail.ID, dr *mail.Draft) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	to, err := d.Directory.Owner(ctx, owner)
	if err != nil {
		return err
	}
	dr.To = []mail.Request{{Address: to.Address, Name: to.Name}}
	s, err := d.newSealing(mail.In, to.ID, mail.ID{}, d.Clock.Now(), 1, to.Mails())
	if err != nil {
		return err
	}
	if err := s.inbound(ctx, mail.Actor{}, dr, dr.To[0], to, house, "form"); err != nil {
		s.undo(ctx)
		return err
	}
	return s.store(ctx, nil)
}
