package desk

import (
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// rewrap replaces a person's epoch wrap by one under K_U.
func rewrap(tx Tx, r Reader, l loaded, cek seal.Secret) error {
	p, ok := r.Key.(*keyring.Person)
	if !ok {
		return nil
	}
	lock := seal.Lock{Kind: seal.ByMailbox, Message: l.m.ID, Holder: l.h.ID, Ref: p.ID, Inner: p.Mailbox(), SKm: l.skm, SKh: l.skh}
	if err := tx.DeleteWraps(l.h.ID); err != nil {
		return err
	}
	return tx.PutWrap(mail.Wrap{Holder: l.h.ID, Kind: mail.WrapMailbox, Ref: p.ID, Box: lock.Wrap(cek)})
}
