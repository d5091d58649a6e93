package wizard

import (
	"errors"
	"net/http"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// backupPage asks where backups go. What stands in the file about other targets stays.
type backupPage struct {
	frame
	Kind      web.Field
	Kinds     []kindView
	Server    string   // an SFTP server whose keys nobody has compared yet; "" for none
	Shown     []string // the fingerprints that it has shown
	Detail    string   // why a try went wrong, in the words of whoever refused
	Directory string   // that root on this machine must make, or let the service write to; "" for none
}

// kindView is what is asked of one kind of target.
type kindView struct {
	Kind, Title string
	Fields      []web.Field
}

// backupShown is what the page is about.
type backupShown struct {
	target config.Backup
	wrong  map[string]bool // names of fields
	say    *web.Alert
	keys   []string // that the server has shown
	why    *mail.Error
}

func (d *Door) backupPage(r *web.Request) error {
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	return d.showBackup(r, http.StatusOK, backupShown{target: firstBackup(&c)})
}

// firstBackup is the target that the step is about.
func firstBackup(c *config.Config) config.Backup {
	if len(c.Backups) == 0 {
		return config.Backup{Kind: config.BackupDir, PathStyle: true}
	}
	return c.Backups[0]
}

func (d *Door) showBackup(r *web.Request, status int, s backupShown) error {
	page := &backupPage{Shown: s.keys}
	if err := d.at(r, Backup, &page.frame); err != nil {
		return err
	}
	page.Say = s.say
	page.Kind = web.Field{Name: "kind", Label: r.T("setup.backup.kind"), Hint: r.T("setup.sms.kind.hint"), Value: s.target.Kind}
	for _, k := range []string{config.BackupDir, config.BackupSFTP, config.BackupS3} {
		page.Kind.Options = append(page.Kind.Options, web.Option{Value: k, Label: r.T("setup.backup.kind." + k), Chosen: k == s.target.Kind})
		page.Kinds = append(page.Kinds, kindView{Kind: k, Title: r.T("setup.backup.kind." + k), Fields: d.backupFields(r, k, s)})
	}
	if len(s.keys) > 0 {
		page.Server = s.target.Host
	}
	if s.why != nil {
		page.Detail, page.Directory = s.why.With["Detail"], s.why.With["Path"]
	}
	return r.PageWith(status, "wizard/backup", page)
}

// backupFields are those of one kind. Secrets are never shown again.
func (d *Door) backupFields(r *web.Request, kind string, s backupShown) (list []web.Field) {
	for _, x := range backupFields {
		name := x.kind + "." + x.key
		if x.kind != kind || x.key == "host_key" && len(s.keys) > 0 {
			continue
		}
		f := web.Field{Name: name, Label: r.T("setup.backup." + name), Max: x.max}
		if s.target.Kind == kind {
			f.Value = *x.at(&s.target)
		}
		if r.Printer().Has("setup.backup." + name + ".hint") {
			f.Hint = r.T("setup.backup." + name + ".hint")
		}
		if s.wrong[name] {
			f.Error = r.T("setup.fault", "Example", x.example)
		}
		list = append(list, f)
	}
	for _, x := range backupSecrets {
		if x.kind != kind {
			continue
		}
		name := x.kind + "." + x.name
		f := web.Field{Name: name, Label: r.T("setup.backup." + name), Hint: r.T("setup.secret"), Type: "password", Max: 200}
		if x.key {
			f.Type, f.Rows, f.Max, f.Hint = "", 4, maxPrivateKey, r.T("setup.backup.sftp.key.hint")
		}
		if s.target.Kind == kind && *x.at(&s.target) != "" || d.m.Kept(x.file()) != "" {
			f.Hint = r.T("setup.secret.kept")
		}
		switch {
		case s.wrong[name] && kind == config.BackupS3:
			f.Error = r.T("setup.backup.s3.secret.needed")
		case s.wrong[name]:
			f.Error = r.T("setup.backup.secret")
		}
		list = append(list, f)
	}
	if kind == config.BackupS3 {
		list = append(list, pathStyle(r, s.target))
	}
	return list
}

// pathStyle asks where the bucket's name stands.
func pathStyle(r *web.Request, b config.Backup) web.Field {
	behind := b.PathStyle || b.Kind != config.BackupS3
	return web.Field{Name: "s3.path_style", Label: r.T("setup.backup.s3.path_style"), Options: []web.Option{
		{Value: "true", Label: r.T("setup.backup.s3.path_style.true"), Chosen: behind},
		{Value: "false", Label: r.T("setup.backup.s3.path_style.false"), Chosen: !behind},
	}}
}

// saveBackup writes the target down and tries it where it stands. An SFTP server is written
// down only with the key that somebody has compared: its keys are shown before.
func (d *Door) saveBackup(r *web.Request) error {
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	b, err := d.typedBackup(r, firstBackup(&c))
	if err == nil && b.Kind == config.BackupSFTP && b.HostKey == "" {
		return d.askHostKeys(r, c, b)
	}
	if err == nil {
		err = d.m.Change(func(c *config.Config) error {
			*c = withBackup(*c, b)
			return nil
		})
	}
	if faults := config.FaultsOf(err); len(faults) > 0 {
		return d.backupFaults(r, b, faults)
	}
	if err != nil {
		return err
	}
	if err := d.dropUnnamed(withBackup(c, b)); err != nil {
		return err
	}
	return d.tryBackup(r, b)
}

// tryBackup marks the step done after a good try only; what was good before and is no more is
// taken back.
func (d *Door) tryBackup(r *web.Request, b config.Backup) error {
	if err := d.m.TryBackup(r.Context()); err != nil {
		var why *mail.Error
		if !errors.As(err, &why) {
			return err
		}
		if err := d.undo(r, Backup); err != nil {
			return err
		}
		say := &web.Alert{Tone: web.Danger, Title: r.T("setup.backup.not"), Text: r.Sentence(why)}
		return d.showBackup(r, http.StatusUnprocessableEntity, backupShown{target: b, say: say, why: why})
	}
	if err := d.m.Mark(r.Context(), actor(r), Backup, Done); err != nil {
		return err
	}
	r.Flash("setup.backup.good")
	return d.next(r, Backup)
}

// undo takes back that a step was done.
func (d *Door) undo(r *web.Request, step Step) error {
	fates, err := d.m.Steps(r.Context())
	if err != nil || fates[step] != Done {
		return err
	}
	return d.m.Mark(r.Context(), actor(r), step, "")
}

// askHostKeys shows the keys that a server shows, for somebody to compare. Nothing is written
// down before that but the secrets, which stand in files of their own.
func (d *Door) askHostKeys(r *web.Request, c config.Config, b config.Backup) error {
	known := b
	known.HostKey = anyHostKey
	c = withBackup(c, known)
	if faults := ofFirstBackup(config.FaultsOf(c.Validate())); len(faults) > 0 {
		return d.backupFaults(r, b, faults)
	}
	keys, err := d.m.HostKeys(r.Context(), b.Host)
	var why *mail.Error
	if errors.As(err, &why) {
		return d.showBackup(r, http.StatusUnprocessableEntity, backupShown{target: b, say: &web.Alert{Tone: web.Danger, Text: r.Sentence(why)}, why: why})
	}
	if err != nil {
		return err
	}
	return d.showBackup(r, http.StatusOK, backupShown{target: b, keys: keys})
}

func (d *Door) backupFaults(r *web.Request, b config.Backup, faults []*config.Fault) error {
	s := backupShown{target: b, wrong: map[string]bool{}, say: &web.Alert{Tone: web.Danger, Text: r.T("setup.faults")}}
	for _, f := range ofFirstBackup(faults) {
		_, key, _ := strings.Cut(f.Key, ".")
		switch key {
		case "key_file":
			s.wrong["sftp.key"], s.wrong["sftp.password"] = true, true
		case "password_file":
			s.wrong["sftp.password"] = true
		case "secret_file":
			s.wrong["s3.secret"] = true
		default:
			s.wrong[b.Kind+"."+key] = true
		}
	}
	return d.showBackup(r, http.StatusUnprocessableEntity, s)
}

func ofFirstBackup(all []*config.Fault) (list []*config.Fault) {
	for _, f := range all {
		if strings.HasPrefix(f.Key, "backup[0].") {
			list = append(list, f)
		}
	}
	return list
}
