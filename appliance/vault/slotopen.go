package vault

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
)

// slotNames are the files by mail.SlotFile, without their ending.
var slotNames = [2]string{mail.Shred: "shred", mail.Link: "link"}

// openSlots opens a slot file and its mirror, makes them if they are new, mends
// each slot that is whole in one of them only, and erases each that no row names, if
// that may be.
//
// A slot that is zero in the primary and whole in the mirror was either half
// erased or lost by the disk. It is mended: who wanted it erased was not told that
// it is, and will ask again, because the wish stands in the rows.
func openSlots(disk erase.Disk, dir string, which mail.SlotFile, rows []int64, may sweeper) (_ *slotFile, err error) {
	f := &slotFile{which: which, rotor: 1, touched: func([]uint32) {}}
	defer func() {
		if err == nil {
			return
		}
		for _, file := range []erase.File{f.primary, f.mirror} {
			if file != nil {
				err = errors.Join(err, file.Close())
			}
		}
	}()
	base := filepath.Join(dir, slotNames[which])
	for ending, file := range map[string]*erase.File{".slots": &f.primary, ".mirror": &f.mirror} {
		if *file, err = disk.Open(base+ending, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
			return nil, err
		}
	}
	size, err := f.level()
	if err != nil {
		return nil, err
	}
	f.resize(size)
	f.set(reserved, 0) // the mark is never given out
	astray := 0        // rows that name no key of their own
	for _, row := range rows {
		if row <= 0 || row >= int64(size) {
			f.found.Lost++ // a bit has turned, or the file was cut; nothing can be read there
			astray++
			continue
		}
		n := uint32(row)
		if f.has(named, n) {
			astray++
		}
		f.set(named, n)
	}
	if err := f.check(may, astray); err != nil {
		return nil, err
	}
	if err := errors.Join(f.primary.Sync(), f.mirror.Sync(), disk.SyncDir(dir)); err != nil {
		return nil, err
	}
	return f, nil
}

// level makes both files equally long and at least one growth long, with the mark
// in slot 0, and returns how many slots they have.
func (f *slotFile) level() (uint32, error) {
	a, err := f.primary.Size()
	if err != nil {
		return 0, err
	}
	b, err := f.mirror.Size()
	if err != nil {
		return 0, err
	}
	size := max(a, b, growBy*slotSize) / slotSize * slotSize
	if size/slotSize > maxSlots {
		return 0, fmt.Errorf("slot file of %d bytes", size)
	}
	for file, have := range map[erase.File]int64{f.primary: a, f.mirror: b} {
		have = have / slotSize * slotSize
		if err := erase.Zero(file, have, size-have); err != nil {
			return 0, err
		}
	}
	return uint32(size / slotSize), f.mark(a == 0 && b == 0)
}

// mark writes slot 0 into new files and checks it in old ones: one copy that fits
// is enough.
func (f *slotFile) mark(fresh bool) error {
	var want mail.SlotValue
	copy(want[:], "sigill/slots/1\n")
	want[15] = byte(f.which)
	good := 0
	for _, file := range []erase.File{f.primary, f.mirror} {
		v, state, err := f.look(file, 0)
		if err != nil {
			return err
		}
		if state == slotLive && v != want {
			return fmt.Errorf("%s.slots is of another kind or version", slotNames[f.which])
		}
		if state == slotLive {
			good++
		}
	}
	if good == 0 && !fresh {
		// A crash while the files were made leaves zeros only; anything else is no
		// file of ours.
		if err := f.allZero(); err != nil {
			return err
		}
	}
	for _, file := range []erase.File{f.primary, f.mirror} {
		if good < 2 {
			if _, err := file.WriteAt(encodeSlot(want), 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *slotFile) allZero() error {
	return f.each(func(n uint32, _ mail.SlotValue, a slotState, _ mail.SlotValue, b slotState) error {
		if a != slotZero || b != slotZero {
			return fmt.Errorf("%s.slots has no mark but is not empty", slotNames[f.which])
		}
		return nil
	})
}

// check compares the files slot by slot, and erases what no row names.
func (f *slotFile) check(may sweeper, astray int) error {
	var unnamed []uint32
	err := f.each(func(n uint32, va mail.SlotValue, a slotState, vb mail.SlotValue, b slotState) error {
		if n == 0 {
			return nil
		}
		if !f.has(named, n) {
			if a != slotZero || b != slotZero {
				unnamed = append(unnamed, n)
			}
			return nil
		}
		var err error
		switch {
		case a == slotLive && b == slotLive && va == vb:
		case a == slotLive:
			f.found.Repaired++
			_, err = f.mirror.WriteAt(encodeSlot(va), int64(n)*slotSize)
		case b == slotLive:
			f.found.Repaired++
			_, err = f.primary.WriteAt(encodeSlot(vb), int64(n)*slotSize)
		case a == slotDamaged || b == slotDamaged:
			f.found.Lost++
		default:
			astray++ // erased, and the row has still to be told
			return nil
		}
		f.found.Slots++
		f.set(written, n)
		return err
	})
	if err != nil || len(unnamed) == 0 {
		return err
	}
	return f.sweep(unnamed, astray == 0 && may())
}

// sweep erases slots that no row names: a crash came between them and their rows. While a row
// names none of its own, a bit of that row's number may have turned, which no check of
// SQLite's sees: then one of them is the row's, and what was only left behind is kept with it
// until the next start.
func (f *slotFile) sweep(unnamed []uint32, may bool) error {
	if may {
		f.found.Swept += len(unnamed)
		return errors.Join(zeroRuns(f.primary, unnamed), zeroRuns(f.mirror, unnamed))
	}
	f.found.Kept += len(unnamed)
	for _, n := range unnamed {
		f.set(written, n) // not given out again
	}
	return nil
}

// each reads both files from end to end.
func (f *slotFile) each(visit func(n uint32, va mail.SlotValue, a slotState, vb mail.SlotValue, b slotState) error) error {
	const step = 1 << 12
	size, err := f.primary.Size()
	if err != nil {
		return err
	}
	one, other := make([]byte, step*slotSize), make([]byte, step*slotSize)
	for at := int64(0); at < size/slotSize; at += step {
		n := min(step, size/slotSize-at)
		for file, into := range map[erase.File][]byte{f.primary: one[:n*slotSize], f.mirror: other[:n*slotSize]} {
			if _, err := file.ReadAt(into, at*slotSize); err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read slots: %w", err)
			}
		}
		for i := range n {
			va, a := decodeSlot(one[i*slotSize : (i+1)*slotSize])
			vb, b := decodeSlot(other[i*slotSize : (i+1)*slotSize])
			if err := visit(uint32(at+i), va, a, vb, b); err != nil {
				return err
			}
		}
	}
	return nil
}
