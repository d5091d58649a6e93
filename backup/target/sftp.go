package target

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"sigill/appliance/config"
)

// SFTPConfig says which directory of which server is a target.
type SFTPConfig struct {
	Addr string // host, or host:port
	User string
	// HostKey is the fingerprint of the server's key, as ssh-keygen -l prints it. It is
	// needed: a server is never trusted because it was the first to answer.
	HostKey string
	// Key is a private key in OpenSSH's form; "": Password is used.
	Key, Password config.Secret
	Path          string // of the directory, which must be there; without a "/" before, below the account's own
	// Stall is how long one answer may take; 0: StallFor.
	Stall time.Duration
}

// StallFor is how long a server may take for one answer before the line counts as lost.
const StallFor = 60 * time.Second

// auth is how we say who we are. Some servers ask for a password in the other way only.
func (c SFTPConfig) auth() []ssh.AuthMethod {
	if c.Key != "" {
		if s, err := ssh.ParsePrivateKey([]byte(c.Key)); err == nil {
			return []ssh.AuthMethod{ssh.PublicKeys(s)}
		}
	}
	if c.Password == "" {
		return nil
	}
	return []ssh.AuthMethod{ssh.Password(string(c.Password)), ssh.KeyboardInteractive(func(_, _ string, questions []string, echo []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range questions {
			if !echo[i] {
				answers[i] = string(c.Password)
			}
		}
		return answers, nil
	})}
}

// SFTP is a target in a directory of an SFTP server. It keeps one line, and makes a new one
// when that is lost.
type SFTP struct {
	c SFTPConfig

	mu   sync.Mutex
	line *line // nil: there is none
}

