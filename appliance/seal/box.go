package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"sync"
)

// ErrOpen is what every failed opening gives: wrong key, moved, changed, cut or
// of another version. It does not tell which.
var ErrOpen = errors.New("seal: does not open")

// BoxOverhead is how many bytes a box is longer than its content: a nonce of 12
// and a tag of 16.
const BoxOverhead = 28

// Context is the string that a key is bound to: purpose and ids (FORMAT.md, 1).
type Context []byte

// NewContext begins a context. Purposes are constants and hold no zero byte, ids
// have a fixed length, so a context can be read in one way only.
func NewContext(purpose string, ids ...ID) Context {
	c := make(Context, 0, 10+len(purpose)+16*len(ids))
	c = append(c, "sigill/1/"...)
	c = append(c, purpose...)
	c = append(c, 0)
	for _, id := range ids {
		c = append(c, id[:]...)
	}
	return c
}

// Number appends an integer of four bytes. Like ID and Text it never writes into
// c's own memory, so that two contexts may begin with the same one.
func (c Context) Number(n uint32) Context { return binary.BigEndian.AppendUint32(slices.Clip(c), n) }

// ID appends an id.
func (c Context) ID(id ID) Context { return append(slices.Clip(c), id[:]...) }

// Text appends a text. It stands last, so that the context still has one reading.
func (c Context) Text(s string) Context { return append(slices.Clip(c), s...) }

// Derive returns HKDF-SHA256 over the joined secrets, bound to ctx. Each input has
// 32 bytes, so no two lists of inputs are the same string.
func Derive(ctx Context, in ...Secret) Secret {
	ikm := make([]byte, 0, 32*len(in))
	for _, s := range in {
		ikm = append(ikm, s.raw()...)
	}
	// HKDF-Extract without a salt is HMAC under a key of zeros (RFC 5869, 2.2). Its
	// state is kept: a message takes some 25 keys, and each new state costs as much as
	// the rest of the work.
	h := extract.Get().(hash.Hash)
	h.Write(ikm)
	prk := h.Sum(nil)
	h.Reset()
	extract.Put(h)
	return derived(hkdf.Expand(sha256.New, prk, string(ctx), 32))
}

var extract = sync.Pool{New: func() any { return hmac.New(sha256.New, make([]byte, sha256.Size)) }}

// DeriveBytes is Derive for a single input of any length, with a salt.
func DeriveBytes(ctx Context, ikm, salt []byte) Secret {
	return derived(hkdf.Key(sha256.New, ikm, salt, string(ctx), 32))
}

func derived(k []byte, err error) Secret {
	if err != nil {
		panic("seal: internal: " + err.Error()) // only for lengths that cannot be
	}
	return secret((*[32]byte)(k))
}

// Box encrypts plain under key, bound to ctx: nonce(12) ‖ AES-256-GCM. The nonce is
// random; each key is derived for one thing and seals it a few times at most.
// Sealing without a key panics.
func Box(key Secret, ctx Context, plain []byte) []byte {
	keyed(key)
	return aead(key).Seal(nil, nil, plain, ctx)
}

// Unbox opens what Box made with the same key and ctx, or gives ErrOpen.
func Unbox(key Secret, ctx Context, box []byte) ([]byte, error) {
	if key.IsZero() || len(box) < BoxOverhead {
		return nil, ErrOpen
	}
	plain, err := aead(key).Open(nil, nil, box, ctx)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

func aead(key Secret) cipher.AEAD {
	b, err := aes.NewCipher(key.raw())
	if err != nil {
		panic("seal: internal: " + err.Error())
	}
	a, err := cipher.NewGCMWithRandomNonce(b)
	if err != nil {
		panic("seal: internal: " + err.Error())
	}
	return a
}
