package target_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"sigill/appliance/config"
	"sigill/appliance/peers"
	"sigill/backup/target"
	"sigill/backup/target/targettest"
)

// wire is a way to a server that can be cut.
type wire struct {
	addr string
	to   string

	left  atomic.Int64 // bytes to the server until it is cut
	deaf  atomic.Bool  // nothing is carried, and nobody is told
	mu    sync.Mutex
	conns map[net.Conn]bool
	made  int // connections
}

func newWire(t testing.TB, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	w.left.Store(1 << 40)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { w.carry(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.cut()
		wg.Wait()
	})
	return w
}

func (w *wire) carry(c net.Conn) {
	s, err := net.Dial("tcp", w.to)
	if err != nil {
		c.Close()
		return
	}
	w.mu.Lock()
	w.conns[c], w.conns[s] = true, true
	w.made++
	w.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() {
		defer s.Close()
		io.Copy(s, &counted{c, w})
	})
	wg.Go(func() {
		defer c.Close()
		io.Copy(c, &muffled{s, w})
	})
	wg.Wait()
	w.mu.Lock()
	delete(w.conns, c)
	delete(w.conns, s)
	w.mu.Unlock()
}

// cut ends what is connected now.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		c.Close()
	}
}

func (w *wire) lines() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.made
}

// counted ends when so many bytes have gone to the server.
type counted struct {
	net.Conn
	w *wire
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if left := c.w.left.Add(-int64(n)); left < 0 {
		c.w.cut()
		return max(0, n+int(left)), io.EOF // the first of them may have gone through
	}
	return n, err
}

// muffled swallows the answers of a server that is deaf.
type muffled struct {
	net.Conn
	w *wire
}

func (m *muffled) Read(b []byte) (int, error) {
	for {
		n, err := m.Conn.Read(b)
		if err != nil || !m.w.deaf.Load() {
			return n, err
		}
	}
}

func configOf(s *peers.SSHD) target.SFTPConfig {
	return target.SFTPConfig{Addr: s.Addr, User: s.User, HostKey: s.HostKeys[0], Key: config.Secret(s.Key), Path: s.Dir, Stall: 10 * time.Second}
}

