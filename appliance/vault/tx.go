package vault

import (
	"fmt"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Tx is a transaction that may write. It sees its own changes and those of the
// closures before it in the batch.
type Tx struct {
	ReadTx
	made *effects
}

// SlotValue returns a slot's content, also if this transaction has put it.
func (tx *Tx) SlotValue(s mail.Slot) (mail.SlotValue, error) {
	if v, ok := tx.made.value(s); ok {
		return v, nil
	}
	return tx.ReadTx.SlotValue(s)
}

// PutSlots gives reserved slots their content. They are durable before the rows
// are. The error is Internal for a slot that is not reserved.
func (tx *Tx) PutSlots(list []mail.SlotWrite) error {
	for _, w := range list {
		if w.Slot.File > mail.Link || !tx.db.slots[w.Slot.File].open(w.Slot.N) {
			return mail.E(mail.Internal, "error.internal", fmt.Errorf("slot %d of file %d is not reserved", w.Slot.N, w.Slot.File))
		}
	}
	tx.made.slots = append(tx.made.slots, list...)
	return nil
}

// name tells that a row has the slot from now on, unname that it has it no more.
func (tx *Tx) name(s mail.Slot) {
	if !s.IsZero() {
		tx.made.names = append(tx.made.names, naming{s, true})
	}
}

func (tx *Tx) unname(s mail.Slot) {
	if !s.IsZero() {
		tx.made.names = append(tx.made.names, naming{s, false})
	}
}

// Note writes an event into the journal, chained to the one before it. An event
// without a time gets the transaction's.
func (tx *Tx) Note(e mail.Event) error {
	if e.At.IsZero() {
		e.At = tx.now
	}
	entry, err := journal.Follow(tx.made.head, e)
	if err != nil {
		return err
	}
	if err := tx.putEntry(entry); err != nil {
		return err
	}
	tx.made.head = entry
	return nil
}

// rename tells that a row that had one slot has another now, which may be the same
// or none.
func (tx *Tx) rename(before, after mail.Slot) {
	if before != after {
		tx.unname(before)
		tx.name(after)
	}
}
