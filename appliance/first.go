package appliance

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// The settings that are made at the first start and never change.
const (
	settingSalt     = "salt"         // of codes; public
	settingRecovery = "key.recovery" // R, public half
	settingHelper   = "key.helper"   // H, public half
	settingBackup   = "key.backup"   // B, as an age recipient
	settingSeen     = "clock.seen"   // the last time that was believed
)

const (
	keyFile = "appliance.key"
	kitFile = "recovery-kit.txt"
)

// founding is what the first start has made and every start reads.
type founding struct {
	app      *keyring.App
	recovery seal.PublicKey
	helper   seal.PublicKey
	origin   string // of the journal's checkpoints: names this installation
	kit      string // path of the recovery kit, if it was written just now
}

// found reads the appliance's keys, or makes them at the first start: K_app, and the
// recovery kit with B, R and H beside it, once. The private halves of B, R and H are
// nowhere but in the kit.
func found(ctx context.Context, db *vault.DB, keys, house string, now time.Time) (*founding, error) {
	f := &founding{}
	salt, err := setting(ctx, db, settingSalt)
	fresh := mail.KindOf(err) == mail.Absent
	if err != nil && !fresh {
		return nil, err
	}
	path := filepath.Join(keys, keyFile)
	if fresh {
		if f.kit, err = makeKeys(ctx, db, keys, house, now); err != nil {
			return nil, err
		}
		if salt, err = setting(ctx, db, settingSalt); err != nil {
			return nil, err
		}
	}
	kapp, err := keyring.ReadKeyFile(path)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(salt)
	if err != nil || len(b) != keyring.SaltSize {
		return nil, errors.New("the installation's salt is damaged")
	}
	f.app = keyring.NewApp(kapp, b)
	f.origin = "sigill/journal/" + hex.EncodeToString(b[:8])
	if f.recovery, err = publicKey(ctx, db, settingRecovery); err != nil {
		return nil, err
	}
	f.helper, err = publicKey(ctx, db, settingHelper)
	return f, err
}

// makeKeys writes the key file and the kit first and the settings last: after a crash
// in between, the next start finds files without settings and says so, and never
// makes a second set over the first.
func makeKeys(ctx context.Context, db *vault.DB, keys, house string, now time.Time) (string, error) {
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return "", fmt.Errorf("make the directory of keys: %w", err)
	}
	path := filepath.Join(keys, keyFile)
	if _, err := os.Stat(path); err == nil {
		return "", fmt.Errorf("%s is there, but the data directory is new: is this the right one?", path)
	}
	kit := keyring.NewKit()
	backup, err := keyring.Recipient(kit.Backup)
	if err != nil {
		return "", err
	}
	if err := kit.Write(filepath.Join(keys, kitFile), house, now); err != nil {
		return "", err
	}
	if err := keyring.WriteKeyFile(path, kit.App); err != nil {
		return "", err
	}
	public := func(seed seal.Secret) string {
		return base64.StdEncoding.EncodeToString(seal.PrivateKeyOf(seed).Public().Bytes())
	}
	err = db.Update(ctx, func(tx *vault.Tx) error {
		for _, s := range [][2]string{
			{settingSalt, base64.StdEncoding.EncodeToString(keyring.NewSalt())},
			{settingRecovery, public(kit.Recovery)},
			{settingHelper, public(kit.Helper)},
			{settingBackup, backup},
		} {
			if err := tx.SetSetting(s[0], s[1]); err != nil {
				return err
			}
		}
		return nil
	})
	return filepath.Join(keys, kitFile), err
}

func setting(ctx context.Context, db *vault.DB, name string) (value string, err error) {
	err = db.View(ctx, func(tx *vault.ReadTx) error {
		value, err = tx.Setting(name)
		return err
	})
	return value, err
}

func publicKey(ctx context.Context, db *vault.DB, name string) (seal.PublicKey, error) {
	text, err := setting(ctx, db, name)
	if err != nil {
		return seal.PublicKey{}, fmt.Errorf("setting %s: %w", name, err)
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return seal.PublicKey{}, fmt.Errorf("setting %s: %w", name, err)
	}
	return seal.ParsePublicKey(b)
}
