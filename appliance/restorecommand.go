package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/owner"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
	"sigill/backup"
)

// Restoring is what `sigill restore` is told.
type Restoring struct {
	From string   // the name of a target of the configuration, or a directory
	Kit  []string // files with pages of the recovery kit; those that are missing are typed
	Gone bool     // the appliance that wrote there does not run any more
	Set  int      // the newest set that may be taken; 0: any
	JSON bool     // the answer is JSON

	Targets []config.Backup // of the configuration
	File    string          // where the configuration file belongs; "": nowhere
}

// Brought is what a restore has brought back.
type Brought struct {
	Data   string    `json:"data"`
	Set    int       `json:"set"`
	Rows   time.Time `json:"rows"` // everything that came after is lost
	Keys   time.Time `json:"keys"` // what ended by then has ended
	Blobs  int       `json:"blobs"`
	Ledger int       `json:"ledger"` // how much has ended, ever
	Passed []string  `json:"passed,omitempty"`

	Settings string   `json:"settings,omitempty"` // where the configuration file was put back; "" if there is none, or that is there
	Lacking  []string `json:"lacking,omitempty"`  // files that it names and that are not there
}

// Restore puts a store together on an empty machine, from a backup and the pages 1 and 2 of
// the recovery kit. When it returns, the store is in quarantine: the first start ends that.
func (r Recovery) Restore(ctx context.Context, p Places, o Restoring) (err error) {
	target, err := targetOf(ctx, o.From, o.Targets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	mark, err := backup.ReadMark(ctx, target)
	if errors.Is(err, backup.ErrAbsent) {
		return fmt.Errorf("there is no backup in %s", o.From)
	}
	if err != nil {
		return err
	}
	pages, err := ReadPages(o.Kit)
	if err != nil {
		return err
	}
	kit, err := NewTypist(r.In, r.Out).kitOf(mark, pages)
	if err != nil {
		return err
	}
	clock := NewTurned()
	if p.turned != "" {
		if err := windClock(clock, p.turned); err != nil {
			return err
		}
	}
	in := backup.Restoring{Target: target, Key: kit.backup, Most: o.Set, Disk: erase.Machine{}}
	back, err := o.settings(ctx, in, &p)
	if err != nil {
		return saidRestore(err)
	}
	in.Dir, in.Prepare = p.Data, func(dir string, done backup.Restored) error {
		if err := prepare(ctx, p, mark, kit.app, dir, done, o.Gone, clock); err != nil {
			return err
		}
		return back.put()
	}
	if !o.Gone {
		in.Now = clock.Now()
	}
	if !o.JSON {
		in.Told = func(s backup.Statement) { fmt.Fprintf(r.Out, "  %s, %d bytes\n", s.Name, s.Size) }
	}
	done, err := backup.Restore(ctx, in)
	if err != nil {
		return saidRestore(err)
	}
	return r.sayBrought(p, done, back, o.JSON)
}

// saidRestore adds to a fault of a restore what can be done about it.
func saidRestore(err error) error {
	switch {
	case errors.Is(err, backup.ErrWritten):
		return fmt.Errorf("%w; stop it, or say --the-old-one-is-gone", err)
	case errors.Is(err, keyring.ErrNotForKey):
		return errors.New("page 1 does not open this backup: it is of another recovery kit")
	}
	return err
}

// targetOf opens a target of the configuration, or the one in a directory.
func targetOf(ctx context.Context, from string, targets []config.Backup) (backup.Target, error) {
	for _, c := range targets {
		if c.Name == from {
			return backup.OpenTarget(ctx, c)
		}
	}
	path, err := filepath.Abs(from)
	if err != nil {
		return nil, err
	}
	return backup.OpenTarget(ctx, config.Backup{Name: "restore", Kind: config.BackupDir, Path: path})
}

// kitPages are what a restore needs of the recovery kit.
type kitPages struct{ backup, app seal.Secret }

// kitOf finds the pages 1 and 2 among those that are there, and asks for what is missing. A
// page of another installation is refused before anything is read.
func (t *Typist) kitOf(mark backup.Mark, pages []keyring.Page) (k kitPages, err error) {
	for _, p := range pages {
		if err := k.take(mark, p); err != nil {
			return k, err
		}
	}
	for wrong := 0; k.backup.IsZero() || k.app.IsZero(); {
		which := "page 1 of the recovery kit (AGE-SECRET-KEY-PQ-1…)"
		if !k.backup.IsZero() {
			which = "page 2 of the recovery kit (SIGILL1:K:…)"
		}
		fmt.Fprintf(t.out, "Needed: %s.\n", which)
		p, err := t.page(keyring.Known{Installation: mark.Installation})
		if errors.Is(err, errEnd) {
			return k, fmt.Errorf("not shown: %s; without it nothing can be restored", which)
		}
		if err == nil {
			err = k.take(mark, p)
		}
		if err != nil {
			if wrong++; wrong == mistakes {
				return k, err
			}
			fmt.Fprintf(t.out, "That is not right: %v.\n", err)
		}
	}
	return k, nil
}

// take takes a page for what it is; one of page 3 is passed over.
func (k *kitPages) take(mark backup.Mark, p keyring.Page) error {
	if p.Installation != (keyring.Installation{}) && p.Installation.String() != mark.Installation {
		return fmt.Errorf("this page is of the installation %s; the backup is of %s", p.Installation, mark.Installation)
	}
	switch p.Kind {
	case keyring.PageBackup, keyring.PageIdentity:
		to, err := keyring.Recipient(p.Secret())
		if err != nil {
			return err
		}
		if to != mark.Recipient {
			return errors.New("page 1 does not open this backup: it is of another recovery kit")
		}
		k.backup = p.Secret()
	case keyring.PageApp:
		k.app = p.Secret()
	}
	return nil
}

// prepare looks whether page 2 belongs to what was restored, while that has another name
// still, puts the appliance key where it belongs, and begins the quarantine.
func prepare(ctx context.Context, p Places, mark backup.Mark, kapp seal.Secret, dir string, done backup.Restored, gone bool, clock mail.Clock) error {
	app, err := appOf(ctx, dir, kapp)
	if err != nil {
		return err
	}
	signer, err := backup.NewSigner(mark.Installation, app.BackupSeed())
	if err != nil {
		return err
	}
	// By the same key what lies at the target is signed: so it is this appliance's too.
	if signer.Public() != mark.Key {
		return errors.New("page 2 is not the appliance key of this backup: it is of another recovery kit")
	}
	if err := placeKey(p.Keys, kapp); err != nil {
		return err
	}
	return restored{At: clock.Now(), Set: done.Set.At, Slots: done.Slots.At, Over: gone}.write(dir, quarantineFile)
}

// appOf derives the appliance's keys for a store that nobody has open.
func appOf(ctx context.Context, dir string, kapp seal.Secret) (_ *keyring.App, err error) {
	db, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: NewWall(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Sound(ctx); err != nil {
		return nil, err
	}
	salt, err := saltOf(ctx, db)
	if err != nil {
		return nil, err
	}
	return keyring.NewApp(kapp, salt), nil
}

// placeKey writes the appliance key where the configuration has it, for whose directory that
// is; one that is there must be the same.
func placeKey(keys string, kapp seal.Secret) error {
	path := filepath.Join(keys, keyFile)
	if exists(path) {
		have, err := keyring.ReadKeyFile(path)
		if err == nil && !have.Equal(kapp) {
			err = fmt.Errorf("%s is another appliance key: move it away first", path)
		}
		return err
	}
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return fmt.Errorf("make the directory of keys: %w", err)
	}
	if err := keyring.WriteKeyFile(path, kapp); err != nil {
		return err
	}
	return givenAs(path, keys)
}

// givenAs gives a file or a directory to whose another is: who restores is root, and the
// service is not.
func givenAs(path, other string) error {
	o, err := owner.Of(other)
	if err != nil || o.UID == os.Geteuid() {
		return err
	}
	return o.Gets(filepath.Dir(path), filepath.Base(path))
}

func (r Recovery) sayBrought(p Places, done backup.Restored, back *broughtSettings, asJSON bool) error {
	b := Brought{Data: p.Data, Set: done.Set.Number, Rows: done.Set.At, Keys: done.Slots.At, Blobs: done.Blobs, Ledger: done.Ended, Settings: back.at, Lacking: back.lacking}
	for _, err := range done.Passed {
		b.Passed = append(b.Passed, err.Error())
	}
	if asJSON {
		return json.NewEncoder(r.Out).Encode(b)
	}
	const moment = "2006-01-02 15:04:05 MST"
	fmt.Fprintf(r.Out, `Restored to %s: set %d of %s, with %d files.
Lost is what came in or was done after that moment. What had ended by
%s stays ended.
`, b.Data, b.Set, b.Rows.Format(moment), b.Blobs, b.Keys.Format(moment))
	for _, why := range b.Passed {
		fmt.Fprintf(r.Out, "Passed by: %s\n", why)
	}
	back.say(r.Out)
	fmt.Fprint(r.Out, `Start the appliance now. Before its doors open it ends again what has come back and had
ended, and tells senders whose notice had not left. That is its quarantine; it is in the log.
`)
	fmt.Fprintf(r.Out, "The appliance key lies in %s now. \"sigill key mode\" keeps it otherwise.\n", filepath.Join(p.Keys, keyFile))
	return nil
}
