package overseer

import (
	"context"
	"crypto/tls"
	"io"
	"net"
)

// SMTP is a door for mail, asked for its greeting. Implicit: TLS comes before it.
func SMTP(addr net.Addr, implicit bool) func(context.Context) error {
	return func(ctx context.Context) error {
		return greet(ctx, addr, implicit, "", "QUIT\r\n")
	}
}

// HTTP is a door for browsers, asked for a page's head. Secure: it speaks TLS.
func HTTP(addr net.Addr, secure bool) func(context.Context) error {
	return func(ctx context.Context) error {
		return greet(ctx, addr, secure, "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "")
	}
}

// greet calls at a door, says first, waits for anything to be said, and says last. A door
// that accepts and then closes, or wants another manner of speaking, works: one that is full
// of people must not be ended for it.
func greet(ctx context.Context, addr net.Addr, secure bool, first, last string) error {
	wire, err := (&net.Dialer{}).DialContext(ctx, addr.Network(), addr.String()) // of ":25" this machine
	if err != nil {
		return err
	}
	defer wire.Close()
	stop := context.AfterFunc(ctx, func() { wire.Close() })
	defer stop()
	c := wire
	if secure {
		// Whether the certificate is good is not what is asked, and nothing is said here that
		// would need it.
		c = tls.Client(wire, &tls.Config{InsecureSkipVerify: true})
	}
	if _, err = io.WriteString(c, first); err == nil {
		_, err = c.Read(make([]byte, 1))
	}
	if ctx.Err() != nil {
		return errNobody
	}
	if err == nil {
		_, _ = io.WriteString(c, last) // it has answered; what it thinks of the farewell does not matter
	}
	return nil
}
