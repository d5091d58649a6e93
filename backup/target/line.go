package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// line is one connection to an SFTP server.
type line struct {
	conn net.Conn
	ssh  *ssh.Client
	sftp *sftp.Client
}

// The extensions without which a target cannot promise what it must: that an object is on
// the disk, and that it replaces the one before in one step. OpenSSH has both, and so have
// ProFTPD and what storage boxes are made of.
const (
	extSync   = "fsync@openssh.com"
	extRename = "posix-rename@openssh.com"
)

// dial makes a line, and gives up when ctx ends.
func (c SFTPConfig) dial(ctx context.Context) (*line, error) {
	l, err := c.shake(ctx)
	if err != nil {
		return nil, err
	}
	// A server that has let us in and then says nothing must not keep us either.
	err = l.within(ctx, c.Stall, func() (err error) {
		// Several packets are on their way at once: a line of 20 ms would otherwise carry one
		// of 32 KiB in that time.
		l.sftp, err = sftp.NewClient(l.ssh, sftp.UseConcurrentWrites(true))
		return err
	})
	if err != nil {
		l.hangUp()
		return nil, fmt.Errorf("begin SFTP: %w", err)
	}
	for _, e := range []string{extSync, extRename} {
		if v, _ := l.sftp.HasExtension(e); v != "1" {
			l.hangUp()
			return nil, fmt.Errorf("the SFTP server cannot do %s, so nothing on it would be safe from a power cut", e)
		}
	}
	return l, nil
}

// shake calls the server and signs in. A server has several host keys and shows one, of the
// kind that both prefer: if it is not the one that is pinned, the other kinds are asked for.
func (c SFTPConfig) shake(ctx context.Context) (*line, error) {
	var seen []string
	for _, kind := range hostKeyKinds {
		l, shown, err := c.shakeWith(ctx, kind)
		if err == nil {
			return l, nil
		}
		if shown != "" && shown != c.HostKey {
			seen = append(seen, shown)
			continue
		}
		if shown == "" && isNoCommon(err) {
			continue // it has no key of this kind
		}
		return nil, err
	}
	return nil, &HostKeyError{Pinned: c.HostKey, Shown: seen}
}

func (c SFTPConfig) shakeWith(ctx context.Context, kind []string) (l *line, shown string, err error) {
	conn, err := (&net.Dialer{Timeout: c.Stall}).DialContext(ctx, "tcp", c.Addr)
	if err != nil {
		return nil, "", err
	}
	l = &line{conn: conn}
	err = l.within(ctx, c.Stall, func() error {
		sc, channels, requests, err := ssh.NewClientConn(conn, c.Addr, &ssh.ClientConfig{
			User: c.User, Auth: c.auth(), HostKeyAlgorithms: kind,
			HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
				if shown = ssh.FingerprintSHA256(key); shown != c.HostKey {
					return errHostKey
				}
				return nil
			},
		})
		if err == nil {
			l.ssh = ssh.NewClient(sc, channels, requests)
		}
		return err
	})
	if err != nil {
		l.hangUp()
		return nil, shown, err
	}
	return l, shown, nil
}

// errStalled says that the other side has not answered in time.
var errStalled = errors.New("no answer in time")

// within does what asks the server, and hangs up if ctx ends or the answer takes longer than
// stall: there is no other way to end a request of this protocol.
func (l *line) within(ctx context.Context, stall time.Duration, do func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, stall, errStalled)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.conn.Close() })
	err := do()
	if stop() || err == nil {
		return err
	}
	return errors.Join(context.Cause(ctx), err)
}

// hangUp ends the line and waits for nobody.
func (l *line) hangUp() {
	l.conn.Close()
	if l.sftp != nil {
		l.sftp.Close()
	}
	if l.ssh != nil {
		l.ssh.Close()
	}
}

// answered reports whether an error is one that the server has answered. Any other is the
// line's.
func answered(err error) bool {
	var status *sftp.StatusError
	return err == nil || errors.As(err, &status) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrExist)
}
