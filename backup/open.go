package backup

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"sigill/appliance/config"
	"sigill/appliance/erase"
	"sigill/appliance/mail"
	"sigill/backup/target"
)

// OpenTarget opens the target that a table of the configuration tells of. The error is a
// mail.Error that says in words what is to be done.
func OpenTarget(ctx context.Context, c config.Backup) (t Target, err error) {
	switch c.Kind {
	case config.BackupDir:
		if t, err = OpenDir(c.Path, erase.Machine{}); err != nil && !errors.Is(err, fs.ErrNotExist) {
			err = mail.E(mail.Again, "error.target.open", err)
		}
	case config.BackupSFTP:
		t, err = openSFTP(ctx, c)
	case config.BackupS3:
		t, err = openS3(ctx, c)
	default:
		err = fmt.Errorf("there is no target of the kind %q", c.Kind)
	}
	if err != nil {
		return nil, fmt.Errorf("backup %s: %w", c.Name, err)
	}
	return t, nil
}

// told puts what people read before a fault of opening.
func told[T Target](t T, err error) (Target, error) {
	var other *target.HostKeyError
	switch {
	case err == nil:
		return t, nil
	case errors.Is(err, ErrKept):
		return nil, mail.E(mail.Invalid, "error.target.kept", err)
	case errors.As(err, &other):
		return nil, mail.E(mail.Invalid, "error.target.hostkey", err)
	}
	return nil, mail.E(mail.Again, "error.target.open", err)
}

func openSFTP(ctx context.Context, c config.Backup) (Target, error) {
	key, err := c.Key()
	if err != nil {
		return nil, mail.E(mail.Invalid, "error.target.secret", err)
	}
	password, err := c.Password()
	if err != nil {
		return nil, mail.E(mail.Invalid, "error.target.secret", err)
	}
	return told(target.OpenSFTP(ctx, target.SFTPConfig{
		Addr: c.Host, User: c.User, HostKey: c.HostKey, Key: key, Password: password, Path: c.Path,
	}))
}

// maxRoots bounds a file with certificates, in bytes.
const maxRoots = 1 << 20

func openS3(ctx context.Context, c config.Backup) (Target, error) {
	secret, err := c.Secret()
	if err != nil {
		return nil, mail.E(mail.Invalid, "error.target.secret", err)
	}
	var roots *x509.CertPool
	if c.CAFile != "" {
		if roots, err = readRoots(c.CAFile); err != nil {
			return nil, mail.E(mail.Invalid, "error.target.secret", err)
		}
	}
	return told(target.OpenS3(ctx, target.S3Config{
		URL: c.URL, Region: c.Region, Bucket: c.Bucket, Prefix: c.Prefix, PathStyle: c.PathStyle, KeyID: c.User, Secret: secret, Roots: roots,
	}))
}

// readRoots reads a file with certificates of authorities.
func readRoots(path string) (*x509.CertPool, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Size() > maxRoots {
		return nil, fmt.Errorf("%s has more than %d bytes", path, maxRoots)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", path)
	}
	return roots, nil
}
