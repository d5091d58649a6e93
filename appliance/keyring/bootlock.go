package keyring

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigill/appliance/seal"
)

// passphraseMark stands before K_app in boot mode A (FORMAT.md, 7).
const passphraseMark = "sigill/appliance-key/passphrase/1\n"

// MinPassphrase is how many characters a passphrase of boot mode A has at least. Whoever has
// the disk tries as many as they can pay for, 64 MiB each; six words of a list are 77 bits.
const MinPassphrase = 16

// MaxPassphrase bounds what is stretched, in bytes. A page of the recovery kit has less.
const MaxPassphrase = 1024

// LockByPassphrase writes K_app so that the passphrase alone opens it.
func (s *Stretcher) LockByPassphrase(ctx context.Context, kapp seal.Secret, passphrase []byte) (string, error) {
	keyed(kapp)
	salt := make([]byte, passwordSalt)
	rand.Read(salt)
	lock, err := s.Stretch(ctx, passphrase, salt)
	if err != nil {
		return "", err
	}
	box := seal.Box(lock, bootContext(salt), kapp.Bytes())
	return passphraseMark + base64.StdEncoding.EncodeToString(append(salt, box...)) + "\n", nil
}

// OpenByPassphrase opens what LockByPassphrase wrote. A wrong passphrase is seal.ErrOpen.
func (s *Stretcher) OpenByPassphrase(ctx context.Context, text string, passphrase []byte) (seal.Secret, error) {
	body, ok := strings.CutPrefix(text, passphraseMark)
	b, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(body, "\n"))
	if !ok || err != nil || len(b) != passwordSalt+seal.WrapSize {
		return seal.Secret{}, errors.New("this is no appliance key under a passphrase")
	}
	salt := b[:passwordSalt:passwordSalt]
	lock, err := s.Stretch(ctx, passphrase, salt)
	if err != nil {
		return seal.Secret{}, err
	}
	plain, err := seal.Unbox(lock, bootContext(salt), b[passwordSalt:])
	if err != nil {
		return seal.Secret{}, err
	}
	return seal.SecretOf(plain)
}

func bootContext(salt []byte) seal.Context {
	return seal.NewContext("boot").Text("passphrase").Text(string(salt))
}

// ReplaceFile writes a file of the directory of keys, durably and whole: a crash leaves the
// old one or the new one. Nothing of the appliance key may be in it in the clear.
func ReplaceFile(path, text string) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := writeOnce(next, text); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
