package install

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"sigill/appliance/config"
)

// Options are what the commands are told.
type Options struct {
	Root    string // of the computer: "/", or the directory of an image
	Program string // the file of the program that runs
	DryRun  bool
	JSON    bool
	Backups []string // Install lets the service write to these directories too
	Purge   bool     // Uninstall erases what is kept too
	Yes     bool     // and does not ask
	In      io.Reader
	Out     io.Writer
	Run     func(name string, args ...string) error // Exec, but in tests
}

// layout is that of the package where the program is the package's, else Local.
func (o Options) layout() Layout {
	if o.Root == "/" && o.Program == Packaged().Program {
		return Packaged()
	}
	return Local()
}

// mayChange is an error for whom the computer would stop halfway.
func (o Options) mayChange() error {
	if o.Root == "/" && !o.DryRun && os.Geteuid() != 0 {
		return errors.New("only root can do this: use sudo, or see with --dry-run what it would do")
	}
	return nil
}

// Install makes the computer an appliance, or says what that would change.
func Install(o Options) error {
	if err := o.mayChange(); err != nil {
		return err
	}
	c, err := At(o.Root, o.Program, o.Run)
	if err != nil {
		return err
	}
	defer c.Close()
	p, err := c.plan(o.layout(), o.Backups)
	if err != nil {
		return err
	}
	do := c.Do
	if o.DryRun {
		do = c.Look
	}
	list, err := do(p)
	if o.JSON {
		return errors.Join(err, WriteJSON(o.Out, list))
	}
	if err = errors.Join(err, Write(o.Out, list, !o.DryRun)); err != nil || o.DryRun {
		return err
	}
	fmt.Fprintf(o.Out, "\nWhen %s is filled in, `systemctl restart sigill` starts the appliance, and\n`journalctl -u sigill` tells how it goes. The first start writes the recovery kit.\n", config.DefaultPath)
	return nil
}

// Stage writes into a directory what a Debian package has in it.
func Stage(o Options) error {
	c, err := At(o.Root, o.Program, o.Run)
	if err != nil {
		return err
	}
	defer c.Close()
	c.staged = true
	for _, s := range NewPlan(Packaged()) {
		if s.Kind != File || s.Kept {
			continue
		}
		if err := c.write(s); err != nil {
			return err
		}
	}
	return nil
}

// Uninstall takes back what Install has made. Letters, keys and a configuration that was
// changed stay, unless a purge is asked for and, after it was said what goes, meant.
func Uninstall(o Options) error {
	if err := o.mayChange(); err != nil {
		return err
	}
	c, err := At(o.Root, o.Program, o.Run)
	if err != nil {
		return err
	}
	defer c.Close()
	p, err := c.plan(o.layout(), nil)
	if err != nil {
		return err
	}
	if o.Purge {
		if err := o.means(c, p); err != nil {
			return err
		}
	}
	if o.DryRun {
		return o.tell(c.would(p, o.Purge))
	}
	if err := c.stop(p); err != nil {
		return err
	}
	if o.Purge {
		if err := c.Purge(p); err != nil {
			return err
		}
	}
	return o.tell(c.Undo(p))
}

func (o Options) tell(list []Undone, err error) error {
	if o.JSON {
		return errors.Join(err, WriteJSON(o.Out, list))
	}
	return errors.Join(err, WriteUndone(o.Out, list, !o.DryRun))
}

// means says what a purge would erase, and asks whether that is meant.
func (o Options) means(c *Computer, p Plan) error {
	b, err := c.Weigh(p)
	if err != nil || len(b.Directories) == 0 {
		return err
	}
	if !o.JSON {
		fmt.Fprintf(o.Out, "This erases %d files (%d bytes) in %s: every letter, every key, the recovery kit if it\nlies there, the configuration with its passwords. No letter here can be read again, and\none in a backup only with the recovery kit.\n",
			b.Files, b.Bytes, strings.Join(b.Directories, " and "))
	}
	if o.Yes || o.DryRun {
		return nil
	}
	fmt.Fprint(o.Out, "Write \"erase\" if that is meant: ")
	answer, err := bufio.NewReader(io.LimitReader(o.In, 80)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(answer) != "erase" {
		return errors.New("nothing was erased, and nothing removed")
	}
	return nil
}

// Exec runs a program of the system and waits for it. What it says is told if it fails.
func Exec(name string, args ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%s is not on this computer; a system with systemd 252 or newer has it", name)
	}
	var said bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(said.String()))
	}
	return nil
}
