// Package owner gives files to whose they are to be: commands are typed by root, and what they
// leave behind is the service's, which is not.
package owner

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Owner is whose a file or directory is.
type Owner struct{ UID, GID int }

// Us is who this process is.
func Us() Owner { return Owner{os.Geteuid(), os.Getegid()} }

// In is the owner that is told of a file.
func In(info fs.FileInfo) Owner {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return Owner{int(s.Uid), int(s.Gid)}
	}
	return Us()
}

// Of is the owner of what stands at a path, behind links.
func Of(path string) (Owner, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Owner{}, err
	}
	return In(info), nil
}

// Gets gives what stands at a path below a directory to its owner; a link itself, for where it
// leads is not ours to give away. Nothing outside the directory is given even where somebody who
// may write in it makes a link of one of its directories meanwhile. Who is not root may not, and
// gets an error.
func (o Owner) Gets(dir, path string) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return root.Lchown(path, o.UID, o.GID)
}

// GetsAll is Gets for a directory and all below it. What this process makes is its own already.
func (o Owner) GetsAll(dir string) (err error) {
	if o == Us() {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return fs.WalkDir(root.FS(), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return root.Lchown(path, o.UID, o.GID)
	})
}
