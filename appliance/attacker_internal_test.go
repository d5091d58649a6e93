package appliance

import (
	"context"

	"sigill/appliance/mail"
)

// Accept takes a letter before the demo runs, so that its notice waits to be sent.
func Accept(ctx context.Context, d *Demo, l *mail.Draft) error {
	return d.Appliance.desk.Accept(ctx, mail.Actor{Kind: mail.ActorSender}, l)
}
