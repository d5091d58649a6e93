package keyring

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"filippo.io/age"

	"sigill/appliance/seal"
)

// Kit is the recovery kit: printed, kept in a safe, and taken off the machine. B
// opens the containers of backups, K_app the slots' seal and the metadata, R and H
// the seeds of people. None of them alone opens a letter.
type Kit struct {
	Backup   seal.Secret // B: seed of the backup identity
	App      seal.Secret // K_app
	Recovery seal.Secret // R: seed
	Helper   seal.Secret // H: seed, until the organisers have keys of their own
}

// NewKit makes fresh keys.
func NewKit() Kit {
	return Kit{seal.NewSecret(), seal.NewSecret(), seal.NewSecret(), seal.NewSecret()}
}

// Identity writes a seed as stock age (1.3 or newer) reads it.
func Identity(seed seal.Secret) (string, error) {
	s := strings.ToUpper(bech32("age-secret-key-pq-", seed.Bytes()))
	if _, err := age.ParseHybridIdentity(s); err != nil {
		return "", fmt.Errorf("write an age identity: %w", err)
	}
	return s, nil
}

// Recipient writes the public key of a seed as stock age reads it.
func Recipient(seed seal.Secret) (string, error) {
	s, err := Identity(seed)
	if err != nil {
		return "", err
	}
	id, err := age.ParseHybridIdentity(s)
	if err != nil {
		return "", err
	}
	return id.Recipient().String(), nil
}

// Write writes the kit to path once, mode 0600, and never over another one.
func (k Kit) Write(path, house string, now time.Time) error {
	keyed(k.Backup, k.App, k.Recovery, k.Helper) // a zero seed would print K_app in its place
	var b strings.Builder
	fmt.Fprintf(&b, `Sigill recovery kit
%s, %s

Print this file, put each page into a safe of its own, and remove it from the
machine. Whoever has all three pages and the disk opens what has not ended.

Page 1: backup identity B. Stock age, 1.3 or newer, opens backups with it.
`, house, now.UTC().Format("2006-01-02 15:04 MST"))
	for _, page := range []struct {
		name string
		seed seal.Secret
	}{
		{"", k.Backup},
		{"\nPage 2: appliance key K_app, in hexadecimal.\n", seal.Secret{}},
		{"\nPage 3: recovery key R and helper key H, for people's keys.\n", k.Recovery},
		{"", k.Helper},
	} {
		b.WriteString(page.name)
		if page.seed.IsZero() {
			fmt.Fprintf(&b, "%s\n", hex.EncodeToString(k.App.Bytes()))
			continue
		}
		id, err := Identity(page.seed)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s\n", id)
	}
	return writeOnce(path, b.String())
}
