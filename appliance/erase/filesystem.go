package erase

import (
	"fmt"
	"syscall"
)

// FileSystem is what one says of itself where a directory is: statfs(2).
type FileSystem struct {
	Magic uint32 // which file system it is
	Free  int64  // bytes, without those that are kept for root
	All   int64  // bytes
}

// FileSystemOf asks the file system of a directory. The error says that it could not be asked.
func FileSystemOf(dir string) (FileSystem, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return FileSystem{}, fmt.Errorf("ask the file system: %w", err)
	}
	return FileSystem{Magic: uint32(fs.Type), Free: int64(fs.Bavail) * fs.Bsize, All: int64(fs.Blocks) * fs.Bsize}, nil
}

// Name is what people call it, such as "ext4"; "0x…" if it has no name here.
func (f FileSystem) Name() string { return kindOf(f.Magic).name }
