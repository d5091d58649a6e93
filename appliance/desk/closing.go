package desk

import (
	"context"

	"sigill/appliance/mail"
)

// endBatch is how many copies end in one transaction.
const endBatch = 200

// EndAll ends every copy that a person or function mailbox has: its readers elsewhere keep
// theirs until those end. It returns how many ended. The keys and bytes follow in Purge.
func (d *Desk) EndAll(ctx context.Context, owner mail.ID, why mail.End, actor mail.Actor) (int, error) {
	return d.each(ctx, owner, func(tx Tx, h mail.Holder) error { return d.end(tx, h, why, actor) })
}

// each ends every copy of an owner's, in transactions of endBatch, and returns how many it
// were. end must end what it is given, or fail.
func (d *Desk) each(ctx context.Context, owner mail.ID, end func(tx Tx, h mail.Holder) error) (total int, err error) {
	for {
		n := 0
		err := d.Store.Update(ctx, func(tx Tx) error {
			list, err := tx.HoldersOf(owner, endBatch)
			if err != nil {
				return err
			}
			n = len(list)
			for _, h := range list {
				if err := end(tx, h); err != nil {
					return err
				}
			}
			return nil
		})
		total += n
		if err != nil || n < endBatch {
			return total, err
		}
	}
}
