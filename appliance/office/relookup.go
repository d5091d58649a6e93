package office

import (
	"context"

	"sigill/appliance/mail"
)

// relookup finds people again whose address is looked up in another form than when they were
// written: those with letters that were once folded into ASCII; see mail.Address.Key. Nobody
// has such an address but by a slip or on purpose, and whoever has takes nobody's place: the
// new form is nobody else's.
func (o *Office) relookup(ctx context.Context) error {
	var moved []mail.Person
	err := o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.IsNobody() {
				continue
			}
			f, err := o.Profile(p)
			if err != nil {
				return err
			}
			if now := o.App.Lookup(f.Address.Key()); now != p.Lookup {
				p.Lookup = now
				moved = append(moved, p)
			}
		}
		return nil
	})
	if err != nil || len(moved) == 0 {
		return err
	}
	return o.Store.Update(ctx, func(tx Tx) error {
		for _, p := range moved {
			if err := tx.SavePerson(p); err != nil {
				return err
			}
		}
		return nil
	})
}
