package target

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/pkg/sftp"
)

// How much is asked for at once when an object is read, and how much is sent, in bytes.
const (
	readAhead = 1 << 20
	sendAhead = 1 << 20
)

// upload is a file that is being written to an SFTP server, on one line from its first byte
// to its last: what write has given once it cannot give again.
type upload struct {
	s    *SFTP
	ctx  context.Context
	l    *line
	f    *sftp.File
	half string
	n    int64 // bytes written
}

// open makes the file under its name until it is whole, and the directories above it.
//
// A file that is there from before is removed and not cut short: the server may still be
// writing into that one what came over a line that is lost by now.
func (u *upload) open(half string) error {
	u.half = half
	return u.s.do(u.ctx, func(l *line) error {
		c := l.sftp
		const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
		f, err := c.OpenFile(half, flags)
		if errors.Is(err, fs.ErrNotExist) {
			err = u.makeDirs(c, path.Dir(half))
		} else if err != nil && answered(err) {
			err = c.Remove(half)
		}
		if err == nil && f == nil {
			f, err = c.OpenFile(half, flags)
		}
		if err != nil {
			return err
		}
		u.f, u.l = f, l
		return nil
	})
}

// makeDirs makes a directory below the target's own, and those above it.
func (u *upload) makeDirs(c *sftp.Client, dir string) error {
	if dir == u.s.c.Path {
		return nil
	}
	if _, err := c.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := u.makeDirs(c, path.Dir(dir)); err != nil {
		return err
	}
	err := c.Mkdir(dir)
	if err != nil && answered(err) {
		if _, there := c.Stat(dir); there == nil { // somebody was quicker
			return nil
		}
	}
	return err
}

// fill writes the content and waits until it is on the server's disk.
func (u *upload) fill(write func(io.Writer) error) error {
	w := bufio.NewWriterSize(u, sendAhead)
	if err := write(until{u.ctx, w}); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return u.s.on(u.ctx, u.l, u.f.Sync)
}

// Write sends what has been gathered.
func (u *upload) Write(b []byte) (n int, err error) {
	err = u.s.on(u.ctx, u.l, func() error {
		n, err = u.f.Write(b)
		return err
	})
	u.n += int64(n)
	return n, err
}

// settle gives the file its name. Where the answer to that is lost with the line, it is asked
// whether it was done.
func (u *upload) settle(to string) error {
	again := false
	err := u.s.do(u.ctx, func(l *line) error {
		c := l.sftp
		err := c.PosixRename(u.half, to)
		if again && errors.Is(err, fs.ErrNotExist) {
			st, statErr := c.Stat(to)
			if statErr != nil {
				return statErr
			}
			if st.Size() != u.n {
				return fmt.Errorf("it has %d bytes and not %d", st.Size(), u.n)
			}
			err = nil
		}
		again = true
		return err
	})
	if err != nil {
		return err
	}
	// The name is durable when the directory is, which this protocol cannot ask for. But who
	// syncs a file that was renamed gets the new name with it: ext4, xfs, btrfs and ZFS write
	// both in one transaction of their log.
	return u.s.do(u.ctx, func(l *line) error {
		f := u.f
		if l != u.l {
			var err error
			if f, err = l.sftp.Open(to); err != nil {
				return err
			}
		}
		return errors.Join(f.Sync(), f.Close())
	})
}

// little is how much room a full disk may have, in bytes: what is sent at once did not fit.
const little = sendAhead

// why adds ErrFull where the disk is full. The protocol has no word for that: a server says
// only that it failed, so it is asked how much room there is, while what was written is there.
func (u *upload) why(err error) error {
	var status *sftp.StatusError
	if !errors.As(err, &status) || status.FxCode() != sftp.ErrSSHFxFailure {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), u.s.c.Stall)
	defer cancel()
	var room *sftp.StatVFS
	if u.s.on(ctx, u.l, func() (err error) {
		room, err = u.l.sftp.StatVFS(u.s.c.Path)
		return err
	}) != nil {
		return err // it is none of OpenSSH's, and cannot say
	}
	if room.Bavail*room.Frsize < little || room.Files > 0 && room.Favail == 0 {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// giveUp takes away what was written, if the line is there. If not, the next Put of the same
// name does it, or Sweep.
func (u *upload) giveUp() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), u.s.c.Stall)
	defer cancel()
	u.s.mu.Lock()
	there := u.s.line == u.l
	u.s.mu.Unlock()
	if there {
		u.s.on(ctx, u.l, func() error {
			return errors.Join(u.f.Close(), u.l.sftp.Remove(u.half))
		})
	}
}
