package syslog

import (
	"net"
	"time"
)

// writeTime is how long a server may take to take a line.
const writeTime = 10 * time.Second

// limit sets a deadline by the machine's own clock: sockets know no other.
func limit(c net.Conn) error { return c.SetWriteDeadline(time.Now().Add(writeTime)) }
