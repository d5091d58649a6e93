package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// The two ways in which content travels.
const (
	byData = "DATA"
	byBDAT = "BDAT" // RFC 3030, in one chunk
)

// patience is how long one reply may take before the run is broken.
const patience = 60 * time.Second

// client is one SMTP session that stays open. It sends the commands of a mail
// together, as RFC 2920 allows, so that no time goes into waiting for replies that
// say nothing.
type client struct {
	c net.Conn
	r *bufio.Reader
}

// dial opens a session and says EHLO.
func dial(ctx context.Context, addr string) (*client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &client{conn, bufio.NewReader(conn)}
	if err := c.hello(); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *client) hello() error {
	if err := c.want(220); err != nil {
		return err
	}
	if err := c.write([]byte("EHLO bench.kommun.example\r\n")); err != nil {
		return err
	}
	return c.want(250)
}

// send hands in one mail and returns when it was answered 250.
func (c *client) send(l letter, way string) error {
	size := strconv.Itoa(len(l.head) + len(l.rest)) // relays declare it (RFC 1870)
	envelope := "MAIL FROM:<" + l.from + "> SIZE=" + size + "\r\nRCPT TO:<" + l.to + ">\r\n"
	if way == byBDAT {
		head := envelope + "BDAT " + size + " LAST\r\n"
		if err := c.write([]byte(head), l.head, l.rest); err != nil {
			return err
		}
		return c.want(250, 250, 250)
	}
	if err := c.write([]byte(envelope + "DATA\r\n")); err != nil {
		return err
	}
	if err := c.want(250, 250, 354); err != nil {
		return err
	}
	if err := c.write(l.head, l.rest, []byte(".\r\n")); err != nil {
		return err
	}
	return c.want(250)
}

func (c *client) write(parts ...[]byte) error {
	c.c.SetDeadline(time.Now().Add(patience))
	b := net.Buffers(parts)
	_, err := b.WriteTo(c.c)
	return err
}

// want reads replies and compares their codes.
func (c *client) want(codes ...int) error {
	c.c.SetDeadline(time.Now().Add(patience))
	for _, code := range codes {
		for {
			line, err := c.r.ReadString('\n')
			if err != nil {
				return err
			}
			if len(line) < 4 || line[:3] != strconv.Itoa(code) {
				return fmt.Errorf("wanted %d, got %q", code, line)
			}
			if line[3] == ' ' {
				break
			}
		}
	}
	return nil
}

func (c *client) close() { c.c.Close() }
