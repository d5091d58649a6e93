package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/door/control"
	"sigill/backup"
)

// toBackUp is what is to be done with a target, or was.
type toBackUp struct {
	Data string `json:"data"`
	Name string `json:"name"`
	Do   task   `json:"do,omitempty"`
	Task int    `json:"task,omitempty"` // its number, once it was asked for
}

// backUpDone is how it goes.
type backUpDone struct {
	Task  int       `json:"task"`
	Over  bool      `json:"over"`
	Fault string    `json:"fault,omitempty"`
	Set   time.Time `json:"set"`
	Slots time.Time `json:"slots"`
}

// backUp begins what a command asks for.
func (a *Appliance) backUp(_ context.Context, in toBackUp) (backUpDone, error) {
	if err := a.meant(in.Data); err != nil {
		return backUpDone{}, err
	}
	t, err := a.backups.find(in.Name)
	if err != nil {
		return backUpDone{}, err
	}
	n, err := t.ask(in.Do)
	return backUpDone{Task: n}, err
}

// backedUp says how it goes.
func (a *Appliance) backedUp(_ context.Context, in toBackUp) (backUpDone, error) {
	t, err := a.backups.find(in.Name)
	if err != nil {
		return backUpDone{}, err
	}
	s := t.seen()
	d := backUpDone{Task: in.Task, Over: s.Finished >= in.Task, Set: s.Last.Set, Slots: s.Last.Slots}
	if d.Over && s.Result != nil {
		d.Fault = s.Result.Error()
	}
	return d, nil
}

// Backing is `sigill backup`: the commands, with what they say.
type Backing struct {
	Places  Places
	Targets []config.Backup
	Name    string // of the target that is meant; "": all of them
	JSON    bool
	Out     io.Writer
	Pause   func(context.Context) // between two questions of how it goes
}

// each does something with the targets that are meant, and joins what went wrong.
func (b Backing) each(do func(config.Backup) error) error {
	var errs []error
	found := false
	for _, c := range b.Targets {
		if b.Name == "" || c.Name == b.Name {
			found = true
			if err := do(c); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", c.Name, err))
			}
		}
	}
	switch {
	case !found && b.Name != "":
		return fmt.Errorf("no backup target has the name %q", b.Name)
	case !found:
		return errors.New("no backup target is configured: see [[backup]] in the configuration file")
	}
	return errors.Join(errs...)
}

// Now has the appliance that runs write a set to each target.
func (b Backing) Now(ctx context.Context) error { return b.asks(ctx, taskSet, "backed up") }

// Drill has the appliance that runs restore each target's backup for trial.
func (b Backing) Drill(ctx context.Context) error {
	return b.asks(ctx, taskDrill, "restored for trial, and the letter made for it opened")
}

func (b Backing) asks(ctx context.Context, do task, said string) error {
	return b.each(func(c config.Backup) error {
		in := toBackUp{Data: b.Places.Data, Name: c.Name, Do: do}
		var d backUpDone
		if err := control.Ask(ctx, b.Places.Run, askBackup, in, &d); err != nil {
			return err
		}
		in.Do, in.Task = "", d.Task
		for !d.Over {
			b.Pause(ctx)
			if err := errors.Join(ctx.Err(), control.Ask(ctx, b.Places.Run, askBackedUp, in, &d)); err != nil {
				return err
			}
		}
		if d.Fault != "" {
			return errors.New(d.Fault)
		}
		if b.JSON {
			return json.NewEncoder(b.Out).Encode(struct {
				Name  string    `json:"name"`
				Set   time.Time `json:"set"`
				Slots time.Time `json:"slots"`
			}{c.Name, d.Set, d.Slots})
		}
		_, err := fmt.Fprintf(b.Out, "%s: %s. The newest set is of %s.\n", c.Name, said, d.Set.Format(time.RFC3339))
		return err
	})
}

// listedSet is a set as a command lists it.
type listedSet struct {
	Number int         `json:"number"`
	At     time.Time   `json:"at"`
	Kind   backup.Kind `json:"kind"`
	Bytes  int64       `json:"bytes"`
	Whole  bool        `json:"restorable"`
}

// List says which sets each target has. It asks the target itself, and needs no key.
func (b Backing) List(ctx context.Context) error {
	return b.target(ctx, func(c config.Backup, t backup.Target) error {
		cat, err := backup.ReadCatalogue(ctx, t, backup.Verifier{})
		if errors.Is(err, backup.ErrAbsent) {
			return errors.New("there is no backup yet")
		}
		if err != nil {
			return err
		}
		var sets []listedSet
		for _, s := range cat.Sets {
			_, err := cat.Chain(s.Number)
			sets = append(sets, listedSet{s.Number, s.At, s.Kind, s.Size, err == nil})
		}
		copies, err := cat.Generation()
		if err != nil && len(sets) > 0 {
			return err
		}
		if b.JSON {
			out := struct {
				Name  string      `json:"name"`
				Sets  []listedSet `json:"sets"`
				Slots *time.Time  `json:"slots,omitempty"`
			}{Name: c.Name, Sets: sets}
			if len(copies) > 0 {
				out.Slots = &copies[len(copies)-1].At
			}
			return json.NewEncoder(b.Out).Encode(out)
		}
		fmt.Fprintf(b.Out, "%s: %d sets\n", c.Name, len(sets))
		for _, s := range sets {
			note := ""
			if !s.Whole {
				note = "  cannot be restored: something of it is missing"
			}
			fmt.Fprintf(b.Out, "  %6d  %s  %-7s  %12d bytes%s\n", s.Number, s.At.Format(time.RFC3339), s.Kind, s.Bytes, note)
		}
		if len(copies) > 0 {
			fmt.Fprintf(b.Out, "  keys of letters: %s\n", copies[len(copies)-1].At.Format(time.RFC3339))
		}
		return nil
	})
}

// Verify reads everything that lies at each target, and needs no key. It proves that all was
// written by one appliance and is whole.
func (b Backing) Verify(ctx context.Context) error {
	return b.target(ctx, func(c config.Backup, t backup.Target) error {
		v, err := backup.Verify(ctx, t, backup.Verifier{})
		if errors.Is(err, backup.ErrAbsent) {
			return errors.New("there is no backup yet")
		}
		if err != nil {
			return err
		}
		if b.JSON {
			out := struct {
				Name   string   `json:"name"`
				Sets   int      `json:"sets"`
				Packs  int      `json:"packs"`
				Copies int      `json:"slots"`
				Bytes  int64    `json:"bytes"`
				Faults []string `json:"faults"`
			}{c.Name, v.Sets, v.Packs, v.Copies, v.Bytes, []string{}}
			for _, f := range v.Faults {
				out.Faults = append(out.Faults, f.Error())
			}
			if err := json.NewEncoder(b.Out).Encode(out); err != nil {
				return err
			}
		} else {
			fmt.Fprintf(b.Out, "%s: %d sets, %d packs and %d copies of the keys, %d bytes read.\n", c.Name, v.Sets, v.Packs, v.Copies, v.Bytes)
		}
		return errors.Join(v.Faults...)
	})
}

func (b Backing) target(ctx context.Context, do func(config.Backup, backup.Target) error) error {
	return b.each(func(c config.Backup) error {
		t, err := backup.OpenTarget(ctx, c)
		if err != nil {
			return err
		}
		return errors.Join(do(c, t), t.Close())
	})
}
