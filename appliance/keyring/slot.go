package keyring

import "sigill/appliance/seal"

// SlotSize is the length of a slot's content without its checksum.
const SlotSize = 32 + seal.BoxOverhead

// SealSlot makes the content of slot n of a slot file. Bound to its place, it opens
// in no other slot.
func (a *App) SealSlot(file byte, n uint32, key seal.Secret) [SlotSize]byte {
	keyed(key)
	return [SlotSize]byte(seal.Box(a.slots, slotContext(file, n), key.Bytes()))
}

// OpenSlot returns the key in a slot, or ErrOpen: also for one that is erased.
func (a *App) OpenSlot(file byte, n uint32, value [SlotSize]byte) (seal.Secret, error) {
	if value == [SlotSize]byte{} {
		return seal.Secret{}, seal.ErrOpen // free or erased; said here, not left to a tag
	}
	b, err := seal.Unbox(a.slots, slotContext(file, n), value[:])
	if err != nil {
		return seal.Secret{}, err
	}
	return seal.SecretOf(b)
}

func slotContext(file byte, n uint32) seal.Context {
	return seal.NewContext("slot").Text(string([]byte{file})).Number(n)
}
