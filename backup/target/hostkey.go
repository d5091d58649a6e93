package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// hostKeyKinds are the kinds of host key, the best first, each with the algorithms by which
// it signs. SHA-1 is in none.
var hostKeyKinds = [...][]string{
	{ssh.KeyAlgoED25519},
	{ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521},
	{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256},
}

var errHostKey = errors.New("not the host key that is pinned")

// HostKeyError says that a server showed other keys than the one that is pinned. Whoever
// pins the new one without asking the server's keeper takes anybody for the server.
type HostKeyError struct {
	Pinned string
	Shown  []string // fingerprints; none: the server has no key of a kind that we take
}

func (e *HostKeyError) Error() string {
	if len(e.Shown) == 0 {
		return "the SFTP server has no host key of a kind that is safe (ed25519, ECDSA or RSA with SHA-2)"
	}
	return fmt.Sprintf("the SFTP server is not the one that is pinned: its host keys are %s and not %s; ask who runs it whether that is right", strings.Join(e.Shown, ", "), e.Pinned)
}

// HostKeys asks an SFTP server for its host keys and returns their fingerprints, such as
// "SHA256:…", the best kind first. Nothing proves that they are right: somebody must compare
// them with what the server's keeper says, before one is pinned.
func HostKeys(ctx context.Context, addr string, stall time.Duration) ([]string, error) {
	c := SFTPConfig{Addr: withPort(addr), User: "sigill", Stall: stall}
	var found []string
	for _, kind := range hostKeyKinds {
		_, shown, err := c.shakeWith(ctx, kind)
		if shown != "" {
			found = append(found, shown)
		} else if !isNoCommon(err) {
			return found, err // nobody is there, or nobody who speaks SSH
		}
	}
	if len(found) == 0 {
		return nil, &HostKeyError{}
	}
	return found, nil
}

// isNoCommon reports whether a server has no host key of a kind that was asked for.
func isNoCommon(err error) bool {
	var n *ssh.AlgorithmNegotiationError
	return errors.As(err, &n) && n.What == "host key"
}

// ValidHostKey reports whether s is written like a fingerprint, as ssh-keygen -l prints it.
func ValidHostKey(s string) bool {
	const head = "SHA256:"
	rest, ok := strings.CutPrefix(s, head)
	return ok && len(rest) == 43 && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == ""
}

// withPort is an address with SSH's port if it has none.
func withPort(addr string) string {
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr
	}
	return net.JoinHostPort(strings.Trim(addr, "[]"), "22")
}
