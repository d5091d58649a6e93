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
	total := 0
	for {
		n := 0
		err := d.Store.Update(ctx, func(tx Tx) error {
			list, err := tx.HoldersOf(owner, endBatch)
			if err != nil {
				return err
			}
			n = len(list)
			for _, h := range list {
				if err := d.end(tx, h, why, actor); err != nil {
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
