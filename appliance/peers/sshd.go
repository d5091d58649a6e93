package peers

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// SSHD is an OpenSSH server of our own: keys and configuration in a directory of the test,
// one process for each connection, nothing of the machine's.
type SSHD struct {
	Addr     string
	User     string
	HostKeys []string // fingerprints
	Key      []byte   // opens it, in OpenSSH's form
	Dir      string   // empty; who signs in may write there
}

const sshdConfig = `
HostKey DIR/ed25519
HostKey DIR/ecdsa
AuthorizedKeysFile DIR/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
PrintMotd no
LogLevel ERROR
Subsystem sftp internal-sftp
`

// StartSSHD starts Debian's sshd. It serves until the test ends.
func StartSSHD(t *testing.T) *SSHD {
	t.Helper()
	needs(t, "OpenSSH's server")
	const program = "/usr/sbin/sshd"
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &SSHD{User: who.Username, Dir: t.TempDir()}
	for _, kind := range []string{"ed25519", "ecdsa"} {
		path := filepath.Join(dir, kind)
		if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
		s.HostKeys = append(s.HostKeys, fingerprint(t, path+".pub"))
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Key = pem.EncodeToMemory(block)
	authorized, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config")
	for path, text := range map[string][]byte{
		filepath.Join(dir, "authorized"): ssh.MarshalAuthorizedKey(authorized),
		config:                           []byte(strings.ReplaceAll(sshdConfig, "DIR", dir)),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		// Where its part without rights is locked in; the unit of the package makes it at boot.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.Addr = serveEach(t, func(conn *os.File) *exec.Cmd {
		c := exec.Command(program, "-i", "-e", "-f", config)
		c.Stdin, c.Stdout = conn, conn
		return c
	})
	return s
}

func fingerprint(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return ssh.FingerprintSHA256(key)
}

// serveEach listens on loopback and runs a program for each connection, as inetd does. All
// have ended when the test has.
func serveEach(t *testing.T, program func(conn *os.File) *exec.Cmd) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	running := map[*exec.Cmd]bool{}
	serve := func(conn net.Conn) error {
		defer conn.Close()
		f, err := conn.(*net.TCPConn).File()
		if err != nil {
			return err
		}
		defer f.Close()
		c := program(f)
		if err := c.Start(); err != nil {
			return err
		}
		mu.Lock()
		running[c] = true
		mu.Unlock()
		f.Close()
		conn.Close()
		c.Wait() // how it ends is told by the line
		mu.Lock()
		delete(running, c)
		mu.Unlock()
		return nil
	}
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				if err := serve(conn); err != nil {
					fmt.Fprintln(os.Stderr, "sshd:", err)
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range running {
			c.Process.Kill()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}
