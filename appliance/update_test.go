package appliance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/peers"
	"sigill/appliance/seal"
	"sigill/updater"
)

// updated is a real program that serves, is asked for another one, and ends.
type updated struct {
	*journey
	dir, config, fault string
	gateway            *gatewayPeer
	serving            *exec.Cmd
	said               *safeBuffer
	over               chan struct{}
}

// buildVersions builds two programs as releases are built, the newer one with faults to call
// up, once for all tests.
var buildVersions = sync.OnceValues(func() (built [2][]byte, err error) {
	dir, err := os.MkdirTemp("", "sigill-built-")
	if err != nil {
		return built, err
	}
	defer os.RemoveAll(dir)
	for i, of := range [2]struct{ version, tags string }{{"1.0.0", ""}, {"1.1.0", "updatefault"}} {
		bin := filepath.Join(dir, of.version)
		cmd := exec.Command("go", "build", "-tags", of.tags, "-ldflags", "-s -w -X main.version="+of.version, "-o", bin, "sigill")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return built, fmt.Errorf("build: %w\n%s", err, out)
		}
		if built[i], err = os.ReadFile(bin); err != nil {
			return built, err
		}
	}
	return built, nil
})

// versions are those two.
func versions(t *testing.T) (old, next []byte) {
	t.Helper()
	built, err := buildVersions()
	if err != nil {
		t.Fatal(err)
	}
	return built[0], built[1]
}

// signers are three people with keys of Debian's minisign.
type signers struct {
	dir    string
	public []string
}

func newSigners(t *testing.T) *signers {
	t.Helper()
	s := &signers{dir: t.TempDir()}
	for i := range 3 {
		name := filepath.Join(s.dir, strconv.Itoa(i+1))
		if out, err := exec.Command("minisign", "-G", "-W", "-p", name+".pub", "-s", name+".key").CombinedOutput(); err != nil {
			t.Fatalf("minisign: %v\n%s", err, out)
		}
		s.public = append(s.public, strings.Fields(string(readFile(t, name+".pub")))[6])
	}
	return s
}

// release makes the file of a release as README's "A release" says.
func (s *signers) release(t *testing.T, to, version string, program []byte, by ...int) {
	t.Helper()
	dir := t.TempDir()
	script, err := filepath.Abs("../install/release.sh")
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	for name, content := range map[string][]byte{"built": program, "notes": []byte("Snabbare \"än\" förr.\nBack\\slash.\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run("bash", script, "manifest", "built", version, "1.0.0", "90", "notes")
	platform := runtime.GOOS + "-" + runtime.GOARCH
	for _, n := range by {
		run("minisign", "-S", "-W", "-s", filepath.Join(s.dir, strconv.Itoa(n)+".key"), "-t", "sigill "+version+" "+platform, "-m", "manifest.json", "-x", fmt.Sprintf("manifest.json.%d.minisig", n))
	}
	if len(by) < 2 { // the script does not pack these
		run("tar", "--format=ustar", "--transform=s/^built$/sigill/", "-cf", "sigill-"+platform+".update", "manifest.json", fmt.Sprintf("manifest.json.%d.minisig", by[0]), "built")
	} else {
		run("bash", script, "bundle", "built")
	}
	if err := os.WriteFile(filepath.Join(to, "sigill-"+platform+".update"), readFile(t, filepath.Join(dir, "sigill-"+platform+".update")), 0o600); err != nil {
		t.Fatal(err)
	}
}

func newUpdated(t *testing.T, program []byte, keys []string) *updated {
	t.Helper()
	dir := t.TempDir()
	u := &updated{journey: &journey{TB: t, log: &safeBuffer{}}, dir: dir, config: filepath.Join(dir, "sigill.toml"), fault: filepath.Join(dir, "fault"), gateway: newGatewayPeer(t), said: &safeBuffer{}}
	host, port, err := net.SplitHostPort(smarthostTrap(t, u.journey))
	if err != nil {
		t.Fatal(err)
	}
	webPort := peers.FreePort(t)
	smtp, web := "127.0.0.1:"+peers.FreePort(t), "127.0.0.1:"+webPort
	u.info.Portal, u.info.SMTP = "http://localhost:"+webPort, smtp
	write := func(path string, content []byte, mode os.FileMode) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "bin", "sigill"), program, 0o755)
	write(filepath.Join(dir, "gateway-secret"), []byte("gateway-password\n"), 0o600)
	write(filepath.Join(dir, "source", "readme"), nil, 0o600)
	write(u.config, fmt.Appendf(nil, `
data = %q
keys = %q
run = %q
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
[web]
base_url = "http://localhost:%s"
listen = %q
[smtp]
hostname = "brev.prov.example"
listen = %q
[senders]
networks = ["127.0.0.0/8"]
[smarthost]
host = %q
port = %s
tls = "lab"
[notices]
from = "sakerpost@brev.prov.example"
own_domain = "brev.prov.example"
[[sms.gateway]]
kind = "generic"
name = "prov"
from = "Provkommun"
secret_file = %q
url = %q
body = '{"to":"{{to}}","text":"{{text}}","hook":"{{hook}}"}'
id_path = "id"
[sms.gateway.header]
Content-Type = "application/json"
Authorization = "Bearer {{secret}}"
[update]
source = %q
keys = [%q, %q, %q]
`, filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "run"), webPort, web, smtp, host, port,
		filepath.Join(dir, "gateway-secret"), u.gateway.URL, filepath.Join(dir, "source"), keys[0], keys[1], keys[2]), 0o600)
	t.Cleanup(u.ends)
	return u
}

