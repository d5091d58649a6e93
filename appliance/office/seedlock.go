package office

import (
	"fmt"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// generationLocks are locks of function mailboxes' keys being made, each with a slot of
// its own. They are made before the transaction that writes them.
type generationLocks struct {
	o     *Office
	slots []mail.Slot // set aside; the first len(fill) are used
	fill  []mail.SlotWrite
	wraps []mail.GenerationWrap
}

// newLocks sets slots aside for up to n locks.
func (o *Office) newLocks(n int) (*generationLocks, error) {
	l := &generationLocks{o: o}
	if n == 0 {
		return l, nil
	}
	var err error
	l.slots, err = o.Store.Reserve(mail.Shred, n)
	return l, err
}

// lock locks a generation's seed for one.
func (l *generationLocks) lock(generation mail.ID, kind mail.SeedKind, member mail.ID, pub seal.PublicKey, seed seal.Secret) error {
	slot, key := l.slots[len(l.fill)], seal.NewSecret()
	box, err := keyring.SealSeedTo(keyring.SeedKind(kind), pub, generation, key, seed)
	if err != nil {
		return fmt.Errorf("lock a generation: %w", err)
	}
	l.fill = append(l.fill, l.o.sealSlot(slot, key))
	l.wraps = append(l.wraps, mail.GenerationWrap{Generation: generation, Kind: kind, Member: member, Slot: slot, Box: box})
	return nil
}

// lockFor locks a generation's seed for a member.
func (l *generationLocks) lockFor(generation mail.ID, member mail.Person, seed seal.Secret) error {
	pub, err := seal.ParsePublicKey(member.Public)
	if err != nil {
		return err
	}
	return l.lock(generation, mail.SeedMember, member.ID, pub, seed)
}

// write writes the locks, and returns the slots of those that they take the place of.
func (l *generationLocks) write(tx Tx) (old []mail.Slot, err error) {
	if err := tx.PutSlots(l.fill); err != nil {
		return nil, err
	}
	for _, w := range l.wraps {
		slot, err := tx.PutGenerationWrap(w)
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
func (l *generationLocks) undo()  { l.o.Store.Unreserve(l.slots) }
func (l *generationLocks) spare() { l.o.Store.Unreserve(l.slots[len(l.fill):]) }
