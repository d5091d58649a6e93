package desk

import (
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// rewrap replaces an epoch wrap by one under K_U: of the person, or of the generation of
// the function mailbox whose the copy is. What a guest has unlocked stays as it is.
func rewrap(tx Tx, l loaded, cek seal.Secret) error {
	if l.by == nil {
		return nil
	}
	lock := seal.Lock{Kind: seal.ByMailbox, Message: l.m.ID, Holder: l.h.ID, Ref: l.by.ID, Inner: l.by.Mailbox(), SKm: l.skm, SKh: l.skh}
	if err := tx.DeleteWraps(l.h.ID); err != nil {
		return err
	}
	return tx.PutWrap(mail.Wrap{Holder: l.h.ID, Kind: mail.WrapMailbox, Ref: l.by.ID, Box: lock.Wrap(cek)})
}
