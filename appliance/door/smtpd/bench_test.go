package smtpd_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"sigill/appliance/door/smtpd"
	"sigill/appliance/mail"
)

// discard is a desk that keeps nothing.
type discard struct{}

func (discard) Accept(context.Context, mail.Actor, *mail.Draft) error { return nil }
func (discard) Returned(context.Context, string, mail.Address, []byte) error {
	return nil
}

func BenchmarkMail(b *testing.B) {
	for _, size := range []int{4 << 10, 1 << 20} {
		text := "From: anna@kommun.example\r\nSubject: x\r\n\r\n" + strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", size/78)
		for _, way := range []string{"DATA", "BDAT"} {
			b.Run(fmt.Sprintf("%dKiB/%s", size>>10, way), func(b *testing.B) {
				s := open(b, "trusted", func(c *smtpd.Config) { c.Desk = discard{} })
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					c := s.dial(b)
					for pb.Next() {
						post(c, text, way)
					}
				})
			})
		}
	}
}

func post(c *client, text, way string) {
	if way == "BDAT" {
		c.send("MAIL FROM:<" + house1 + ">\r\nRCPT TO:<" + citizen + ">\r\nBDAT " + strconv.Itoa(len(text)) + " LAST\r\n" + text)
		c.want("250")
		c.want("250")
	} else {
		c.send("MAIL FROM:<" + house1 + ">\r\nRCPT TO:<" + citizen + ">\r\nDATA\r\n")
		c.want("250")
		c.want("250")
		c.want("354")
		c.send(text + ".\r\n")
	}
	c.want("250")
}

var _ smtpd.Authenticator = passwords{}
