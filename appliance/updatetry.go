package appliance

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/config"
	"sigill/appliance/overseer"
	"sigill/appliance/seal"
	"sigill/updater"
)

// How long a program that is tried may take.
const (
	opensIn = 10 * time.Minute // a large store is migrated
	wellIn  = time.Minute      // and then all its doors must answer, again and again
)

// What it says on its way, a line each.
const (
	saysOpen = "open"
	saysWell = "well"
)

// rounds of asking every part must go well, a second between them.
const rounds = 5

// try runs a program on the data, as its Try, and waits until it has said that all is well.
func (u *updates) try(ctx context.Context, program string) error {
	return tryProgram(ctx, program, u.program.Config, u.boot.key, opensIn, wellIn, u.log)
}

func tryProgram(ctx context.Context, program, file string, key seal.Secret, opens, well time.Duration, log *slog.Logger) (err error) {
	ctx, cancel := context.WithTimeout(ctx, opens+well)
	defer cancel()
	go overseer.Busy(ctx, "Trying a new version. The doors are shut.", log)
	// The kernel ends the child with the thread that has begun it (prctl(2), PR_SET_PDEATHSIG).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	said := &tail{}
	c := exec.CommandContext(ctx, program, "update", "try", "--config", file)
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "NOTIFY_SOCKET=") || strings.HasPrefix(v, "WATCHDOG_")
	})
	c.Stderr, c.SysProcAttr, c.WaitDelay = said, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, time.Second
	if !key.IsZero() {
		c.Stdin = bytes.NewReader(key.Bytes())
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return errors.Join(updater.Failed, err)
	}
	heard := hear(ctx, out, opens, well)
	if heard != nil {
		cancel()
	}
	err = c.Wait()
	switch {
	case errors.Is(heard, updater.Silent):
		return heard
	case heard != nil || err != nil:
		return errors.Join(updater.Failed, errors.New(strings.TrimSpace(string(said.last))), err)
	}
	return nil
}

// hear reads what a program says that is tried. Nil: that all is well.
func hear(ctx context.Context, out io.Reader, opens, well time.Duration) error {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(io.LimitReader(out, 1<<10)); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for _, wait := range []struct {
		word string
		most time.Duration
	}{{saysOpen, opens}, {saysWell, well}} {
		select {
		case line := <-lines:
			if line != wait.word {
				return updater.Failed
			}
		case <-time.After(wait.most):
			return updater.Silent
		case <-ctx.Done():
			return updater.Silent
		}
	}
	return nil
}

// tail keeps the last that is written to it.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-1<<10):]
	return len(p), nil
}

// TryUpdate opens the appliance of a configuration as a start would, on the data as they are,
// with its doors where nobody can come in; asks every part whether it works, as often as
// rounds says; and closes it. Nothing is sent, nothing ends and nothing is erased meanwhile.
// What it says on the way goes to out.
//
// The appliance key comes by key, if somebody has unlocked it for the program before: it is in
// no variable and no argument, where others on this computer could read it.
func TryUpdate(ctx context.Context, f config.Config, log *slog.Logger, key io.Reader, out io.Writer) (err error) {
	c, err := fromFile(f, log, func(string, string) (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") })
	if err != nil {
		return err
	}
	c.Rehearsed, c.Run, c.Overseen = true, "", false
	if c.Key, err = keyFrom(key); err != nil {
		c.closeSockets()
		return err
	}
	a, err := Open(ctx, c)
	if err != nil {
		c.closeSockets()
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if n := a.db.Checked(); n.Kept > 0 {
		return fmt.Errorf("%d contents and keys would belong to no letter any more", n.Kept)
	}
	fmt.Fprintln(out, saysOpen)
	if err := faultyTrial(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	g, run := errgroup.WithContext(ctx)
	g.Go(func() error { return a.web.Run(run) })
	g.Go(func() error { return a.smtp.Run(run, a.c.SMTP...) })
	g.Go(func() error {
		defer cancel()
		return a.asked(run)
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if err := a.db.Fault(); err != nil {
		return err
	}
	fmt.Fprintln(out, saysWell)
	return nil
}

// asked asks every part, again and again.
func (a *Appliance) asked(ctx context.Context) error {
	parts := a.parts()
	for range rounds {
		for _, p := range parts {
			asking, cancel := context.WithTimeout(ctx, wellIn/rounds)
			err := p.Ask(asking)
			cancel()
			if err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// keyFrom reads the appliance key that the program before has unlocked, and hands on; nothing
// where the key is read where it is.
func keyFrom(r io.Reader) (seal.Secret, error) {
	text, err := io.ReadAll(io.LimitReader(r, 1<<10))
	if err != nil || len(text) == 0 {
		return seal.Secret{}, err
	}
	return seal.SecretOf(text)
}
