package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/config"
)

func sftpTarget() config.Backup {
	return config.Backup{
		Name: "elsewhere", Kind: config.BackupSFTP, Host: "backup.kommun.example", HostKey: "SHA256:" + strings.Repeat("A", 43), User: "sigill",
		KeyFile: "/etc/sigill/secrets/backup.key", Path: "sigill",
	}
}

func s3Target() config.Backup {
	return config.Backup{
		Name: "bucket", Kind: config.BackupS3, URL: "https://s3.kommun.example:9000", Bucket: "sigill", Prefix: "house/one", User: "AKIDEXAMPLE", SecretFile: "/etc/sigill/secrets/s3",
	}
}

// faultsOf are the keys in which faults are told of one target.
func faultsOf(t *testing.T, b config.Backup) string {
	t.Helper()
	c, err := config.Parse([]byte(example(t)))
	if err != nil {
		t.Fatal(err)
	}
	c.Backups = []config.Backup{b}
	if err = c.Validate(); err == nil {
		return ""
	}
	var keys []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		key, _, _ := strings.Cut(line, ":")
		keys = append(keys, strings.TrimPrefix(key, "backup[0]."))
	}
	return strings.Join(keys, " ")
}

func TestBackupTargets(t *testing.T) {
	change := func(b config.Backup, change func(*config.Backup)) config.Backup {
		change(&b)
		return b
	}
	for _, c := range []struct {
		b    config.Backup
		want string // keys of faults
	}{
		{sftpTarget(), ""},
		{change(sftpTarget(), func(b *config.Backup) { b.Host = "backup.kommun.example:2222" }), ""},
		{change(sftpTarget(), func(b *config.Backup) { b.Host = "192.0.2.7" }), ""},
		{change(sftpTarget(), func(b *config.Backup) { b.Host = "[2001:db8::7]:22" }), ""},
		{change(sftpTarget(), func(b *config.Backup) { b.KeyFile, b.PasswordFile = "", "/x" }), ""},
		{change(sftpTarget(), func(b *config.Backup) { b.Host = "" }), "host"},
		{change(sftpTarget(), func(b *config.Backup) { b.Host = "backup.kommun.example:0" }), "host"},
		{change(sftpTarget(), func(b *config.Backup) { b.Host = "sftp://backup.kommun.example" }), "host"},
		{change(sftpTarget(), func(b *config.Backup) { b.HostKey = "" }), "host_key"},
		{change(sftpTarget(), func(b *config.Backup) { b.HostKey = "MD5:00:11" }), "host_key"},
		{change(sftpTarget(), func(b *config.Backup) { b.HostKey += "A" }), "host_key"},
		{change(sftpTarget(), func(b *config.Backup) { b.User = "" }), "user"},
		{change(sftpTarget(), func(b *config.Backup) { b.Path = "a\nb" }), "path"},
		{change(sftpTarget(), func(b *config.Backup) { b.KeyFile = "" }), "key_file"},
		{change(sftpTarget(), func(b *config.Backup) { b.PasswordFile = "/x" }), "key_file"},
		{s3Target(), ""},
		{change(s3Target(), func(b *config.Backup) { b.Prefix = "" }), ""},
		{change(s3Target(), func(b *config.Backup) { b.URL = "http://s3.kommun.example" }), "url"},
		{change(s3Target(), func(b *config.Backup) { b.URL = "https://s3.kommun.example/sigill" }), "url"},
		{change(s3Target(), func(b *config.Backup) { b.URL = "https://key:secret@s3.kommun.example" }), "url"},
		{change(s3Target(), func(b *config.Backup) { b.Bucket = "Sigill_1" }), "bucket"},
		{change(s3Target(), func(b *config.Backup) { b.Bucket = "a/b" }), "bucket"},
		{change(s3Target(), func(b *config.Backup) { b.Prefix = "/house" }), "prefix"},
		{change(s3Target(), func(b *config.Backup) { b.Prefix = "../house" }), "prefix"},
		{change(s3Target(), func(b *config.Backup) { b.User, b.SecretFile = "", "" }), "user secret_file"},
		{change(s3Target(), func(b *config.Backup) { b.Kind = "ftp" }), "kind"},
	} {
		if got := faultsOf(t, c.b); got != c.want {
			t.Errorf("%+v: faults in %q, not %q", c.b, got, c.want)
		}
	}
}

func TestBackupSecrets(t *testing.T) {
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const canary = "canary-password"
	t.Run("they are read when they are used, and print nothing", func(t *testing.T) {
		b := sftpTarget()
		b.KeyFile, b.PasswordFile = "", file("p", canary+"\n", 0o600)
		p, err := b.Password()
		if err != nil || string(p) != canary || strings.Contains(fmt.Sprintf("%v %+v %#v %s", p, b, b, b.Where()), canary) {
			t.Errorf("%v, %v", p, err)
		}
		b.KeyFile = file("k", "-----BEGIN OPENSSH PRIVATE KEY-----\n", 0o600)
		if k, err := b.Key(); err != nil || !strings.HasPrefix(string(k), "-----BEGIN ") {
			t.Errorf("%v", err)
		}
		s := s3Target()
		s.SecretFile = b.PasswordFile
		if p, err := s.Secret(); err != nil || string(p) != canary {
			t.Errorf("%v", err)
		}
	})
	t.Run("one that everybody can read is refused, and nothing of it is said", func(t *testing.T) {
		s := s3Target()
		s.SecretFile = file("open", canary, 0o644)
		if _, err := s.Secret(); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%v", err)
		}
		s.KeyFile = file("k", canary, 0o600)
		if _, err := s.Key(); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%v", err)
		}
	})
	t.Run("where a target is says nothing of what opens it", func(t *testing.T) {
		for b, want := range map[*config.Backup]string{
			{Kind: config.BackupDir, Path: "/srv/x"}:                 "/srv/x",
			func() *config.Backup { b := sftpTarget(); return &b }(): "sftp://backup.kommun.example/sigill",
			func() *config.Backup { b := s3Target(); return &b }():   "https://s3.kommun.example:9000/sigill/house/one",
		} {
			if got := b.Where(); got != want {
				t.Errorf("%s, not %s", got, want)
			}
		}
	})
}
