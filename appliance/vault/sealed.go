package vault

import (
	"time"

	"sigill/appliance/mail"
)

// PutSealed keeps a message: its epochs, if they are not there, its slots, and its
// rows. The blobs that its parts refer to are written before, by PutBlob. The error
// is Again while the disk is full.
func (tx *Tx) PutSealed(s *mail.Sealed) error {
	if err := tx.db.content(); err != nil {
		return err
	}
	if err := tx.PutMessage(s.Message, s.Head); err != nil {
		return err
	}
	if err := tx.putParts(s.Parts); err != nil {
		return err
	}
	return tx.addHolders(s, s.Message.At)
}

// AddSealed adds holders to a message that is there, with their slots, epochs, wraps
// and codes. The error is Absent if there is no such message.
func (tx *Tx) AddSealed(s *mail.Sealed) error {
	m, err := tx.Message(s.Message.ID)
	if err != nil {
		return err
	}
	return tx.addHolders(s, m.At)
}

func (tx *Tx) addHolders(s *mail.Sealed, at time.Time) error {
	if err := tx.PutSlots(s.Slots); err != nil {
		return err
	}
	for _, e := range s.Epochs {
		if err := tx.putEpoch(e); err != nil {
			return err
		}
	}
	if err := tx.putHolders(s.Holders, ms(at)); err != nil {
		return err
	}
	if err := tx.putWraps(s.Wraps); err != nil {
		return err
	}
	return tx.putCodes(s.Codes)
}

// namedSlots lists the slots of a file that rows have. A row that must have one is listed
// whatever stands there: zero or less, if a bit of it has turned.
func namedSlots(c *conn, which mail.SlotFile) ([]int64, error) {
	scan := func(s scanner) (n int64, err error) { return n, s.Scan(number(&n)) }
	if which == mail.Link {
		return all(c, scan, `
			SELECT slot
			FROM outbox
			WHERE slot <> 0 OR length(box) > 0`)
	}
	return all(c, scan, `
		SELECT slot FROM message WHERE slot <> 0 OR state <> ?
		UNION ALL
		SELECT slot FROM holder WHERE slot <> 0 OR state <> ?
		UNION ALL
		SELECT slot FROM code WHERE slot <> 0 OR kind <> ?
		UNION ALL
		SELECT slot FROM seed_wrap
		UNION ALL
		SELECT slot FROM generation_wrap
		UNION ALL
		SELECT slot FROM helper_wrap
		UNION ALL
		SELECT slot FROM passkey WHERE slot <> 0 OR length(lock) > 0
		UNION ALL
		SELECT slot FROM held_seed
		UNION ALL
		SELECT slot FROM arrival_day`, int64(mail.Erased), int64(mail.Erased), int64(mail.CodeInvitation))
}
