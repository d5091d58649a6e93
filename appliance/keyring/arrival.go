package keyring

import (
	"crypto/hmac"
	"crypto/sha256"

	"sigill/appliance/seal"
)

// SealArrival seals what the door has seen of a mail. The key skd is that of a day and
// stands in shred.slots: erased, it takes all mails of that day with it.
func (a *App) SealArrival(skd seal.Secret, id seal.ID, plain []byte) []byte {
	keyed(skd)
	ctx := seal.NewContext("arrival", id)
	return seal.Box(seal.Derive(ctx, skd, a.meta), ctx, plain)
}

// OpenArrival opens what SealArrival sealed.
func (a *App) OpenArrival(skd seal.Secret, id seal.ID, box []byte) ([]byte, error) {
	if skd.IsZero() {
		return nil, seal.ErrOpen
	}
	ctx := seal.NewContext("arrival", id)
	return seal.Unbox(seal.Derive(ctx, skd, a.meta), ctx, box)
}

// ArrivalTag is the keyed hash by which a mail of a day is found: by an address, a
// Message-ID or a letter, as purpose says. It hangs on the day's key: once that is erased,
// nobody can try a list of addresses against a copy of the rows.
func (a *App) ArrivalTag(skd seal.Secret, purpose, value string) [16]byte {
	keyed(skd)
	k := seal.Derive(seal.NewContext("arrivaltag").Text(purpose), skd, a.meta)
	h := hmac.New(sha256.New, k.Bytes())
	h.Write([]byte(value))
	return [16]byte(h.Sum(nil))
}
