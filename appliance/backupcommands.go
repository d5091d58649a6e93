package appliance

import (
	"context"
	"os"
	"time"

	"sigill/appliance/config"
)

// BackupCommands are the commands below `sigill backup`, as main's parser reads them.
type BackupCommands struct {
	Try    backupTry    `cmd:"" help:"Try whether a target does what one must: write, replace, read, list, remove, and keep nothing."`
	Host   backupHost   `cmd:"" name:"host-keys" help:"Ask an SFTP server for the fingerprints of its host keys, to be compared with what its keeper says."`
	Now    backupNow    `cmd:"" help:"Have the appliance that runs back up now."`
	List   backupList   `cmd:"" help:"Say which backups there are."`
	Verify backupVerify `cmd:"" help:"Read all of a backup and hold it against what is signed. It needs no key."`
	Drill  backupDrill  `cmd:"" help:"Have the appliance that runs restore a backup for trial, and open a letter in it."`
}

// whichBackup is how a command is told of which target it is.
type whichBackup struct {
	Config string `default:"${config}" help:"The configuration file." type:"path"`
	Name   string `arg:"" optional:"" help:"The target's name; all of them by default."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (w whichBackup) backing() (Backing, error) {
	f, err := config.Load(w.Config, Languages()...)
	return Backing{Places: PlacesOf(f), Targets: f.Backups, Name: w.Name, JSON: w.JSON, Out: os.Stdout, Pause: pause}, err
}

// pause waits for a second, or until ctx ends.
func pause(ctx context.Context) {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

type backupTry struct{ whichBackup }

// Run runs the command.
func (c *backupTry) Run(ctx context.Context) error {
	b, err := c.backing()
	if err != nil {
		return err
	}
	return b.Try(ctx)
}

type backupHost struct {
	Host string `arg:"" help:"The server, with a port if it is not 22."`
}

// Run runs the command.
func (c *backupHost) Run(ctx context.Context) error {
	return HostKeys(ctx, c.Host, os.Stdout)
}

type backupNow struct{ whichBackup }

// Run runs the command.
func (c *backupNow) Run(ctx context.Context) error {
	b, err := c.backing()
	if err != nil {
		return err
	}
	return b.Now(ctx)
}

type backupList struct{ whichBackup }

// Run runs the command.
func (c *backupList) Run(ctx context.Context) error {
	b, err := c.backing()
	if err != nil {
		return err
	}
	return b.List(ctx)
}

type backupVerify struct{ whichBackup }

// Run runs the command.
func (c *backupVerify) Run(ctx context.Context) error {
	b, err := c.backing()
	if err != nil {
		return err
	}
	return b.Verify(ctx)
}

type backupDrill struct{ whichBackup }

// Run runs the command.
func (c *backupDrill) Run(ctx context.Context) error {
	b, err := c.backing()
	if err != nil {
		return err
	}
	return b.Drill(ctx)
}

// RestoreCommand is `sigill restore`, as main's parser reads it.
type RestoreCommand struct {
	Config string   `default:"${config}" help:"The configuration file of the machine that is restored; where there is none, that of the backup is put back." type:"path"`
	To     string   `help:"A directory for data and keys, instead of those of a configuration file; such as a demo's." type:"path"`
	From   string   `required:"" help:"The directory of the backup, or the name of a target in the configuration file."`
	Kit    []string `help:"A file with pages 1 and 2 of the recovery kit; what is missing is typed." type:"existingfile"`
	Set    int      `help:"The number of the newest set that may be taken; the newest one that is whole by default."`
	Gone   bool     `name:"the-old-one-is-gone" help:"The appliance that wrote the backup does not run any more, though it did a moment ago."`
	JSON   bool     `name:"json" help:"Print JSON."`
}

// Run runs the command.
func (c *RestoreCommand) Run(ctx context.Context) error {
	o := Restoring{From: c.From, Kit: c.Kit, Gone: c.Gone, Set: c.Set, JSON: c.JSON}
	if c.To != "" {
		return Recovery{In: os.Stdin, Out: os.Stdout}.Restore(ctx, DemoPlaces(c.To), o)
	}
	f, err := config.LoadOrBare(c.Config, Languages()...)
	if err != nil {
		return err
	}
	o.Targets, o.File = f.Backups, c.Config
	return Recovery{In: os.Stdin, Out: os.Stdout}.Restore(ctx, PlacesOf(f), o)
}

// StandbyCommand is `sigill standby`, as main's parser reads it.
type StandbyCommand struct {
	Config string `help:"A configuration file in which the target stands, if it is called by its name." type:"existingfile"`
	From   string `required:"" help:"The directory of the backup, or the name of a target in the configuration file."`
	To     string `required:"" help:"The directory on this machine to which it is copied." type:"existingdir"`
	Once   bool   `help:"Copy what there is now, and end."`
}

// Run runs the command.
func (c *StandbyCommand) Run(ctx context.Context) error {
	s := Standby{From: c.From, To: c.To, Out: os.Stdout, Fault: os.Stderr}
	if c.Config != "" {
		f, err := config.Load(c.Config, Languages()...)
		if err != nil {
			return err
		}
		s.Targets = f.Backups
	}
	if c.Once {
		return s.Once(ctx)
	}
	return s.Run(ctx, func(ctx context.Context) {
		for range 60 {
			pause(ctx)
		}
	})
}
