package appliance

import (
	"path/filepath"

	"sigill/appliance/config"
	"sigill/appliance/door/control"
)

// Places are the directories of one appliance, as its commands need them.
type Places struct {
	Data, Keys, Run string
}

// PlacesOf returns those of a configuration file.
func PlacesOf(f config.Config) Places { return Places{Data: f.Data, Keys: f.Keys, Run: f.Run} }

// DemoPlaces returns those of a demo's directory.
func DemoPlaces(dir string) Places {
	return Places{Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), Run: filepath.Join(dir, "run")}
}

// What a running appliance may be asked.
const askVerify = "/journal/verify"

// openControl opens the socket for commands. Commands that come before Run wait.
func (a *Appliance) openControl() (err error) {
	if a.c.Run == "" {
		return nil
	}
	a.control, err = control.Listen(control.Config{Dir: a.c.Run, Log: a.c.Log, Commands: map[string]control.Command{
		askVerify: control.Do(a.verify),
	}})
	return err
}
