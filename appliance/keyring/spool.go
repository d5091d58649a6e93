package keyring

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// SpoolRecipient is the public half of the key to which mail is sealed that comes while the
// appliance is locked (FORMAT.md, 7). It is no secret, and shows whether a K_app is this
// installation's.
func (a *App) SpoolRecipient() (string, error) { return Recipient(a.spool) }

// OpenSpooled reads what SealSpooled sealed to this appliance. Of any other file
// the error is that of age, and says nothing of what is in it.
func (a *App) OpenSpooled(r io.Reader) (io.Reader, error) {
	s, err := Identity(a.spool)
	if err != nil {
		return nil, err
	}
	id, err := age.ParseHybridIdentity(s)
	if err != nil {
		return nil, errors.New("read the spool's key") // age's own error could quote it
	}
	return age.Decrypt(r, id)
}

// SealSpooled seals to the public half of a spool's key. The file is whole when the writer
// was closed. Only the hybrid kind is taken: a setting that somebody has put another key into
// must not weaken what is sealed.
func SealSpooled(w io.Writer, recipient string) (io.WriteCloser, error) {
	to, err := age.ParseHybridRecipient(strings.TrimSpace(recipient))
	if err != nil {
		return nil, fmt.Errorf("read the spool's public key: %w", err)
	}
	return age.Encrypt(w, to)
}
