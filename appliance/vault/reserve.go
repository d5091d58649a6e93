package vault

import (
	"context"
	"fmt"
	"time"

	"sigill/appliance/mail"
)

// maxReserve is how many slots are given out at once: more than a message with as
// many recipients as the doors take.
const maxReserve = 1 << 13

// Reserve gives out n free slots of a file, side by side. It is only in memory: a
// slot that no Update has put when the process ends is free again. The errors are
// Again if the file cannot grow, Invalid for an n below 1 or above 8,192.
func (db *DB) Reserve(file mail.SlotFile, n int) ([]mail.Slot, error) {
	if n < 1 || n > maxReserve || file > mail.Link {
		return nil, mail.E(mail.Invalid, "error.invalid", fmt.Errorf("reserve %d slots of file %d", n, file))
	}
	if err := db.Fault(); err != nil {
		return nil, err
	}
	list, err := db.slots[file].reserve(n)
	return list, db.answer("reserve slots", err)
}

// Unreserve gives slots back that no Update has put.
func (db *DB) Unreserve(list []mail.Slot) {
	for _, s := range list {
		f := db.slots[s.File&1]
		f.mu.Lock()
		if !s.IsZero() && f.has(reserved, s.N) {
			f.clear(reserved, s.N)
		}
		f.mu.Unlock()
	}
}

// EraseSlots zeroes slots in both files and returns when both disks have it: what
// they kept is gone from here on. A slot is given out again once no row names it.
// Zero slots are passed over. It may be repeated, and works on a store that takes no
// changes any more. The error is Again if a disk did not do it.
func (db *DB) EraseSlots(ctx context.Context, list []mail.Slot) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var byFile [2][]uint32
	for _, s := range list {
		if s.IsZero() {
			continue
		}
		f := db.slots[s.File&1]
		f.mu.Lock()
		inside := s.N < f.size
		f.mu.Unlock()
		if !inside || s.File > mail.Link {
			return mail.E(mail.Invalid, "error.invalid", fmt.Errorf("erase slot %d of file %d", s.N, s.File))
		}
		byFile[s.File] = append(byFile[s.File], s.N)
	}
	for which, l := range byFile {
		if len(l) == 0 {
			continue
		}
		if err := db.slots[which].erase(l); err != nil {
			return db.answer("erase slots", err)
		}
	}
	return nil
}

// keepMirrors makes the mirrors follow the primaries, and takes the ballast back
// after the disk was full. It runs until Close.
func (db *DB) keepMirrors() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-db.keeper:
			return
		case <-tick.C:
			db.ballasted()
			for _, f := range db.slots {
				// The answer closes the store to changes: who cannot write the mirror
				// could not erase it either.
				_ = db.answer("follow with the mirror", f.syncMirror())
			}
		}
	}
}
