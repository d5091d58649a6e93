package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Name is the socket's name in the run directory.
const Name = "sigill.sock"

const (
	maxPath  = 107             // bytes: sun_path of unix(7), less its final zero
	knocking = 2 * time.Second // how long a socket that was found may take to answer
)

// place is a run directory that this process holds, and the socket in it.
type place struct {
	dir *os.File // the lock hangs on it
	*net.UnixListener
}

// take makes the directory if it is not there, locks it, and listens in it.
func take(path string) (_ *place, err error) {
	dir, err := openDir(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			dir.Close()
		}
	}()
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, taken(path)
	} else if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := sweep(dir); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: address(dir), Net: "unix"})
	if err != nil {
		return nil, err
	}
	// Between the two lines the directory's own mode keeps others away.
	if err := os.Chmod(address(dir), 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return &place{dir, l}, nil
}

// Close takes the socket away and then gives the directory free. It may be called
// twice.
func (p *place) Close() error {
	err := p.UnixListener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	p.dir.Close()
	return err
}

// openDir does not change a directory that is there: run = "/tmp" would be a mistake,
// and closing that to everybody a worse one.
func openDir(path string) (*os.File, error) {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the directory of the socket for commands: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	owner := st.Sys().(*syscall.Stat_t).Uid
	switch {
	case !st.IsDir():
		err = fmt.Errorf("%s is no directory", path)
	case owner != uint32(os.Geteuid()):
		err = fmt.Errorf("%s belongs to another account (number %d) than the one that runs the appliance", path, owner)
	case st.Mode().Perm()&0o077 != 0:
		err = fmt.Errorf("%s is open to others; make it mode 0700", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweep takes away the socket that a crash has left. The lock says that no appliance
// has it; that nobody answers says that nobody else has it either.
func sweep(dir *os.File) error {
	path := filepath.Join(dir.Name(), Name)
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case st.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is no socket, and is left as it is", path)
	}
	c, err := net.DialTimeout("unix", address(dir), knocking)
	if err == nil {
		c.Close()
		return taken(dir.Name())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("ask who has %s: %w", path, err)
	}
	return os.Remove(path)
}

func taken(dir string) error {
	return fmt.Errorf("another process has %s; each appliance needs a run directory of its own", filepath.Join(dir, Name))
}

// address is the socket's path, or a short one to the same place if the kernel would
// not take it whole: a demo may stand deep in somebody's directories.
func address(dir *os.File) string {
	path := filepath.Join(dir.Name(), Name)
	if len(path) <= maxPath {
		return path
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), Name)
}
