package install

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// State is how a step stands on the computer.
type State string

// The states of a step.
const (
	Missing State = "missing" // it is made
	Differs State = "differs" // it is written anew, or its mode or owner set right
	Same    State = "same"    // nothing is done
	Changed State = "changed" // somebody has changed what is theirs: it is left as it is
	Unknown State = "unknown" // only root can see it
)

// Seen is a step and how it stands.
type Seen struct {
	Step
	State State
}

// Computer is where a plan is carried out.
type Computer struct {
	root    *os.Root
	dir     string // of root
	program string // the program that is installed
	run     func(name string, args ...string) error
	staged  bool // files of a package: dpkg says whose they are
}

// At returns the computer whose root directory is dir: "/", or that of an image. Program is
// the file of the program, which is copied; run runs another program and waits for it.
func At(dir, program string, run func(name string, args ...string) error) (*Computer, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Computer{root: root, dir: dir, program: program, run: run}, nil
}

// Close closes the root directory.
func (c *Computer) Close() error { return c.root.Close() }

// live reports whether it is this computer, with its systemd running, and not an image.
func (c *Computer) live() bool {
	_, err := os.Stat("/run/systemd/system")
	return c.dir == "/" && err == nil
}

// Look holds a plan against the computer.
func (c *Computer) Look(p Plan) ([]Seen, error) {
	list := make([]Seen, len(p))
	for i, s := range p {
		state, err := c.look(s)
		switch {
		case errors.Is(err, fs.ErrPermission):
			state = Unknown
		case err != nil:
			return nil, err
		}
		list[i] = Seen{s, state}
	}
	return list, nil
}

// below is a path as the root directory wants it.
func below(path string) string { return strings.TrimPrefix(path, "/") }

func (c *Computer) look(s Step) (State, error) {
	if s.Kind == Account {
		_, _, err := c.ids(s.Path, s.Path)
		if errors.Is(err, errNobody) {
			return Missing, nil
		}
		return Same, err
	}
	st, err := c.root.Lstat(below(s.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return Missing, nil
	}
	if err != nil {
		return "", err
	}
	want := map[Kind]fs.FileMode{Directory: fs.ModeDir, Link: fs.ModeSymlink}[s.Kind]
	if st.Mode().Type() != want {
		return "", fmt.Errorf("%s is there and is no %s: move it away first", s.Path, s.Kind)
	}
	switch s.Kind {
	case Link:
		to, err := c.root.Readlink(below(s.Path))
		return either(to == s.To), err
	case File:
		same, err := c.holds(s)
		if err != nil || !same {
			if s.Kept && err == nil {
				return Changed, nil
			}
			return Differs, err
		}
	}
	return c.lookMode(s, st)
}

func either(same bool) State {
	if same {
		return Same
	}
	return Differs
}

// lookMode compares mode and owner. Where an account is not there yet, nothing can be its own.
func (c *Computer) lookMode(s Step, st fs.FileInfo) (State, error) {
	uid, gid, err := c.ids(s.Owner, s.Group)
	if errors.Is(err, errNobody) {
		return Differs, nil
	}
	sys := st.Sys().(*syscall.Stat_t)
	return either(st.Mode().Perm() == s.Mode && sys.Uid == uint32(uid) && sys.Gid == uint32(gid)), err
}

// open opens what a file is to hold.
func (c *Computer) open(s Step) (io.ReadCloser, error) {
	if s.content == "" {
		return os.Open(c.program)
	}
	return io.NopCloser(strings.NewReader(s.content)), nil
}

// holds reports whether a file holds what it is to hold.
func (c *Computer) holds(s Step) (bool, error) {
	want, err := c.open(s)
	if err != nil {
		return false, err
	}
	defer want.Close()
	is, err := c.root.Open(below(s.Path))
	if err != nil {
		return false, err
	}
	defer is.Close()
	a, err := sum(want)
	if err != nil {
		return false, err
	}
	b, err := sum(is)
	return bytes.Equal(a, b), err
}

func sum(r io.Reader) ([]byte, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return h.Sum(nil), err
}

// errNobody says that there is no such account.
var errNobody = errors.New("there is no such account")

// ids returns the numbers of an account and a group as the computer's own files have them:
// an image knows others than the computer on which it is made.
func (c *Computer) ids(owner, group string) (uid, gid int, err error) {
	if uid, err = c.number("etc/passwd", owner); err != nil {
		return 0, 0, err
	}
	gid, err = c.number("etc/group", group)
	return uid, gid, err
}

// number is the third field of the line of a name: passwd(5), group(5).
func (c *Computer) number(file, name string) (int, error) {
	if name == "root" {
		return 0, nil
	}
	f, err := c.root.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, errNobody
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if field := strings.Split(strings.TrimSpace(line), ":"); len(field) > 2 && field[0] == name {
			return strconv.Atoi(field[2])
		}
	}
	return 0, errNobody
}
