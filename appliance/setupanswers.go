package appliance

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/door/wizard"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/owner"
	"sigill/appliance/vault"
)

// SetUp does what the set-up in the portal does, by the answers in a file: it writes the
// configuration at path, makes the keys and the first administrator, and puts the recovery kit
// where it is to be printed. What is there already stays, so it may be called again. Last it
// tries the targets of backups: one that cannot be used is an error when all else is done. No
// appliance may be running over the same data.
func SetUp(ctx context.Context, path, answers string, say func(format string, args ...any)) (err error) {
	in, err := config.ReadAnswers(answers, Languages()...)
	if err != nil {
		return err
	}
	in.Config.Unfinished = false
	written, err := config.WriteAnew(path, in.Config)
	if err != nil {
		return err
	}
	if written {
		say("wrote     %s\n", path)
	} else {
		say("is there  %s\n", path)
	}
	a, err := openFresh(ctx, in.Config)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, a.Close(), handOver(in.Config))
	}()
	a.setup = &setup{a: a, path: path, sent: map[wizard.Step]mail.ID{}}
	if kit := a.Kit(); len(kit) > 0 {
		say("made      the keys in %s\n", in.Config.Keys)
	}
	if err := a.setupAdministrator(ctx, in.Administrator, say); err != nil {
		return err
	}
	if err := a.setupKit(in.Kit.Out, say); err != nil {
		return err
	}
	if err := a.setup.set(ctx, settingSetup, "", settingCode, "", settingBrowser, ""); err != nil {
		return err
	}
	return tryTargets(ctx, in.Config.Backups, say)
}

// tryTargets tries all targets, and says of each how it went.
func tryTargets(ctx context.Context, list []config.Backup, say func(format string, args ...any)) error {
	var errs []error
	for _, c := range list {
		if err := tryTarget(ctx, c); err != nil {
			say("cannot    back up to %s; all else is done, and this may be called again\n", c.Where())
			errs = append(errs, err)
			continue
		}
		say("tried     %s: what was written there was read, and removed\n", c.Where())
		if c.Kind == config.BackupDir {
			say("          The service must be let write there, too:  systemctl edit sigill, with ReadWritePaths=%s\n", c.Path)
		}
	}
	return errors.Join(errs...)
}

// openFresh opens an appliance that does not run, and makes it if it is not there yet: the
// store, the keys and the office, and no door.
func openFresh(ctx context.Context, f config.Config) (_ *Appliance, err error) {
	c, err := plain(f)
	if err != nil {
		return nil, err
	}
	c.Clock, c.Log = NewWall(), slog.New(slog.DiscardHandler)
	a := &Appliance{c: c, wake: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.db, err = vault.Open(ctx, vault.Config{Dir: c.Data, Clock: c.Clock, Log: c.Log}); err != nil {
		return nil, err
	}
	if a.founding, err = found(ctx, a.db, keyPlaces{dir: c.Keys, credential: c.Credential}, c.kitPaper(), c.Clock.Now()); err != nil {
		return nil, err
	}
	return a, a.openOffice(ctx)
}

func (a *Appliance) setupAdministrator(ctx context.Context, n config.Administrator, say func(format string, args ...any)) error {
	if n.Address == "" {
		return nil
	}
	if n.PasswordFile == "" {
		say("invites   %s, when the appliance starts\n", n.Address)
		return nil
	}
	address, err := mail.ParseAddress(n.Address)
	if err != nil {
		return fmt.Errorf("administrator.address: %q is no address", n.Address)
	}
	who := wizard.Administrator{Name: n.Name, Address: address, Lang: a.c.House.Lang, Password: string(n.Password)}
	there, _, err := a.office.Login(ctx, a.founding.app.Lookup(address.Key()))
	if err != nil {
		return err
	}
	if !there.Person.ID.IsZero() && there.Person.Roles&mail.RoleAdmin != 0 {
		say("is there  the administrator %s\n", address)
		return nil
	}
	if n.App == "" {
		if err := a.setup.CheckAdministrator(who); err != nil {
			return err
		}
		_, err := a.office.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: address, Name: n.Name, Lang: who.Lang}, Roles: mail.RoleAdmin, Password: who.Password})
		if err == nil {
			say("made      the administrator %s, with no second factor yet\n", address)
		}
		return err
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(string(n.App), " ", "")))
	if err != nil || len(key) < 16 {
		return errors.New("administrator.app_key_file: does not hold a key in base32 of at least 16 bytes")
	}
	if _, err := a.setup.MakeAdministrator(ctx, who, access.NewFactor{Key: access.TOTPKeyOf(key)}); err != nil {
		return err
	}
	say("made      the administrator %s, with the app of that key\n", address)
	return nil
}

// setupKit moves the recovery kit to the file out.
func (a *Appliance) setupKit(out string, say func(format string, args ...any)) error {
	from := filepath.Join(a.c.Keys, kitPrint)
	if out == "" || !exists(from) {
		return nil
	}
	html, err := a.setup.PrintKit(a.c.House.Lang)
	if err != nil {
		return err
	}
	if err := keyring.WriteKit(out, []byte(html)); err != nil {
		return err
	}
	if err := eraseKit(a.c.Keys); err != nil {
		return err
	}
	say("moved     the recovery kit to %s: print it, lock the sheets away apart, erase the file, and practise with: sigill recover practise\n", out)
	return nil
}

// handOver gives what root has made in the directories of data and keys to whoever the first of
// them belongs to: the account that runs the service.
func handOver(f config.Config) error {
	if os.Geteuid() != 0 {
		return nil
	}
	service, err := owner.Of(f.Data)
	if err != nil || service.UID == 0 {
		return err
	}
	for _, dir := range []string{f.Data, f.Keys} {
		if err := service.GetsAll(dir); err != nil {
			return fmt.Errorf("hand over to the service: %w", err)
		}
	}
	return nil
}
