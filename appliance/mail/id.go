package mail

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// ID names a message, holder, person or any other row. It tells nothing, or no more
// than when its row was made, which stands in the row in clear as well. It cannot be
// guessed, but it is no secret and may be logged.
type ID [16]byte

// NewID returns a fresh random ID.
func NewID() ID {
	var id ID
	rand.Read(id[:]) // never fails: crypto/rand ends the process if the system has no randomness
	return id
}

// NewIDAt returns a fresh ID whose first 48 bits are the time in milliseconds; the
// other 80 are random. Rows that are made together then stand together in every index,
// and a store of a million messages takes one more as quickly as an empty one.
func NewIDAt(at time.Time) ID {
	id, first := NewID(), FirstIDAt(at)
	copy(id[:6], first[:])
	return id
}

// FirstIDAt is the least ID of all that NewIDAt makes at a moment or after it.
func FirstIDAt(at time.Time) (id ID) {
	binary.BigEndian.PutUint16(id[:2], uint16(at.UnixMilli()>>32))
	binary.BigEndian.PutUint32(id[2:6], uint32(at.UnixMilli()))
	return id
}

// At is the moment that NewIDAt was given, to the millisecond; of an ID that it did not make
// it says nothing.
func (id ID) At() time.Time {
	ms := int64(binary.BigEndian.Uint16(id[:2]))<<32 | int64(binary.BigEndian.Uint32(id[2:6]))
	return time.UnixMilli(ms).UTC()
}

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// String returns the 26 characters by which the ID stands in paths and logs.
func (id ID) String() string { return idText.EncodeToString(id[:]) }

// Compare orders ids, as bytes.Compare does.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// IsZero reports whether the ID was never set.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText writes an ID as String does.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID(string(b))
	return err
}

// ParseID reads what String wrote. Anything else is Absent, so that a malformed
// id in a path looks like one that does not exist.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 26 {
		return id, E(Absent, "error.absent", fmt.Errorf("id has %d characters, not 26", len(s)))
	}
	b, err := idText.DecodeString(s)
	if err != nil || idText.EncodeToString(b) != strings.ToLower(s) {
		return id, E(Absent, "error.absent", fmt.Errorf("malformed id"))
	}
	copy(id[:], b)
	return id, nil
}
