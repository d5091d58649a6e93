package office

import (
	"context"

	"sigill/appliance/mail"
)

// SetReceipt keeps how a person is told that a letter of theirs was read, where the letter
// itself says nothing of it.
func (o *Office) SetReceipt(ctx context.Context, person mail.ID, r mail.ReadReceipt) error {
	err := o.Store.Update(ctx, func(tx Tx) error {
		return o.rewrite(tx, person, func(_ *mail.Person, f *mail.Profile) { f.Receipt = r })
	})
	if err != nil {
		return err
	}
	return o.learn(ctx, person)
}

// ProvenPhone returns the phone that a person of the house has proven to be theirs; "" of who
// has none.
func (o *Office) ProvenPhone(ctx context.Context, person mail.ID) (mail.Phone, error) {
	f, err := o.Factor(ctx, person)
	return f.Phone, err
}
