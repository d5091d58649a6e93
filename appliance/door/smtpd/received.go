package smtpd

import (
	"bytes"
	"fmt"
	"time"
)

// headroom is kept free in front of each content for our Received field.
const headroom = 1024

// received is the trace field that we put in front of a mail (RFC 5321, 4.4). It
// has no "for": that would show one recipient to the others.
func (s *session) received(tx *transaction) []byte {
	with := "ESMTP" // RFC 3848 and RFC 6531, 4.3
	if tx.utf8 {
		with = "UTF8SMTP"
	}
	if s.w.tls != nil {
		with += "S"
	}
	if s.login != nil {
		with += "A"
	}
	peer := s.w.peer.String()
	if s.w.peer.Is6() {
		peer = "IPv6:" + peer
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Received: from %s ([%s])\r\n", s.hello(), peer)
	fmt.Fprintf(&b, "\tby %s with %s id %s;\r\n", tx.rules.Hostname, with, tx.id)
	fmt.Fprintf(&b, "\t%s\r\n", s.srv.clock.Now().Format(time.RFC1123Z))
	return b.Bytes()
}
