package vault

func scanText(s scanner) (v string, err error) { return v, s.Scan(&v) }

// Setting returns what the house has set under name, as JSON.
func (tx *ReadTx) Setting(name string) (string, error) {
	return one(tx.c, scanText, `
		SELECT value
		FROM setting
		WHERE name = ?`, name)
}

// SetSetting sets name to a value in JSON.
func (tx *Tx) SetSetting(name, value string) error {
	_, err := tx.c.exec(`
		INSERT INTO setting (name, value, at)
		VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE
		SET value = excluded.value, at = excluded.at`, name, value, ms(tx.now))
	return err
}
