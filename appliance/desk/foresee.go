package desk

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// Bounds of what one person is shown of recipients before a letter is sent, a day. It
// tells who has an account, which address of the house nobody has, and of a number whether
// it is the account's: forecastMost is
// four of the largest letters there are, each looked at once, and nobody goes through a
// register of a town by it.
//
// guessMost is how often it may be said that a number is another one than an account's.
// Of the about 5·10⁷ mobile numbers that there can be in Sweden, 100 are hit with a
// probability of 2·10⁻⁶ a day. A number is only guessed at here: it opens nothing.
const (
	forecastMost   = 4 * 500
	guessMost      = 100
	forecastWindow = 24 * time.Hour
)

// Foresee is Plan for a page that person looks at. What it tells of people outside of the
// house is counted, durably, before it is told. The error is then Busy, for people.
func (d *Desk) Foresee(ctx context.Context, person, owner mail.ID, dr *mail.Draft) ([]Forecast, Life, error) {
	list, life, err := d.Plan(ctx, owner, dr)
	if err != nil {
		return nil, life, err
	}
	told, guessed := 0, 0
	for _, f := range list {
		if f.Channel != mail.ChannelInternal || f.Nobody {
			told++
		}
		if f.Doubt == mail.HoldRegistered && f.Phone != "" {
			guessed++
		}
	}
	if told == 0 {
		return list, life, nil
	}
	err = d.Store.Update(ctx, func(tx Tx) error {
		if err := d.foretell(tx, "forecast", person, told, forecastMost); err != nil {
			return err
		}
		return d.foretell(tx, "forecast.guess", person, guessed, guessMost)
	})
	if err != nil {
		return nil, life, err
	}
	return list, life, nil
}

// foretell counts n of what a person is told, unless so many are not left.
func (d *Desk) foretell(tx Tx, what string, person mail.ID, n, most int) error {
	name := d.App.Tag(what, person.String())
	have, err := tx.Counter(name, tx.Now())
	if err != nil {
		return err
	}
	if int(have)+n > most {
		return mail.E(mail.Busy, "error.forecast", nil)
	}
	for range n {
		if _, err := tx.Count(name, tx.Now(), forecastWindow); err != nil {
			return err
		}
	}
	return nil
}
