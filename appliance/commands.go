package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"sigill/appliance/config"
	"sigill/appliance/door/control"
	"sigill/appliance/vault"
)

// Places are the directories of one appliance, as its commands need them.
type Places struct {
	Data, Keys, Run string

	house      House
	credential string // the appliance key of the service manager, for a command that runs as a service
	portal     string // where people go, if that is known
	turned     string // the file that says how far a demo's clock was turned
}

// PlacesOf returns those of a configuration file.
func PlacesOf(f config.Config) Places {
	return Places{
		Data: f.Data, Keys: f.Keys, Run: f.Run, credential: credential(), portal: f.Web.BaseURL,
		house: House{Name: f.House.Name, Department: f.House.Department, Lang: f.House.Language, Domains: f.House.Domains},
	}
}

// DemoPlaces returns those of a demo's directory.
func DemoPlaces(dir string) Places {
	return Places{
		Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), Run: filepath.Join(dir, "run"),
		house: demoHouse(), turned: demoClock(dir),
	}
}

// What a running appliance may be asked.
const (
	askVerify    = "/journal/verify"
	askRequest   = "/recover/request"
	askApply     = "/recover/apply"
	askKit       = "/recover/kit"
	askPractised = "/recover/practised"
	askBackup    = "/backup/do"
	askBackedUp  = "/backup/done"
	askKeyMode   = "/key/mode"
	askKey       = "/key"
	askSetup     = "/setup/address"
)

// openControl opens the socket for commands. Commands that come before Run wait.
func (a *Appliance) openControl() (err error) {
	if a.c.Run == "" {
		return nil
	}
	a.control, err = control.Listen(control.Config{Dir: a.c.Run, Log: a.c.Log, Commands: a.commands()})
	return err
}

// commands are all that may be asked. One that is locked knows them, and does one.
func (a *Appliance) commands() map[string]control.Command {
	return map[string]control.Command{
		askVerify:    control.Do(a.verify),
		askRequest:   control.Do(a.recoverRequest),
		askApply:     control.Do(a.recoverApply),
		askKit:       control.Do(a.knownKit),
		askPractised: control.Do(a.practised),
		askDoctor:    control.Do(a.examine),
		askBackup:    control.Do(a.backUp),

		askUpdate: control.Do(a.updateAnswer), askUpdateLook: control.Do(a.updateLook),
		askUpdateApply: control.Do(a.updateApply), askUpdateReturn: control.Do(a.updateReturn),

		askBackedUp: control.Do(a.backedUp),
		askKeyMode:  control.Do(a.setKeyMode),
		askKey:      control.Do(a.keyMode),
		askUnlock:   control.Do(notLocked),
		askSetup:    control.Do(a.setupAddress),
		askReload:   control.Do(a.reloadAnswer),
	}
}

// ask asks the appliance that runs at these places, or if none does lets do answer over
// the data itself, with which no other process may begin meanwhile.
func ask[In, Out any](ctx context.Context, p Places, path string, in In, do func(*Appliance, context.Context, In) (Out, error)) (out Out, err error) {
	err = control.Ask(ctx, p.Run, path, in, &out)
	if !errors.Is(err, control.ErrNobody) {
		return out, err
	}
	a, err := openStill(ctx, p)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return do(a, ctx, in)
}

// openStill opens an appliance that does not run, for a command: the store, the keys and
// the office, and no door. It makes nothing that is not there.
func openStill(ctx context.Context, p Places) (_ *Appliance, err error) {
	if _, err := os.Stat(filepath.Join(p.Data, "sigill.db")); err != nil {
		return nil, fmt.Errorf("there is no appliance in %s", p.Data)
	}
	if err := inQuarantine(p.Data); err != nil {
		return nil, err
	}
	clock := NewTurned()
	if p.turned != "" {
		if err := windClock(clock, p.turned); err != nil {
			return nil, err
		}
	}
	log := slog.New(slog.DiscardHandler)
	a := &Appliance{c: Config{Data: p.Data, Keys: p.Keys, House: p.house, BaseURL: p.portal, Clock: clock, Log: log}, wake: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.db, err = vault.Open(ctx, vault.Config{Dir: p.Data, Clock: clock, Log: log}); err != nil {
		return nil, err
	}
	if err := a.isFounded(ctx); err != nil {
		return nil, err
	}
	if a.founding, err = found(ctx, a.db, keyPlaces{dir: p.Keys, credential: p.credential}, kitPaper{}, clock.Now()); err != nil {
		return nil, err
	}
	return a, a.openOffice(ctx)
}

// isFounded is an error where a first start was broken off before the keys were made:
// found would make them now, in the name of nobody.
func (a *Appliance) isFounded(ctx context.Context) error {
	if _, err := setting(ctx, a.db, settingSalt); err != nil {
		return fmt.Errorf("there is no appliance in %s yet: %w", a.c.Data, err)
	}
	return nil
}
