package vault

import (
	"sigill/appliance/mail"
	"sigill/appliance/usage"
)

const figureColumns = `day, unit, recipients, held, same_day, three_days, seven_days, later, never, bounced, undelivered, closed`

func scanFigure(s scanner) (f usage.Figures, err error) {
	return f, s.Scan(number(&f.Day), intoID{&f.Unit}, number(&f.Recipients), number(&f.Held), number(&f.SameDay), number(&f.ThreeDays),
		number(&f.SevenDays), number(&f.Later), number(&f.Never), number(&f.Bounced), number(&f.Undelivered), number(&f.Closed))
}

// Figures returns what became of letters on the days from first to last, both included.
func (tx *ReadTx) Figures(first, last usage.Day) ([]usage.Figures, error) {
	return all(tx.c, scanFigure, `
		SELECT `+figureColumns+`
		FROM figure
		WHERE day BETWEEN ? AND ?
		ORDER BY day, unit`, int64(first), int64(last))
}

// AddFigures adds to what was counted of a day and unit.
func (tx *Tx) AddFigures(f usage.Figures) error {
	_, err := tx.c.exec(`
		INSERT INTO figure (day, unit, recipients, held, same_day, three_days, seven_days, later, never, bounced, undelivered, closed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (day, unit) DO UPDATE
		SET recipients = recipients + excluded.recipients, held = held + excluded.held, same_day = same_day + excluded.same_day,
			three_days = three_days + excluded.three_days, seven_days = seven_days + excluded.seven_days, later = later + excluded.later,
			never = never + excluded.never, bounced = bounced + excluded.bounced, undelivered = undelivered + excluded.undelivered,
			closed = closed + excluded.closed`,
		int64(f.Day), f.Unit[:], f.Recipients, f.Held, f.SameDay, f.ThreeDays, f.SevenDays, f.Later, f.Never, f.Bounced, f.Undelivered, f.Closed)
	return err
}

// SentFrom returns the unit in which an owner's letters of a day were counted. The error is
// Absent if they are not counted yet.
func (tx *ReadTx) SentFrom(day usage.Day, owner mail.ID) (mail.ID, error) {
	return one(tx.c, scanID, `
		SELECT unit
		FROM usage
		WHERE day = ? AND owner = ? AND letters > 0
		ORDER BY unit
		LIMIT 1`, int64(day), owner[:])
}

// UsageByUnit is Usage with one line for each day and unit, and nobody's name: of ten
// thousand people and ninety days there would be too many to read at each look.
func (tx *ReadTx) UsageByUnit(first, last usage.Day) ([]usage.Line, error) {
	scan := func(s scanner) (l usage.Line, err error) {
		return l, s.Scan(number(&l.Day), intoID{&l.Unit}, number(&l.Letters), number(&l.Recipients), number(&l.SMS))
	}
	return all(tx.c, scan, `
		SELECT day, unit, SUM(letters), SUM(recipients), SUM(sms)
		FROM usage
		WHERE day BETWEEN ? AND ?
		GROUP BY day, unit
		ORDER BY day, unit`, int64(first), int64(last))
}
