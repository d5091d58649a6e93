package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"sigill/appliance/config"
)

// UpdateCommands are the commands below `sigill update`, as main's parser reads them.
type UpdateCommands struct {
	Check    updateCheck    `cmd:"" help:"Say whether there is something newer at the source."`
	Apply    updateApply    `cmd:"" help:"Install it, once it has been tried on what is kept here."`
	Rollback updateRollback `cmd:"" help:"Go back to the version before."`
	Try      updateTry      `cmd:"" hidden:"" help:"Open what is kept with the doors shut, say whether all is well, and end."`
	Swap     updateSwap     `cmd:"" hidden:"" help:"Put a version that was tried in its place: the step before each start."`
}

// whichService is how a command is told of which service it is, and how it answers.
type whichService struct {
	Config string `default:"${config}" help:"The configuration file." type:"path"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (w whichService) load() (config.Config, UpdateCommand, error) {
	f, err := config.Load(w.Config, Languages()...)
	return f, UpdateCommand{Out: os.Stdout, JSON: w.JSON}, err
}

type updateCheck struct{ whichService }

// Run runs the command.
func (u *updateCheck) Run(ctx context.Context) error {
	f, c, err := u.load()
	if err != nil {
		return err
	}
	return c.Check(ctx, PlacesOf(f))
}

type updateApply struct {
	whichService
	Expired bool `help:"Though nobody has said lately that it is the newest."`
}

// Run runs the command.
func (u *updateApply) Run(ctx context.Context) error {
	f, c, err := u.load()
	if err != nil {
		return err
	}
	return c.Apply(ctx, PlacesOf(f), u.Expired)
}

type updateRollback struct{ whichService }

// Run runs the command.
func (u *updateRollback) Run(ctx context.Context, p Program) error {
	f, c, err := u.load()
	if err != nil {
		return err
	}
	return c.Rollback(ctx, f, p.Version)
}

type updateTry struct{ whichService }

// Run runs the command.
func (u *updateTry) Run(ctx context.Context) error {
	f, _, err := u.load()
	if err != nil {
		return err
	}
	TuneProcess()
	return TryUpdate(ctx, f, slog.New(slog.NewTextHandler(os.Stderr, nil)), os.Stdin, os.Stdout)
}

type updateSwap struct{ whichService }

// Run runs the command.
func (u *updateSwap) Run(_ context.Context, p Program) error {
	f, _, err := u.load()
	if err != nil {
		return err
	}
	said, err := AttendUpdate(f, p.Version)
	fmt.Print(said)
	return err
}
