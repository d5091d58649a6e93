package vault

import (
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/usage"
)

const usageColumns = `day, owner, unit, letters, recipients, bytes, sms, cost, group_sms, group_cost`

func scanUsage(s scanner) (l usage.Line, err error) {
	return l, s.Scan(number(&l.Day), intoID{&l.Owner}, intoID{&l.Unit}, number(&l.Letters), number(&l.Recipients), number(&l.Bytes),
		number(&l.SMS), number(&l.Cost), number(&l.GroupSMS), number(&l.GroupCost))
}

// Usage returns what was counted of the days from first to last, both included.
func (tx *ReadTx) Usage(first, last usage.Day) ([]usage.Line, error) {
	return all(tx.c, scanUsage, `
		SELECT `+usageColumns+`
		FROM usage
		WHERE day BETWEEN ? AND ?
		ORDER BY day, owner, unit`, int64(first), int64(last))
}

// AddSMS counts the parts of an SMS that was handed to a gateway, and what they cost.
func (tx *Tx) AddSMS(l usage.Line) error {
	_, err := tx.c.exec(`
		INSERT INTO usage (day, owner, unit, letters, recipients, bytes, sms, cost, group_sms, group_cost)
		VALUES (?, ?, ?, 0, 0, 0, ?, ?, ?, ?)
		ON CONFLICT (day, owner, unit) DO UPDATE
		SET sms = sms + excluded.sms, cost = cost + excluded.cost, group_sms = group_sms + excluded.group_sms, group_cost = group_cost + excluded.group_cost`,
		int64(l.Day), l.Owner[:], l.Unit[:], l.SMS, l.Cost, l.GroupSMS, l.GroupCost)
	return err
}

// PutDay writes the letters of a day anew, those of lines and no others. Its SMS stay as
// they were counted. It may be called for a day again.
func (tx *Tx) PutDay(day usage.Day, lines []usage.Line) error {
	if _, err := tx.c.exec(`
		UPDATE usage
		SET letters = 0, recipients = 0, bytes = 0
		WHERE day = ?`, int64(day)); err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := tx.c.exec(`
			INSERT INTO usage (day, owner, unit, letters, recipients, bytes, sms, cost)
			VALUES (?, ?, ?, ?, ?, ?, 0, 0)
			ON CONFLICT (day, owner, unit) DO UPDATE
			SET letters = letters + excluded.letters, recipients = recipients + excluded.recipients, bytes = bytes + excluded.bytes`,
			int64(day), l.Owner[:], l.Unit[:], l.Letters, l.Recipients, l.Bytes); err != nil {
			return err
		}
	}
	_, err := tx.c.exec(`
		DELETE FROM usage
		WHERE day = ? AND letters = 0 AND sms = 0`, int64(day))
	return err
}

// SentBetween returns what each owner has sent from one moment on and before another: out
// of the house or within it, a line for each, without day and unit. What came in is
// nobody's use of it, and a draft is no letter, whether it was dropped or not.
//
// It is exact, though neither time nor way of a message has an index, for an index would
// cost every letter that is accepted. A draft's id is as old as the draft; but the ids of
// its recipients begin with the moment at which it was sent, which is the message's own
// time, as they do of a mail that was accepted at once. So the range of recipients' ids
// finds every letter of the time, and the message's time leaves out what else is in it:
// a new code for an older letter. Rows stay when a letter has ended, and with them what
// is counted here. A recipient that waited for a number counts, also if nobody gave one;
// one that got a new code, or took the letter into
// a mailbox of their own, counts once.
func (tx *ReadTx) SentBetween(from, to time.Time) ([]usage.Line, error) {
	scan := func(s scanner) (l usage.Line, err error) {
		return l, s.Scan(intoID{&l.Owner}, number(&l.Letters), number(&l.Recipients), number(&l.Bytes))
	}
	first, end := idAt(from), idAt(to)
	return all(tx.c, scan, `
		SELECT m.owner, COUNT(*), SUM((
			SELECT COUNT(*)
			FROM holder AS r
			WHERE r.message = m.id AND r.house = 0 AND r.kind IN (1, 2) AND r.why NOT IN (?, ?)
		)), SUM(m.size)
		FROM message AS m
		WHERE m.id IN (
			SELECT h.message
			FROM holder AS h
			WHERE h.id >= ? AND h.id < ? AND h.house = 0 AND h.kind IN (1, 2)
		) AND m.way IN (0, 2) AND m.state > 0 AND m.at >= ? AND m.at < ?
		GROUP BY m.owner
		ORDER BY m.owner`, int64(mail.EndReplaced), int64(mail.EndMoved), first[:], end[:], ms(from), ms(to))
}

// idAt is the first of the ids that are made at a moment.
func idAt(at time.Time) mail.ID {
	id := mail.NewIDAt(at)
	clear(id[6:])
	return id
}

// Storage returns how many bytes lie here now of each owner's letters and drafts. It
// reads every message there is.
func (tx *ReadTx) Storage() (map[mail.ID]int64, error) {
	type line struct {
		owner mail.ID
		bytes int64
	}
	scan := func(s scanner) (l line, err error) { return l, s.Scan(intoID{&l.owner}, number(&l.bytes)) }
	list, err := all(tx.c, scan, `
		SELECT owner, SUM(size)
		FROM message
		WHERE state < 2
		GROUP BY owner`)
	if err != nil {
		return nil, err
	}
	sums := make(map[mail.ID]int64, len(list))
	for _, l := range list {
		sums[l.owner] = l.bytes
	}
	return sums, nil
}
