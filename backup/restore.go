package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/owner"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// Restoring is what Restore needs.
type Restoring struct {
	Target Target
	// Key opens containers: B, or the drill's.
	Key seal.Secret
	// Verifier checks statements; the zero one takes the key of the target's mark.
	Verifier Verifier
	// Dir is the data directory that is made. It must not be there, or empty; what stands above
	// it must. One that is there gives what is restored its owner.
	Dir string
	// Prepare makes what was restored ready while it has another name; nil: nothing is to be
	// done. What it fails with, Restore fails with, and leaves nothing behind.
	Prepare func(dir string, done Restored) error
	// Room tells how many bytes may be written; nil: as many as the disk takes.
	Room func() (int64, error)
	// Now is the time, against which it is seen whether somebody has just written to the
	// target; zero: nobody asks.
	Now time.Time
	// Most is the number of the newest set that may be taken; 0: any.
	Most int
	Disk erase.Disk
	// Told gets a word on each container before it is read; nil: nobody does.
	Told func(Statement)
}

// Restored is what Restore has made.
type Restored struct {
	Set    Statement // whose rows they are
	Slots  Statement // the newest copy of the slots
	Passed []error   // why newer sets were passed by
	Ended  int       // lines of the ledger
	Blobs  int
}

// aliveFor is how long after the last word of an appliance it may still be running, and ahead
// how far its clock may have been before ours.
const (
	aliveFor = 10 * time.Minute
	ahead    = time.Hour
)

// ErrWritten says that somebody has written to the target a moment ago.
var ErrWritten = errors.New("the target was written to a few minutes ago: the appliance that does so may still run, and two of them must not")

// ErrClock says that the clock stands before what the target tells of.
var ErrClock = errors.New("the clock of this machine stands before the time at which the backup was written: set it right")

// alone is an error if the appliance that writes to the target may be running, or if nobody
// can tell.
func (c *Catalogue) alone(now time.Time) error {
	switch since := now.Sub(c.newest()); {
	case since < -ahead:
		return ErrClock
	case since < aliveFor:
		return ErrWritten
	}
	return nil
}

// Restore puts a data directory together from a target. It is made under another name and
// gets its own when it is whole and durable, so that nobody ever opens half of one.
//
// It is not fit for use before what its ledger names has been ended.
func Restore(ctx context.Context, r Restoring) (done Restored, err error) {
	c, err := ReadCatalogue(ctx, r.Target, r.Verifier)
	if err != nil {
		return done, err
	}
	done.Passed = c.Faults
	if !r.Now.IsZero() {
		if err := c.alone(r.Now); err != nil {
			return done, err
		}
	}
	whose, err := vacant(r.Dir)
	if err != nil {
		return done, err
	}
	half := r.Dir + half
	for most := r.Most; ; {
		if done, err = r.set(ctx, c, most, half, done.Passed); err == nil {
			break
		}
		err = errors.Join(err, Discard(r.Disk, half))
		if !errors.Is(err, errSet) || done.Set.Number < 2 {
			return done, errors.Join(err, errors.Join(done.Passed...))
		}
		// An older set is better than none.
		most, done.Passed = done.Set.Number-1, append(done.Passed, err)
	}
	if r.Prepare != nil {
		err = r.Prepare(half, done)
	}
	if err == nil {
		err = errors.Join(whose.GetsAll(half), r.Disk.SyncDir(half))
	}
	if err != nil {
		return done, errors.Join(err, Discard(r.Disk, half))
	}
	if err := os.Remove(r.Dir); err != nil && !errors.Is(err, os.ErrNotExist) { // it is empty
		return done, err
	}
	if err := r.Disk.Rename(half, r.Dir); err != nil {
		return done, err
	}
	return done, r.Disk.SyncDir(filepath.Dir(r.Dir))
}

// set puts together what the newest set tells of that has all it needs, at or before number
// most (0: any). The error is errSet if something of it is damaged.
func (r Restoring) set(ctx context.Context, c *Catalogue, most int, half string, passed []error) (done Restored, err error) {
	chain, more, err := c.Newest(most)
	done.Passed = append(passed, more...)
	if err != nil {
		return done, err
	}
	copies, err := c.Generation()
	if err != nil {
		return done, err
	}
	done.Set, done.Slots = chain[len(chain)-1].Statement, copies[len(copies)-1].Statement
	if err := r.fits(c, chain, copies); err != nil {
		return done, err
	}
	if err := Discard(r.Disk, half); err != nil { // of a restore that was broken off
		return done, err
	}
	p := &placing{r: r, dir: half, done: &done}
	return done, p.all(ctx, c, chain, copies)
}

// half is what the name of a data directory ends in while it is put together.
const half = ".restoring"

// fits is an error if there is no room for what is restored.
func (r Restoring) fits(c *Catalogue, chain, copies []Stated) error {
	if r.Room == nil {
		return nil
	}
	room, err := r.Room()
	if err != nil {
		return err
	}
	need := int64(chain[len(chain)-1].Pages) * vault.PageSize
	for _, s := range copies {
		need += 2 * s.Size
	}
	for _, name := range chain[len(chain)-1].Packs {
		need += c.Packs[name].Size
	}
	if need > room {
		return fmt.Errorf("it takes %d bytes, and there is room for %d", need, room)
	}
	return nil
}

// Discard takes a restored data directory away, and one of which there is only a half: the
// keys first, and overwritten, for some of what they open ends tomorrow.
func Discard(disk erase.Disk, dir string) error {
	var errs []error
	for _, d := range []string{dir, dir + half} {
		for _, name := range placed["slots"] {
			path := filepath.Join(d, name)
			if _, err := os.Lstat(path); err == nil {
				errs = append(errs, erase.Remove(disk, path))
			}
		}
		errs = append(errs, os.RemoveAll(d))
	}
	return errors.Join(errs...)
}

// vacant is an error if something stands in a directory. It says whose the directory is.
func vacant(dir string) (owner.Owner, error) {
	us := owner.Us()
	st, err := os.Lstat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return us, nil
	}
	if err != nil {
		return us, err
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return us, err
	}
	if len(list) > 0 {
		return us, fmt.Errorf("%s is not empty, there is %s in it: a restore goes to an empty place", dir, list[0].Name())
	}
	return owner.In(st), nil
}

// Since is what a restore lacks at most: all that came after the set.
func (r Restored) Since(now time.Time) time.Duration { return now.Sub(r.Set.At) }
