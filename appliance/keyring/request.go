package keyring

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"time"

	"sigill/appliance/seal"
)

const requestMark = "sigill/recover-request/1\n"

// Request asks the holders of R to open one person's seed (FORMAT.md, 6.2).
//
// It is safe to carry: what it holds of the seed only R opens, and the key of the slot
// beside it never leaves the appliance. It reveals that this address is somebody's at
// this installation, whose access is being restored, and their public key. Who changes
// it gets no further than who makes one up: whatever is answered is sealed to the
// transport key in it, and so its fingerprint is compared on both screens, every group.
type Request struct {
	Installation Installation
	ID           seal.ID
	Made         time.Time // to the second
	Person       seal.ID
	Address      string
	Sharing      Sharing // how many shares R needs; the zero value: a kit from before there were any

	public    seal.PublicKey
	recovery  [32]byte // SHA-256 of R's public half
	transport seal.PublicKey
	inner     []byte // the seed, sealed to R
}

const (
	innerSize   = 32 + seal.HPKEOverhead
	requestHead = InstallationSize + 16 + 8 + 16
	requestSize = requestHead + seal.PublicKeySize + 32 + 2 + seal.PublicKeySize + innerSize
	maxAddress  = 254
)

// Wanted is what a request is made of.
type Wanted struct {
	Installation Installation
	Sharing      Sharing
	Person       seal.ID
	Address      string
	Public       seal.PublicKey // the person's
	Recovery     seal.PublicKey // R
	Slot         seal.Secret    // S_w of the seed's wrap for R
	Box          []byte         // that wrap
}

// NewRequest makes a request. The error is ErrOpen if the wrap does not open with its
// slot.
func (a *App) NewRequest(w Wanted, now time.Time) (Request, error) {
	inner, err := openSlotOf(SeedByRecoveryKey, w.Person, w.Slot, w.Box)
	if err != nil {
		return Request{}, err
	}
	r := Request{
		Installation: w.Installation, ID: seal.ID(seal.NewSecret().Bytes()[:16]), Made: now.UTC().Truncate(time.Second), Person: w.Person,
		Address: w.Address, Sharing: w.Sharing, public: w.Public, recovery: sha256.Sum256(w.Recovery.Bytes()), inner: inner,
	}
	r.transport = a.transport(r.ID, r.Person, r.Made, w.Slot).Public()
	return r, nil
}

// openSlotOf takes away the slot's layer of a wrap of kind 3 or 4 and leaves the HPKE.
func openSlotOf(kind SeedKind, u seal.ID, sw seal.Secret, box []byte) ([]byte, error) {
	if sw.IsZero() {
		return nil, seal.ErrOpen
	}
	ctx := seedContext(kind, u)
	inner, err := seal.Unbox(seal.Derive(ctx, seal.Secret{}, sw), ctx, box)
	if err == nil && len(inner) != innerSize {
		return nil, seal.ErrOpen
	}
	return inner, err
}

// transport is the key that an answer is sealed to. It is made again when the answer
// comes, and dies with the slot: the wrap for R gets another one then.
func (a *App) transport(r, u seal.ID, made time.Time, sw seal.Secret) seal.PrivateKey {
	keyed(sw)
	at := string(binary.BigEndian.AppendUint64(nil, uint64(made.Unix())))
	return seal.PrivateKeyOf(seal.Derive(seal.NewContext("transport", u, r).Text(at), sw, a.recover))
}

func (r Request) content() []byte {
	b := append([]byte(nil), r.Installation[:]...)
	b = append(b, r.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Made.Unix()))
	b = append(b, r.Person[:]...)
	b = append(b, r.public.Bytes()...)
	b = append(b, r.recovery[:]...)
	b = append(b, byte(r.Sharing.Need), byte(r.Sharing.Of))
	b = append(b, r.transport.Bytes()...)
	b = append(b, r.inner...)
	return append(b, r.Address...)
}

// Marshal writes the request as a file.
func (r Request) Marshal() []byte { return carry(requestMark, r.content()) }

