package appliance

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/directory"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// Directory is where the house's people come from by themselves.
type Directory struct {
	Rules    office.DirectoryRules
	Schedule string // cron, UTC
}

// directoryOf takes over the directory, if there is one.
func directoryOf(c *Config, f config.Config) error {
	d := f.Directory
	if !d.On() {
		return nil
	}
	source, err := directory.New(directory.Config{
		URL: d.URL, StartTLS: d.StartTLS, CAFile: d.CAFile, BindDN: d.BindDN, Password: string(d.Password), Base: d.Base, Filter: d.Filter, Disabled: d.Disabled,
		Mail: d.Mail, Name: d.Name, ID: d.ID, CostCentre: d.CostCentre, Units: d.Departments, Separator: d.Separator,
	})
	if err != nil {
		return err
	}
	c.Directory = Directory{
		Rules:    office.DirectoryRules{Read: source.Read, Unit: unitPath(d.Unit), SuspendGone: d.SuspendGone, Brake: d.Brake, Settings: directorySettings(d)},
		Schedule: d.Schedule,
	}
	return nil
}

func unitPath(s string) (names []string) {
	for name := range strings.SplitSeq(s, "/") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// directorySettings are those that are set, without the password.
func directorySettings(d config.Directory) (list []office.DirectorySetting) {
	for _, s := range []office.DirectorySetting{
		{Key: "url", Value: d.URL}, {Key: "starttls", Value: strconv.FormatBool(d.StartTLS)}, {Key: "ca_file", Value: d.CAFile}, {Key: "bind_dn", Value: d.BindDN},
		{Key: "base", Value: d.Base}, {Key: "filter", Value: d.Filter}, {Key: "disabled", Value: d.Disabled},
		{Key: "mail", Value: d.Mail}, {Key: "name", Value: d.Name}, {Key: "id", Value: d.ID}, {Key: "cost_centre", Value: d.CostCentre},
		{Key: "departments", Value: d.Departments}, {Key: "separator", Value: d.Separator}, {Key: "unit", Value: d.Unit},
		{Key: "schedule", Value: d.Schedule}, {Key: "suspend_gone", Value: strconv.FormatBool(d.SuspendGone)}, {Key: "brake", Value: fmt.Sprintf("%d %%", d.Brake)},
	} {
		if s.Value != "" {
			list = append(list, s)
		}
	}
	return list
}

// readDirectory is the nightly reading, once an administrator has begun. What the brake has held is a failure of the job:
// somebody must look.
func (a *Appliance) readDirectory(ctx context.Context) error {
	run, err := a.office.SyncDirectory(ctx, mail.SystemActor("directory"), "", &office.Progress{})
	if err == nil && run.Braked > 0 {
		err = fmt.Errorf("%d people would be suspended, moved or new at once; nothing was done until an administrator says so", run.Braked)
	}
	if mail.KindOf(err) == mail.Busy && errors.As(err, new(*mail.Error)) {
		return nil // somebody reads it just now
	}
	return err
}
