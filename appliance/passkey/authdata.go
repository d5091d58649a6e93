package passkey

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// The flags of authenticator data (6.1). The two bits that are left are for the future and
// are not looked at.
const (
	flagPresent    = 1 << 0 // UP
	flagVerified   = 1 << 2 // UV
	flagEligible   = 1 << 3 // BE
	flagBackedUp   = 1 << 4 // BS
	flagAttested   = 1 << 6 // AT
	flagExtensions = 1 << 7 // ED
)

// authData is what the passkey itself says (6.1).
type authData struct {
	party  [32]byte
	flags  byte
	count  uint32
	aaguid [16]byte // these three only of a passkey that was just made
	id     []byte
	public []byte
}

// readAuthData takes authenticator data to the last byte:
//
//	32 SHA-256 of the party's id ‖ 1 flags ‖ 4 count
//	if AT: 16 AAGUID ‖ 2 length ‖ id ‖ COSE_Key
//	if ED: CBOR map
//
// A passkey that is made has AT, one that is used has not.
func readAuthData(raw []byte, made bool) (a authData, err error) {
	if len(raw) < 37 {
		return a, malformed("authenticator data are short")
	}
	a.party, a.flags, a.count = [32]byte(raw[:32]), raw[32], binary.BigEndian.Uint32(raw[33:37])
	rest := raw[37:]
	if a.is(flagAttested) != made {
		return a, malformed("the flag AT")
	}
	if made {
		if rest, err = a.readAttested(rest); err != nil {
			return a, err
		}
	}
	if a.is(flagExtensions) {
		// What they hold is not used: the output of prf is never there in clear (10.1.4).
		var m map[string]webauthncbor.RawMessage
		n, err := webauthncbor.UnmarshalFirst(rest, &m)
		if err != nil || m == nil {
			return a, malformed("extensions")
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return a, malformed("bytes behind the authenticator data")
	}
	return a, nil
}

func (a *authData) readAttested(b []byte) (rest []byte, err error) {
	if len(b) < 18 {
		return nil, malformed("attested data are short")
	}
	a.aaguid = [16]byte(b[:16])
	n := int(binary.BigEndian.Uint16(b[16:18]))
	if b = b[18:]; n == 0 || n > maxID || n > len(b) {
		return nil, malformed("length of the id")
	}
	a.id, b = b[:n], b[n:]
	var key webauthncbor.RawMessage
	if n, err = webauthncbor.UnmarshalFirst(b, &key); err != nil || n > maxPublic {
		return nil, malformed("key")
	}
	a.public = b[:n]
	return b[n:], nil
}

func (a *authData) is(flag byte) bool { return a.flags&flag != 0 }

// vet judges what the passkey says of itself and of who was there.
func (a *authData) vet(party string) error {
	switch {
	case a.party != sha256.Sum256([]byte(party)):
		return WrongParty
	case !a.is(flagPresent):
		return NotPresent
	case !a.is(flagVerified):
		return NotVerified
	case a.is(flagBackedUp) && !a.is(flagEligible):
		return WrongBackup
	}
	return nil
}
