package vault

import "sigill/appliance/mail"

const wrapColumns = `holder, kind, ref, box`

func scanWrap(s scanner) (w mail.Wrap, err error) {
	return w, s.Scan(intoID{&w.Holder}, number(&w.Kind), intoID{&w.Ref}, intoBox{&w.Box})
}

// Wraps returns the wraps of one holder.
func (tx *ReadTx) Wraps(holder mail.ID) ([]mail.Wrap, error) {
	return all(tx.c, scanWrap, `
		SELECT `+wrapColumns+`
		FROM wrap
		WHERE holder = ?
		ORDER BY kind, ref`, holder[:])
}

// PutWrap adds a wrap.
func (tx *Tx) PutWrap(w mail.Wrap) error { return tx.putWraps([]mail.Wrap{w}) }

func (tx *Tx) putWraps(list []mail.Wrap) error {
	args := make([]any, 0, 4*len(list))
	for i := range list {
		w := &list[i]
		args = append(args, w.Holder[:], int64(w.Kind), w.Ref[:], full(w.Box))
	}
	return tx.c.insert(`
		INSERT INTO wrap (holder, kind, ref, box)
		VALUES (?, ?, ?, ?)`, len(list), args)
}

// ReplaceWraps puts list in the place of all wraps of a holder, as at the first
// sight in a mailbox.
func (tx *Tx) ReplaceWraps(holder mail.ID, list ...mail.Wrap) error {
	if err := tx.DeleteWraps(holder); err != nil {
		return err
	}
	return tx.putWraps(list)
}

// DeleteWrap takes away one wrap. The error is Absent if it is not there.
func (tx *Tx) DeleteWrap(holder mail.ID, kind mail.WrapKind, ref mail.ID) error {
	return tx.c.must(`
		DELETE FROM wrap
		WHERE holder = ? AND kind = ? AND ref = ?`, holder[:], int64(kind), ref[:])
}

// DeleteWraps takes away all wraps of a holder; none is no error.
func (tx *Tx) DeleteWraps(holder mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM wrap
		WHERE holder = ?`, holder[:])
	return err
}
