package keyring

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sigill/appliance/seal"
)

const keyfileMark = "sigill/appliance-key/1\n"

// ReadKeyFile reads K_app in boot mode D. A file that others may read is refused:
// the mode is all that protects it.
func ReadKeyFile(path string) (seal.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return seal.Secret{}, fmt.Errorf("read the appliance key: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return seal.Secret{}, fmt.Errorf("read the appliance key: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return seal.Secret{}, fmt.Errorf("the appliance key %s may be read by others (mode %04o): chmod 600 it", path, st.Mode().Perm())
	}
	return readKey(f)
}

// ReadCredential reads K_app where the service manager has put it: decrypted, in memory
// that is never written to a disk, for this service alone. Its mode is not looked at: who
// may read it stands in an access list, which shows there as a group's.
func ReadCredential(path string) (seal.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return seal.Secret{}, fmt.Errorf("read the appliance key: %w", err)
	}
	defer f.Close()
	return readKey(f)
}

func readKey(f *os.File) (seal.Secret, error) {
	b, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return seal.Secret{}, fmt.Errorf("read the appliance key: %w", err)
	}
	kapp, err := ParseKeyFile(string(b))
	if err != nil {
		return seal.Secret{}, fmt.Errorf("%s is not an appliance key", f.Name())
	}
	return kapp, nil
}

// ParseKeyFile reads K_app as it is written in boot mode D.
func ParseKeyFile(text string) (seal.Secret, error) {
	text, ok := strings.CutPrefix(text, keyfileMark)
	key, err := hex.DecodeString(strings.TrimSuffix(text, "\n"))
	kapp, open := seal.SecretOf(key)
	if !ok || err != nil || open != nil {
		// The cause is not told: it could quote the key.
		return seal.Secret{}, errors.New("this is not an appliance key")
	}
	return kapp, nil
}

// KeyFileText writes K_app as boot mode D has it, for who locks it.
func KeyFileText(kapp seal.Secret) string {
	keyed(kapp)
	return keyfileMark + hex.EncodeToString(kapp.Bytes()) + "\n"
}

// WriteKeyFile writes K_app, durably and only if there is no such file yet: an
// appliance key that is overwritten makes every letter unreadable.
func WriteKeyFile(path string, kapp seal.Secret) error {
	return writeOnce(path, KeyFileText(kapp))
}

// writeOnce writes a new file of mode 0600 and syncs it and its directory.
func writeOnce(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path)
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
