package wizard

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/door/web"
)

// backupField is a key of a target that the page asks for; the field's name is kind.key.
type backupField struct {
	kind, key string
	at        func(*config.Backup) *string
	example   string
	max       int
}

var backupFields = []backupField{
	{config.BackupDir, "path", func(b *config.Backup) *string { return &b.Path }, "/srv/backup/sigill", 300},
	{config.BackupSFTP, "host", func(b *config.Backup) *string { return &b.Host }, "backup.kommun.example", 260},
	{config.BackupSFTP, "path", func(b *config.Backup) *string { return &b.Path }, "sigill", 200},
	{config.BackupSFTP, "host_key", func(b *config.Backup) *string { return &b.HostKey }, anyHostKey, 60},
	{config.BackupSFTP, "user", func(b *config.Backup) *string { return &b.User }, "sigill", 100},
	{config.BackupS3, "url", func(b *config.Backup) *string { return &b.URL }, "https://s3.kommun.example", 300},
	{config.BackupS3, "bucket", func(b *config.Backup) *string { return &b.Bucket }, "sigill", 63},
	{config.BackupS3, "prefix", func(b *config.Backup) *string { return &b.Prefix }, "sigill", 200},
	{config.BackupS3, "region", func(b *config.Backup) *string { return &b.Region }, "eu-north-1", 60},
	{config.BackupS3, "ca_file", func(b *config.Backup) *string { return &b.CAFile }, "/etc/sigill/tls/ca.pem", 300},
	{config.BackupS3, "user", func(b *config.Backup) *string { return &b.User }, "AKIDEXAMPLE", 200},
}

// anyHostKey is how a fingerprint looks; it is nobody's.
const anyHostKey = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// backupSecret is a secret of a target. It stands in a file of its own.
type backupSecret struct {
	kind, name string
	at         func(*config.Backup) *string
	key        bool // a private key, of several lines
}

var backupSecrets = []backupSecret{
	{config.BackupSFTP, "password", func(b *config.Backup) *string { return &b.PasswordFile }, false},
	{config.BackupSFTP, "key", func(b *config.Backup) *string { return &b.KeyFile }, true},
	{config.BackupS3, "secret", func(b *config.Backup) *string { return &b.SecretFile }, false},
}

func (x backupSecret) file() string { return "backup-" + x.kind + "-" + x.name }

// maxPrivateKey bounds what is typed as a private key, in bytes: one of RSA with 8192 bits has
// less.
const maxPrivateKey = 12_000

// typedBackup is what stands in the form, with what nobody is asked for from before. The
// error holds the faults of secrets; then none was written.
func (d *Door) typedBackup(r *web.Request, before config.Backup) (config.Backup, error) {
	fates, err := d.m.Steps(r.Context())
	if err != nil {
		return before, err
	}
	b := config.Backup{Kind: r.Form("kind"), Schedule: before.Schedule, Days: before.Days, Weeks: before.Weeks, Months: before.Months}
	for _, x := range backupFields {
		if x.kind == b.Kind {
			*x.at(&b) = strings.TrimSpace(r.Form(x.kind + "." + x.key))
		}
	}
	b.PathStyle = b.Kind == config.BackupS3 && r.Form("s3.path_style") != "false"
	typed := map[string]string{}
	var faults []error
	for _, x := range backupSecrets {
		text := r.Form(x.kind + "." + x.name)
		if x.key {
			text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
		}
		if x.kind != b.Kind || text == "" {
			continue
		}
		typed[x.name] = text
		if x.key && (!strings.HasPrefix(text, "-----BEGIN ") || len(text) > maxPrivateKey) || !x.key && strings.ContainsAny(text, "\r\n\x00") {
			faults = append(faults, &config.Fault{Key: "backup[0]." + x.name + "_file"})
		}
	}
	if len(typed) > 1 { // one of the two is meant, and nobody knows which
		faults = append(faults, &config.Fault{Key: "backup[0].key_file"})
	}
	b.Name = backupName(before, b, fates[Backup] == Done)
	if len(faults) > 0 {
		return b, errors.Join(faults...)
	}
	err = d.keepBackup(&b, before, typed)
	return b, err
}

// keepBackup names the files of the secrets: of the one that was typed, or of the one that is
// there.
func (d *Door) keepBackup(b *config.Backup, before config.Backup, typed map[string]string) error {
	for _, x := range backupSecrets {
		if text, ok := typed[x.name]; ok {
			path, err := d.m.KeepSecret(x.file(), text)
			*x.at(b) = path
			return err
		}
	}
	if before.Kind == b.Kind {
		for _, x := range backupSecrets {
			*x.at(b) = *x.at(&before)
		}
	}
	for _, x := range backupSecrets {
		if path := d.m.Kept(x.file()); x.kind == b.Kind && path != "" && b.KeyFile+b.PasswordFile+b.SecretFile == "" {
			*x.at(b) = path
		}
	}
	return nil
}

// backupName is what the target is called in the file: as before if it is the same place. By
// the name it is remembered what lies there, so another place than one that was good, and that
// may have been written to since, gets another.
func backupName(before, b config.Backup, good bool) string {
	if before.Name != "" && before.Kind == b.Kind && before.Where() == b.Where() {
		return before.Name
	}
	if !good {
		return b.Kind
	}
	_, number, _ := strings.Cut(before.Name, "-")
	n, _ := strconv.Atoi(number) // 0 where there is none
	return b.Kind + "-" + strconv.Itoa(max(n, 1)+1)
}

// withBackup is a configuration with the target in the place of its first.
func withBackup(c config.Config, b config.Backup) config.Config {
	c.Backups = slices.Concat([]config.Backup{b}, c.Backups[min(1, len(c.Backups)):])
	return c
}

// dropUnnamed takes away the secrets that were typed for another target than the one that is
// meant now.
func (d *Door) dropUnnamed(c config.Config) error {
	for _, x := range backupSecrets {
		path := d.m.Kept(x.file())
		if path == "" || slices.ContainsFunc(c.Backups, func(b config.Backup) bool { return *x.at(&b) == path }) {
			continue
		}
		if err := d.m.DropSecret(path); err != nil {
			return err
		}
	}
	return nil
}
