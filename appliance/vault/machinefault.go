package vault

import "sigill/appliance/mail"

const faultColumns = `name, seen, times, missed, told, ended, calls`

func scanFault(s scanner) (f mail.Fault, err error) {
	return f, s.Scan(&f.Name, intoTime{&f.Seen}, number(&f.Times), number(&f.Missed), intoTime{&f.Told}, intoTime{&f.Ended}, number(&f.Calls))
}

// Faults returns what is known of the machine's faults.
func (tx *ReadTx) Faults() ([]mail.Fault, error) {
	return all(tx.c, scanFault, `
		SELECT `+faultColumns+`
		FROM fault
		ORDER BY name`)
}

// SetFaults keeps these, and forgets all others.
func (tx *Tx) SetFaults(list []mail.Fault) error {
	if _, err := tx.c.exec(`
		DELETE FROM fault`); err != nil {
		return err
	}
	for _, f := range list {
		if _, err := tx.c.exec(`
			INSERT INTO fault (`+faultColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, f.Name, ms(f.Seen), f.Times, f.Missed, ms(f.Told), ms(f.Ended), f.Calls); err != nil {
			return err
		}
	}
	return nil
}
