package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/renameio/v2"

	"sigill/appliance/config"
	"sigill/appliance/jobs"
	"sigill/appliance/mail"
	"sigill/backup"
)

// backups copy the store to its targets, each by itself: one that is silent or full keeps
// none of the others waiting.
type backups struct {
	list  []*backedUp
	clock mail.Clock
	log   *slog.Logger
}

// backedUp is one target.
type backedUp struct {
	conf  config.Backup
	with  backup.Config // but for the target
	drill func(ctx context.Context, t *backedUp) error
	asked chan task // what somebody wants now

	turn    sync.Mutex // of who writes to the target
	target  backup.Target
	b       *backup.Backup
	cleaned time.Time

	mu    sync.Mutex // guards the rest
	state backedUpState
}

// backedUpState is how it goes with a target.
type backedUpState struct {
	Doing  task
	Since  time.Time // that it is done
	Last   backup.Last
	Failed time.Time // since when it fails; zero: it does not
	Fault  error
	Tried  tried

	Asked, Finished int   // what somebody has asked for, and what of it is over
	Result          error // of the last one
}

// tried is what is remembered of looking after what lies there.
type tried struct {
	Begun     time.Time `json:"begun"`     // when the target was first seen
	Verified  time.Time `json:"verified"`  // when everything was last read; zero: never
	Damaged   string    `json:"damaged"`   // what was wrong then; "" for nothing
	Drilled   time.Time `json:"drilled"`   // when it was last restored for trial; zero: never
	Undrilled string    `json:"undrilled"` // why that did not go well; "" if it did
}

// task is what may be done with a target.
type task string

// The tasks.
const (
	taskSet    task = "now"
	taskVerify task = "verify"
	taskDrill  task = "drill"
)

const triedFile = "tried.json"

// openBackups makes the targets known. Nothing is opened: a target that is not there must
// not keep letters from being read.
func (a *Appliance) openBackups() error {
	a.backups = &backups{clock: a.c.Clock, log: a.c.Log}
	if len(a.c.Backups) == 0 {
		return nil
	}
	recipients, err := a.founding.app.BackupRecipients(a.founding.backup)
	if err != nil {
		return fmt.Errorf("setting %s: %w", settingBackup, err)
	}
	signer, err := a.founding.backupSigner()
	if err != nil {
		return err
	}
	restored, err := readRestored(a.c.Data)
	if err != nil {
		return err
	}
	version := fmt.Sprintf("%s %d", programVersion(), a.db.Schema())
	for _, c := range a.c.Backups {
		dir := filepath.Join(a.c.Data, "backup", c.Name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("what is remembered of a backup: %w", err)
		}
		t := &backedUp{conf: c, asked: make(chan task, 1), drill: a.drill, with: backup.Config{
			Store: a.db, Seal: recipients, Sign: signer, Installation: a.founding.id.String(), Recipient: a.founding.backup,
			Version: version, CopySigned: a.copySigned, Settings: a.c.File, State: dir, Restored: restored.At, Over: restored.Over, Clock: a.c.Clock, Log: a.c.Log,
		}}
		if t.state.Tried, err = readTried(dir, a.c.Clock.Now()); err != nil {
			return err
		}
		a.backups.list = append(a.backups.list, t)
	}
	return nil
}

// programVersion is what this program was built from, as far as it knows.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

// backupSigner signs what stands at the targets.
func (f *founding) backupSigner() (*backup.Signer, error) {
	return backup.NewSigner(f.id.String(), f.app.BackupSeed())
}

// copySigned copies the signed checkpoints from a byte on.
func (a *Appliance) copySigned(from int64, w io.Writer) (end int64, err error) {
	r, err := a.points.Reader()
	if err != nil {
		return from, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if _, err := io.CopyN(io.Discard, r, from); err != nil {
		return from, fmt.Errorf("checkpoints: %w", err)
	}
	n, err := io.Copy(w, r)
	return from + n, err
}

// readTried reads what is remembered; damaged or lost it is nothing.
func readTried(dir string, now time.Time) (t tried, err error) {
	b, err := os.ReadFile(filepath.Join(dir, triedFile))
	if err == nil && json.Unmarshal(b, &t) == nil {
		return t, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return t, err
	}
	t = tried{Begun: now.UTC().Truncate(time.Second)}
	return t, t.save(dir)
}

func (t tried) save(dir string) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, triedFile), b, 0o600)
}

// jobs are the periodic work of the targets; none where there is no target.
func (s *backups) jobs() []jobs.Job {
	if len(s.list) == 0 {
		return nil
	}
	return []jobs.Job{
		{Name: "slots", Spec: "@every 1m", Apart: true, Do: s.keep},
		{Name: "sets", Spec: "@every 1m", Apart: true, Do: s.due},
		{Name: "drills", Spec: "@every 1h", Apart: true, Do: s.drills},
	}
}

// each does something with all targets at once, and joins what went wrong. It is told at
// each target, so the job's own word is only that something did.
func (s *backups) each(do func(*backedUp) error) error {
	errs := make([]error, len(s.list))
	var all sync.WaitGroup
	for i, t := range s.list {
		all.Go(func() {
			if err := do(t); err != nil {
				errs[i] = fmt.Errorf("%s: %w", t.conf.Name, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// keep writes the slots that have changed.
func (s *backups) keep(ctx context.Context) error {
	return s.each(func(t *backedUp) error { return t.keep(ctx, s.clock.Now()) })
}

// due writes the sets whose time has come.
func (s *backups) due(ctx context.Context) error {
	return s.each(func(t *backedUp) error {
		now := s.clock.Now()
		last := t.seen().Last.Set
		next, err := jobs.Next(t.conf.When(), last)
		if err != nil || !last.IsZero() && next.After(now) && !last.After(now.Add(time.Hour)) {
			return err
		}
		return t.set(ctx, now)
	})
}

// drillEvery is how often a target's backup is restored for trial by itself.
const drillEvery = 30 * 24 * time.Hour

// drills tries the backups that nobody has tried for a month, and those of which the last
// trial went wrong, once a day.
func (s *backups) drills(ctx context.Context) error {
	return s.each(func(t *backedUp) error {
		now, seen := s.clock.Now(), t.seen()
		every := drillEvery
		if seen.Tried.Undrilled != "" {
			every = 24 * time.Hour
		}
		if seen.Last.Set.IsZero() || now.Sub(seen.Tried.Drilled) < every && !seen.Tried.Drilled.After(now) {
			return nil
		}
		return errors.Join(t.verify(ctx, s.clock), t.drills(ctx, s.clock))
	})
}

// Run does what somebody asks for, until ctx ends.
func (s *backups) Run(ctx context.Context) error {
	return s.each(func(t *backedUp) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case what := <-t.asked:
				err := t.do(ctx, what, s.clock)
				t.finished(err)
				if err != nil {
					s.log.Warn("backup", "part", "backup", "name", t.conf.Name, "do", string(what), "err", err)
				}
			}
		}
	})
}

// find returns the target of a name. The error is Absent if there is none.
func (s *backups) find(name string) (*backedUp, error) {
	for _, t := range s.list {
		if t.conf.Name == name {
			return t, nil
		}
	}
	return nil, mail.E(mail.Absent, "error.absent", fmt.Errorf("no backup target has the name %q", name))
}

// close gives the targets back. Nobody uses them any more.
func (s *backups) close() error {
	var errs []error
	for _, t := range s.list {
		errs = append(errs, t.close())
	}
	return errors.Join(errs...)
}
