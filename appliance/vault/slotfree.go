package vault

import (
	"fmt"
	"math/bits"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
)

// maxSlots bounds a file at 16 GiB, about 80 million messages.
const maxSlots = 1 << 28

// reserve gives out n slots that are free, neighbours if there are such, so that
// one write does them all.
func (f *slotFile) reserve(n int) ([]mail.Slot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.run(n)
	if !ok && f.taken.free(f.size) > int(f.size)/4+n {
		return f.scattered(n), nil // much room in small pieces: a longer file would not help for long
	}
	if !ok {
		if err := f.grow(uint32(n)); err != nil {
			return nil, err
		}
		at, _ = f.run(n)
	}
	list := make([]mail.Slot, n)
	for i := range list {
		list[i] = f.take(at + uint32(i))
	}
	return list, nil
}

// scattered takes n single slots. So many are free.
func (f *slotFile) scattered(n int) []mail.Slot {
	list := make([]mail.Slot, n)
	for i := range list {
		at, _ := f.run(1)
		list[i] = f.take(at)
	}
	return list
}

func (f *slotFile) take(n uint32) mail.Slot {
	f.set(reserved, n)
	f.rotor = n + 1
	return mail.Slot{File: f.which, N: n}
}

// run finds n free neighbours from the rotor on, then from the beginning. The
// rotor makes a transaction's slots lie beside those of the ones before it, and
// lets an erased slot rest for as long as can be.
func (f *slotFile) run(n int) (uint32, bool) {
	if at, ok := f.taken.run(f.rotor, f.size, n); ok {
		return at, true
	}
	return f.taken.run(1, f.rotor, n)
}

// grow makes both files longer. Room that only one of them has is not used.
func (f *slotFile) grow(n uint32) error {
	more := (n + growBy - 1) / growBy * growBy
	if f.size+more > maxSlots {
		return mail.E(mail.Again, "error.again", fmt.Errorf("slot file is full"))
	}
	for _, file := range []erase.File{f.primary, f.mirror} {
		if err := erase.Zero(file, int64(f.size)*slotSize, int64(more)*slotSize); err != nil {
			return fmt.Errorf("grow slots: %w", err)
		}
		if err := file.Sync(); err != nil {
			return syncFault{fmt.Errorf("grow slots: %w", err)}
		}
	}
	f.rotor = f.size
	f.resize(f.size + more)
	return nil
}

// resize sets how many slots there are. f.mu is held.
func (f *slotFile) resize(size uint32) {
	f.size = size
	f.taken = f.taken.grown(size)
	for i := range f.uses {
		f.uses[i] = f.uses[i].grown(size)
	}
}

// open reports whether a slot is given out and may be put.
func (f *slotFile) open(n uint32) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return n > 0 && f.has(reserved, n) && !f.has(written, n)
}

// settle makes true what a commit has done to slots of this file.
func (f *slotFile) settle(put []mail.SlotWrite, names []naming) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range names {
		switch {
		case n.slot.File != f.which || n.slot.N >= f.size:
		case n.has:
			f.set(named, n.slot.N)
		default:
			f.clear(named, n.slot.N)
		}
	}
	for _, w := range put {
		f.clear(reserved, w.Slot.N)
	}
}

// has reports whether the slot is in use in this way. f.mu is held.
func (f *slotFile) has(u use, n uint32) bool { return n < f.size && f.uses[u].has(n) }

// set and clear change one use of a slot. f.mu is held.
func (f *slotFile) set(u use, n uint32) {
	f.uses[u].set(n)
	f.taken.set(n)
}

func (f *slotFile) clear(u use, n uint32) {
	f.uses[u].clear(n)
	if !f.has(reserved, n) && !f.has(written, n) && !f.has(named, n) {
		f.taken.clear(n)
	}
}

// bitset is a set of slots.
type bitset []uint64

func (b bitset) has(n uint32) bool { return b[n/64]&(1<<(n%64)) != 0 }
func (b bitset) set(n uint32)      { b[n/64] |= 1 << (n % 64) }
func (b bitset) clear(n uint32)    { b[n/64] &^= 1 << (n % 64) }

func (b bitset) grown(size uint32) bitset {
	if need := int(size+63) / 64; need > len(b) {
		b = append(b, make(bitset, need-len(b))...)
	}
	return b
}

// free counts the slots below size that are not in the set.
func (b bitset) free(size uint32) int {
	used := 0
	for _, w := range b[:(size+63)/64] {
		used += bits.OnesCount64(w)
	}
	return int(size) - used
}

// run finds n neighbours in [from, to) that are not in the set.
func (b bitset) run(from, to uint32, n int) (uint32, bool) {
	length := 0
	for i := from; i < to; {
		if i%64 == 0 && b[i/64] == ^uint64(0) {
			i, length = i+64, 0
			continue
		}
		if b.has(i) {
			// Go on behind the next slots that are taken as well.
			i += uint32(bits.TrailingZeros64(^(b[i/64] >> (i % 64))))
			length = 0
			continue
		}
		i, length = i+1, length+1
		if length == n {
			return i - uint32(n), true
		}
	}
	return 0, false
}