func openSFTP(t testing.TB, c target.SFTPConfig) *target.SFTP {
	t.Helper()
	p, err := target.OpenSFTP(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestSFTP(t *testing.T) {
	s := peers.StartSSHD(t)
	targettest.Suite(t, func(t testing.TB) target.Place {
		c := configOf(s)
		c.Path = t.TempDir()
		return openSFTP(t, c)
	}, 3<<20)

	t.Run("one line is kept, and a new one made when it has died between two minutes", func(t *testing.T) {
		w := newWire(t, s.Addr)
		c := configOf(s)
		c.Addr, c.Path = w.addr, t.TempDir()
		p := openSFTP(t, c)
		for range 5 {
			targettest.Put(t, p, "slots/1", []byte("a minute's"))
		}
		if n := w.lines(); n != 1 {
			t.Errorf("%d lines for 5 minutes", n)
		}
		for _, use := range []func(){
			func() { targettest.Put(t, p, "slots/2", []byte("the next")) },
			func() { targettest.Has(t, p, "slots/2", []byte("the next")) },
			func() { targettest.List(t, p, "") },
			func() {
				if err := p.Remove(t.Context(), "slots/2", true); err != nil {
					t.Error(err)
				}
			},
		} {
			w.cut()
			use()
		}
		if n := w.lines(); n != 5 {
			t.Errorf("%d lines, of which 4 were cut", n)
		}
	})

	t.Run("wherever the line is cut, there is the old object or the new one", func(t *testing.T) { sftpCut(t, s) })

	t.Run("a download that is cut goes on where it was", func(t *testing.T) {
		w := newWire(t, s.Addr)
		c := configOf(s)
		c.Addr, c.Path = w.addr, t.TempDir()
		p := openSFTP(t, c)
		content := targettest.Bytes(9, 6<<20)
		targettest.Put(t, p, "pack/1", content)
		r, err := p.Get(t.Context(), "pack/1")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		got := make([]byte, len(content))
		at := 0
		for _, end := range []int{100, 2 << 20, 5 << 20, len(got)} {
			if _, err := io.ReadFull(r, got[at:end]); err != nil {
				t.Fatalf("at byte %d: %v", at, err)
			}
			w.cut()
			at = end
		}
		if !slices.Equal(got, content) {
			t.Error("it is not what was put")
		}
	})

	t.Run("a server that says nothing is not waited for", func(t *testing.T) {
		w := newWire(t, s.Addr)
		c := configOf(s)
		c.Addr, c.Path = w.addr, t.TempDir()
		c.Stall = 150 * time.Millisecond
		w.deaf.Store(true)
		if _, err := target.OpenSFTP(t.Context(), c); err == nil || !strings.Contains(err.Error(), "no answer in time") {
			t.Errorf("%v", err)
		}
		w.deaf.Store(false)
		c.Stall = 10 * time.Second
		p := openSFTP(t, c)
		w.deaf.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := targettest.Tries(ctx, p, "a", []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})

	t.Run("one whose disk is full in the middle says so, nothing is lost, and nothing is left half written", func(t *testing.T) { sftpFull(t, s) })

	t.Run("what a crash has left half written is swept away, when it is old", func(t *testing.T) {
		c := configOf(s)
		c.Path = t.TempDir()
		sweeps(t, c.Path, openSFTP(t, c))
	})
}

// sftpFull has the server keep its files on a disk of four megabytes.
func sftpFull(t *testing.T, s *peers.SSHD) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "sigill-test", dir).CombinedOutput(); err != nil {
		t.Skipf("no disk can be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	c := configOf(s)
	c.Path = dir
	p := openSFTP(t, c)
	old := targettest.Bytes(3, 1<<20)
	targettest.Put(t, p, "pack/a", old)
	for _, name := range []string{"pack/a", "pack/b"} {
		if err := targettest.Tries(t.Context(), p, name, targettest.Bytes(4, 8<<20)); !errors.Is(err, target.ErrFull) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) != 1 {
			t.Errorf("%s: %v", name, left)
		}
	}
	targettest.Has(t, p, "pack/a", old)
	targettest.Put(t, p, "pack/b", targettest.Bytes(5, 2<<20))
	targettest.Has(t, p, "pack/b", targettest.Bytes(5, 2<<20))
}

// sftpCut cuts the line ever later while an object is replaced.
func sftpCut(t *testing.T, s *peers.SSHD) {
	w := newWire(t, s.Addr)
	c := configOf(s)
	c.Addr, c.Path = w.addr, t.TempDir()
	p := openSFTP(t, c)
	direct := configOf(s)
	direct.Path = c.Path
	witness := openSFTP(t, direct)
	current := []byte("old")
	targettest.Put(t, p, "a", current)
	cuts, through := 0, 0
	// The rest of an exchange is small: where it ends, the steps are small too.
	for at := int64(0); through < 2; {
		fresh := targettest.Bytes(uint64(at), 200_000)
		w.left.Store(at)
		err := targettest.Tries(t.Context(), p, "a", fresh)
		w.left.Store(1 << 40)
		got, readErr := targettest.Read(t.Context(), witness, "a")
		switch {
		case readErr != nil:
			t.Fatalf("cut at %d: %v", at, readErr)
		case slices.Equal(got, fresh):
			current = fresh
		case !slices.Equal(got, current):
			t.Fatalf("cut at %d: %d bytes that are neither the old object nor the new one", at, len(got))
		case err == nil:
			t.Fatalf("cut at %d: it says that it is there, and it is not", at)
		}
		if err != nil {
			cuts++
		} else if at > 200_000 {
			through++
		}
		if at += 331; at > 1000 && at < 199_000 {
			at += 40_000
		}
	}
	if cuts < 5 {
		t.Errorf("the control: only %d were cut", cuts)
	}
	targettest.Put(t, p, "a", []byte("after"))
	targettest.Has(t, p, "a", []byte("after"))
	if l := targettest.List(t, p, ""); len(l) != 1 {
		t.Errorf("%v", l)
	}
}

func TestSFTPHostKey(t *testing.T) {
	s := peers.StartSSHD(t)
	t.Run("each kind of key may be pinned", func(t *testing.T) {
		shown, err := target.HostKeys(t.Context(), s.Addr, 10*time.Second)
		if err != nil || !slices.Equal(shown, s.HostKeys) {
			t.Fatalf("%q, %v; the server has %q", shown, err, s.HostKeys)
		}
		for _, k := range shown {
			c := configOf(s)
			c.HostKey = k
			openSFTP(t, c)
		}
	})
	t.Run("another server is never spoken to, and the error says which keys it has", func(t *testing.T) {
		c := configOf(s)
		c.HostKey = "SHA256:" + strings.Repeat("A", 43)
		_, err := target.OpenSFTP(t.Context(), c)
		var other *target.HostKeyError
		if !errors.As(err, &other) || !slices.Equal(other.Shown, s.HostKeys) {
			t.Errorf("%v", err)
		}
	})
	t.Run("one that nobody has pinned is not trusted because it is the first", func(t *testing.T) {
		for _, k := range []string{"", "SHA256:", "MD5:aa:bb", strings.TrimPrefix(s.HostKeys[0], "SHA256:")} {
			c := configOf(s)
			c.HostKey = k
			if _, err := target.OpenSFTP(t.Context(), c); err == nil {
				t.Errorf("%q is taken", k)
			}
		}
	})
	t.Run("a wrong key, and a directory that is not there, are told", func(t *testing.T) {
		c := configOf(s)
		c.Key = otherKey(t)
		if _, err := target.OpenSFTP(t.Context(), c); err == nil || !strings.Contains(err.Error(), "unable to authenticate") {
			t.Errorf("%v", err)
		}
		c = configOf(s)
		c.Path = filepath.Join(s.Dir, "no")
		if _, err := target.OpenSFTP(t.Context(), c); err == nil || !strings.Contains(err.Error(), "make it first") {
			t.Errorf("%v", err)
		}
	})
}

func otherKey(t *testing.T) config.Secret {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return config.Secret(pem.EncodeToMemory(b))
}
