package keyring

import (
	"errors"
	"io"

	"filippo.io/age"

	"sigill/appliance/seal"
)

// DrillSeed is the seed of a second identity to which backups are sealed, beside B: by it the
// appliance tries its own backups without anybody fetching paper. It gives nobody anything
// new: who has K_app and a target has the slots there, too (backup/FORMAT.md, 1).
func (a *App) DrillSeed() seal.Secret { return a.drill }

// BackupSeed is the Ed25519 seed by which statements of backups are signed.
func (a *App) BackupSeed() []byte { return a.backup.Bytes() }

// BackupRecipients are B, as an age recipient, and the drill's.
func (a *App) BackupRecipients(b string) (Recipients, error) {
	drill, err := Recipient(a.drill)
	if err != nil {
		return Recipients{}, err
	}
	return ParseRecipients(b + "\n" + drill + "\n")
}

// ErrNotForKey says that a container was not sealed to a key.
var ErrNotForKey = errors.New("the container was not sealed to this key")

// OpenContainer opens a container of a backup with a seed: B's or the drill's. Reading fails
// where it was changed.
func OpenContainer(r io.Reader, seed seal.Secret) (io.Reader, error) {
	text, err := Identity(seed)
	if err != nil {
		return nil, err
	}
	id, err := age.ParseHybridIdentity(text)
	if err != nil {
		return nil, err
	}
	clear, err := age.Decrypt(r, id)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrNotForKey
	}
	return clear, err
}
