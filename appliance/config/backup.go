package config

import (
	"cmp"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The kinds of backup target.
const (
	BackupDir  = "dir"  // a directory: another disk, or one that a file server lends
	BackupSFTP = "sftp" // a directory of an SFTP server
	BackupS3   = "s3"   // a bucket of an S3 service
)

// Backup is one target to which the store is backed up.
type Backup struct {
	Name     string `toml:"name"`
	Kind     string `toml:"kind"`
	Path     string `toml:"path"`        // of a directory, here or on the SFTP server
	Schedule string `toml:"schedule"`    // of sets: cron, UTC; "": BackupSchedule
	Days     int    `toml:"keep_days"`   // these three at 0: 14 days and 5 weeks
	Weeks    int    `toml:"keep_weeks"`  // then the newest of each week
	Months   int    `toml:"keep_months"` // then the newest of each month

	Host         string `toml:"host"`     // of the SFTP server, with a port if it is not 22
	HostKey      string `toml:"host_key"` // its fingerprint: SHA256:…
	KeyFile      string `toml:"key_file"` // one of the two
	PasswordFile string `toml:"password_file"`
	User         string `toml:"user"` // there; of S3 the access key's id

	URL        string `toml:"url"` // of the S3 service
	Region     string `toml:"region"`
	Bucket     string `toml:"bucket"`
	Prefix     string `toml:"prefix"`
	PathStyle  bool   `toml:"path_style"`
	SecretFile string `toml:"secret_file"` // the access key's secret
	CAFile     string `toml:"ca_file"`
}

// Where is the place as an operator knows it, without what opens it.
func (b Backup) Where() string {
	switch b.Kind {
	case BackupSFTP:
		return "sftp://" + b.Host + "/" + strings.TrimPrefix(b.Path, "/")
	case BackupS3:
		return strings.TrimSuffix(strings.TrimSuffix(b.URL, "/")+"/"+path.Join(b.Bucket, b.Prefix), "/")
	}
	return b.Path
}

// BackupSchedule is when sets are written if nothing is said: every hour. What comes in between
// is lost with the machine, and a set costs what has changed since the one before.
const BackupSchedule = "0 * * * *"

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
	case BackupSFTP:
		b.validateSFTP(f, key)
	case BackupS3:
		b.validateS3(f, key)
	default:
		f.add(key+".kind", "must be %s, %s or %s", BackupDir, BackupSFTP, BackupS3)
	}
	if len(strings.Fields(b.When())) != 5 {
		f.add(key+".schedule", `must be cron's five fields, such as "0 * * * *"`)
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

func (b Backup) validateSFTP(f *faults, key string) {
	host := b.Host
	if h, port, err := net.SplitHostPort(b.Host); err == nil {
		n, bad := strconv.Atoi(port)
		if host = h; bad != nil || n < 1 || n > 65535 {
			host = ""
		}
	}
	if !isHost(strings.Trim(host, "[]")) {
		f.add(key+".host", "must be the SFTP server's name, with a port if it is not 22")
	}
	// Whoever is the first to answer is nobody.
	if !fingerprint.MatchString(b.HostKey) {
		f.add(key+".host_key", "must be the fingerprint of the server's key, SHA256:…, as its keeper tells it")
	}
	text(f, key+".user", b.User, 1, 100)
	text(f, key+".path", b.Path, 1, 200)
	if (b.KeyFile == "") == (b.PasswordFile == "") {
		f.add(key+".key_file", "name one of key_file and password_file")
	}
}

// fingerprint is how ssh-keygen -l prints one.
var fingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]{43}$`)

func (b Backup) validateS3(f *faults, key string) {
	u, err := url.Parse(b.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		f.add(key+".url", "must be https:// and the service's name, and nothing behind it but a port: over http anybody on the way could change what it answers")
	}
	if !bucket.MatchString(b.Bucket) {
		f.add(key+".bucket", "must be a bucket's name: 3 to 63 of a to z, digits, dots and dashes")
	}
	if b.Prefix != "" && (!fs.ValidPath(b.Prefix) || b.Prefix == "." || len(b.Prefix) > 200) {
		f.add(key+".prefix", "must be a path without a / at its beginning or end, such as sigill")
	}
	text(f, key+".region", b.Region, 0, 60)
	text(f, key+".user", b.User, 1, 200)
	if b.SecretFile == "" {
		f.add(key+".secret_file", "name a file with the access key's secret")
	}
}

// bucket is what a bucket may be called.
var bucket = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// Key reads the private key for the SFTP server; "" if there is none. The error never holds
// what stands in the file.
//
// It is read when it is used and not when the program begins: a backup that cannot be made
// is told on its page, and keeps no letter from being read.
func (b Backup) Key() (Secret, error) {
	if b.KeyFile == "" {
		return "", nil
	}
	return readKey(b.KeyFile)
}

// Password reads the password for the SFTP server, as Key does; "" if there is none.
func (b Backup) Password() (Secret, error) {
	if b.PasswordFile == "" {
		return "", nil
	}
	return readSecret(b.PasswordFile)
}

// Secret reads the secret of the access key, as Key does.
func (b Backup) Secret() (Secret, error) { return readSecret(b.SecretFile) }
