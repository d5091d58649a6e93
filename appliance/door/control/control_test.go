package control_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sigill/appliance/door/control"
	"sigill/appliance/mail"
)

type word struct {
	Word string `json:"word"`
}

// listen opens a door and answers until the test ends or stop is called.
func listen(t *testing.T, c control.Config) (stop func()) {
	t.Helper()
	s, err := control.Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// config has some commands to be asked.
func config(dir string) control.Config {
	return control.Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Commands: map[string]control.Command{
		"/echo": control.Do(func(_ context.Context, w word) (word, error) { return w, nil }),
		"/full": control.Do(func(context.Context, struct{}) (word, error) {
			return word{}, mail.E(mail.Busy, "error.busy", errors.New("too many")).Tell("Max", "3")
		}),
		"/plain": control.Do(func(context.Context, struct{}) (word, error) { return word{}, errors.New("a plain sentence") }),
	}}
}

func echo(t *testing.T, dir string) {
	t.Helper()
	var w word
	if err := control.Ask(t.Context(), dir, "/echo", word{"hej"}, &w); err != nil || w.Word != "hej" {
		t.Errorf("echo: %q, %v", w.Word, err)
	}
}

// leave leaves a socket behind, as a process that was killed does.
func leave(t *testing.T, dir string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, control.Name), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

func TestSocket(t *testing.T) {
	t.Run("it is its owner's alone, in a directory that is too", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		listen(t, config(dir))
		for path, want := range map[string]fs.FileMode{dir: fs.ModeDir | 0o700, filepath.Join(dir, control.Name): fs.ModeSocket | 0o600} {
			if st, err := os.Stat(path); err != nil || st.Mode() != want {
				t.Errorf("%s: %v %v, want %v", path, st.Mode(), err, want)
			}
		}
		echo(t, dir)
	})
	t.Run("it goes when the appliance stops, and then nobody is there", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		stop := listen(t, config(dir))
		stop()
		if _, err := os.Lstat(filepath.Join(dir, control.Name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket: %v", err)
		}
		if err := control.Ask(t.Context(), dir, "/echo", word{}, new(word)); !errors.Is(err, control.ErrNobody) {
			t.Errorf("Ask: %v", err)
		}
		listen(t, config(dir))
		echo(t, dir)
	})
	t.Run("what a crash has left is nobody, and is replaced", func(t *testing.T) {
		dir := private(t)
		leave(t, dir)
		if err := control.Ask(t.Context(), dir, "/echo", word{}, new(word)); !errors.Is(err, control.ErrNobody) {
			t.Errorf("Ask: %v", err)
		}
		listen(t, config(dir))
		echo(t, dir)
	})
	t.Run("that of a live appliance is not taken from it", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		listen(t, config(dir))
		if _, err := control.Listen(config(dir)); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("the second: %v", err)
		}
		echo(t, dir)
	})
	t.Run("nor that of a stranger who answers and holds no lock", func(t *testing.T) {
		dir := private(t)
		l, err := net.Listen("unix", filepath.Join(dir, control.Name))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if _, err := control.Listen(config(dir)); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("Listen: %v", err)
		}
		if _, err := os.Lstat(filepath.Join(dir, control.Name)); err != nil {
			t.Error(err)
		}
	})
	t.Run("a file of that name is left as it is", func(t *testing.T) {
		dir := private(t)
		if err := os.WriteFile(filepath.Join(dir, control.Name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := control.Listen(config(dir)); err == nil {
			t.Error("it was replaced")
		}
	})
	t.Run("a directory that is open to others is refused, and not changed", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := control.Listen(config(dir)); err == nil || !strings.Contains(err.Error(), "0700") {
			t.Errorf("Listen: %v", err)
		}
		if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o755 {
			t.Error(st.Mode(), err)
		}
	})
	t.Run("it may stand deeper than a socket's path is long", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), strings.Repeat("d", 200))
		stop := listen(t, config(dir))
		echo(t, dir)
		stop()
		if _, err := os.Lstat(filepath.Join(dir, control.Name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket: %v", err)
		}
	})
}

