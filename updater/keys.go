package updater

import (
	"fmt"
	"strings"

	"aead.dev/minisign"
)

// How many keys there are, and how many of them must have signed.
const (
	keysInAll = 3
	keysNeed  = 2
)

// Keys are the public halves of the keys of those who release.
type Keys []minisign.PublicKey

// ParseKeys reads three keys, each as the second line of minisign's .pub file. No key at all
// is no error: then no bundle counts.
func ParseKeys(texts []string) (Keys, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	if len(texts) != keysInAll {
		return nil, fmt.Errorf("there must be %d keys, not %d", keysInAll, len(texts))
	}
	var all Keys
	for i, text := range texts {
		var k minisign.PublicKey
		if err := k.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		for _, other := range all {
			if k.Equal(other) || k.ID() == other.ID() {
				return nil, fmt.Errorf("key %d is there twice", i+1)
			}
		}
		all = append(all, k)
	}
	return all, nil
}

// signedBy returns which keys have signed text with a comment of their own; by their id.
func (k Keys) signedBy(text []byte, signatures [][]byte) []Signature {
	var all []Signature
	for _, key := range k {
		for _, raw := range signatures {
			if !minisign.Verify(key, text, raw) {
				continue
			}
			var s minisign.Signature
			if s.UnmarshalText(raw) == nil {
				all = append(all, Signature{Key: fmt.Sprintf("%016X", key.ID()), Comment: s.TrustedComment})
			}
			break
		}
	}
	return all
}

// Signature is one that holds.
type Signature struct {
	Key     string // id, as minisign writes it
	Comment string // the trusted one, which is signed, too
}
