package desk

import (
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// rewrap replaces an epoch wrap by one under K_U: of the person, or of the generation of
// the function mailbox whose the copy is.
func (d *Desk) rewrap(tx Tx, r Reader, l loaded, cek seal.Secret) error {
	own, ok := r.Key.(*keyring.Person)
	if !ok {
		return nil
	}
	p, err := d.keyOf(tx, own, l)
	if err != nil {
		return err
	}
	lock := seal.Lock{Kind: seal.ByMailbox, Message: l.m.ID, Holder: l.h.ID, Ref: p.ID, Inner: p.Mailbox(), SKm: l.skm, SKh: l.skh}
	if err := tx.DeleteWraps(l.h.ID); err != nil {
		return err
	}
	return tx.PutWrap(mail.Wrap{Holder: l.h.ID, Kind: mail.WrapMailbox, Ref: p.ID, Box: lock.Wrap(cek)})
}
