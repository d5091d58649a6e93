package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"sigill/appliance/erase"
)

// room is how many bytes must be free: a round of large mails on both sides, and an
// attachment.
const room = 8 << 30

// place finds a directory on a disk and says which file system it is. Memory is no
// disk: every ratio would be another.
func place(dir string) (path, system string, err error) {
	tries := []string{dir}
	if dir == "" {
		tries = []string{os.TempDir(), "/var/tmp", "."}
	}
	for _, p := range tries {
		var disk erase.FileSystem
		if disk, err = erase.FileSystemOf(p); err != nil {
			continue
		}
		system = disk.Name()
		switch {
		case system == "tmpfs" || system == "ramfs":
			err = fmt.Errorf("%s is in memory; name a directory on a disk with --dir", p)
		case disk.Free < room:
			err = fmt.Errorf("%s has less than %d GiB free", p, room>>30)
		default:
			path, err := filepath.Abs(p)
			return path, system, err
		}
	}
	return "", "", err
}

// syncRate is the limit of the disk: how many writes of 4 KiB one thread makes
// durable in a second.
func syncRate(dir string) (rate float64, err error) {
	f, err := os.CreateTemp(dir, "limit-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	const most = 64 << 20
	block := make([]byte, 4<<10)
	// Room that is there already, as in a log that is used again.
	if _, err := f.Write(make([]byte, most)); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	n, begin := 0, time.Now()
	for time.Since(begin) < 200*time.Millisecond {
		if _, err := f.WriteAt(block, int64(n)*4096%most); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		n++
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}
