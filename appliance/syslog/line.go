package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

// The ways to a server.
const (
	Unix = "unix"
	UDP  = "udp"
	TCP  = "tcp"
	TLS  = "tls"
)

// Config says where lines go. Way and Address must not be empty.
type Config struct {
	Way     string
	Address string         // a path for Unix, else host:port
	Roots   *x509.CertPool // Default: the system's
	Host    string         // our own name
	App     string         // Default: "sigill"
}

// dialTime is how long a server may take to answer a connection.
const dialTime = 10 * time.Second

// Line is a way to one server, which is opened when it is needed, and again when it broke.
type Line struct {
	c       Config
	process string

	mu   sync.Mutex
	conn net.Conn
}

// NewLine opens nothing yet.
func NewLine(c Config) (*Line, error) {
	switch c.Way {
	case Unix, UDP, TCP, TLS:
	default:
		return nil, fmt.Errorf("syslog: no such way: %q", c.Way)
	}
	if c.Address == "" {
		return nil, errors.New("syslog: no address")
	}
	if c.App == "" {
		c.App = "sigill"
	}
	return &Line{c: c, process: strconv.Itoa(os.Getpid())}, nil
}

// Write hands a message over. By TCP and TLS nobody answers that it was taken (RFC 6587, 3.1):
// a line may be lost when a connection breaks, never repeated.
func (l *Line) Write(ctx context.Context, m Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		c, err := l.dial(ctx)
		if err != nil {
			return err
		}
		l.conn = c
	}
	b := m.format(l.c.Host, l.c.App, l.process)
	if l.c.Way == TCP || l.c.Way == TLS {
		b = append(fmt.Appendf(nil, "%d ", len(b)), b...)
	}
	if err := limit(l.conn); err != nil {
		return l.broken(err)
	}
	if _, err := l.conn.Write(b); err != nil {
		return l.broken(err)
	}
	return nil
}

func (l *Line) broken(err error) error {
	l.conn.Close()
	l.conn = nil
	return fmt.Errorf("syslog: %w", err)
}

func (l *Line) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	d := &net.Dialer{}
	switch l.c.Way {
	case Unix:
		return d.DialContext(ctx, "unixgram", l.c.Address)
	case TLS:
		return (&tls.Dialer{NetDialer: d, Config: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: l.c.Roots}}).DialContext(ctx, "tcp", l.c.Address)
	}
	return d.DialContext(ctx, l.c.Way, l.c.Address)
}

// Close closes the connection. It may be called twice.
func (l *Line) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil
	}
	err := l.conn.Close()
	l.conn = nil
	return err
}
