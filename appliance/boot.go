package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"sigill/appliance/config"
	"sigill/appliance/keyring"
	"sigill/appliance/seal"
	"sigill/appliance/tang"
)

// The files in KEYS in which the appliance key may be, by boot mode (seal/FORMAT.md, 7). A
// credential of the service is in none of them.
const (
	keyFile        = "appliance.key"            // the key itself
	passphraseFile = "appliance.key.passphrase" // under a passphrase, typed after each start
	tangFile       = "appliance.key.tang"       // under the key servers
)

// Mode is how the appliance key is kept: by whom or what it is given at each start.
type Mode string

// The modes, as commands name them.
const (
	ModePassphrase Mode = "passphrase" // A: by who types
	ModeCredential Mode = "credential" // B: by the service manager, which has it from the TPM as a rule
	ModeTang       Mode = "tang"       // C: by a key server on the house's network
	ModeFile       Mode = "file"       // D: by a file
	ModeNone       Mode = "none"       // by nothing: it is not here
)

// keyPlaces is where the appliance key may be.
type keyPlaces struct {
	dir        string      // where its files are, and where it is made
	credential string      // the file of the service manager's credential; "" if there is none
	given      seal.Secret // what it was unlocked to; zero if it was not locked
}

// mode is the first by which the key is there; what needs nobody goes before the others.
func (k keyPlaces) mode() Mode {
	switch {
	case k.credential != "":
		return ModeCredential
	case exists(k.path(keyFile)):
		return ModeFile
	case exists(k.path(tangFile)):
		return ModeTang
	case exists(k.path(passphraseFile)):
		return ModePassphrase
	}
	return ModeNone
}

func (k keyPlaces) path(name string) string { return filepath.Join(k.dir, name) }

// files are all that a first start must not find.
func (k keyPlaces) files() []string {
	return []string{k.path(keyFile), k.path(passphraseFile), k.path(tangFile), k.credential}
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

// read reads K_app where it needs nobody. Where it is in both places it must be the same: the
// wrong one of two would open nothing, and seal what comes in so that the right one does not
// open it.
func (k keyPlaces) read() (seal.Secret, error) {
	if !k.given.IsZero() {
		return k.given, nil
	}
	switch path := k.path(keyFile); k.mode() {
	case ModeCredential:
		kapp, err := keyring.ReadCredential(k.credential)
		if err != nil || !exists(path) {
			return kapp, err
		}
		file, err := keyring.ReadKeyFile(path)
		if err == nil && !file.Equal(kapp) {
			err = fmt.Errorf("%s and the credential of the service are two appliance keys: only one of them is this appliance's", path)
		}
		return kapp, err
	case ModePassphrase, ModeTang:
		return seal.Secret{}, errors.New("the appliance key is locked: the service must run, and be unlocked")
	case ModeNone:
		_, err := keyring.ReadKeyFile(path)
		return seal.Secret{}, fmt.Errorf("%w; if it is a credential of the service, the service must run", err)
	default:
		return keyring.ReadKeyFile(path)
	}
}

// Boot gets the appliance key for Serve, once in a process: what a passphrase has opened is
// asked for again by no reload.
type Boot struct{ key seal.Secret }

// Unlock makes c's key known, if it must be given by somebody. Until it is, the locked machine
// runs with the sockets that listening opens; each call opens them anew. It returns without a
// key where Open reads it by itself, and with ctx's error when that ends before.
func (b *Boot) Unlock(ctx context.Context, f config.Config, log *slog.Logger, listening func() (Config, error), say func(format string, args ...any)) (seal.Secret, error) {
	places := keyPlaces{dir: f.Keys, credential: credential()}
	m := places.mode()
	if !b.key.IsZero() || m == ModeCredential || m == ModeFile || !exists(filepath.Join(f.Data, "sigill.db")) {
		return b.key, nil
	}
	if m == ModeTang {
		key, err := places.fromServers(ctx)
		if err == nil {
			b.key = key
			return key, nil
		}
		log.Warn("no key server answers", "part", "boot", "err", err)
	}
	c, err := listening()
	if err != nil {
		return seal.Secret{}, err
	}
	l, err := openLocked(ctx, c, m)
	if err != nil {
		c.closeSockets()
		if errors.Is(err, errNotFounded) {
			return seal.Secret{}, nil // Open founds it, or says why not
		}
		return seal.Secret{}, err
	}
	say("locked: mail is taken, nothing is opened. Unlock it at %s, or here by: sigill unlock\n", c.BaseURL)
	b.key, err = l.Run(ctx)
	return b.key, errors.Join(err, l.Close())
}

// fromServers asks the key servers, each once.
func (k keyPlaces) fromServers(ctx context.Context) (seal.Secret, error) {
	text, err := readSmall(k.path(tangFile))
	if err != nil {
		return seal.Secret{}, err
	}
	plain, err := tang.Open(ctx, text)
	if err != nil {
		return seal.Secret{}, err
	}
	return keyring.ParseKeyFile(plain)
}

// maxKeyFile bounds the files of KEYS, in bytes: one with several key servers has the most.
const maxKeyFile = 256 << 10

func readSmall(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the appliance key: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return "", fmt.Errorf("read the appliance key: %w", err)
	}
	return string(b), nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
