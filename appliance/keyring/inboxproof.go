package keyring

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"time"

	"sigill/appliance/seal"
)

// InboxProof is what a mail's link holds to show, when its owner opens it while signed in,
// that the mail has reached them. It opens nothing. purpose keeps one kind from being used
// as another.
//
// It is the second in which it was made, in 8 bytes, and 16 of a keyed hash over that, the
// purpose and the person: who guesses is right once in 2^128, and nothing is kept of it.
func (a *App) InboxProof(purpose string, person seal.ID, at time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, a.inboxTag(purpose, person, b)...))
}

// ReadInboxProof returns when a person's proof was made; ok is false for what is none.
func (a *App) ReadInboxProof(purpose string, person seal.ID, proof string) (at time.Time, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(proof)
	if err != nil || len(b) != 24 || !hmac.Equal(b[8:], a.inboxTag(purpose, person, b[:8])) {
		return time.Time{}, false
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b)), 0).UTC(), true
}

func (a *App) inboxTag(purpose string, person seal.ID, at []byte) []byte {
	return a.Tag("inbox."+purpose, string(person[:])+string(at))[:16]
}
