package vault

import (
	"fmt"

	"sigill/appliance/mail"
)

const arrivalColumns = `id, day, box`

func scanArrival(s scanner) (a mail.ArrivalRow, err error) {
	return a, s.Scan(intoID{&a.ID}, number(&a.Day), intoBox{&a.Box})
}

func scanArrivalDay(s scanner) (d mail.ArrivalDay, err error) {
	return d, s.Scan(number(&d.Day), intoShred{&d.Slot}, number(&d.House), number(&d.Strangers), number(&d.Beyond))
}

// ArrivalDays returns the days whose mails are kept, from first to last, both included, the
// newest first.
func (tx *ReadTx) ArrivalDays(first, last int64) ([]mail.ArrivalDay, error) {
	return all(tx.c, scanArrivalDay, `
		SELECT day, slot, house, strangers, beyond
		FROM arrival_day
		WHERE day BETWEEN ? AND ?
		ORDER BY day DESC`, first, last)
}

// Arrival returns a mail at the door, without its tags.
func (tx *ReadTx) Arrival(id mail.ID) (mail.ArrivalRow, error) {
	return one(tx.c, scanArrival, `
		SELECT `+arrivalColumns+`
		FROM arrival
		WHERE id = ?`, id[:])
}

// ArrivalsTagged returns up to n of a day's mails that have a tag, in no order.
func (tx *ReadTx) ArrivalsTagged(day int64, tag [16]byte, n int) ([]mail.ArrivalRow, error) {
	return all(tx.c, scanArrival, `
		SELECT `+arrivalColumns+`
		FROM arrival
		WHERE id IN (SELECT id FROM arrival_tag WHERE day = ? AND tag = ?)
		LIMIT ?`, day, tag[:], n)
}

// PutArrivalDay adds a day with its key, or what was counted on one that is there already;
// that one keeps its slot.
func (tx *Tx) PutArrivalDay(d mail.ArrivalDay) error {
	n, err := tx.c.exec(`
		UPDATE arrival_day
		SET house = house + ?, strangers = strangers + ?, beyond = beyond + ?
		WHERE day = ?`, d.House, d.Strangers, d.Beyond, d.Day)
	if err != nil || n > 0 {
		return err
	}
	if d.Slot.IsZero() {
		return mail.E(mail.Internal, "error.internal", fmt.Errorf("day %d of the trace has no key", d.Day))
	}
	_, err = tx.c.exec(`
		INSERT INTO arrival_day (day, slot, house, strangers, beyond)
		VALUES (?, ?, ?, ?, ?)`, d.Day, int64(d.Slot.N), d.House, d.Strangers, d.Beyond)
	tx.name(d.Slot)
	return err
}

// PutArrival adds a mail at the door with its tags. The error is Again while the disk is full:
// mails that are refused for want of room must not take what is left for erasing.
func (tx *Tx) PutArrival(a mail.ArrivalRow) error {
	if err := tx.db.content(); err != nil {
		return err
	}
	_, err := tx.c.exec(`
		INSERT INTO arrival (`+arrivalColumns+`)
		VALUES (?, ?, ?)`, a.ID[:], a.Day, full(a.Box))
	if err != nil {
		return err
	}
	for _, tag := range a.Tags {
		_, err := tx.c.exec(`
			INSERT INTO arrival_tag (day, tag, id)
			VALUES (?, ?, ?)
			ON CONFLICT DO NOTHING`, a.Day, tag[:], a.ID[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// ForgetArrivals takes up to n of a day's mails away, with their tags; when none is left the
// day too. done is true then. The caller has erased the day's slot before, so that nothing
// can be read meanwhile.
func (tx *Tx) ForgetArrivals(day int64, n int) (done bool, err error) {
	_, err = tx.c.exec(`
		DELETE FROM arrival_tag
		WHERE day = ?1 AND id IN (SELECT id FROM arrival WHERE day = ?1 ORDER BY id LIMIT ?2)`, day, n)
	if err != nil {
		return false, err
	}
	gone, err := tx.c.exec(`
		DELETE FROM arrival
		WHERE id IN (SELECT id FROM arrival WHERE day = ? ORDER BY id LIMIT ?)`, day, n)
	if err != nil || gone == int64(n) {
		return false, err
	}
	days, err := tx.ArrivalDays(day, day)
	if err != nil || len(days) == 0 {
		return true, err
	}
	tx.unname(days[0].Slot)
	return true, tx.c.must(`
		DELETE FROM arrival_day
		WHERE day = ?`, day)
}
