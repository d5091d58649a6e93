package peers

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

var ports atomic.Uint32

// FreePort is one of this computer on which nobody listens: for a program that opens its port
// itself, and may be stopped and started. It is below those that the system hands out to whoever
// asks for any, and no other test that runs now is given the same: forty processes have three
// hundred each, by their number.
func FreePort(t *testing.T) string {
	t.Helper()
	for range 300 {
		port := strconv.Itoa(20000 + (os.Getpid()%40)*300 + int(ports.Add(1)%300))
		if free("127.0.0.1:" + port) {
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// free reports whether nobody listens at an address, by TCP or UDP.
func free(addr string) bool {
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	udp.Close()
	return true
}

// listens waits until somebody listens at an address, ten seconds at most.
func listens(t *testing.T, what, addr string, ended <-chan struct{}) {
	t.Helper()
	for range 200 {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s has ended", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not listen at %s", what, addr)
}
