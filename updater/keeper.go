package updater

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Keeper is the side of the update that has the program: it alone gives the program's name to
// another file. It believes the service nothing: who asks it to put a program in its place
// has signatures to show, which it checks by itself, with a record of its own of what it has
// seen; and it goes back to no program but the one that it has replaced.
type Keeper struct {
	Dir      string // its own; on a computer with a service manager only root writes there. Made, mode 0755
	Program  string // the file whose name the programs take turns in
	Service  string // directory of the service's journal and bundle, which is read only
	Version  string // of the program that runs now
	Platform string
	Keys     Keys
	Disk     Disk
	// Anew says that the program that is put in the place attends once more before it starts;
	// else this is the step before its first start already.
	Anew bool
}

// Record is what a keeper knows by itself.
type Record struct {
	Phase    Phase   `json:"phase"` // Tried: swapped, and not yet seen to open its doors; Done
	Program  Program `json:"program"`
	Previous Program `json:"previous"` // that lies in the file of that name
	Starts   int     `json:"starts"`
	Refused  string  `json:"refused,omitempty"` // the attempt that was not taken, or did not start
	Why      string  `json:"why,omitempty"`
	Seen     Seen    `json:"seen,omitempty"`
}

const (
	namePrevious = "previous"
	nameRecord   = "record"
	mostStarts   = 3
)

func (k *Keeper) path(name string) string { return filepath.Join(k.Dir, name) }

// ReadRecord reads the record in a keeper's directory, which everybody may.
func ReadRecord(dir string) (r Record, err error) {
	return r, readJSON(filepath.Join(dir, nameRecord), &r)
}

// Attend does what is to be done before a start of the service: nothing, as a rule. It
// reports whether another program stands in the place now. After any error, and any end in
// between, the program stands that stood there before, or the other one, whole.
func (k *Keeper) Attend() (swapped bool, err error) {
	j, err := ReadJournal(k.Service)
	if err != nil {
		return false, err
	}
	r, err := ReadRecord(k.Dir)
	if err != nil {
		return false, err
	}
	if j.Phase == Idle && r.Phase == Idle {
		return false, nil
	}
	if err := errors.Join(os.MkdirAll(k.Dir, 0o755), os.Chmod(k.Dir, 0o755)); err != nil { // whatever the mask is
		return false, err
	}
	sum, err := SumOf(k.Program)
	if err != nil {
		return false, err
	}
	switch {
	case r.Phase == Tried && sum == r.Program.Sum && j.To.Sum == sum && j.Phase == Tried:
		return k.again(j, r)
	case j.Phase == Tried && sum == j.From.Sum && r.Refused != j.attempt():
		return k.forward(j, r)
	case j.Phase == Going && sum == j.From.Sum && r.Previous == j.To:
		return k.back(r)
	case r.Phase == Tried && j.Phase == Done:
		r.Phase, r.Starts = Done, 0
		return false, k.keep(r)
	}
	return false, nil
}

func (k *Keeper) keep(r Record) error { return writeJSON(k.Disk, k.path(nameRecord), r, 0o644) }

// again counts a start of a program that has not opened its doors yet.
func (k *Keeper) again(j Journal, r Record) (bool, error) {
	if r.Starts++; r.Starts > mostStarts {
		// Before the rename: else the next start would put it in its place once more.
		r.Refused, r.Why = j.attempt(), string(Starts)
	}
	if err := k.keep(r); err != nil || r.Starts <= mostStarts {
		return false, err
	}
	return k.back(r)
}

// forward puts the program of the service's bundle in its place.
func (k *Keeper) forward(j Journal, r Record) (bool, error) {
	f, err := open(filepath.Join(k.Service, nameBundle))
	if err != nil {
		return false, err
	}
	defer f.Close()
	b, err := Open(f, k.Keys)
	if err != nil {
		return false, k.refuse(j, r, err)
	}
	// Its end was judged when it was laid ready, by a clock that somebody believed.
	if err := b.Manifest.judge(b.By, Here{Version: k.Version, Platform: k.Platform, Seen: r.Seen}); err != nil {
		return false, k.refuse(j, r, err)
	}
	if b.Manifest.SHA256 != j.To.Sum {
		return false, k.refuse(j, r, Damaged)
	}
	next := k.next()
	if err := k.program(next, func(w io.Writer) error { return b.Program(w) }); err != nil {
		return false, errors.Join(k.refuse(j, r, err), remove(k.Disk, next))
	}
	r.Seen = r.Seen.And(b.Manifest, b.By)
	r.Why = ""
	return k.swap(r, Program{b.Manifest.Version, b.Manifest.SHA256}, j.From)
}

