package vault

import "sigill/appliance/mail"

const codeColumns = `id, kind, locator, holder, slot, expires`

func scanCode(s scanner) (c mail.Code, err error) {
	return c, s.Scan(intoID{&c.ID}, number(&c.Kind), intoHash{&c.Locator}, intoID{&c.Holder}, intoShred{&c.Slot}, intoTime{&c.Expires})
}

// Code returns what is kept of a code.
func (tx *ReadTx) Code(id mail.ID) (mail.Code, error) {
	return one(tx.c, scanCode, `
		SELECT `+codeColumns+`
		FROM code
		WHERE id = ?`, id[:])
}

// CodeByLocator finds a code by the hash of what the reader typed. The comparison
// in the index need not be constant in time: it compares hashes.
func (tx *ReadTx) CodeByLocator(locator [32]byte) (mail.Code, error) {
	return one(tx.c, scanCode, `
		SELECT `+codeColumns+`
		FROM code
		WHERE locator = ?`, locator[:])
}

// CodesOf returns the codes of a holder, or the invitations of a person.
func (tx *ReadTx) CodesOf(holder mail.ID) ([]mail.Code, error) {
	return all(tx.c, scanCode, `
		SELECT `+codeColumns+`
		FROM code
		WHERE holder = ?
		ORDER BY id`, holder[:])
}

// CodeInUse reports whether a code, or a pair under it, still opens a holder that
// has not ended. Both open letters of one thread only, so those are looked through
// and wraps need no index of their own.
func (tx *ReadTx) CodeInUse(id mail.ID) (bool, error) {
	n, err := one(tx.c, scanInt, `
		SELECT EXISTS (
			SELECT 1
			FROM code AS c
			JOIN holder AS first ON first.id = c.holder
			JOIN message AS its ON its.id = first.message
			JOIN message AS m ON m.thread = its.thread
			JOIN holder AS h ON h.message = m.id
			JOIN wrap AS w ON w.holder = h.id
			WHERE c.id = ? AND h.state < 2
				AND (w.ref = c.id OR w.ref IN (SELECT id FROM pair WHERE code = c.id))
		)`, id[:])
	return n == 1, err
}

// PutCode adds a code.
func (tx *Tx) PutCode(c mail.Code) error { return tx.putCodes([]mail.Code{c}) }

func (tx *Tx) putCodes(list []mail.Code) error {
	args := make([]any, 0, 6*len(list))
	for i := range list {
		c := &list[i]
		args = append(args, c.ID[:], int64(c.Kind), c.Locator[:], c.Holder[:], int64(c.Slot.N), ms(c.Expires))
		tx.name(c.Slot)
	}
	return tx.c.insert(`
		INSERT INTO code (id, kind, locator, holder, slot, expires)
		VALUES (?, ?, ?, ?, ?, ?)`, len(list), args)
}

// DropRepairCodes takes away the codes by which a sender mends letters without signing in,
// as after they have left. It returns the slots, which the caller erases after the commit.
func (tx *Tx) DropRepairCodes(sender mail.ID) (slots []mail.Slot, err error) {
	codes, err := all(tx.c, scanCode, `
		SELECT `+codeColumns+`
		FROM code
		WHERE kind = ? AND holder IN (SELECT id FROM holder WHERE id = code.holder AND owner = ?)`,
		int64(mail.CodeRepair), sender[:])
	if err != nil {
		return nil, err
	}
	for _, c := range codes {
		if err := tx.DeleteCode(c.ID); err != nil {
			return nil, err
		}
		slots = append(slots, c.Slot)
	}
	return slots, nil
}

// DeleteCode takes away a code and the guest pairs under it. Its slot is free once
// it is erased as well. The error is Absent if there is no such code.
func (tx *Tx) DeleteCode(id mail.ID) error {
	c, err := tx.Code(id)
	if err != nil {
		return err
	}
	tx.unname(c.Slot)
	return tx.c.must(`
		DELETE FROM code
		WHERE id = ?`, id[:])
}
