package install_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigill/appliance/config"
	"sigill/appliance/doctor"
	"sigill/install"
)

// image is the root directory of a computer, in which whoever runs the test is root and
// will be sigill: so nobody needs to be root.
type image struct {
	testing.TB
	dir, program string
	ran          []string // programs of the system
}

func newImage(t *testing.T) *image {
	t.Helper()
	m := &image{TB: t, dir: t.TempDir(), program: filepath.Join(t.TempDir(), "sigill")}
	m.write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
	m.write("etc/group", "root:x:0:\n")
	if err := os.WriteFile(m.program, []byte("the program"), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *image) path(name string) string { return filepath.Join(m.dir, name) }

func (m *image) write(name, text string) {
	m.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(text), 0o644); err != nil {
		m.Fatal(err)
	}
}

func (m *image) read(name string) string {
	m.Helper()
	b, err := os.ReadFile(m.path(name))
	if err != nil {
		m.Fatal(err)
	}
	return string(b)
}

// run plays systemd-sysusers and userdel, as far as their files go.
func (m *image) run(name string, args ...string) error {
	m.ran = append(m.ran, name+" "+strings.Join(args, " "))
	switch {
	case name == "systemd-sysusers" && slices.Equal(args, []string{"--root=" + m.dir, "sigill.conf"}):
		if !strings.Contains(m.read("etc/sysusers.d/sigill.conf"), "\nu sigill - ") {
			return errors.New("nothing says which account there is to be")
		}
		m.write("etc/passwd", m.read("etc/passwd")+fmt.Sprintf("sigill:x:%d:%d::/:/usr/sbin/nologin\n", os.Getuid(), os.Getgid()))
		m.write("etc/group", m.read("etc/group")+fmt.Sprintf("sigill:x:%d:\n", os.Getgid()))
	case name == "userdel":
		m.write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
		m.write("etc/group", "root:x:0:\n")
	default:
		return fmt.Errorf("%s %q is not here", name, args)
	}
	return nil
}

func (m *image) options() (install.Options, *bytes.Buffer) {
	var out bytes.Buffer
	return install.Options{Root: m.dir, Program: m.program, In: strings.NewReader(""), Out: &out, Run: m.run}, &out
}

// do runs a command and returns what it has said.
func (m *image) do(command func(install.Options) error, change ...func(*install.Options)) string {
	m.Helper()
	out, err := m.try(command, change...)
	if err != nil {
		m.Fatal(err)
	}
	return out
}

func (m *image) try(command func(install.Options) error, change ...func(*install.Options)) (string, error) {
	o, out := m.options()
	for _, c := range change {
		c(&o)
	}
	err := command(o)
	return out.String(), err
}

// plain is a table without the spaces that make it one.
func plain(table string) string { return strings.Join(strings.Fields(table), " ") }

func dry(o *install.Options) { o.DryRun = true }

// tree is every name in the image with its mode, and what files hold.
func (m *image) tree() (list []string) {
	m.Helper()
	err := filepath.WalkDir(m.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		line := strings.TrimPrefix(path, m.dir) + " " + info.Mode().String()
		if e.Type().IsRegular() {
			line += " " + m.read(strings.TrimPrefix(path, m.dir))
		}
		list = append(list, line)
		return nil
	})
	if err != nil {
		m.Fatal(err)
	}
	return list
}

// needsRoot skips what only root may do: giving files away.
func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files to others")
	}
}

