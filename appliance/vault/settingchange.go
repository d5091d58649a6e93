package vault

import "sigill/appliance/mail"

const settingChangeColumns = `place, name, person, at`

func scanSettingChange(s scanner) (c mail.SettingChange, err error) {
	return c, s.Scan(intoID{&c.Place}, &c.Name, intoID{&c.Person}, intoTime{&c.At})
}

// SettingChanges returns who changed each setting of a place last, in no order. Of one that
// nobody has changed there is none.
func (tx *ReadTx) SettingChanges(place mail.ID) ([]mail.SettingChange, error) {
	return all(tx.c, scanSettingChange, `
		SELECT `+settingChangeColumns+`
		FROM setting_change
		WHERE place = ?`, place[:])
}

// PutSettingChange writes down a change, in the place of the one before.
func (tx *Tx) PutSettingChange(c mail.SettingChange) error {
	_, err := tx.c.exec(`
		INSERT INTO setting_change (place, name, person, at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (place, name) DO UPDATE
		SET person = excluded.person, at = excluded.at`,
		c.Place[:], c.Name, c.Person[:], ms(c.At))
	return err
}

// DropSettingChanges forgets a place that is gone.
func (tx *Tx) DropSettingChanges(place mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM setting_change
		WHERE place = ?`, place[:])
	return err
}
