package wizard

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPostfixGuide runs what the set-up says to whoever runs Postfix, with Debian's programs on a
// configuration of its own.
func TestPostfixGuide(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to test against Postfix; needs the package postfix")
	}
	dir := t.TempDir()
	script := strings.NewReplacer("{{host}}", "sakerpost.kommun.example", "/etc/postfix", dir, "postfix reload\n", "").Replace(postfixScript)
	run := func(t *testing.T, name string, args ...string) string {
		t.Helper()
		c := exec.Command(name, args...)
		c.Env = append(os.Environ(), "MAIL_CONFIG="+dir)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v: %s", name, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	house := "transport_maps = texthash:" + dir + "/transport\nsmtp_tls_policy_maps = inline:{ partner.example=encrypt }\n"
	for name, text := range map[string]string{"main.cf": house, "master.cf": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		run(t, "sh", "-ec", script)
	}
	t.Run("what the house had there stays, behind ours, however often it is run", func(t *testing.T) {
		for name, want := range map[string]string{
			"transport_maps":       "regexp:" + dir + "/sigill texthash:" + dir + "/transport",
			"smtp_tls_policy_maps": "inline:{ [sakerpost.kommun.example]:25=verify } inline:{ partner.example=encrypt }",
		} {
			if got := run(t, "postconf", "-h", name); got != want {
				t.Errorf("%s = %q, not %q", name, got, want)
			}
		}
	})
	t.Run("a secure address goes to us, and no other", func(t *testing.T) {
		if got := run(t, "postmap", "-q", "anna@example.se.0701234567.s", "regexp:"+dir+"/sigill"); got != "smtp:[sakerpost.kommun.example]:25" {
			t.Error(got)
		}
		if err := exec.Command("postmap", "-c", dir, "-q", "anna@example.se", "regexp:"+dir+"/sigill").Run(); err == nil {
			t.Error("so does another")
		}
	})
	t.Run("and only over a line whose certificate is ours", func(t *testing.T) {
		if got := run(t, "postmap", "-q", "[sakerpost.kommun.example]:25", "inline:{ [sakerpost.kommun.example]:25=verify }"); got != "verify" {
			t.Error(got)
		}
	})
}
