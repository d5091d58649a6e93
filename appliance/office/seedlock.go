package office

import (
	"fmt"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// seedLocks are locks of keys that several people share, of function mailboxes or
// helpers, being made, each with a slot of its own. They are made before the transaction
// that writes them.
type seedLocks struct {
	o     *Office
	slots []mail.Slot // set aside; the first len(fill) are used
	fill  []mail.SlotWrite
	made  []seedLock
}

// seedLock is a shared key's seed under one lock.
type seedLock struct {
	of     mail.ID // the key: a generation or a helper pair
	kind   mail.SeedKind
	member mail.ID
	helper mail.ID // of SeedHelper
	slot   mail.Slot
	box    mail.Box
}

// newLocks sets slots aside for up to n locks.
func (o *Office) newLocks(n int) (*seedLocks, error) {
	l := &seedLocks{o: o}
	if n == 0 {
		return l, nil
	}
	var err error
	l.slots, err = o.Store.Reserve(mail.Shred, n)
	return l, err
}

// lock makes the next lock, under this public key.
func (l *seedLocks) lock(k seedLock, pub seal.PublicKey, seed seal.Secret) (err error) {
	key := seal.NewSecret()
	k.slot = l.slots[len(l.fill)]
	if k.box, err = keyring.SealSeedTo(keyring.SeedKind(k.kind), pub, k.of, key, seed); err != nil {
		return fmt.Errorf("lock a shared key: %w", err)
	}
	l.fill = append(l.fill, l.o.sealSlot(k.slot, key))
	l.made = append(l.made, k)
	return nil
}

// lockForR locks a key for the recovery kit.
func (l *seedLocks) lockForR(of mail.ID, seed seal.Secret) error {
	return l.lock(seedLock{of: of, kind: mail.SeedRecoveryKey}, l.o.Recovery, seed)
}

// lockFor locks a key for a member.
func (l *seedLocks) lockFor(of mail.ID, member mail.Person, seed seal.Secret) error {
	pub, err := seal.ParsePublicKey(member.Public)
	if err != nil {
		return err
	}
	return l.lock(seedLock{of: of, kind: mail.SeedMember, member: member.ID}, pub, seed)
}

// writeGenerations writes the locks as those of generations, and returns the slots of
// those that they take the place of.
func (l *seedLocks) writeGenerations(tx Tx) ([]mail.Slot, error) {
	return l.write(tx, func(k seedLock) (mail.Slot, error) {
		return tx.PutGenerationWrap(mail.GenerationWrap{Generation: k.of, Kind: k.kind, Member: k.member, Slot: k.slot, Box: k.box, Helper: k.helper})
	})
}

// writeHelpers writes the locks as those of helper pairs.
func (l *seedLocks) writeHelpers(tx Tx) ([]mail.Slot, error) {
	return l.write(tx, func(k seedLock) (mail.Slot, error) {
		return tx.PutHelperWrap(mail.HelperWrap{Helper: k.of, Kind: k.kind, Member: k.member, Slot: k.slot, Box: k.box})
	})
}

func (l *seedLocks) write(tx Tx, put func(seedLock) (mail.Slot, error)) (old []mail.Slot, err error) {
	if err := tx.PutSlots(l.fill); err != nil {
		return nil, err
	}
	for _, k := range l.made {
		slot, err := put(k)
		if err != nil {
			return nil, err
		}
		if !slot.IsZero() {
			old = append(old, slot)
		}
	}
	return old, nil
}

// undo gives all slots back; spare those that were not needed.
func (l *seedLocks) undo()  { l.o.Store.Unreserve(l.slots) }
func (l *seedLocks) spare() { l.o.Store.Unreserve(l.slots[len(l.fill):]) }
