package vault

import (
	"fmt"
	"strings"

	"sigill/appliance/mail"
)

const claimColumns = `mailbox, thread, person, at`

func scanClaim(s scanner) (c mail.Claim, err error) {
	return c, s.Scan(intoID{&c.Mailbox}, intoID{&c.Thread}, intoID{&c.Person}, intoTime{&c.At})
}

// Claim returns who of a function mailbox has a thread. The error is Absent if nobody
// does.
func (tx *ReadTx) Claim(mailbox, thread mail.ID) (mail.Claim, error) {
	return one(tx.c, scanClaim, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE mailbox = ? AND thread = ?`, mailbox[:], thread[:])
}

// ClaimsOf returns who of a function mailbox has which of these threads, in no order:
// a page's, at most 200. The error is Invalid for more.
func (tx *ReadTx) ClaimsOf(mailbox mail.ID, threads []mail.ID) ([]mail.Claim, error) {
	if len(threads) == 0 {
		return nil, nil
	}
	if len(threads) > maxPage {
		return nil, mail.E(mail.Invalid, "error.invalid", fmt.Errorf("claims of %d threads", len(threads)))
	}
	// One statement for all lengths, because each that is prepared is kept: the last
	// thread is asked for again and again until the places are full.
	args := make([]any, 1+maxPage)
	args[0] = mailbox[:]
	for i := range maxPage {
		args[1+i] = threads[min(i, len(threads)-1)][:]
	}
	return all(tx.c, scanClaim, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE mailbox = ? AND thread IN (?`+strings.Repeat(", ?", maxPage-1)+`)`, args...)
}

// PutClaim gives a thread to a member, who may have it already and then has it since
// before. The error is Busy if somebody else has it.
func (tx *Tx) PutClaim(c mail.Claim) error {
	n, err := tx.c.exec(`
		INSERT INTO claim (mailbox, thread, person, at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (mailbox, thread) DO NOTHING`, c.Mailbox[:], c.Thread[:], c.Person[:], ms(c.At))
	if err != nil || n > 0 {
		return err
	}
	has, err := tx.Claim(c.Mailbox, c.Thread)
	if err == nil && has.Person != c.Person {
		return mail.E(mail.Busy, "error.claimed", nil)
	}
	return err
}

// DeleteClaim gives a thread back to all. The error is Absent if nobody has it.
func (tx *Tx) DeleteClaim(mailbox, thread mail.ID) error {
	return tx.c.must(`
		DELETE FROM claim
		WHERE mailbox = ? AND thread = ?`, mailbox[:], thread[:])
}

// ForgetClaims deletes the claims of a thread in which no message is left that has not
// ended.
func (tx *Tx) ForgetClaims(thread mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM claim
		WHERE thread = ? AND NOT EXISTS (
			SELECT 1
			FROM message
			WHERE thread = ? AND state < 2)`, thread[:], thread[:])
	return err
}
