package seal

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Head seals the JSON of a message's head under its content key.
func Head(cek Secret, m ID, plain []byte) []byte {
	keyed(cek)
	ctx := NewContext("head", m)
	return Box(Derive(ctx, cek), ctx, plain)
}

// OpenHead opens what Head sealed.
func OpenHead(cek Secret, m ID, box []byte) ([]byte, error) {
	if cek.IsZero() {
		return nil, ErrOpen
	}
	ctx := NewContext("head", m)
	return Unbox(Derive(ctx, cek), ctx, box)
}

// Envelope seals who sent the message. It dies with SK_m, as the content does.
func Envelope(skm, meta Secret, m ID, plain []byte) []byte {
	keyed(skm, meta)
	ctx := NewContext("envelope", m)
	return Box(Derive(ctx, skm, meta), ctx, plain)
}

// OpenEnvelope opens what Envelope sealed.
func OpenEnvelope(skm, meta Secret, m ID, box []byte) ([]byte, error) {
	if anyZero(skm, meta) {
		return nil, ErrOpen
	}
	ctx := NewContext("envelope", m)
	return Unbox(Derive(ctx, skm, meta), ctx, box)
}

// Columns seals what is known of one recipient. It dies with SK_h.
func Columns(skh, meta Secret, m, h ID, plain []byte) []byte {
	keyed(skh, meta)
	ctx := NewContext("columns", m, h)
	return Box(Derive(ctx, skh, meta), ctx, plain)
}

// OpenColumns opens what Columns sealed.
func OpenColumns(skh, meta Secret, m, h ID, box []byte) ([]byte, error) {
	if anyZero(skh, meta) {
		return nil, ErrOpen
	}
	ctx := NewContext("columns", m, h)
	return Unbox(Derive(ctx, skh, meta), ctx, box)
}

// Remark seals what colleagues say of a message to each other, under the key of the
// generation by which the mailbox opens it: a reader outside has the content key, too.
func Remark(cek, mailbox Secret, m, r ID, plain []byte) []byte {
	keyed(cek, mailbox)
	ctx := NewContext("remark", m, r)
	return Box(Derive(ctx, cek, mailbox), ctx, plain)
}

// OpenRemark opens what Remark sealed.
func OpenRemark(cek, mailbox Secret, m, r ID, box []byte) ([]byte, error) {
	if anyZero(cek, mailbox) {
		return nil, ErrOpen
	}
	ctx := NewContext("remark", m, r)
	return Unbox(Derive(ctx, cek, mailbox), ctx, box)
}

// Commitment stands for a person in the journal. Without SK_m it says nothing and
// cannot be tried against a list of people. If SK_m is erased already it is zero, as
// for an act of nobody: under a key of zeros it would name the person for ever.
func Commitment(skm, meta Secret, m ID, who []byte) [32]byte {
	if anyZero(skm, meta) {
		return [32]byte{}
	}
	key := Derive(NewContext("journal", m), skm, meta)
	h := hmac.New(sha256.New, key.raw())
	h.Write(NewContext("who"))
	h.Write(who)
	return [32]byte(h.Sum(nil))
}
