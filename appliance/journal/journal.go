// Package journal is the chained record of every act. It says what an entry is,
// how entries are chained, and how a checkpoint is signed and checked.
//
// It never holds personal data: who did something stands as a salted commitment
// that says nothing any more once the message's slot is erased, while the chain
// stays whole.
//
// On disk an entry is a row of the table journal, written by vault in the
// transaction of the change that it tells of. Its hash is
//
//	SHA-256("sigill/journal/1" ‖ hash before ‖ seq(8) ‖ at(8, ms) ‖ actor(1) ‖
//	        message(16) ‖ holder(16) ‖ who(32) ‖ len(2) kind ‖ len(2) part ‖ len(2) detail)
//
// with integers big-endian; the hash before the first entry is 32 zero bytes. A
// checkpoint is a C2SP signed note over origin, size, last hash and time. Checkpoints
// stand one after another in DATA/checkpoints, outside the database, each followed by
// an empty line; a copy with somebody else is the witness.
//
// # What holds always
//
// No act without its entry, and no entry without its act, because both are one
// transaction.
//
// The chain alone shows an edit, a gap and another order. A cut tail and a chain made
// anew show only against checkpoints, and, if whoever did it has the signing key
// too, only against a copy that he could not reach. What came after the newest such
// copy can still be cut: at most ten minutes or 1,000 entries.
package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"sigill/appliance/mail"
)

// Entry is an event with its place in the chain.
type Entry struct {
	Seq int64 // from 1, without gaps
	mail.Event
	Hash [32]byte
}

// MaxText is the longest kind, part or detail, in bytes. They are code words.
const MaxText = 1024

// Follow returns the entry that tells e and follows prev; the zero Entry is before
// the first. It refuses an event without a kind and texts longer than MaxText.
func Follow(prev Entry, e mail.Event) (Entry, error) {
	if e.Kind == "" || tooLong(e) {
		return Entry{}, fmt.Errorf("journal: event %.40q has no kind, or a text over %d bytes", e.Kind, MaxText)
	}
	n := Entry{Seq: prev.Seq + 1, Event: e}
	n.Hash = Hash(prev.Hash, n.Seq, e)
	return n, nil
}

func tooLong(e mail.Event) bool {
	return len(e.Kind) > MaxText || len(e.Part) > MaxText || len(e.Detail) > MaxText
}

// Hash returns the hash of entry seq that tells e and follows the entry with
// hash prev. Its texts are at most MaxText long.
func Hash(prev [32]byte, seq int64, e mail.Event) [32]byte {
	b := make([]byte, 0, 256)
	b = append(b, "sigill/journal/1"...)
	b = append(b, prev[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMilli()))
	b = append(b, byte(e.Actor))
	b = append(b, e.Message[:]...)
	b = append(b, e.Holder[:]...)
	b = append(b, e.Who[:]...)
	for _, s := range []string{e.Kind, e.Part, e.Detail} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
		b = append(b, s...)
	}
	return sha256.Sum256(b)
}
