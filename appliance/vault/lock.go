package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"sigill/appliance/mail"
)

// makeDir makes the data directory, for its owner alone.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make data directory: %w", err)
	}
	// Ids, sizes and times are plain in it: nobody else on the machine reads them.
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("close data directory to others: %w", err)
	}
	return nil
}

// lockDir takes the store for this process. The kernel gives the lock back when
// the process ends, however it ends, so there is no stale lock; the file stays.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := os.ReadFile(f.Name())
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, mail.E(mail.Busy, "error.storebusy",
				fmt.Errorf("the data directory is open in another process (number %s)", strings.TrimSpace(string(pid))))
		}
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	// For whoever meets the lock; it is the lock that counts, not the number.
	_ = f.Truncate(0)
	_, _ = fmt.Fprintln(f, os.Getpid())
	return f, nil
}

// Hold keeps every process away from the store in dir until what is returned is closed, for
// who copies its files. The error is Busy if one has it open.
func Hold(dir string) (io.Closer, error) {
	f, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	return f, nil
}
