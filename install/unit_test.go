package install_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigill/install"
)

// The files that systemd reads are read by its own programs.
func TestSystemdTakesWhatIsInstalled(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("needs systemd's programs; SIGILL_FULL=1 runs it")
	}
	needsRoot(t)
	m := newImage(t)
	m.do(install.Install, func(o *install.Options) {
		o.Run = install.Exec
		program, err := os.Executable() // systemd-analyze verify wants a program that could be started
		if err != nil {
			t.Fatal(err)
		}
		o.Program = program
	})
	system := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.Command(name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	unit := "etc/systemd/system/sigill.service"
	t.Run("the account is made by systemd-sysusers, without a shell", func(t *testing.T) {
		if s := m.read("etc/passwd"); !strings.Contains(s, "\nsigill:x:") || !strings.Contains(s, ":/usr/sbin/nologin\n") {
			t.Error(s)
		}
	})
	t.Run("the service is understood, every line of it", func(t *testing.T) {
		// The image has no units of the system's own; these are found on the computer.
		alone := filepath.Join(t.TempDir(), "sigill.service")
		text := strings.ReplaceAll(m.read(unit), "/usr/local/bin/sigill", m.path("usr/local/bin/sigill"))
		if err := os.WriteFile(alone, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := system("systemd-analyze", "verify", "--man=no", alone); out != "" {
			t.Error(out)
		}
	})
	t.Run("its exposure is at most 1.5", func(t *testing.T) {
		system("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", m.path(unit))
	})
	t.Run("both have variables of a file that is root's, where only root names whose signatures count", func(t *testing.T) {
		for _, name := range []string{"sigill.service", "sigill-update.service"} {
			if s := m.read("etc/systemd/system/" + name); !strings.Contains(s, "\nEnvironmentFile=-/etc/default/sigill\n") {
				t.Errorf("%s:\n%s", name, s)
			}
		}
	})
	t.Run("and so is the exposure of the step before it, which is root", func(t *testing.T) {
		update := m.path("etc/systemd/system/sigill-update.service")
		system("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", update)
		text, err := os.ReadFile(update)
		if err != nil || !strings.Contains(string(text), "\nReadWritePaths=/usr/local/bin\n") || !strings.Contains(string(text), "\nExecStart=/usr/local/bin/sigill update swap\n") {
			t.Errorf("it writes elsewhere: %v\n%s", err, text)
		}
		alone := filepath.Join(t.TempDir(), "sigill-update.service")
		if err := os.WriteFile(alone, []byte(strings.ReplaceAll(string(text), "ExecStart=/usr/local/bin/sigill", "ExecStart="+m.path("usr/local/bin/sigill"))), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := system("systemd-analyze", "verify", "--man=no", alone); out != "" {
			t.Error(out)
		}
	})
	t.Run("that would be told if it were more", func(t *testing.T) {
		m.write("weak.service", strings.ReplaceAll(m.read(unit), "\nSystemCallFilter=", "\n#"))
		if err := exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", m.path("weak.service")).Run(); err == nil {
			t.Error("it is not")
		}
	})
	t.Run("the directories' modes are set right by systemd-tmpfiles", func(t *testing.T) {
		keys := m.path("etc/sigill/keys")
		if err := os.Chmod(keys, 0o777); err != nil {
			t.Fatal(err)
		}
		system("systemd-tmpfiles", "--root="+m.dir, "--create", "sigill.conf")
		if st, err := os.Stat(keys); err != nil || st.Mode().Perm() != 0o700 {
			t.Error(st.Mode(), err)
		}
	})
	t.Run("userdel takes the account away again", func(t *testing.T) {
		m.do(install.Uninstall, func(o *install.Options) { o.Run = install.Exec })
		if s := m.read("etc/passwd"); strings.Contains(s, "sigill") {
			t.Error(s)
		}
	})
}
