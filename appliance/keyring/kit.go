package keyring

import (
	"fmt"
	"strings"

	"filippo.io/age"

	"sigill/appliance/seal"
)

// InstallationSize is how many bytes of the salt name an installation.
const InstallationSize = 8

// Installation names an installation, on paper and in files: the beginning of its
// salt, which is public and differs everywhere.
type Installation [InstallationSize]byte

// InstallationOf returns the name that a salt gives.
func InstallationOf(salt []byte) Installation { return Installation(salt[:InstallationSize]) }

// String writes it in 16 hexadecimal digits.
func (i Installation) String() string { return fmt.Sprintf("%x", i[:]) }

// Kit is the recovery kit: printed, kept in safes, and taken off the machine. B opens
// the containers of backups, K_app the slots' seal and the metadata, R and H the seeds
// of people. None of them alone opens a letter (FORMAT.md, 7.1).
type Kit struct {
	Installation Installation
	Sharing      Sharing
	Backup       seal.Secret // B: seed of the backup identity
	App          seal.Secret // K_app
	Custody                  // R, and H with it until the organisers have keys of their own

	root seal.Secret // s, of which R and H are made: what the shares are shares of
}

// Custody is what the shares of page 3 give, together.
type Custody struct {
	Recovery seal.Secret // R: seed
	Helper   seal.Secret // H: seed; zero if the page did not hold it
}

// NewKit makes fresh keys.
func NewKit(i Installation, s Sharing) Kit {
	root := newScalar()
	return Kit{Installation: i, Sharing: s, Backup: seal.NewSecret(), App: seal.NewSecret(), Custody: custodyOf(root), root: root}
}

func custodyOf(root seal.Secret) Custody {
	return Custody{
		Recovery: seal.Derive(seal.NewContext("kit").Text("R"), root),
		Helper:   seal.Derive(seal.NewContext("kit").Text("H"), root),
	}
}

// Pages returns the kit's sheets in their order: B, K_app, and the shares of R. Each
// call makes other shares; a kit is written once.
func (k Kit) Pages() []Page {
	keyed(k.Backup, k.App, k.root) // a zero seed would be printed as if it were one
	pages := []Page{
		{Kind: PageBackup, Installation: k.Installation, secret: k.Backup},
		{Kind: PageApp, Installation: k.Installation, secret: k.App},
	}
	for i, v := range k.Sharing.split(k.root) {
		pages = append(pages, Page{Kind: PageShare, Installation: k.Installation, Sharing: k.Sharing, Number: i + 1, secret: v})
	}
	return pages
}

// Identity writes a seed as stock age (1.3 or newer) reads it.
func Identity(seed seal.Secret) (string, error) {
	s := strings.ToUpper(bech32(identityPrefix, seed.Bytes()))
	if _, err := age.ParseHybridIdentity(s); err != nil {
		return "", fmt.Errorf("write an age identity: %w", err)
	}
	return s, nil
}

const identityPrefix = "age-secret-key-pq-"

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

// WriteKit writes one file of the kit, durably, mode 0600, and never over another one.
func WriteKit(path string, content []byte) error { return writeOnce(path, string(content)) }
