package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"sync/atomic"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
)

// slotSize is the length of a slot, in bytes: mail.SlotValue and its CRC-32C.
const slotSize = 64

// growBy is by how many slots a file grows: 1 MiB. Real zeros are written, so
// that a slot later only overwrites blocks that are there.
const growBy = 1 << 14

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// slotFile is one of the two files with its mirror (seal/FORMAT.md, 3).
type slotFile struct {
	which           mail.SlotFile
	primary, mirror erase.File
	found           Checked // by openSlots

	// bytes keeps readers, writers and erasers of the bytes apart. Without it a
	// reader could see half an erased slot, take it for damage, and heal it.
	bytes sync.RWMutex

	mu    sync.Mutex // guards the rest
	size  uint32     // slots in both files, the mark included
	uses  [3]bitset  // by use
	taken bitset     // any use; not to be given out
	rotor uint32     // where the next search begins

	behind atomic.Bool // the mirror has bytes that are not synced

	touched func(list []uint32) // told which slots have other bytes now
}

// use is a reason why a slot is not free.
type use int

const (
	reserved use = iota // given out, and no transaction has put it yet
	written             // not zero
	named               // a committed row has it
)

// read returns a slot's value. A damaged slot is taken from the mirror, and
// mended. The error is Gone for a slot that is zero, and Internal if both copies
// are damaged.
func (f *slotFile) read(n uint32) (mail.SlotValue, error) {
	f.bytes.RLock()
	v, state, err := f.look(f.primary, n)
	f.bytes.RUnlock()
	if err != nil {
		return v, err
	}
	if state == slotDamaged {
		return f.heal(n)
	}
	if state == slotZero {
		return v, mail.E(mail.Gone, "error.gone", nil)
	}
	return v, nil
}

// heal takes a damaged slot from the mirror. It looks again under the lock: the
// slot may have been erased since.
func (f *slotFile) heal(n uint32) (mail.SlotValue, error) {
	f.bytes.Lock()
	defer f.bytes.Unlock()
	v, state, err := f.look(f.primary, n)
	if err != nil || state == slotLive {
		return v, err
	}
	if state == slotZero {
		return v, mail.E(mail.Gone, "error.gone", nil)
	}
	v, state, err = f.look(f.mirror, n)
	if err != nil {
		return v, err
	}
	if state != slotLive {
		return mail.SlotValue{}, mail.E(mail.Internal, "error.internal", fmt.Errorf("slot %d is damaged in both files", n))
	}
	// Not synced: if this is lost, the next look mends it again.
	if _, err := f.primary.WriteAt(encodeSlot(v), int64(n)*slotSize); err != nil {
		return v, fmt.Errorf("mend slot: %w", err)
	}
	f.touched([]uint32{n})
	return v, nil
}

// write puts values into both files and makes the primary durable. The mirror
// follows within a second; until then a crash is mended from the primary.
func (f *slotFile) write(list []mail.SlotWrite) error {
	slices.SortFunc(list, func(a, b mail.SlotWrite) int { return int(a.Slot.N) - int(b.Slot.N) })
	f.bytes.Lock()
	err := f.writeRuns(list)
	f.bytes.Unlock()
	if err != nil {
		return fmt.Errorf("write slots: %w", err)
	}
	f.behind.Store(true)
	ns := numbers(list)
	f.mu.Lock()
	for _, n := range ns {
		f.set(written, n)
	}
	f.mu.Unlock()
	f.touched(ns)
	if err := f.primary.Sync(); err != nil {
		return syncFault{fmt.Errorf("sync slots: %w", err)}
	}
	return nil
}

// abandon takes values back that no commit has made true. It need not be durable:
// what a crash brings back has no row, and Open erases it.
func (f *slotFile) abandon(list []mail.SlotWrite) {
	ns := numbers(list)
	slices.Sort(ns)
	f.bytes.Lock()
	err := errors.Join(zeroRuns(f.primary, ns), zeroRuns(f.mirror, ns))
	f.bytes.Unlock()
	f.touched(ns)
	if err != nil {
		return // they stay in use, so nobody gets them before Open
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range ns {
		f.clear(written, n)
	}
}

// erase zeroes slots in both files and waits until both disks have it.
func (f *slotFile) erase(list []uint32) error {
	slices.Sort(list)
	list = slices.Compact(list)
	f.bytes.Lock()
	err := errors.Join(zeroRuns(f.primary, list), zeroRuns(f.mirror, list))
	f.bytes.Unlock()
	f.touched(list)
	if err != nil {
		return fmt.Errorf("erase slots: %w", err)
	}
	var other error
	var wait sync.WaitGroup
	wait.Go(func() { other = f.mirror.Sync() })
	err = f.primary.Sync()
	wait.Wait()
	if err := errors.Join(err, other); err != nil {
		return syncFault{fmt.Errorf("sync erased slots: %w", err)}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range list {
		f.clear(written, n)
	}
	return nil
}

// syncMirror makes the mirror follow, if it has to.
func (f *slotFile) syncMirror() error {
	if !f.behind.Swap(false) {
		return nil
	}
	if err := f.mirror.Sync(); err != nil {
		return syncFault{fmt.Errorf("sync mirror: %w", err)}
	}
	return nil
}

func (f *slotFile) close() error {
	return errors.Join(f.syncMirror(), f.primary.Close(), f.mirror.Close())
}

// writeRuns writes neighbours with one call.
func (f *slotFile) writeRuns(list []mail.SlotWrite) error {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Slot.N == list[0].Slot.N+uint32(n) {
			n++
		}
		b := make([]byte, 0, n*slotSize)
		for _, w := range list[:n] {
			b = append(b, encodeSlot(w.Value)...)
		}
		off := int64(list[0].Slot.N) * slotSize
		if _, err := f.primary.WriteAt(b, off); err != nil {
			return err
		}
		if _, err := f.mirror.WriteAt(b, off); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

func numbers(list []mail.SlotWrite) []uint32 {
	ns := make([]uint32, len(list))
	for i, w := range list {
		ns[i] = w.Slot.N
	}
	return ns
}

func zeroRuns(file erase.File, list []uint32) error {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n] == list[0]+uint32(n) {
			n++
		}
		if err := erase.Zero(file, int64(list[0])*slotSize, int64(n)*slotSize); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

type slotState int

const (
	slotZero    slotState = iota // free, or erased
	slotLive                     // the CRC fits
	slotDamaged                  // neither
)

func (f *slotFile) look(file erase.File, n uint32) (mail.SlotValue, slotState, error) {
	var b [slotSize]byte
	if _, err := file.ReadAt(b[:], int64(n)*slotSize); err != nil {
		return mail.SlotValue{}, slotZero, fmt.Errorf("read slot: %w", err)
	}
	v, state := decodeSlot(b[:])
	return v, state, nil
}

func encodeSlot(v mail.SlotValue) []byte {
	b := append(make([]byte, 0, slotSize), v[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(v[:], castagnoli))
}

func decodeSlot(b []byte) (mail.SlotValue, slotState) {
	v := mail.SlotValue(b[:len(mail.SlotValue{})])
	sum := binary.LittleEndian.Uint32(b[len(v):])
	switch {
	case v == mail.SlotValue{} && sum == 0:
		return v, slotZero
	case sum == crc32.Checksum(v[:], castagnoli):
		return v, slotLive
	}
	return mail.SlotValue{}, slotDamaged
}
