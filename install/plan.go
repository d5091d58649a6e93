package install

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"sigill/appliance/config"
	"sigill/embed"
)

// Kind is what a step makes.
type Kind string

// The kinds of steps.
const (
	Account   Kind = "account"   // made by systemd-sysusers from the file before it
	Directory Kind = "directory" //
	File      Kind = "file"
	Link      Kind = "link"
)

// account is who runs the service, and the group of it.
const account = "sigill"

// Step is one thing that is to stand on the computer.
type Step struct {
	Kind  Kind
	Path  string // absolute, below the root directory; of an account its name
	Mode  fs.FileMode
	Owner string
	Group string
	To    string // where a link leads
	Why   string
	// Kept: whoever has changed the file keeps it, and its removal is asked for by itself.
	Kept bool
	// Packaged: a package brings it, and takes it away.
	Packaged bool
	// Backup: it has copies in it, which no purge erases, and it is never taken from others.
	Backup bool

	content string // of a file; "" takes the program itself
}

// Layout says where a way of installing puts things.
type Layout struct {
	Program  string // path of the program
	Units    string // directory of services
	Sysusers string
	Tmpfiles string
	Enabled  bool // starts with the computer from the first hour
}

// Local is the layout of `sigill install`; Packaged that of a Debian package, which must
// leave /usr/local and the operator's side of /etc alone.
func Local() Layout {
	return Layout{Program: "/usr/local/bin/sigill", Units: "/etc/systemd/system", Sysusers: "/etc/sysusers.d", Tmpfiles: "/etc/tmpfiles.d", Enabled: true}
}

// Packaged is the layout of a package.
func Packaged() Layout {
	return Layout{Program: "/usr/bin/sigill", Units: "/usr/lib/systemd/system", Sysusers: "/usr/lib/sysusers.d", Tmpfiles: "/usr/lib/tmpfiles.d"}
}

// Plan is what is to stand on the computer, in the order in which it is made.
type Plan []Step

const (
	unitName   = "sigill.service"
	updateName = "sigill-update.service"
	configDir  = "/etc/sigill"
	secretsDir = "/etc/sigill/secrets"
	tlsDir     = "/etc/sigill/tls"
	updatesDir = "/var/lib/sigill-update"
	dropIn     = "/etc/systemd/system/sigill.service.d/backup.conf"
)

// NewPlan returns the plan of a layout, with directories besides its own to which the service
// may write, for backups.
func NewPlan(l Layout, backups ...string) Plan {
	file := func(path, content, why string) Step {
		return Step{Kind: File, Path: path, Mode: 0o644, Owner: "root", Group: "root", content: content, Why: why}
	}
	p := Plan{
		{Kind: File, Path: l.Program, Mode: 0o755, Owner: "root", Group: "root", Why: "the program"},
		file(path.Join(l.Sysusers, "sigill.conf"), sysusers(), "says which account there is to be"),
		{Kind: Account, Path: account, Why: "runs the service, and may do nothing else"},
	}
	dirs := directories()
	p = append(p, dirs...)
	p = append(p,
		Step{Kind: File, Path: config.DefaultPath, Mode: 0o640, Owner: account, Group: account, content: embedded("sigill.toml"), Kept: true,
			Why: "the configuration, to be filled in by the set-up, or by hand"},
		file(path.Join(l.Tmpfiles, "sigill.conf"), tmpfiles(dirs), "sets the directories' modes right when the computer starts"),
		file(path.Join(l.Units, updateName), unit(l, updateName), "puts newer versions in their place"),
		file(path.Join(l.Units, unitName), unit(l, unitName), "the service"),
	)
	p = append(p, forBackups(backups)...)
	if l.Enabled {
		p = append(p, Step{Kind: Link, Path: path.Join(l.Units, "multi-user.target.wants", unitName), To: path.Join(l.Units, unitName),
			Why: "starts the service with the computer"})
	}
	for i := range p {
		p[i].Packaged = l == Packaged() && p[i].Kind == File && !p[i].Kept && p[i].Path != dropIn
	}
	return p
}

// directories are those that the service needs, at the places that the configuration has
// where it says nothing.
func directories() []Step {
	c := config.Default()
	dir := func(path string, mode fs.FileMode, owner, why string) Step {
		return Step{Kind: Directory, Path: path, Mode: mode, Owner: owner, Group: account, Kept: true, Why: why}
	}
	return []Step{
		dir(configDir, 0o750, account, "the configuration, which the set-up writes"),
		dir(secretsDir, 0o700, account, "passwords of other machines"),
		dir(tlsDir, 0o750, "root", "certificates and their keys"),
		dir(c.Keys, 0o700, account, "the appliance key"),
		dir(c.Data, 0o700, account, "everything that is kept, sealed"),
		dir(updatesDir, 0o755, "root", "the version before, and what is known of the newest"),
	}
}

// sysusers is the account in the form of sysusers.d(5): no password, no home, no shell.
func sysusers() string {
	return "# Written by sigill install.\nu " + account + " - \"Sigill, secure mail\" - -\n"
}

// tmpfiles is the directories in the form of tmpfiles.d(5). Nothing in it is ever cleaned.
func tmpfiles(dirs []Step) string {
	var b strings.Builder
	b.WriteString("# Written by sigill install.\n")
	for _, d := range dirs {
		fmt.Fprintf(&b, "d %s %04o %s %s -\n", d.Path, d.Mode, d.Owner, d.Group)
	}
	return b.String()
}

// unit is a service, for where the program is.
func unit(l Layout, name string) string {
	text := strings.ReplaceAll(embedded(name), Packaged().Program, l.Program)
	return strings.ReplaceAll(text, "ReadWritePaths="+path.Dir(Packaged().Program)+"\n", "ReadWritePaths="+path.Dir(l.Program)+"\n")
}

func embedded(name string) string {
	b, err := embed.System.ReadFile("system/" + name)
	if err != nil {
		panic("install: internal: " + err.Error()) // for a name that is not embedded only
	}
	return string(b)
}
