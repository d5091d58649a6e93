package install

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// The drop-in of systemd.unit(5) by which the service may write to further directories. The
// dash: a disk that is not there stops no mail; that the backup fails is told.
const (
	backupHead = "# Written by sigill install --backup-dir, which writes it anew.\n[Service]\n"
	backupLine = "ReadWritePaths=-"
)

// forBackups are the steps for directories for backups.
func forBackups(dirs []string) (p Plan) {
	if len(dirs) == 0 {
		return nil
	}
	for _, dir := range dirs {
		p = append(p, Step{Kind: Directory, Path: dir, Mode: 0o700, Owner: account, Group: account, Kept: true, Backup: true, Why: "backups"})
	}
	return append(p,
		Step{Kind: Directory, Path: path.Dir(dropIn), Mode: 0o755, Owner: "root", Group: "root", Why: "what is added to the service here"},
		Step{Kind: File, Path: dropIn, Mode: 0o644, Owner: "root", Group: "root", content: backupText(dirs), Why: "lets the service write backups there"})
}

func backupText(dirs []string) string {
	text := backupHead
	for _, dir := range dirs {
		text += backupLine + dir + "\n"
	}
	return text
}

// maxDropIn bounds the drop-in, in bytes.
const maxDropIn = 64 << 10

// backupDirs are the directories for backups: those that are asked for, or else those of the
// installation that is there.
func (c *Computer) backupDirs(asked []string) ([]string, error) {
	for _, dir := range asked {
		if err := mayBeBackup(dir); err != nil {
			return nil, err
		}
	}
	f, err := c.root.Open(below(dropIn))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return asked, nil
	case err != nil:
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDropIn))
	ours := strings.HasPrefix(string(text), backupHead)
	switch {
	case err == nil && len(asked) > 0 && !ours:
		return nil, fmt.Errorf("%s is somebody else's: move it away first", dropIn)
	case err != nil || len(asked) > 0 || !ours:
		return asked, err
	}
	var dirs []string
	for line := range strings.Lines(string(text)) {
		if dir, ok := strings.CutPrefix(strings.TrimSpace(line), backupLine); ok && mayBeBackup(dir) == nil {
			dirs = append(dirs, dir)
		}
	}
	return dirs, nil
}

// plan is what is to stand here.
func (c *Computer) plan(l Layout, asked []string) (Plan, error) {
	dirs, err := c.backupDirs(asked)
	return NewPlan(l, dirs...), err
}

// systems are directories of the system, and those that the service does not see: none of
// them, nothing above one and nothing below one is given away.
var systems = []string{"/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var/lib/sigill", updatesDir, "/var/tmp"}

// mayBeBackup is an error for a directory that the service must not have, or whose name means
// something else to systemd.
func mayBeBackup(dir string) error {
	if !path.IsAbs(dir) || path.Clean(dir) != dir {
		return fmt.Errorf("%q: a directory for backups is named from / on, such as /srv/backup/sigill", dir)
	}
	if strings.ContainsFunc(dir, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"'\%:$`, r) }) {
		return fmt.Errorf("%q: a directory for backups has no spaces and none of \" ' \\ %% : $ in its name", dir)
	}
	if slices.Contains([]string{"/", "/media", "/mnt", "/opt", "/srv"}, dir) {
		return fmt.Errorf("%s is for others too: name a directory below it that is for backups only", dir)
	}
	for _, s := range systems {
		if dir == s || strings.HasPrefix(dir, s+"/") || strings.HasPrefix(s, dir+"/") {
			return fmt.Errorf("%s belongs to the system: name one elsewhere, such as /srv/backup/sigill", dir)
		}
	}
	return nil
}

// foreign is an error for a directory for backups that holds what is not the service's: it is
// given to nobody.
func (c *Computer) foreign(s Step) error {
	if state, err := c.look(s); err != nil || state != Differs {
		return err
	}
	dir, err := c.root.Open(below(s.Path))
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(1)
	if len(names) > 0 {
		return errors.New("there is something in it, and it is not the service's: chown -R sigill: it if these are its backups, or name an empty one")
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
