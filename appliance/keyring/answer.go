package keyring

import (
	"encoding/binary"
	"errors"
	"time"

	"sigill/appliance/seal"
)

const answerMark = "sigill/recover-answer/1\n"

// Answer brings one person's seed back to the appliance that asked, sealed to a key that
// nobody else can make (FORMAT.md, 6.2). Who has the whole machine can, until the answer
// is taken or another one is; so it is no thing to leave lying about.
type Answer struct {
	Installation Installation
	Request      seal.ID
	Made         time.Time // when the request was made
	Person       seal.ID

	sealed []byte
}

const answerSize = requestHead + innerSize

func answerContext(u, r seal.ID) seal.Context { return seal.NewContext("answer", u, r) }

// Marshal writes the answer as a file.
func (a Answer) Marshal() []byte {
	b := append([]byte(nil), a.Installation[:]...)
	b = append(b, a.Request[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(a.Made.Unix()))
	b = append(b, a.Person[:]...)
	return carry(answerMark, append(b, a.sealed...))
}

var errNoAnswer = errors.New("this is no answer of sigill recover, or it is damaged")

// ParseAnswer reads an answer's file.
func ParseAnswer(file []byte) (Answer, error) {
	b, err := carried(answerMark, file)
	if err != nil || len(b) != answerSize {
		return Answer{}, errNoAnswer
	}
	var a Answer
	copy(a.Installation[:], b)
	b = b[InstallationSize:]
	copy(a.Request[:], b)
	if a.Made, err = moment(b[16:24]); err != nil {
		return Answer{}, errNoAnswer
	}
	copy(a.Person[:], b[24:])
	a.sealed = b[40:]
	return a, nil
}

// OpenAnswer opens an answer with the slot's key of the seed's wrap for R, as it was
// when the request was made, and makes sure that the seed is this person's. The error is
// ErrOpen for an answer to another request, or one that was taken already.
func (a *App) OpenAnswer(ans Answer, sw seal.Secret, pub seal.PublicKey) (seal.Secret, error) {
	if sw.IsZero() {
		return seal.Secret{}, seal.ErrOpen
	}
	b, err := a.transport(ans.Request, ans.Person, ans.Made, sw).Open(answerContext(ans.Person, ans.Request), ans.sealed)
	if err != nil {
		return seal.Secret{}, seal.ErrOpen
	}
	seed, err := seal.SecretOf(b)
	if err != nil || !isSeedOf(seed, pub) {
		return seal.Secret{}, seal.ErrOpen
	}
	return seed, nil
}
