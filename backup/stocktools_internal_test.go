package backup

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStockTools opens version 1's containers as FORMAT.md tells a reader to do it who has
// nothing of ours: the command age, GNU tar, and page 1 of the recovery kit in a file.
func TestStockTools(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to open backups with the command age and GNU tar")
	}
	t.Parallel()
	age := stockAge(t)
	open := func(t *testing.T, container string) string {
		t.Helper()
		dir := t.TempDir()
		out, err := exec.Command(age, "-d", "-i", v1Key, "-o", filepath.Join(dir, "container.tar"), container).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if out, err := exec.Command("tar", "-C", dir, "-xf", filepath.Join(dir, "container.tar")).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return dir
	}
	for container, want := range map[string]map[string][]byte{
		"set/00000002.tar.age":          {"settings/sigill.toml": v1Settings, "pages/00000001": v1Page('b')},
		"pack/v1.tar.age":               {"blobs/7f/" + v1Blob.String(): v1Content},
		"slots/00000001/000001.tar.age": {"slots/00000000": v1Page('s'), "destroyed/000000000000": []byte("something has ended\n")},
	} {
		t.Run(container, func(t *testing.T) {
			dir := open(t, filepath.Join("testdata/v1", container))
			for name, content := range want {
				if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, content) {
					t.Errorf("%s: %d bytes, %v", name, len(got), err)
				}
			}
			if about, err := os.ReadFile(filepath.Join(dir, "about.json")); err != nil || !bytes.Contains(about, []byte(`"name": "`+container+`"`)) {
				t.Errorf("%s, %v", about, err)
			}
		})
	}
	t.Run("one that was cut does not open", func(t *testing.T) {
		b, err := os.ReadFile("testdata/v1/pack/v1.tar.age")
		must(t, err)
		cut := filepath.Join(t.TempDir(), "cut.tar.age")
		must(t, os.WriteFile(cut, b[:len(b)-100], 0o600))
		if exec.Command(age, "-d", "-i", v1Key, "-o", cut+".tar", cut).Run() == nil {
			t.Error("age says nothing of it")
		}
	})
}

// stockAge is the command, of the version whose library we use: Debian's may be older than
// 1.3, and then knows no hybrid keys. It is installed and not built, for it needs modules that
// we do not.
func stockAge(t *testing.T) string {
	version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "filippo.io/age").Output()
	must(t, err)
	dir := t.TempDir()
	install := exec.Command("go", "install", "filippo.io/age/cmd/age@"+strings.TrimSpace(string(version)))
	install.Env = append(os.Environ(), "GOBIN="+dir)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "age")
}
