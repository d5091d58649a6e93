package appliance

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
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
func found(ctx context.Context, db *vault.DB, keys keyPlaces, paper kitPaper, now time.Time) (*founding, error) {
	f := &founding{}
	_, err := setting(ctx, db, settingSalt)
	fresh := mail.KindOf(err) == mail.Absent
	if err != nil && !fresh {
		return nil, err
	}
	if fresh {
		if f.kit, err = makeKeys(ctx, db, keys, paper, now); err != nil {
			return nil, err
		}
	}
	kapp, err := keys.read()
	if err != nil {
		return nil, err
	}
	b, err := saltOf(ctx, db)
	if err != nil {
		return nil, err
	}
	f.app = keyring.NewApp(kapp, b)
	f.id = keyring.InstallationOf(b)
	f.origin = "sigill/journal/" + f.id.String()
	return f, f.readKit(ctx, db)
}

// saltOf reads the installation's salt.
func saltOf(ctx context.Context, db *vault.DB) ([]byte, error) {
	text, err := setting(ctx, db, settingSalt)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != keyring.SaltSize {
		return nil, errors.New("the installation's salt is damaged")
	}
	return b, nil
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
func makeKeys(ctx context.Context, db *vault.DB, places keyPlaces, paper kitPaper, now time.Time) ([]string, error) {
	keys := places.dir
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of keys: %w", err)
	}
	for _, path := range []string{filepath.Join(keys, keyFile), filepath.Join(keys, kitPrint), filepath.Join(keys, kitText), places.credential} {
		if path != "" && exists(path) {
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

// keyPlaces is where the appliance key may be.
type keyPlaces struct {
	dir        string // where its file is, and where it is made
	credential string // the file of the service manager's credential; "" if there is none
}

// credential is the appliance key that the service manager has brought, with
// LoadCredentialEncrypted= or LoadCredential= in the service; "" if it has brought none.
func credential() string {
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		if path := filepath.Join(dir, keyFile); exists(path) {
			return path
		}
	}
	return ""
}

// read reads K_app. Where it is in both places it must be the same: the wrong one of two
// would open nothing, and seal what comes in so that the right one does not open it.
func (k keyPlaces) read() (seal.Secret, error) {
	path := filepath.Join(k.dir, keyFile)
	if k.credential == "" {
		kapp, err := keyring.ReadKeyFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; if it is a credential of the service, the service must run", err)
		}
		return kapp, err
	}
	kapp, err := keyring.ReadCredential(k.credential)
	if err != nil || !exists(path) {
		return kapp, err
	}
	file, err := keyring.ReadKeyFile(path)
	if err == nil && !file.Equal(kapp) {
		err = fmt.Errorf("%s and the credential of the service are two appliance keys: only one of them is this appliance's", path)
	}
	return kapp, err
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
