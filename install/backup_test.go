package install_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"sigill/install"
)

func TestInstallForBackups(t *testing.T) {
	needsRoot(t)
	const (
		dir    = "/srv/backup/sigill"
		dropIn = "etc/systemd/system/sigill.service.d/backup.conf"
	)
	into := func(dirs ...string) func(*install.Options) {
		return func(o *install.Options) { o.Backups = dirs }
	}
	used := func(t *testing.T) *image {
		m := newImage(t)
		m.do(install.Install, into(dir))
		m.write("var/lib/sigill/sigill.db", "rows")
		m.write(dir+"/objects/ab", "sealed")
		return m
	}
	t.Run("the directory is the service's, and systemd lets it write there", func(t *testing.T) {
		m := used(t)
		if st, err := os.Stat(m.path(dir)); err != nil || st.Mode() != fs.ModeDir|0o700 {
			t.Error(st.Mode(), err)
		}
		if s := m.read(dropIn); !strings.Contains(s, "\n[Service]\nReadWritePaths=-"+dir+"\n") {
			t.Error(s)
		}
	})
	t.Run("a second time it is known, and nothing is to be changed", func(t *testing.T) {
		m := used(t)
		stands := m.tree()
		if out := m.do(install.Install); !strings.Contains(out, dir) || !strings.Contains(out, "Nothing is to be changed.") {
			t.Error(out)
		}
		if !slices.Equal(stands, m.tree()) {
			t.Error("something is otherwise")
		}
	})
	t.Run("those that are named take the place of those before", func(t *testing.T) {
		m := used(t)
		m.do(install.Install, into("/mnt/a/sigill", "/mnt/b/sigill"))
		if s := m.read(dropIn); strings.Contains(s, dir) || !strings.Contains(s, "-/mnt/a/sigill\n") || !strings.Contains(s, "-/mnt/b/sigill\n") {
			t.Error(s)
		}
	})
	t.Run("what is the system's, or others', is given to nobody", func(t *testing.T) {
		m := newImage(t)
		m.do(install.Install)
		stands := m.tree()
		for _, bad := range []string{"/", "/etc", "/etc/sigill/backup", "/var", "/var/lib/sigill/backup", "/srv", "/home/karin/backup", "srv/backup", "/srv/../etc", "/srv/a b", "/srv/%h", "/srv/a\n[Service]\nUser=root"} {
			if _, err := m.try(install.Install, into(bad)); err == nil {
				t.Errorf("%q was taken", bad)
			}
		}
		if !slices.Equal(stands, m.tree()) {
			t.Error("something was done")
		}
		m.write("srv/photos/cat", "somebody else's")
		if err := os.Lchown(m.path("srv/photos"), 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if _, err := m.try(install.Install, into("/srv/photos")); err == nil || !strings.Contains(err.Error(), "there is something in it") {
			t.Error(err)
		}
	})
	t.Run("a drop-in that somebody else has written says nothing, and stays", func(t *testing.T) {
		m := newImage(t)
		m.write(dropIn, "[Service]\nReadWritePaths=-/srv/mine\n")
		m.do(install.Install)
		m.do(install.Uninstall)
		if s := m.read(dropIn); !strings.Contains(s, "/srv/mine") {
			t.Error(s)
		}
	})
	for name, purge := range map[string]bool{"when it is taken away": false, "when letters and keys are erased": true} {
		t.Run("copies stay "+name+", and nothing else of it", func(t *testing.T) {
			m := used(t)
			change := func(o *install.Options) { o.Purge, o.Yes = purge, true }
			would := m.do(install.Uninstall, change, dry)
			out := m.do(install.Uninstall, change)
			for _, said := range []string{would, out} {
				if !slices.ContainsFunc(strings.Split(said, "\n"), func(line string) bool { return strings.HasPrefix(line, "stays") && strings.Contains(line, dir) }) {
					t.Errorf("that they stay is not said:\n%s", said)
				}
			}
			if m.read(dir+"/objects/ab") != "sealed" || !strings.Contains(m.read("etc/passwd"), "sigill") {
				t.Error("they are gone, or whose they are")
			}
			if _, err := os.Stat(m.path("etc/systemd/system/sigill.service.d")); err == nil {
				t.Error("the drop-in's directory is still there")
			}
		})
	}
}
