package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
)

// The kinds of backup target.
const BackupDir = "dir" // a directory: another disk, or one that a file server lends

// Backup is one target to which the store is backed up.
type Backup struct {
	Name     string `toml:"name"`
	Kind     string `toml:"kind"`
	Path     string `toml:"path"`        // of a directory
	Schedule string `toml:"schedule"`    // of sets: cron, UTC; "": BackupSchedule
	Days     int    `toml:"keep_days"`   // these three at 0: 14 days and 5 weeks
	Weeks    int    `toml:"keep_weeks"`  // then the newest of each week
	Months   int    `toml:"keep_months"` // then the newest of each month
}

// BackupSchedule is when sets are written if nothing is said: every night.
const BackupSchedule = "0 1 * * *"

// When is when sets are written: cron's five fields, in UTC.
func (b Backup) When() string { return cmp.Or(b.Schedule, BackupSchedule) }

// Kept says for how long sets are kept.
func (b Backup) Kept() (days, weeks, months int) {
	if b.Days == 0 && b.Weeks == 0 && b.Months == 0 {
		return 14, 5, 0
	}
	return b.Days, b.Weeks, b.Months
}

// maxBackups bounds the targets: each takes its own copy of what has changed.
const maxBackups = 8

func (c *Config) validateBackups(f *faults) {
	names := map[string]bool{}
	if len(c.Backups) > maxBackups {
		f.add("backup", "there may be %d at most", maxBackups)
	}
	for i, b := range c.Backups {
		key := fmt.Sprintf("backup[%d]", i)
		b.validate(f, key)
		if names[b.Name] {
			f.add(key+".name", "another target has this name")
		}
		names[b.Name] = true
		// A backup within what it backs up burns with it.
		if b.Kind == BackupDir && filepath.IsAbs(b.Path) && (inside(c.Data, b.Path) || inside(b.Path, c.Data) || inside(c.Keys, b.Path) || inside(b.Path, c.Keys)) {
			f.add(key+".path", "must be elsewhere than data and keys")
		}
	}
}

func (b Backup) validate(f *faults, key string) {
	// It names a directory below data as well.
	if b.Name == "" || len(b.Name) > 40 || strings.Trim(b.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || b.Name[0] == '-' {
		f.add(key+".name", "must be 1 to 40 of a to z, digits and dashes, such as nas")
	}
	switch b.Kind {
	case BackupDir:
		if !filepath.IsAbs(b.Path) {
			f.add(key+".path", "must be an absolute path of a directory")
		}
	default:
		f.add(key+".kind", "must be %s", BackupDir)
	}
	if len(strings.Fields(b.When())) != 5 {
		f.add(key+".schedule", `must be cron's five fields, such as "0 1 * * *"`)
	}
	for _, n := range []struct {
		key   string
		value int
		most  int
	}{{"keep_days", b.Days, 3650}, {"keep_weeks", b.Weeks, 520}, {"keep_months", b.Months, 120}} {
		if n.value < 0 || n.value > n.most {
			f.add(key+"."+n.key, "must be between 0 and %d", n.most)
		}
	}
}