// administrator makes the first one before the first start, and returns the key of their app.
func (u *updated) administrator() (key string) {
	u.Helper()
	key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	answers := filepath.Join(u.dir, "answers.toml")
	for path, text := range map[string]string{
		answers: string(readFile(u, u.config)) + fmt.Sprintf("[administrator]\nname = \"Karin Berg\"\naddress = %q\npassword_file = %q\napp_key_file = %q\n[kit]\nout = %q\n",
			setupAdmin, filepath.Join(u.dir, "password"), filepath.Join(u.dir, "app"), filepath.Join(u.dir, "kit.html")),
		filepath.Join(u.dir, "password"): setupPassword,
		filepath.Join(u.dir, "app"):      key,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			u.Fatal(err)
		}
	}
	if out, err := u.run("setup", "--answers", answers).CombinedOutput(); err != nil {
		u.Fatalf("%v: %s", err, out)
	}
	return key
}

func (u *updated) program() string { return filepath.Join(u.dir, "bin", "sigill") }

// faults has the newer program fail so; "" for not at all.
func (u *updated) faults(how string) {
	u.Helper()
	if err := os.WriteFile(u.fault, []byte(how), 0o600); err != nil {
		u.Fatal(err)
	}
}

func (u *updated) run(args ...string) *exec.Cmd {
	c := exec.Command(u.program(), append(args, "--config", u.config)...)
	c.Env = append(os.Environ(), "UPDATEFAULT="+u.fault)
	return c
}

// starts starts the service, and waits for nothing.
func (u *updated) starts() {
	u.Helper()
	u.serving, u.over = u.run("serve"), make(chan struct{})
	u.serving.Stdout, u.serving.Stderr = u.said, u.said
	if err := u.serving.Start(); err != nil {
		u.Fatal(err)
	}
	go func(c *exec.Cmd, over chan struct{}) { c.Wait(); close(over) }(u.serving, u.over)
}

func (u *updated) ends() {
	if u.serving != nil {
		u.serving.Process.Signal(os.Interrupt)
		<-u.over
		u.serving = nil
	}
}

// answers waits until the service answers, and returns which version it is.
func (u *updated) answers() string {
	u.Helper()
	var s struct{ Version string }
	u.soon(func() bool {
		out, err := u.run("update", "check", "--json").Output()
		return err == nil && json.Unmarshal(out, &s) == nil
	})
	return s.Version
}

// opens waits until the portal answers.
func (u *updated) opens() {
	u.Helper()
	u.soon(func() bool {
		r, err := http.Get(u.info.Portal + "/about")
		if err == nil {
			r.Body.Close()
		}
		return err == nil && r.StatusCode == http.StatusOK
	})
}

// soon asks until it is so, while the service runs.
func (u *updated) soon(so func() bool) {
	u.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if so() {
			return
		}
		select {
		case <-u.over:
			u.Fatalf("it has ended: %.3000s", u.said.Bytes())
		case <-time.After(50 * time.Millisecond):
		}
	}
	u.Fatalf("nobody answers: %.3000s", u.said.Bytes())
}

// update runs a command of updates, and returns what it says.
func (u *updated) update(command string) (string, error) {
	out, err := u.run("update", command).CombinedOutput()
	return string(out), err
}

// reads opens the letter of a notice as its reader does.
func (u *updated) reads(notice trapped, want string) {
	u.Helper()
	b := u.Browser().ShowCode(u.CodeOf(notice)).At("/m/pin")
	_, text, _ := u.gateway.last(u.TB.(*testing.T))
	b.Post("/m/pin", "pin", pinIn.FindStringSubmatch(text)[1]).At("/m/letter").Sees(want)
}

