package desk

import (
	"context"

	"sigill/appliance/mail"
)

// Levels returns the levels that a sender may choose, the weakest first.
func (d *Desk) Levels(ctx context.Context) ([]mail.Level, error) {
	house, err := d.House(ctx)
	if err != nil {
		return nil, err
	}
	return house.Rules.Levels(), nil
}
