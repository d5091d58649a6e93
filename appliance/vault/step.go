package vault

import "sigill/appliance/mail"

const stepColumns = `holder, kind, at, detail`

func scanStep(s scanner) (st mail.Step, err error) {
	return st, s.Scan(intoID{&st.Holder}, number(&st.Kind), intoTime{&st.At}, &st.Detail)
}

// Steps returns what happened to a holder, in order.
func (tx *ReadTx) Steps(holder mail.ID) ([]mail.Step, error) {
	return all(tx.c, scanStep, `
		SELECT `+stepColumns+`
		FROM step
		WHERE holder = ?
		ORDER BY seq`, holder[:])
}

// StepsOf returns what happened to all holders of a message, in order for each.
func (tx *ReadTx) StepsOf(message mail.ID) ([]mail.Step, error) {
	return all(tx.c, scanStep, `
		SELECT `+stepColumns+`
		FROM step
		WHERE holder IN (SELECT id FROM holder WHERE message = ?)
		ORDER BY holder, seq`, message[:])
}

// PutStep adds a step behind the holder's others. One without a time gets the
// transaction's.
func (tx *Tx) PutStep(s mail.Step) error {
	if s.At.IsZero() {
		s.At = tx.now
	}
	_, err := tx.c.exec(`
		INSERT INTO step (holder, seq, kind, at, detail)
		SELECT ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ?
		FROM step
		WHERE holder = ?`, s.Holder[:], int64(s.Kind), ms(s.At), s.Detail, s.Holder[:])
	return err
}
