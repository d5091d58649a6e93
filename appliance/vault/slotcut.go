package vault

import (
	"errors"
	"fmt"
	"io"
	"math/bits"

	"sigill/appliance/mail"
)

// slotsPerPage is how many slots a backup takes together: a page of 4 KiB.
const slotsPerPage = PageSize / slotSize

// SlotCut are the pages of shred.slots, for a backup: link.slots is in none, so that nothing
// in one tells a code. Each slot is as it stands when its page is read; whoever reads rows
// reads them before, so that no row comes without its slot.
type SlotCut struct {
	// Count is how many pages there are. Their numbers begin with 0.
	Count uint32
	// Changed are the numbers of those that were written since the last one kept, ascending.
	Changed []uint32
	// Live is how many slots hold something.
	Live int

	f *slotFile
}

// Slots tells what has changed in shred.slots. The next call tells it again, unless SlotsKept
// is called between them.
func (c *Changes) Slots() *SlotCut {
	f := c.db.slots[mail.Shred]
	cut := &SlotCut{Changed: c.takeSlots().list(), f: f}
	cut.Count, cut.Live = f.extent()
	return cut
}

// Page reads one page into b, which has PageSize bytes. A slot that is damaged is taken from
// the mirror; one that is damaged in both files stands as it is, and its error is in none of
// the others' way.
func (s *SlotCut) Page(n uint32, b []byte) error {
	b = b[:PageSize]
	if err := s.f.page(n, b); err != nil {
		return err
	}
	for i := range uint32(slotsPerPage) {
		one := b[i*slotSize : (i+1)*slotSize]
		if _, state := decodeSlot(one); state != slotDamaged {
			continue
		}
		if v, err := s.f.heal(n*slotsPerPage + i); err == nil {
			copy(one, encodeSlot(v))
		}
	}
	return nil
}

func (f *slotFile) page(n uint32, b []byte) error {
	f.bytes.RLock()
	defer f.bytes.RUnlock()
	if _, err := f.primary.ReadAt(b, int64(n)*PageSize); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read slots: %w", err)
	}
	return nil
}

// extent returns how many pages the file has, and how many slots of it hold something.
func (f *slotFile) extent() (pages uint32, live int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.uses[written] {
		live += bits.OnesCount64(w)
	}
	return (f.size + slotsPerPage - 1) / slotsPerPage, live
}
