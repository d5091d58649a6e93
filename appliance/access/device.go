package access

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Strangers who try passwords close an account to strangers, not to whoever has the
// password: at a good sign-in the browser gets a mark, and a browser with a mark has
// tries of its own (OWASP, "Slow down online guessing attacks with device cookies").
//
// A mark is 32 random bytes that name the device, and behind them two keyed hashes for
// each of those who have signed in there, the last one first: one of device and address,
// and one of these and the second factor that was shown there. Nothing of it is kept
// here. It opens nothing: who steals one gets ten tries in a quarter of an hour at these
// people's passwords, like any stranger.
//
// The second hash is why marks from before a factor was set up, or changed, give no tries
// at it: who had the password alone may have collected many.
const (
	deviceSize = 32
	hashSize   = 16 // bytes of HMAC-SHA-256; a guess is right once in 2¹²⁸
	markSize   = 2 * hashSize
	maxMarks   = 8 // people who share a browser
)

// MarkDevice returns the browser's mark with one for this session's person in it.
// before is the one that the browser came with, "" for none; one that is malformed
// counts as none.
func (s *SignIn) MarkDevice(before string, sess *Session) string {
	id, marks := readDevice(before)
	if id == nil {
		id = make([]byte, deviceSize)
		rand.Read(id)
	}
	account := sess.Profile.Address.Key()
	own := s.mark(id, account)
	out := append(append(bytes.Clone(id), own...), s.factorMark(id, account, sess.shown())...)
	for _, m := range marks {
		if len(out) < deviceSize+maxMarks*markSize && !bytes.Equal(m[:hashSize], own) {
			out = append(out, m...)
		}
	}
	return base64.RawURLEncoding.EncodeToString(out)
}

// marked returns the device that a mark names, if somebody has signed in there as
// account before; else nil.
func (s *SignIn) marked(cookie, account string) []byte {
	id, marks := readDevice(cookie)
	if id == nil {
		return nil
	}
	own, found := s.mark(id, account), false
	for _, m := range marks {
		found = hmac.Equal(m[:hashSize], own) || found
	}
	if !found {
		return nil
	}
	return id
}

// markedBy is marked, if the second factor of this time was shown there too.
func (s *SignIn) markedBy(cookie, account string, factor time.Time) []byte {
	id := s.marked(cookie, account)
	if id == nil {
		return nil
	}
	_, marks := readDevice(cookie)
	own, found := s.factorMark(id, account, factor), false
	for _, m := range marks {
		found = hmac.Equal(m[hashSize:], own) || found
	}
	if !found {
		return nil
	}
	return id
}

func (s *SignIn) mark(device []byte, account string) []byte {
	return s.c.App.Tag("signin.mark", string(device)+account)[:hashSize]
}

// factorMark names a factor by the time since when it is there, in ms as the store keeps
// it; zero: there is none.
func (s *SignIn) factorMark(device []byte, account string, factor time.Time) []byte {
	since := binary.BigEndian.AppendUint64(bytes.Clone(device), uint64(factor.UnixMilli()))
	return s.c.App.Tag("second.mark", string(since)+account)[:hashSize]
}

// readDevice takes a mark apart. What is malformed has no id.
func readDevice(cookie string) (id []byte, marks [][]byte) {
	if len(cookie) > base64.RawURLEncoding.EncodedLen(deviceSize+maxMarks*markSize) {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cookie)
	if err != nil || len(b) < deviceSize || (len(b)-deviceSize)%markSize != 0 {
		return nil, nil
	}
	for m := b[deviceSize:]; len(m) > 0; m = m[markSize:] {
		marks = append(marks, m[:markSize])
	}
	return b[:deviceSize], marks
}
