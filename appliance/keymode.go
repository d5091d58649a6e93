package appliance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"unicode/utf8"

	"sigill/appliance/erase"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/tang"
	"sigill/appliance/vault"
)

// keyAsk is what `sigill key` says. It prints as [secret].
type keyAsk struct {
	Mode       Mode        `json:"mode"`
	Passphrase string      `json:"passphrase,omitempty"`
	Servers    []keyServer `json:"servers,omitempty"`
}

// keyServer is one that opens the key, and the thumbprint of a key that it signs with.
type keyServer struct {
	URL        string `json:"url"`
	Thumbprint string `json:"thumbprint"`
}

// String hides the passphrase.
func (keyAsk) String() string { return "[secret]" }

// GoString hides it from %#v.
func (keyAsk) GoString() string { return "[secret]" }

// keyState is how the appliance key is kept.
type keyState struct {
	Mode       Mode     `json:"mode"`              // at the next start
	Credential bool     `json:"credential"`        // the service manager brings it
	Servers    []string `json:"servers,omitempty"` // the key servers
}

// maxServers is how many key servers there may be: each that is down costs its wait.
const maxServers = 5

// keyMode tells how the appliance key is kept.
func (a *Appliance) keyMode(context.Context, struct{}) (keyState, error) {
	k := a.keyPlaces()
	s := keyState{Mode: k.mode(), Credential: k.credential != ""}
	text, err := readSmall(k.path(tangFile))
	if err == nil {
		s.Servers = tang.Servers(text)
	}
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return s, err
}

func (a *Appliance) keyPlaces() keyPlaces {
	return keyPlaces{dir: a.c.Keys, credential: a.c.Credential}
}

// setKeyMode keeps the appliance key otherwise from now on. Nothing of the data changes. The new
// way is written and tried before the old ones are erased: a crash in between leaves both.
func (a *Appliance) setKeyMode(ctx context.Context, in keyAsk) (keyState, error) {
	a.keeping.Lock()
	defer a.keeping.Unlock()
	k, key := a.keyPlaces(), a.founding.kapp
	var err error
	switch in.Mode {
	case ModePassphrase:
		err = a.lockByPassphrase(ctx, k.path(passphraseFile), key, in.Passphrase)
	case ModeTang:
		err = lockByServers(ctx, k.path(tangFile), key, in.Servers)
	case ModeFile:
		err = keepInFile(k.path(keyFile), key)
	default:
		err = mail.E(mail.Invalid, "", fmt.Errorf("there is no mode %q", string(in.Mode)))
	}
	if err != nil {
		return keyState{}, err
	}
	for mode, name := range map[Mode]string{ModeFile: keyFile, ModePassphrase: passphraseFile, ModeTang: tangFile} {
		if mode != in.Mode {
			err = errors.Join(err, erase.Remove(erase.Machine{}, k.path(name)))
		}
	}
	err = errors.Join(err, a.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.Note(mail.Event{Kind: journal.KeyModeSet, At: tx.Now(), Actor: mail.ActorSystem, Detail: string(in.Mode)})
	}))
	if err != nil {
		return keyState{}, err
	}
	return a.keyMode(ctx, struct{}{})
}

func (a *Appliance) lockByPassphrase(ctx context.Context, path string, key seal.Secret, passphrase string) error {
	if utf8.RuneCountInString(passphrase) < keyring.MinPassphrase || len(passphrase) > keyring.MaxPassphrase {
		return mail.E(mail.Invalid, "", fmt.Errorf("a passphrase has %d to %d characters", keyring.MinPassphrase, keyring.MaxPassphrase))
	}
	text, err := a.office.Stretch.LockByPassphrase(ctx, key, []byte(passphrase))
	if err != nil {
		return err
	}
	if got, err := a.office.Stretch.OpenByPassphrase(ctx, text, []byte(passphrase)); err != nil || !got.Equal(key) {
		return errors.Join(errors.New("what was locked does not open"), err)
	}
	return keyring.ReplaceFile(path, text)
}

func lockByServers(ctx context.Context, path string, key seal.Secret, servers []keyServer) error {
	if len(servers) == 0 || len(servers) > maxServers {
		return mail.E(mail.Invalid, "", fmt.Errorf("one to %d key servers are needed", maxServers))
	}
	text := ""
	for _, s := range servers {
		advert, err := tang.Ask(ctx, s.URL)
		if err != nil {
			return mail.E(mail.Again, "", err)
		}
		if !advert.Trusts(s.Thumbprint) {
			return mail.E(mail.Denied, "", fmt.Errorf("the key server %s has signed with another key than %s", s.URL, s.Thumbprint))
		}
		line, err := tang.Lock(advert, []byte(keyring.KeyFileText(key)))
		if err != nil {
			return mail.E(mail.Again, "", err)
		}
		if got, err := tang.Open(ctx, line); err != nil || got != keyring.KeyFileText(key) {
			return mail.E(mail.Again, "", errors.Join(errors.New("what was locked does not open"), err))
		}
		text += line + "\n"
	}
	return keyring.ReplaceFile(path, text)
}

// keepInFile writes the key itself, unless it is there.
func keepInFile(path string, key seal.Secret) error {
	if !exists(path) {
		return keyring.WriteKeyFile(path, key)
	}
	have, err := keyring.ReadKeyFile(path)
	if err == nil && !have.Equal(key) {
		err = fmt.Errorf("%s is another key, and is left as it is", path)
	}
	return err
}

// notLocked answers `sigill unlock` where there is nothing to unlock.
func notLocked(context.Context, unlockAsk) (struct{}, error) {
	return struct{}{}, mail.E(mail.Invalid, "", errors.New("the appliance is open already"))
}
