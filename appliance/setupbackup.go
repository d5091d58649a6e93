package appliance

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"sigill/appliance/config"
	"sigill/appliance/mail"
	"sigill/backup"
	"sigill/backup/target"
)

// HostKeys asks an SFTP server for the fingerprints of its keys. Whoever answers may be
// anybody: the page says so. The error for people is Again.
func (s *setup) HostKeys(ctx context.Context, host string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	keys, err := target.HostKeys(ctx, host, tryTime)
	if err != nil {
		return nil, mail.E(mail.Again, "error.target.open", err).Tell("Detail", saidOf(err))
	}
	return keys, nil
}

// TryBackup tries the first target of the file, as `sigill backup try` does. The error is for
// people: it tells "Detail", and "Path" of a directory that the service may not write to.
func (s *setup) TryBackup(ctx context.Context) error {
	f, err := s.Draft()
	if err != nil {
		return err
	}
	if len(f.Backups) == 0 {
		return mail.E(mail.Invalid, "error.target.open", nil)
	}
	err = tryTarget(ctx, f.Backups[0])
	if err == nil {
		return nil
	}
	s.a.c.Log.Info("the target for backups was tried in vain", "part", "setup", "err", err)
	return toldOfTarget(f.Backups[0], err)
}

// tryTarget opens a target and tries whether it does what one must.
func tryTarget(ctx context.Context, c config.Backup) (err error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	t, err := backup.OpenTarget(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	return backup.TryTarget(ctx, t)
}

// toldOfTarget words a fault for whoever sets the machine up. A directory on this machine is
// kept from the service by its rights or by systemd, which only root there can change.
func toldOfTarget(c config.Backup, err error) *mail.Error {
	told := mail.E(mail.Again, "error.target.open", err)
	if say := sentenceOf(err); say != "" {
		told.Say = say
	}
	var e *mail.Error
	if errors.As(err, &e) && e.Err != nil {
		err = e.Err
	}
	told = told.Tell("Detail", saidOf(err))
	if c.Kind != config.BackupDir {
		return told
	}
	switch {
	case errors.Is(err, syscall.EROFS):
		told.Say = "error.setup.backup.readonly"
	case errors.Is(err, fs.ErrNotExist):
		told.Say = "error.setup.backup.away"
	case errors.Is(err, fs.ErrPermission):
		told.Say = "error.setup.backup.denied"
	default:
		return told
	}
	return told.Tell("Path", c.Path)
}