func private(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnswers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	listen(t, config(dir))
	ask := func(path string, in any) error { return control.Ask(t.Context(), dir, path, in, new(word)) }
	t.Run("an error comes through as it was", func(t *testing.T) {
		var e *mail.Error
		if err := ask("/full", struct{}{}); !errors.As(err, &e) || e.Kind != mail.Busy || e.Say != "error.busy" || e.With["Max"] != "3" || e.Err.Error() != "too many" {
			t.Errorf("%v", err)
		}
		if err := ask("/plain", struct{}{}); err == nil || err.Error() != "a plain sentence" {
			t.Errorf("%v", err)
		}
	})
	t.Run("a question that is too large, unknown or not understood is refused", func(t *testing.T) {
		for name, c := range map[string]struct {
			path string
			in   any
			kind mail.Kind
		}{
			"large":   {"/echo", word{strings.Repeat("x", 64<<10)}, mail.TooLarge},
			"more":    {"/echo", map[string]string{"word": "", "force": "yes"}, mail.Invalid},
			"another": {"/echo", []string{"word"}, mail.Invalid},
		} {
			if err := ask(c.path, c.in); err == nil || mail.KindOf(err) != c.kind {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := ask("/nothing", struct{}{}); err == nil || !strings.Contains(err.Error(), "does not know this command") {
			t.Errorf("%v", err)
		}
	})
	t.Run("any program that speaks HTTP may ask, by POST", func(t *testing.T) {
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("unix", filepath.Join(dir, control.Name))
		}}}
		for method, want := range map[string]int{"POST": 200, "GET": 404} {
			r, _ := http.NewRequest(method, "http://x/echo", strings.NewReader(`{"word":"hej"}`))
			res, err := c.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != want || want == 200 && string(b) != `{"word":"hej"}` {
				t.Errorf("%s: %d %s", method, res.StatusCode, b)
			}
		}
	})
	t.Run("more than are let in at once are answered in turn", func(t *testing.T) {
		var silent []net.Conn
		for range 7 {
			c, err := net.Dial("unix", filepath.Join(dir, control.Name))
			if err != nil {
				t.Fatal(err)
			}
			silent = append(silent, c)
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { echo(t, dir) })
		}
		wg.Wait()
		for _, c := range silent {
			c.Close()
		}
	})
}

func TestStopping(t *testing.T) {
	t.Run("who is in is told so, and who says nothing holds nobody up", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		c, in := config(dir), make(chan struct{})
		c.Commands["/long"] = func(ctx context.Context, _ []byte) (any, error) {
			close(in)
			<-ctx.Done()
			return nil, fmt.Errorf("work: %w", ctx.Err())
		}
		stop := listen(t, c)
		silent, err := net.Dial("unix", filepath.Join(dir, control.Name))
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		answer := make(chan error, 1)
		go func() { answer <- control.Ask(context.Background(), dir, "/long", struct{}{}, new(word)) }()
		<-in
		stop()
		if err := <-answer; mail.KindOf(err) != mail.Again {
			t.Errorf("%v", err)
		}
	})
	t.Run("a door that never ran closes, twice", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		s, err := control.Listen(config(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Join(dir, control.Name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket: %v", err)
		}
	})
	t.Run("whoever is gone is not worked for", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		c, over := config(dir), make(chan struct{})
		c.Commands["/work"] = func(ctx context.Context, _ []byte) (any, error) {
			defer close(over)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		listen(t, c)
		conn, err := net.Dial("unix", filepath.Join(dir, control.Name))
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(conn, bytes.NewBufferString("POST /work HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"))
		conn.Close()
		<-over
	})
}

func TestAskWithoutTheRight(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be somebody else for a while")
	}
	dir := filepath.Join(t.TempDir(), "run")
	listen(t, config(dir))
	// A thread of its own account; it dies with the goroutine, which never unlocks it.
	answer := make(chan error, 1)
	go func() {
		answer <- asNobody(func() error { return control.Ask(context.Background(), dir, "/echo", word{}, new(word)) })
	}()
	err := <-answer
	if err == nil || !errors.Is(err, syscall.EACCES) || !strings.HasPrefix(err.Error(), "only root and the account that runs the appliance may ask it") {
		t.Errorf("%v", err)
	}
}

// asNobody runs do, which must not start goroutines that touch files, on a thread
// whose file accesses are another account's. The caller's goroutine ends with it.
func asNobody(do func() error) error {
	runtime.LockOSThread() // never unlocked: the thread is thrown away
	if _, _, e := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); e != 0 {
		return fmt.Errorf("setfsuid: %w", e)
	}
	return do()
}