func TestInstall(t *testing.T) {
	needsRoot(t)
	m := newImage(t)
	before := m.tree()
	t.Run("a dry run says all, and does nothing", func(t *testing.T) {
		out := m.do(install.Install, dry)
		for _, s := range install.NewPlan(install.Local()) {
			if !strings.Contains(out, s.Path) || !strings.Contains(out, s.Why) {
				t.Errorf("%s is not in\n%s", s.Path, out)
			}
		}
		if !slices.Equal(before, m.tree()) || m.ran != nil {
			t.Error("something was done")
		}
	})
	t.Run("and says the same to scripts", func(t *testing.T) {
		var list []struct{ Kind, Path, Mode, Owner, State string }
		if err := json.Unmarshal([]byte(m.do(install.Install, dry, func(o *install.Options) { o.JSON = true })), &list); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(list, func(s struct{ Kind, Path, Mode, Owner, State string }) bool { return s.Path == "/etc/sigill/keys" })
		if i < 0 || list[i].Kind != "directory" || list[i].Mode != "0700" || list[i].Owner != "sigill" || list[i].State != "missing" {
			t.Errorf("%+v", list)
		}
	})
	m.do(install.Install)
	t.Run("it stands as the plan says", func(t *testing.T) {
		for path, mode := range map[string]fs.FileMode{
			"usr/local/bin/sigill": 0o755, "etc/sigill": fs.ModeDir | 0o750, "etc/sigill/keys": fs.ModeDir | 0o700, "var/lib/sigill": fs.ModeDir | 0o700,
			"etc/sigill/sigill.toml": 0o640, "etc/systemd/system/sigill.service": 0o644, "usr/local": fs.ModeDir | 0o755,
		} {
			if st, err := os.Stat(m.path(path)); err != nil || st.Mode() != mode {
				t.Errorf("%s: %v %v", path, st.Mode(), err)
			}
		}
		if m.read("usr/local/bin/sigill") != "the program" {
			t.Error("another program")
		}
		if to, err := os.Readlink(m.path("etc/systemd/system/multi-user.target.wants/sigill.service")); err != nil || to != "/etc/systemd/system/sigill.service" {
			t.Error(to, err)
		}
		if !strings.Contains(m.read("etc/systemd/system/sigill.service"), "\nExecStart=/usr/local/bin/sigill serve\n") {
			t.Error("the service starts another program")
		}
		if !strings.Contains(m.read("etc/tmpfiles.d/sigill.conf"), "\nd /etc/sigill/keys 0700 sigill sigill -\n") {
			t.Error("the keys' directory is not kept right")
		}
	})
	t.Run("a second time nothing is to be changed", func(t *testing.T) {
		stands := m.tree()
		if out := m.do(install.Install); !strings.Contains(out, "Nothing is to be changed.") || strings.Contains(out, "made") || len(m.ran) != 1 {
			t.Errorf("%s\n%q", out, m.ran)
		}
		if !slices.Equal(stands, m.tree()) {
			t.Error("something is otherwise")
		}
	})
	t.Run("what has gone wrong is set right, and a configuration that was filled in stays", func(t *testing.T) {
		m.write("etc/sigill/sigill.toml", "mine")
		m.write("etc/systemd/system/sigill.service", "old")
		if err := os.Chmod(m.path("etc/sigill/keys"), 0o755); err != nil {
			t.Fatal(err)
		}
		out := m.do(install.Install)
		if m.read("etc/sigill/sigill.toml") != "mine" || !strings.Contains(out, "is yours") {
			t.Errorf("the configuration:\n%s", out)
		}
		if st, err := os.Stat(m.path("etc/sigill/keys")); err != nil || st.Mode().Perm() != 0o700 || m.read("etc/systemd/system/sigill.service") == "old" {
			t.Error(st.Mode(), err)
		}
	})
	t.Run("a directory that is a link is not followed", func(t *testing.T) {
		other := newImage(t)
		if err := os.Symlink("/tmp", other.path("etc/sigill")); err != nil {
			t.Fatal(err)
		}
		if _, err := other.try(install.Install); err == nil || !strings.Contains(err.Error(), "/etc/sigill is there and is no directory") {
			t.Error(err)
		}
	})
	t.Run("nor is one that leads out of an image", func(t *testing.T) {
		other, outside := newImage(t), t.TempDir()
		if err := os.Symlink(outside, other.path("usr")); err != nil {
			t.Fatal(err)
		}
		if _, err := other.try(install.Install); err == nil {
			t.Error("it was followed")
		}
		if list, _ := os.ReadDir(outside); len(list) != 0 {
			t.Error("there is something outside")
		}
	})
}

