package vault

import "sigill/appliance/mail"

// LettersBefore returns up to n letters that have not ended, drafts excepted, with ids
// from least on and below before, the newest first. Ids begin with the time.
func (tx *ReadTx) LettersBefore(before, least mail.ID, n int) ([]mail.Message, error) {
	return all(tx.c, scanMessage, `
		SELECT `+messageColumns+`
		FROM message AS m
		WHERE m.id < ? AND m.id >= ? AND m.state = 1
		ORDER BY m.id DESC
		LIMIT ?`, before[:], least[:], n)
}
