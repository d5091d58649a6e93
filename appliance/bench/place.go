package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
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
		var st syscall.Statfs_t
		if err = syscall.Statfs(p, &st); err != nil {
			continue
		}
		system = fileSystem(uint32(st.Type))
		switch {
		case system == "tmpfs" || system == "ramfs":
			err = fmt.Errorf("%s is in memory; name a directory on a disk with --dir", p)
		case st.Bavail*uint64(st.Bsize) < room:
			err = fmt.Errorf("%s has less than %d GiB free", p, room>>30)
		default:
			path, err := filepath.Abs(p)
			return path, system, err
		}
	}
	return "", "", err
}

// fileSystem names the magic number of statfs(2).
func fileSystem(magic uint32) string {
	names := map[uint32]string{
		0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x01021994: "tmpfs", 0x858458f6: "ramfs",
		0x794c7630: "overlay", 0x2fc12fc1: "zfs", 0xf2f52010: "f2fs",
	}
	if n, ok := names[magic]; ok {
		return n
	}
	return fmt.Sprintf("%#x", magic)
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
