package appliance

import (
	"context"
	"encoding/base64"
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
	settingSharing  = "key.sharing"  // how R is shared: "2/3"; absent: a kit from before there were shares
	settingSeen     = "clock.seen"   // the last time that was believed
)

const keyFile = "appliance.key"

// founding is what the first start has made and every start reads.
type founding struct {
	app      *keyring.App
	recovery seal.PublicKey
	helper   seal.PublicKey
	backup   string // B, as an age recipient
	sharing  keyring.Sharing
	id       keyring.Installation
	origin   string   // of the journal's checkpoints: names this installation
	kit      []string // paths of the recovery kit, if it was written just now
}

// found reads the appliance's keys, or makes them at the first start: K_app, and the
// recovery kit with B, R and H beside it, once, as paper says. The private halves of B, R
// and H are nowhere but in the kit.
func found(ctx context.Context, db *vault.DB, keys string, paper kitPaper, now time.Time) (*founding, error) {
	f := &founding{}
	salt, err := setting(ctx, db, settingSalt)
	fresh := mail.KindOf(err) == mail.Absent
	if err != nil && !fresh {
		return nil, err
	}
	path := filepath.Join(keys, keyFile)
	if fresh {
		if f.kit, err = makeKeys(ctx, db, keys, paper, now); err != nil {
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
	f.id = keyring.InstallationOf(b)
	f.origin = "sigill/journal/" + f.id.String()
	return f, f.readKit(ctx, db)
}

// readKit reads what is known of the recovery kit: public halves, and how R is shared.
func (f *founding) readKit(ctx context.Context, db *vault.DB) (err error) {
	if f.recovery, err = publicKey(ctx, db, settingRecovery); err != nil {
		return err
	}
	if f.helper, err = publicKey(ctx, db, settingHelper); err != nil {
		return err
	}
	if f.backup, err = setting(ctx, db, settingBackup); err != nil {
		return fmt.Errorf("setting %s: %w", settingBackup, err)
	}
	text, err := setting(ctx, db, settingSharing)
	switch {
	case mail.KindOf(err) == mail.Absent:
		return nil
	case err != nil:
		return err
	}
	f.sharing, err = keyring.ParseSharing(text)
	return err
}

// makeKeys writes the key file and the kit first and the settings last: after a crash
// in between, the next start finds files without settings and says so, and never
// makes a second set over the first.
func makeKeys(ctx context.Context, db *vault.DB, keys string, paper kitPaper, now time.Time) ([]string, error) {
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of keys: %w", err)
	}
	for _, name := range []string{keyFile, kitPrint, kitText} {
		if path := filepath.Join(keys, name); exists(path) {
			return nil, fmt.Errorf("%s is there, but the data directory is new: is this the right one?", path)
		}
	}
	salt := keyring.NewSalt()
	kit := keyring.NewKit(keyring.InstallationOf(salt), paper.sharing)
	backup, err := keyring.Recipient(kit.Backup)
	if err != nil {
		return nil, err
	}
	files, err := paper.write(keys, kit, now)
	if err != nil {
		return nil, err
	}
	if err := keyring.WriteKeyFile(filepath.Join(keys, keyFile), kit.App); err != nil {
		return nil, err
	}
	public := func(seed seal.Secret) string {
		return base64.StdEncoding.EncodeToString(seal.PrivateKeyOf(seed).Public().Bytes())
	}
	err = db.Update(ctx, func(tx *vault.Tx) error {
		for _, s := range [][2]string{
			{settingSalt, base64.StdEncoding.EncodeToString(salt)},
			{settingRecovery, public(kit.Recovery)},
			{settingHelper, public(kit.Helper)},
			{settingBackup, backup},
			{settingSharing, kit.Sharing.String()},
		} {
			if err := tx.SetSetting(s[0], s[1]); err != nil {
				return err
			}
		}
		return nil
	})
	return files, err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
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