func TestUninstall(t *testing.T) {
	needsRoot(t)
	t.Run("what was installed and never used leaves nothing", func(t *testing.T) {
		m := newImage(t)
		m.do(install.Install)
		would := m.do(install.Uninstall, dry)
		out := m.do(install.Uninstall)
		if plain(strings.ReplaceAll(would, "would remove", "removed")) != plain(out) {
			t.Errorf("said\n%s\ndone\n%s", would, out)
		}
		for _, line := range m.tree() {
			if strings.Contains(line, "sigill") {
				t.Errorf("left: %.80s", line)
			}
		}
	})
	used := func(t *testing.T) *image {
		m := newImage(t)
		m.do(install.Install)
		m.write("etc/sigill/sigill.toml", "mine")
		m.write("etc/sigill/keys/appliance.key", "the key")
		m.write("var/lib/sigill/sigill.db", "rows")
		m.write("var/lib/sigill/shred.slots", "slots")
		m.write("var/lib/sigill/blobs/ab/x", "sealed")
		m.write("var/lib/other", "somebody else's")
		return m
	}
	t.Run("letters, keys and what was filled in stay, and whose they are", func(t *testing.T) {
		m := used(t)
		would := m.do(install.Uninstall, dry)
		out := m.do(install.Uninstall)
		for _, said := range []string{would, out} {
			for _, stays := range []string{"/etc/sigill/sigill.toml", "/var/lib/sigill/", "/etc/sigill/keys/", "account sigill"} {
				if !strings.Contains(said, "stays") || !strings.Contains(said, stays) {
					t.Errorf("%s is not said:\n%s", stays, said)
				}
			}
		}
		if m.read("etc/sigill/keys/appliance.key") != "the key" || m.read("var/lib/sigill/blobs/ab/x") != "sealed" || m.read("etc/sigill/sigill.toml") != "mine" || !strings.Contains(m.read("etc/passwd"), "sigill") {
			t.Error("something is gone")
		}
		for _, gone := range []string{"usr/local/bin/sigill", "etc/systemd/system/sigill.service", "etc/sysusers.d/sigill.conf", "etc/sigill/tls"} {
			if _, err := os.Lstat(m.path(gone)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", gone, err)
			}
		}
	})
	purge := func(answer string) func(*install.Options) {
		return func(o *install.Options) { o.Purge, o.In = true, strings.NewReader(answer) }
	}
	t.Run("who does not mean it loses nothing", func(t *testing.T) {
		m := used(t)
		stands := m.tree()
		for _, answer := range []string{"", "yes\n", "erase it\n"} {
			if out, err := m.try(install.Uninstall, purge(answer)); err == nil || !strings.Contains(out, "This erases 5 files") {
				t.Errorf("%q: %v\n%s", answer, err, out)
			}
		}
		if !slices.Equal(stands, m.tree()) {
			t.Error("something is otherwise")
		}
	})
	t.Run("while an appliance has the store open nothing is erased", func(t *testing.T) {
		m := used(t)
		hold(t, m.path("var/lib/sigill/lock"))
		if _, err := m.try(install.Uninstall, purge("erase\n")); err == nil || m.read("etc/sigill/keys/appliance.key") != "the key" {
			t.Error(err)
		}
	})
	t.Run("who does is left with what others have", func(t *testing.T) {
		m := used(t)
		outside := filepath.Join(t.TempDir(), "outside")
		if err := os.WriteFile(outside, []byte("somebody else's"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, m.path("var/lib/sigill/link")); err != nil {
			t.Fatal(err)
		}
		key, err := os.Open(m.path("etc/sigill/keys/appliance.key"))
		if err != nil {
			t.Fatal(err)
		}
		defer key.Close()
		m.do(install.Uninstall, purge("erase\n"))
		for _, line := range m.tree() {
			if strings.Contains(line, "sigill") {
				t.Errorf("left: %.80s", line)
			}
		}
		b := make([]byte, 7)
		if _, err := key.ReadAt(b, 0); err != nil || !bytes.Equal(b, make([]byte, 7)) {
			t.Errorf("the key's bytes are still there: %q %v", b, err)
		}
		if b, err := os.ReadFile(outside); err != nil || string(b) != "somebody else's" || m.read("var/lib/other") != "somebody else's" {
			t.Error("something of others is gone")
		}
	})
}

func TestTheDoctorFindsWhatIsInstalledGood(t *testing.T) {
	c, made := config.Default(), map[string]install.Step{}
	for _, s := range install.NewPlan(install.Local()) {
		made[s.Path] = s
	}
	for _, want := range doctor.Places(config.DefaultPath, c.Data, c.Keys) {
		s, ok := made[want.Path]
		if !ok {
			t.Errorf("%s is not installed", want.Path)
		}
		if mode := uint32(s.Mode.Perm()); mode&^want.Want != 0 {
			t.Errorf("%s is installed with mode %04o, and the doctor wants %04o", s.Path, mode, want.Want)
		}
		if s.Owner != "sigill" && s.Owner != "root" {
			t.Errorf("%s is %s's", s.Path, s.Owner)
		}
	}
}