// TestUpdateOfRealPrograms builds two versions, and has the newer one crash, hang, lose
// letters and not start, before it may take over.
func TestUpdateOfRealPrograms(t *testing.T) {
	full(t, "it builds programs")
	who := newSigners(t)
	old, next := versions(t)
	u := newUpdated(t, old, who.public)
	source := filepath.Join(u.dir, "source")
	u.faults("")
	who.release(t, source, "1.1.0", next, 1, 3)
	u.starts()
	if v := u.answers(); v != "1.0.0" {
		t.Fatal(v)
	}
	const sender = "eva@prov.example"
	u.Send(letter{from: sender, to: []string{annaSecure}, subject: "Före", body: "Hej Anna."})
	notice := u.Await("email", anna, 1)

	t.Run("what one key alone has signed is not taken", func(t *testing.T) {
		who.release(t, source, "1.1.0", next, 2)
		if out, err := u.update("apply"); err == nil || !strings.Contains(out, "have not signed it") {
			t.Errorf("%v: %s", err, out)
		}
	})
	who.release(t, source, "1.1.0", next, 1, 3)
	for fault, why := range map[string]string{
		"crash":     "does not work with what is kept here",
		"migration": "does not work with what is kept here",
		"lose":      "does not work with what is kept here",
	} {
		t.Run("one that fails in its trial is not kept, and the one before goes on: "+fault, func(t *testing.T) {
			u.faults(fault)
			if out, err := u.update("apply"); err == nil || !strings.Contains(out, why) {
				t.Fatalf("%v: %s", err, out)
			}
			if fault == "lose" && !bytes.Contains(u.said.Bytes(), []byte(" parts of letters would be lost")) {
				t.Errorf("that is not said: %s", u.said.Bytes()[max(0, len(u.said.Bytes())-2000):])
			}
			if v := u.answers(); v != "1.0.0" {
				t.Fatal(v)
			}
		})
	}
	t.Run("the old one takes and shows letters as before", func(t *testing.T) {
		u.reads(notice, "Hej Anna.")
	})
	t.Run("one that hangs is given up in time", func(t *testing.T) {
		u.ends()
		u.faults("hang")
		program := filepath.Join(u.dir, "next")
		if err := os.WriteFile(program, next, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("UPDATEFAULT", u.fault)
		err := appliance.TryProgram(context.Background(), program, u.config, seal.Secret{}, time.Minute, time.Second, slog.New(slog.DiscardHandler))
		if !errors.Is(err, updater.Silent) {
			t.Error(err)
		}
	})
	t.Run("one that works in its trial and does not start in its place goes away after three starts", func(t *testing.T) {
		u.faults("start")
		u.starts()
		u.answers()
		apply := u.run("update", "apply")
		if err := apply.Start(); err != nil {
			t.Fatal(err)
		}
		<-u.over // the first start of the new one
		apply.Process.Kill()
		apply.Wait()
		for range 2 {
			if v := versionOf(t, u.program()); v != "1.1.0" {
				t.Fatal(v)
			}
			u.starts()
			<-u.over
		}
		u.starts()
		if v := u.answers(); v != "1.0.0" {
			t.Fatal(v)
		}
	})
	t.Run("a good one takes over, and what was taken before is there", func(t *testing.T) {
		u.faults("")
		u.Send(letter{from: sender, to: []string{"bo@example.se.0707654321.s"}, subject: "Strax före", body: "Hej Bo."})
		second := u.Await("email", "bo@example.se", 1)
		if out, err := u.update("apply"); err != nil || !strings.Contains(out, "Version 1.1.0 runs.") {
			t.Fatalf("%v: %s %s", err, out, u.said.Bytes())
		}
		if v := u.answers(); v != "1.1.0" {
			t.Fatal(v)
		}
		u.reads(second, "Hej Bo.")
		if _, err := os.Stat(filepath.Join(u.dir, "data", "update", "snapshot-sigill.db")); !errors.Is(err, os.ErrNotExist) {
			t.Error("the snapshot is still there")
		}
	})
	t.Run("an older one is not taken then", func(t *testing.T) {
		who.release(t, source, "1.0.5", old, 2, 3)
		if out, err := u.update("apply"); err == nil || !strings.Contains(out, "not newer") {
			t.Errorf("%v: %s", err, out)
		}
	})
	t.Run("by hand one goes back to the one before, with the letters that came meanwhile", func(t *testing.T) {
		u.Send(letter{from: sender, to: []string{"kim@example.se.0707654322.s"}, subject: "Efter", body: "Hej Kim."})
		third := u.Await("email", "kim@example.se", 1)
		if out, err := u.update("rollback"); err != nil || !strings.Contains(out, "Version 1.0.0 runs.") {
			t.Fatalf("%v: %s", err, out)
		}
		u.reads(third, "Hej Kim.")
	})
	t.Run("no log says what the letters say", func(t *testing.T) {
		if b := u.said.Bytes(); bytes.Contains(b, []byte("Hej Bo")) || bytes.Contains(b, []byte("bo@example.se")) {
			t.Errorf("%s", b)
		}
	})
	t.Run("and the journal is whole", func(t *testing.T) {
		u.ends()
		if _, err := appliance.VerifyJournal(context.Background(), filepath.Join(u.dir, "data"), filepath.Join(u.dir, "keys")); err != nil {
			t.Error(err)
		}
	})
}

// versionOf asks a program which version it is.
func versionOf(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.Command(program, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(string(out), "sigill "))
}