// OpenSFTP returns the target. The error is a HostKeyError if another server answers than the one that is pinned.
func OpenSFTP(ctx context.Context, c SFTPConfig) (*SFTP, error) {
	if !ValidHostKey(c.HostKey) {
		return nil, fmt.Errorf("the host key %q is no fingerprint like SHA256:…, as ssh-keygen -l prints it", c.HostKey)
	}
	if c.Key != "" {
		if _, err := ssh.ParsePrivateKey([]byte(c.Key)); err != nil {
			return nil, fmt.Errorf("the key for the SFTP server: %w", err)
		}
	}
	c.Addr, c.Path = withPort(c.Addr), path.Clean(c.Path)
	if c.Stall == 0 {
		c.Stall = StallFor
	}
	s := &SFTP{c: c}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin looks at the directory.
func (s *SFTP) begin(ctx context.Context) error {
	err := s.do(ctx, func(l *line) error {
		st, err := l.sftp.Stat(s.c.Path)
		if err == nil && !st.IsDir() {
			err = fs.ErrNotExist
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the SFTP server has no directory %s: make it first", s.c.Path)
	}
	return err
}

// Sweep removes what was half written before a time: by a crash, or somebody else who has
// stopped since.
func (s *SFTP) Sweep(ctx context.Context, before time.Time) error {
	left, err := halves(before, func(prefix string, yield func(Object) bool) error { return s.walk(ctx, prefix, yield) })
	for _, name := range left {
		if err := s.remove(ctx, path.Join(s.c.Path, name), true); err != nil {
			return err
		}
	}
	return err
}

// get returns the line, and whether it was made for this call.
func (s *SFTP) get(ctx context.Context) (l *line, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line == nil {
		if s.line, err = s.c.dial(ctx); err != nil {
			return nil, false, fmt.Errorf("SFTP server %s: %w", s.c.Addr, err)
		}
		fresh = true
	}
	return s.line, fresh, nil
}

// drop forgets a line that is lost.
func (s *SFTP) drop(l *line) {
	l.hangUp()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line == l {
		s.line = nil
	}
}

// on does something on a line, and drops it if it turns out to be lost.
func (s *SFTP) on(ctx context.Context, l *line, do func() error) error {
	err := l.within(ctx, s.c.Stall, do)
	if !answered(err) {
		s.drop(l)
		err = fmt.Errorf("the line to the SFTP server is lost: %w", err)
	}
	return err
}

// do does what may be done twice. The line that was kept may have died since the last minute,
// which is seen only when it is used: then it is done on a new one.
func (s *SFTP) do(ctx context.Context, do func(*line) error) error {
	for {
		l, fresh, err := s.get(ctx)
		if err != nil {
			return err
		}
		err = s.on(ctx, l, func() error { return do(l) })
		if fresh || answered(err) || ctx.Err() != nil {
			return err
		}
	}
}

// Put writes under another name, makes that durable, and renames.
func (s *SFTP) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	if err := named(name); err != nil {
		return err
	}
	to := path.Join(s.c.Path, name)
	up := &upload{s: s, ctx: ctx}
	if err := up.open(to + partial); err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	err := up.fill(write)
	if err == nil {
		err = up.settle(to)
	}
	if err != nil {
		err = up.why(err)
		up.giveUp()
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

// Get opens an object.
func (s *SFTP) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := named(name); err != nil {
		return nil, err
	}
	at := path.Join(s.c.Path, name)
	r := &resumed{ctx: ctx, name: name, stall: s.c.Stall}
	r.open = func(ctx context.Context, from int64) (io.ReadCloser, func(), error) {
		var f *sftp.File
		var size int64
		var on *line
		err := s.do(ctx, func(l *line) (err error) {
			if f, err = l.sftp.Open(at); err != nil {
				return err
			}
			on = l
			st, err := f.Stat()
			if err != nil {
				return err
			}
			size = st.Size()
			_, err = f.Seek(from, io.SeekStart)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		if from == 0 {
			r.size = size
		} else if size != r.size {
			return nil, nil, errors.New("it was replaced meanwhile")
		}
		ahead := max(16, int(min(readAhead, size-from)))
		return &download{Reader: bufio.NewReaderSize(f, ahead), f: f}, func() { s.drop(on) }, nil
	}
	var err error
	r.r, r.abort, err = r.open(ctx, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, ErrAbsent)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", name, err)
	}
	return r, nil
}

// download is a file that is read in large steps.
type download struct {
	*bufio.Reader
	f *sftp.File
}

func (d *download) Close() error { return d.f.Close() }

// List returns the objects, without those that are half written.
func (s *SFTP) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		err := s.walk(ctx, prefix, func(o Object) bool { return isPartial(o.Name) || yield(o, nil) })
		if err != nil {
			yield(Object{}, err)
		}
	}
}

func (s *SFTP) walk(ctx context.Context, prefix string, yield func(Object) bool) error {
	err := tree{prefix: prefix, yield: yield, read: func(dir string) ([]fs.DirEntry, error) {
		var list []fs.DirEntry
		err := s.do(ctx, func(l *line) error {
			infos, err := l.sftp.ReadDirContext(ctx, path.Join(s.c.Path, dir))
			list = list[:0]
			for _, i := range infos {
				if n := i.Name(); fs.ValidPath(n) && !strings.Contains(n, "/") { // the server's word
					list = append(list, fs.FileInfoToDirEntry(i))
				}
			}
			return err
		})
		return list, err
	}}.walk()
	if err != nil {
		return fmt.Errorf("list backups: %w", err)
	}
	return nil
}

// Remove takes an object away.
func (s *SFTP) Remove(ctx context.Context, name string, overwrite bool) error {
	if err := named(name); err != nil {
		return err
	}
	if err := s.remove(ctx, path.Join(s.c.Path, name), overwrite); err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

func (s *SFTP) remove(ctx context.Context, at string, overwrite bool) error {
	if overwrite {
		if err := s.overwrite(ctx, at); err != nil {
			return err
		}
	}
	err := s.do(ctx, func(l *line) error { return l.sftp.Remove(at) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// overwrite writes zeros over a file where it stands, and waits for the disk. It does not cut
// the file short before: that would free the blocks with the old bytes in them.
func (s *SFTP) overwrite(ctx context.Context, at string) error {
	zeros := make([]byte, sendAhead)
	var done int64
	for {
		more := false
		err := s.do(ctx, func(l *line) error {
			f, err := l.sftp.OpenFile(at, os.O_WRONLY)
			if err != nil {
				return err
			}
			defer f.Close()
			st, err := f.Stat()
			if err != nil {
				return err
			}
			// A step at a time: each has its own limit of time.
			n := min(st.Size()-done, int64(len(zeros)))
			if n > 0 {
				if _, err := f.WriteAt(zeros[:n], done); err != nil {
					return err
				}
			}
			done, more = done+max(n, 0), done+max(n, 0) < st.Size()
			if more {
				return nil
			}
			return f.Sync()
		})
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !more {
			return err
		}
	}
}

// Close hangs up. What is called afterwards makes a new line.
func (s *SFTP) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		s.line.hangUp()
		s.line = nil
	}
	return nil
}
