package install_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDebianPackage(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("builds the program as it is shipped; SIGILL_FULL=1 runs it")
	}
	out := t.TempDir()
	system := func(name string, args ...string) string {
		t.Helper()
		b, err := exec.Command(name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, b)
		}
		return string(b)
	}
	system("bash", "package.sh", "1.2.3", out)
	list, err := filepath.Glob(filepath.Join(out, "sigill_1.2.3_*.deb"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	t.Run("it brings the program and what systemd reads, all of it root's, and nothing of the operator's", func(t *testing.T) {
		var files []string
		for line := range strings.Lines(system("dpkg-deb", "--contents", list[0])) {
			f := strings.Fields(line)
			if name := f[len(f)-1]; !strings.HasSuffix(name, "/") {
				files = append(files, f[0]+" "+f[1]+" "+name)
			}
		}
		want := []string{
			"-rwxr-xr-x root/root ./usr/bin/sigill",
			"-rw-r--r-- root/root ./usr/lib/systemd/system/sigill-update.service",
			"-rw-r--r-- root/root ./usr/lib/systemd/system/sigill.service",
			"-rw-r--r-- root/root ./usr/lib/sysusers.d/sigill.conf",
			"-rw-r--r-- root/root ./usr/lib/tmpfiles.d/sigill.conf",
			"-rw-r--r-- root/root ./usr/share/doc/sigill/copyright",
		}
		if !slices.Equal(files, want) {
			t.Errorf("%q", files)
		}
	})
	dir := t.TempDir()
	system("dpkg-deb", "--extract", list[0], dir)
	system("dpkg-deb", "--control", list[0], filepath.Join(dir, "control"))
	t.Run("the program is that of the version, and starts alone", func(t *testing.T) {
		if s := system(filepath.Join(dir, "usr/bin/sigill"), "version"); s != "sigill 1.2.3\n" {
			t.Errorf("%q", s)
		}
	})
	t.Run("the service starts the package's program", func(t *testing.T) {
		b, err := os.ReadFile(filepath.Join(dir, "usr/lib/systemd/system/sigill.service"))
		if err != nil || !strings.Contains(string(b), "\nExecStart=/usr/bin/sigill serve\n") {
			t.Errorf("%s %v", b, err)
		}
	})
	t.Run("its scripts are ones, and no option of a package manager destroys letters", func(t *testing.T) {
		for _, name := range []string{"postinst", "prerm", "postrm"} {
			path := filepath.Join(dir, "control", name)
			system("sh", "-n", path)
			b, err := os.ReadFile(path)
			if err != nil || strings.Contains(string(b), "rm -") || strings.Contains(string(b), "uninstall --purge-data\n") {
				t.Errorf("%s %v", b, err)
			}
		}
	})
}
