package updater

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Service is the side of the update that has the data: it stages, tries, and goes back. It
// never writes where the program is.
type Service struct {
	Dir     string // its own, for the bundle, the snapshot and the journal; made, mode 0700
	Version string // of the program that runs
	Program string // its file
	Keys    Keys
	Data    Data
	// Try runs a program on the data until it has proved itself, and ends it in any case. The
	// error is Silent if that took too long, or says what is wrong.
	Try func(ctx context.Context, program string) error
	// Keeper is the directory in which the keeper says what it has refused.
	Keeper string
	Disk   Disk
	Now    func() time.Time
}

// Names in Dir.
const (
	nameBundle  = "bundle"  // as it came, whole and checked
	nameTrial   = "trial"   // its program
	nameJournal = "journal" // JSON
)

func (s *Service) path(name string) string { return filepath.Join(s.Dir, name) }

// Journal returns what is kept of the last update.
func (s *Service) Journal() (j Journal, err error) { return ReadJournal(s.Dir) }

// ReadJournal reads the journal of a service's directory.
func ReadJournal(dir string) (j Journal, err error) {
	return j, readJSON(filepath.Join(dir, nameJournal), &j)
}

func (s *Service) note(j Journal, p Phase) (Journal, error) {
	j.Phase, j.At = p, s.Now().UTC()
	return j, writeJSON(s.Disk, s.path(nameJournal), j, 0o600)
}

// Stage lays a bundle ready that may be taken here, checked from its first byte to its last;
// room says how many bytes are free, and progress is told how many of all have come.
func (s *Service) Stage(r io.Reader, h Here, room func() (int64, error), progress func(done, all int64)) (*Bundle, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	part := s.path(nameBundle + ".part")
	f, err := s.Disk.Open(part, os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	b, err := s.stage(io.TeeReader(r, f), h, room, progress)
	if err = noRoom(errors.Join(err, f.Sync(), f.Close())); err != nil {
		return nil, errors.Join(err, remove(s.Disk, part))
	}
	if err := s.Disk.Rename(part, s.path(nameBundle)); err != nil {
		return nil, err
	}
	return b, s.Disk.SyncDir(s.Dir)
}

func (s *Service) stage(r io.Reader, h Here, room func() (int64, error), progress func(done, all int64)) (*Bundle, error) {
	b, err := Open(r, s.Keys)
	if err != nil {
		return nil, err
	}
	if err := b.Manifest.judge(b.By, h); err != nil {
		return nil, err
	}
	// The bundle, the program of the trial, and what is copied of the data.
	need := 2*b.Manifest.Size + 64<<20
	for _, name := range s.Data.Copied {
		if st, err := os.Stat(filepath.Join(s.Data.Dir, name)); err == nil {
			need += st.Size()
		}
	}
	if free, err := room(); err != nil || free < need {
		return nil, errors.Join(NoRoom, err)
	}
	if err := b.Program(&meter{all: b.Manifest.Size, tell: progress}); err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, r) // what tar fills its last block with
	return b, err
}

// meter counts what is written to it.
type meter struct {
	done, all int64
	tell      func(done, all int64)
}

func (m *meter) Write(p []byte) (int, error) {
	m.done += int64(len(p))
	m.tell(m.done, m.all)
	return len(p), nil
}

// Install tries the program that was laid ready, with the store closed. Nil says that it has
// proved itself: now the keeper may give it the program's name, and nothing but a new start
// may come. An error says why not: then the data are as they were.
func (s *Service) Install(ctx context.Context, schema int64) (err error) {
	sum, err := SumOf(s.Program)
	if err != nil {
		return err
	}
	f, err := open(s.path(nameBundle))
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := Open(f, s.Keys)
	if err != nil {
		return err
	}
	j := Journal{From: Program{s.Version, sum}, To: Program{b.Manifest.Version, b.Manifest.SHA256}, Schema: schema}
	if err := s.extract(b); err != nil {
		return errors.Join(err, s.giveUp(j, err))
	}
	if j.Copies, err = s.snapshot(); err != nil {
		return errors.Join(err, s.giveUp(j, err))
	}
	if j, err = s.note(j, Trying); err != nil {
		return err // nothing was changed, and the next start finds the old journal
	}
	if err := s.Try(ctx, s.path(nameTrial)); err != nil {
		return errors.Join(err, s.goBack(j, err))
	}
	_, err = s.note(j, Tried)
	return err
}

// extract writes the program that is tried.
func (s *Service) extract(b *Bundle) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(b.Program(w)) }()
	err := write(s.Disk, s.path(nameTrial), r, 0o700)
	r.Close()
	return err
}

// giveUp ends an update before the data were touched, or when they are as they were.
func (s *Service) giveUp(j Journal, cause error) error {
	j.Copies, j.Why, j.Message = nil, why(cause), message(cause)
	if _, err := s.note(j, Returned); err != nil {
		return err
	}
	return s.drop()
}

// goBack makes the data as they were before the trial.
func (s *Service) goBack(j Journal, cause error) error {
	if err := s.restore(j.Copies); err != nil {
		return err
	}
	return s.giveUp(j, cause)
}

func message(err error) string {
	text := strings.ToValidUTF8(err.Error(), "")
	return text[:min(len(text), maxMessage)]
}

// Settle goes on from where an update was when the process before ended. It is called before
// the store is opened, and must be called before every start of it. It returns what the last
// update came to.
func (s *Service) Settle() (Journal, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return Journal{}, err
	}
	j, err := s.Journal()
	if err != nil {
		return j, fmt.Errorf("read %s: %w", s.path(nameJournal), err)
	}
	switch j.Phase {
	case Trying, Tried, Going:
	default:
		return j, s.drop() // of an update that was broken off before its journal
	}
	sum, err := SumOf(s.Program)
	if err != nil {
		return j, err
	}
	switch {
	case j.Phase == Going && sum != j.From.Sum:
		return s.note(j, Done)
	case j.Phase == Going:
		j.Why = string(NotSwung)
		return s.note(j, Returned)
	case j.Phase == Tried && sum == j.To.Sum:
		return j, nil // Opened ends it
	}
	cause := Broken
	if j.Phase == Tried {
		cause = s.notSwung(j)
	}
	if err := s.goBack(j, cause); err != nil {
		return j, err
	}
	return s.Journal()
}

// notSwung is why the keeper has not put a program in its place, or has taken it away again.
func (s *Service) notSwung(j Journal) Hitch {
	if r, err := ReadRecord(s.Keeper); err == nil && r.Refused == j.attempt() && r.Why != "" {
		return Hitch(r.Why)
	}
	return NotSwung
}

// Opened says that the program is about to open its doors: from here on its data count, and
// the snapshot is erased. It does nothing where no update waits for it.
func (s *Service) Opened() error {
	j, err := s.Journal()
	if err != nil || j.Phase != Tried {
		return err
	}
	if j, err = s.note(j, Done); err != nil {
		return err
	}
	return s.drop()
}

// GoBack asks the keeper for the program before, whose data are of the same form still.
func (s *Service) GoBack(previous Program) error {
	sum, err := SumOf(s.Program)
	if err != nil {
		return err
	}
	_, err = s.note(Journal{From: Program{s.Version, sum}, To: previous}, Going)
	return err
}
