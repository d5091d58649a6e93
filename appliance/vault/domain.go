package vault

import "sigill/appliance/mail"

const domainColumns = `name, token, proof, at, proven`

func scanDomain(s scanner) (d mail.Domain, err error) {
	var token mail.ID // sixteen bytes, as an id
	err = s.Scan(&d.Name, intoID{&token}, number(&d.Proof), intoTime{&d.At}, intoTime{&d.Proven})
	d.Token = token
	return d, err
}

// Domains returns the domains that were added, by name.
func (tx *ReadTx) Domains() ([]mail.Domain, error) {
	return all(tx.c, scanDomain, `
		SELECT `+domainColumns+`
		FROM domain
		ORDER BY name`)
}

// PutDomain adds a domain, or writes it again.
func (tx *Tx) PutDomain(d mail.Domain) error {
	_, err := tx.c.exec(`
		INSERT INTO domain (name, token, proof, at, proven)
		VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE
		SET token = excluded.token, proof = excluded.proof, at = excluded.at, proven = excluded.proven`,
		d.Name, d.Token[:], int64(d.Proof), ms(d.At), ms(d.Proven))
	return err
}

// DeleteDomain takes a domain away. The error is Absent if there is none of that name.
func (tx *Tx) DeleteDomain(name string) error {
	return tx.c.must(`
		DELETE FROM domain
		WHERE name = ?`, name)
}
