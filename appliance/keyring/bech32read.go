package keyring

import (
	"errors"
	"strings"

	"sigill/appliance/seal"
)

var errIdentity = errors.New("the age identity is damaged: something was misread or mistyped")

// seedOf reads the seed out of an age identity in upper case, as Identity wrote it. Its
// own checksum is checked by writing it again.
func seedOf(identity string) (seal.Secret, error) {
	data := strings.TrimPrefix(identity, strings.ToUpper(identityPrefix)+"1")
	if len(data) < 6 {
		return seal.Secret{}, errIdentity
	}
	var out []byte
	acc, bits := uint32(0), 0
	for _, c := range strings.ToLower(data[:len(data)-6]) {
		v := strings.IndexRune(bech32Alphabet, c)
		if v < 0 {
			return seal.Secret{}, errIdentity
		}
		acc, bits = acc<<5|uint32(v), bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	seed, err := seal.SecretOf(out)
	if err != nil || strings.ToUpper(bech32(identityPrefix, out)) != identity {
		return seal.Secret{}, errIdentity
	}
	return seed, nil
}
