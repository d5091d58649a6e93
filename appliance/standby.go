package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/erase"
	"sigill/backup"
)

// Standby is `sigill standby`: a machine that holds a copy of the backup, a minute old.
type Standby struct {
	From    string // the name of a target of the configuration, or a directory
	To      string // a directory here
	Targets []config.Backup
	Out     io.Writer // what has come
	Fault   io.Writer // what goes wrong, once for each time that it begins to
}

// Once copies what there is now.
func (s Standby) Once(ctx context.Context) error {
	f, err := s.follow(ctx)
	if err == nil {
		s.say(f)
	}
	return err
}

// Run copies until ctx ends, with a pause between. What goes wrong is said, and tried again.
func (s Standby) Run(ctx context.Context, pause func(context.Context)) error {
	for said := ""; ctx.Err() == nil; pause(ctx) {
		f, err := s.follow(ctx)
		switch {
		case ctx.Err() != nil:
		case err == nil:
			if said != "" || f.New+f.Gone > 0 {
				s.say(f)
			}
			said = ""
		case err.Error() != said:
			said = err.Error()
			fmt.Fprintln(s.Fault, "sigill:", said)
		}
	}
	return nil
}

func (s Standby) follow(ctx context.Context) (f backup.Followed, err error) {
	from, err := targetOf(ctx, s.From, s.Targets)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := backup.OpenDir(s.To, erase.Machine{})
	if err != nil {
		return f, err
	}
	return backup.Follow(ctx, from, to)
}

func (s Standby) say(f backup.Followed) {
	fmt.Fprintf(s.Out, "%d new, %d bytes, %d gone. The newest set is of %s, the keys of %s.\n", f.New, f.Bytes, f.Gone, f.Set.Format(time.RFC3339), f.Slots.Format(time.RFC3339))
}
