package web

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"
)

// listener accepts connections, counts them, and wraps each in the strict conn.
type listener struct {
	net.Listener
	tls     *tls.Config // nil: in the clear
	pace    Pace
	maxHead int
	most    int                        // connections in all
	each    int                        // connections of one address
	exempt  func(addr netip.Addr) bool // proxies stand for many people
	behind  bool                       // of proxies: nobody else is spoken to, for it would be in the clear

	mu        sync.Mutex
	conns     map[*conn]struct{}
	perPeer   map[netip.Addr]int
	lingering int
	stopped   bool
	closed    chan struct{}
	closing   sync.Once
	wait      sync.WaitGroup // lingering closes
}

// maxLingering bounds the goroutines that wait for clients to read our last word.
const maxLingering = 256

func newListener(l net.Listener, c Config) *listener {
	return &listener{
		Listener: l, tls: c.TLS, pace: c.Pace.withDefaults(), maxHead: maxHead,
		most: c.MaxConns, each: c.MaxPerAddress, exempt: c.trusts,
		behind: c.TLS == nil && strings.HasPrefix(c.BaseURL, "https://"),
		conns:  map[*conn]struct{}{}, perPeer: map[netip.Addr]int{}, closed: make(chan struct{}),
	}
}

// Accept returns the next connection that is within the limits. One that is not
// is closed at once, without a word: an answer would cost more than the attack.
func (l *listener) Accept() (net.Conn, error) {
	pause := 5 * time.Millisecond
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			if !passing(err) {
				return nil, err
			}
			// Out of descriptors: fasthttp would end the server. Make room and go on.
			l.evict()
			select {
			case <-l.closed:
				return nil, net.ErrClosed
			case <-time.After(pause):
			}
			pause = min(2*pause, time.Second)
			continue
		}
		if c := l.admit(raw); c != nil {
			return c, nil
		}
		_ = raw.Close() // nothing was said on it; how it ends does not matter
	}
}

// Close ends the accepting; open connections go on.
func (l *listener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// passing reports whether accepting may succeed a little later.
func passing(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EINTR} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (l *listener) admit(raw net.Conn) *conn {
	c := &conn{Conn: raw, l: l, peer: peerOf(raw)}
	if l.behind && !l.exempt(c.peer) && !sameMachine(raw, c.peer) {
		return nil
	}
	if l.tls != nil {
		c.Conn = tls.Server(raw, l.tls) // the handshake happens with the first Read, under its deadline
	}
	l.mu.Lock()
	full := len(l.conns) >= l.most
	l.mu.Unlock()
	if full && !l.evict() {
		return nil
	}
	key := network(c.peer)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.perPeer[key] >= l.each && !l.exempt(c.peer) {
		return nil
	}
	l.perPeer[key]++
	l.conns[c] = struct{}{}
	return c
}

// sameMachine reports whether a connection never left this computer.
func sameMachine(c net.Conn, peer netip.Addr) bool {
	return !peer.IsValid() || peer.IsLoopback() || localOf(c) == peer
}

// evict closes one connection that waits between two requests: so a crowd of
// idle ones cannot shut out somebody new.
func (l *listener) evict() bool {
	l.mu.Lock()
	var found *conn
	for c := range l.conns {
		if c.idle.Load() {
			found = c
			break
		}
	}
	l.mu.Unlock()
	if found == nil {
		return false
	}
	_ = found.Close() // idle: nothing of the client's is lost
	return true
}

// lingers takes over a connection whose client may still be sending.
func (l *listener) lingers(c *conn) bool {
	l.mu.Lock()
	ok := l.lingering < maxLingering && !l.stopped
	if ok {
		l.lingering++
		l.wait.Add(1)
	}
	l.mu.Unlock()
	if !ok {
		return false
	}
	// Not under the lock: the TLS alert may wait for a slow client.
	raw, ok := c.halfClose()
	if !ok || linger(raw) != nil {
		l.lingered()
		return false
	}
	go func() {
		defer l.lingered()
		_, _ = io.Copy(io.Discard, io.LimitReader(raw, 64<<20)) // whatever it is, it is not read
		_ = c.Conn.Close()
		l.forget(c)
	}()
	return true
}

func (l *listener) lingered() {
	l.mu.Lock()
	l.lingering--
	l.mu.Unlock()
	l.wait.Done()
}

func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.conns[c]; !ok {
		return
	}
	delete(l.conns, c)
	key := network(c.peer)
	if l.perPeer[key]--; l.perPeer[key] <= 0 {
		delete(l.perPeer, key)
	}
}

// abandon closes every connection, for the end of a graceful stop, and waits for
// those that linger.
func (l *listener) abandon() {
	l.mu.Lock()
	l.stopped = true
	var all []*conn
	for c := range l.conns {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		raw := c.Conn
		if t, ok := raw.(*tls.Conn); ok {
			raw = t.NetConn() // closing through TLS may wait for the client
		}
		_ = raw.Close()
	}
	l.wait.Wait()
}
