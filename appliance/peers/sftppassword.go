package peers

import (
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"net"
	"os/exec"
	"testing"

	"golang.org/x/crypto/ssh"
)

// StartPasswordSFTP starts an SFTP server that lets in as who says; OpenSSH's own program keeps the
// files. It returns its address and the fingerprint of its key. To let somebody in by a password,
// OpenSSH's server would need an account of this computer with one.
func StartPasswordSFTP(t *testing.T, who ssh.ServerConfig) (addr, hostKey string) {
	t.Helper()
	needs(t, "OpenSSH's SFTP server")
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	who.AddHostKey(key)
	l := Serve(t, func(c net.Conn) { serveFiles(c, &who) })
	return l.Addr().String(), ssh.FingerprintSHA256(key.PublicKey())
}

// serveFiles lets somebody in, or not, and serves files until they hang up.
func serveFiles(c net.Conn, who *ssh.ServerConfig) {
	defer c.Close()
	_, channels, requests, err := ssh.NewServerConn(c, who)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for n := range channels {
		channel, requests, err := n.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				r.Reply(r.Type == "subsystem", nil)
			}
		}()
		go func() {
			defer channel.Close()
			p := exec.Command("/usr/lib/openssh/sftp-server")
			p.Stdout = channel
			in, err := p.StdinPipe()
			if err != nil || p.Start() != nil {
				return
			}
			io.Copy(in, channel)
			in.Close()
			p.Wait()
		}()
	}
}
