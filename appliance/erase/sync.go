//go:build !nosync

package erase

import (
	"os"
	"syscall"
)

// Durable says that this binary waits for the disk. It is false only in a build
// with the tag nosync, which exists to measure what waiting costs. A tag and not a
// setting, so that the binary that people run cannot be talked into it.
const Durable = true

func datasync(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for {
			if failed = syscall.Fdatasync(int(fd)); failed != syscall.EINTR {
				return
			}
		}
	})
	if failed != nil {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: failed}
	}
	return err
}