// fingerBytes is 80 bits, in four groups of four characters. Whoever carries a request may
// look for one with a transport key of their own and the same fingerprint, for as long as
// it is good. 40 bits are an hour on one graphics card; 80 are 2⁴⁰ such hours.
const fingerBytes = 10

// Fingerprint tells one request from another, for two people who read it to each other:
// 80 bits. A request that was changed on its way has another one: to find one that has
// not is 2⁸⁰ work, and none of it before the request is there, for its id is random.
func (r Request) Fingerprint() string {
	content := sha256.Sum256(r.content())
	h := sha256.Sum256(append(seal.NewContext("fingerprint"), content[:]...))
	return grouped(crockford.EncodeToString(h[:fingerBytes]))
}

var errNoRequest = errors.New("this is no request of sigill recover, or it is damaged")

// ParseRequest reads a request's file.
func ParseRequest(file []byte) (Request, error) {
	b, err := carried(requestMark, file)
	if err != nil || len(b) <= requestSize || len(b) > requestSize+maxAddress {
		return Request{}, errNoRequest
	}
	var r Request
	next := func(n int) []byte { p := b[:n]; b = b[n:]; return p }
	copy(r.Installation[:], next(InstallationSize))
	copy(r.ID[:], next(16))
	if r.Made, err = moment(next(8)); err != nil {
		return Request{}, errNoRequest
	}
	copy(r.Person[:], next(16))
	if r.public, err = seal.ParsePublicKey(next(seal.PublicKeySize)); err != nil {
		return Request{}, errNoRequest
	}
	copy(r.recovery[:], next(32))
	r.Sharing = Sharing{int(b[0]), int(b[1])}
	b = b[2:]
	if _, err := NewSharing(r.Sharing.Need, r.Sharing.Of); err != nil && r.Sharing != (Sharing{}) {
		return Request{}, errNoRequest
	}
	if r.transport, err = seal.ParsePublicKey(next(seal.PublicKeySize)); err != nil {
		return Request{}, errNoRequest
	}
	r.inner = next(innerSize)
	for _, c := range b {
		if c <= ' ' || c == 0x7f { // it is shown on a terminal
			return Request{}, errNoRequest
		}
	}
	r.Address = string(b)
	return r, nil
}

// moment reads seconds since 1970, of the next few thousand years.
func moment(b []byte) (time.Time, error) {
	s := binary.BigEndian.Uint64(b)
	if s > 1<<38 {
		return time.Time{}, errCarried
	}
	return time.Unix(int64(s), 0).UTC(), nil
}

// Answer opens the seed with R, makes sure that it is this person's, and seals it to the
// transport key. The seed is nowhere but in the answer then.
func (r Request) Answer(c Custody) (Answer, error) {
	if !isRecovery(c.Recovery, r.recovery) {
		return Answer{}, errors.New("these pages are of another recovery kit: this installation's R is another one")
	}
	ctx := seedContext(SeedByRecoveryKey, r.Person)
	b, err := seal.PrivateKeyOf(c.Recovery).Open(ctx, r.inner)
	if err != nil {
		return Answer{}, errors.New("the request does not open with R: it was changed on its way")
	}
	seed, err := seal.SecretOf(b)
	if err != nil || !isSeedOf(seed, r.public) {
		return Answer{}, errors.New("what the request holds is not this person's key: it was changed on its way")
	}
	a := Answer{Installation: r.Installation, Request: r.ID, Made: r.Made, Person: r.Person}
	a.sealed, err = r.transport.Seal(answerContext(r.Person, r.ID), seed.Bytes())
	return a, err
}

// isRecovery reports whether a seed is R's, of which only a hash is known.
func isRecovery(seed seal.Secret, hash [32]byte) bool {
	if seed.IsZero() {
		return false
	}
	h := sha256.Sum256(seal.PrivateKeyOf(seed).Public().Bytes())
	return subtle.ConstantTimeCompare(h[:], hash[:]) == 1
}

func isSeedOf(seed seal.Secret, pub seal.PublicKey) bool {
	if seed.IsZero() {
		return false
	}
	return subtle.ConstantTimeCompare(seal.PrivateKeyOf(seed).Public().Bytes(), pub.Bytes()) == 1
}
