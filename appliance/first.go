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
	settingSpool    = "key.spool"    // public half of the key that mail is sealed to while the appliance is locked; absent: data from before
	settingSeen     = "clock.seen"   // the last time that was believed
)

// founding is what the first start has made and every start reads.
type founding struct {
	app      *keyring.App
	kapp     seal.Secret // to lock it otherwise; see setKeyMode
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
	f.app, f.kapp = keyring.NewApp(kapp, b), kapp
	f.id = keyring.InstallationOf(b)
	f.origin = "sigill/journal/" + f.id.String()
	if err := f.fits(ctx, db); err != nil {
		return nil, err
	}
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

// errWrongKey stops a start before anything is written: what another appliance's key sealed,
// this one's would never open.
var errWrongKey = errors.New("this is the appliance key of another installation")

// fits is an error if K_app is not the one that this data was made with.
func (f *founding) fits(ctx context.Context, db *vault.DB) error {
	kept, err := setting(ctx, db, settingSpool)
	if mail.KindOf(err) == mail.Absent {
		return nil // from before there was one; keepSpoolKey writes it when the office has opened
	}
	if err != nil {
		return err
	}
	mine, err := f.app.SpoolRecipient()
	if err == nil && mine != kept {
		err = errWrongKey
	}
	return err
}

// keepSpoolKey writes down to whom mail is sealed while the appliance is locked, if an
// appliance of before has not. By then the key has opened what the house is.
func (a *Appliance) keepSpoolKey(ctx context.Context) error {
	if _, err := setting(ctx, a.db, settingSpool); mail.KindOf(err) != mail.Absent {
		return err
	}
	mine, err := a.founding.app.SpoolRecipient()
	if err != nil {
		return err
	}
	return a.db.Update(ctx, func(tx *vault.Tx) error { return tx.SetSetting(settingSpool, mine) })
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
	for _, path := range append(places.files(), kitFiles(keys)...) {
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
	spooled, err := keyring.NewApp(kit.App, salt).SpoolRecipient()
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
			{settingSpool, spooled},
		} {
			if err := tx.SetSetting(s[0], s[1]); err != nil {
				return err
			}
		}
		return nil
	})
	return files, err
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
