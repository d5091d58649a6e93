package desk

import (
	"context"

	"sigill/appliance/mail"
)

// DropDraft destroys a draft of r's, key and bytes, as at the end of a letter.
func (d *Desk) DropDraft(ctx context.Context, r Reader, holder mail.ID) error {
	return d.Store.Update(ctx, func(tx Tx) error { return d.dropDraft(tx, r, holder) })
}

// DropDrafts does so with several, at most MaxMove, and returns those that it destroyed: what
// is no draft of r's, or none any more, is passed over.
func (d *Desk) DropDrafts(ctx context.Context, r Reader, holders []mail.ID) ([]mail.ID, error) {
	return d.eachOf(ctx, holders, func(tx Tx, id mail.ID) (bool, error) {
		err := d.dropDraft(tx, r, id)
		return err == nil, err
	})
}

func (d *Desk) dropDraft(tx Tx, r Reader, holder mail.ID) error {
	x, err := d.draft(tx, r, holder)
	if err != nil {
		return err
	}
	return d.end(tx, x.h, mail.EndTrash, r.Actor)
}
