package control

import (
	"net"
	"os"
	"sync"
	"syscall"
)

// most is how many are in at once. Whoever comes then waits in the kernel's queue.
const most = 8

// door lets them in, and asks the kernel who each is.
type door struct {
	*place
	free chan struct{} // has room for each who is in
}

// guest is one who is in.
type guest struct {
	net.Conn
	uid   uint32
	known bool // the kernel has said who it is
	leave func()
}

// Accept waits for room, then for somebody.
func (d *door) Accept() (net.Conn, error) {
	d.free <- struct{}{}
	c, err := d.AcceptUnix()
	if err != nil {
		<-d.free
		return nil, err
	}
	uid, err := peer(c)
	return &guest{Conn: c, uid: uid, known: err == nil, leave: sync.OnceFunc(func() { <-d.free })}, nil
}

// Close ends the connection. It may be called twice.
func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}

// peer returns the account of whoever has called connect. The kernel keeps it; the
// other side cannot choose it (unix(7), SO_PEERCRED).
func peer(c *net.UnixConn) (uint32, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *syscall.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		cred, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if failed != nil {
		return 0, failed
	}
	return cred.Uid, nil
}

// trusted says who is answered: root, who can read the data anyway, and the account
// of this process.
func trusted(uid uint32) bool { return uid == 0 || uid == uint32(os.Geteuid()) }
