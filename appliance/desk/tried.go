package desk

import (
	"context"

	"sigill/appliance/mail"
)

// EndTried ends letters that the appliance has made itself to try the way of one, with every
// copy, the house's too. The caller names letters of its own making, and no others; Purge
// destroys them.
func (d *Desk) EndTried(ctx context.Context, letters ...mail.ID) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		for _, id := range letters {
			holders, err := tx.Holders(id)
			if err != nil {
				return err
			}
			for _, h := range holders {
				if err := d.end(tx, h, mail.EndRecalled, mail.SystemActor("canary")); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Destroyed reports whether nothing is left of letters: their keys and rows are gone.
func (d *Desk) Destroyed(ctx context.Context, letters ...mail.ID) (yes bool, err error) {
	yes = true
	err = d.Store.View(ctx, func(tx ReadTx) error {
		for _, id := range letters {
			m, err := tx.Message(id)
			if err != nil {
				return err
			}
			yes = yes && m.State == mail.Erased && m.Slot.IsZero()
		}
		return nil
	})
	return yes, err
}