// refuse keeps that a program was not taken, so that it is not asked again at each start.
func (k *Keeper) refuse(j Journal, r Record, cause error) error {
	r.Refused, r.Why = j.attempt(), why(cause)
	return errors.Join(fmt.Errorf("version %s is not taken: %w", j.To.Version, cause), k.keep(r))
}

// back puts the program before in its place.
func (k *Keeper) back(r Record) (bool, error) {
	f, err := open(k.path(namePrevious))
	if err != nil {
		return false, err
	}
	defer f.Close()
	next := k.next()
	if err := k.program(next, func(w io.Writer) error { _, err := io.Copy(w, f); return err }); err != nil {
		return false, errors.Join(err, remove(k.Disk, next))
	}
	if got, err := SumOf(next); err != nil || got != r.Previous.Sum {
		return false, errors.Join(errors.New("the program before is not as it was kept"), err, remove(k.Disk, next))
	}
	if err := k.rename(next); err != nil {
		return false, err
	}
	r.Phase, r.Starts, r.Program = Done, 0, r.Previous
	return true, k.keep(r)
}

// next is where a program is written that is to have the name: beside it, for a rename goes
// through one file system only.
func (k *Keeper) next() string {
	return filepath.Join(filepath.Dir(k.Program), "."+filepath.Base(k.Program)+".next")
}

// program writes a program, synced.
func (k *Keeper) program(path string, content func(io.Writer) error) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(content(w)) }()
	err := write(k.Disk, path, r, 0o755)
	r.Close()
	return err
}

// swap keeps the program that stands there and gives its name to the one beside it.
func (k *Keeper) swap(r Record, to, from Program) (bool, error) {
	f, err := open(k.Program)
	if err != nil {
		return false, err
	}
	defer f.Close()
	kept := k.path(namePrevious) + ".new"
	if err := k.program(kept, func(w io.Writer) error { _, err := io.Copy(w, f); return err }); err != nil {
		return false, err
	}
	if sum, err := SumOf(kept); err != nil || sum != from.Sum {
		return false, errors.Join(errors.New("the program cannot be kept"), err)
	}
	if err := k.Disk.Rename(kept, k.path(namePrevious)); err != nil {
		return false, err
	}
	if err := k.Disk.SyncDir(k.Dir); err != nil {
		return false, err
	}
	// Before the rename: who comes after it counts starts. If it never comes, the sum says so.
	r.Phase, r.Program, r.Previous, r.Starts = Tried, to, from, 1
	if k.Anew {
		r.Starts = 0
	}
	if err := k.keep(r); err != nil {
		return false, err
	}
	return true, k.rename(k.next())
}

func (k *Keeper) rename(next string) error {
	if err := k.Disk.Rename(next, k.Program); err != nil {
		return err
	}
	return k.Disk.SyncDir(filepath.Dir(k.Program))
}

// MayWrite reports whether this process may put another program in the place of this file.
func MayWrite(program string) bool {
	name := filepath.Join(filepath.Dir(program), "."+filepath.Base(program)+".try")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return os.Remove(name) == nil
	}
	if err != nil {
		return false
	}
	return errors.Join(f.Close(), os.Remove(name)) == nil
}

// Return puts the program before in its place, by hand and with no service running. Whether
// it can open what is kept now it says at its start.
func (k *Keeper) Return() (Program, error) {
	r, err := ReadRecord(k.Dir)
	if err != nil {
		return Program{}, err
	}
	sum, err := SumOf(k.Program)
	if err != nil {
		return Program{}, err
	}
	if r.Previous.Sum == "" || r.Previous.Sum == sum {
		return Program{}, errors.New("no program before this one is kept")
	}
	_, err = k.back(r)
	return r.Previous, err
}
