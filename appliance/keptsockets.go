package appliance

import (
	"fmt"
	"net"
)

// keptSockets are the sockets of a process by what they are for. An appliance that begins anew
// gets the same ones again: whoever connects in between waits in the kernel's queue, and is
// not refused. Only Serve's goroutine uses them.
type keptSockets struct{ all, used map[socket]*net.TCPListener }

type socket struct{ key, addr string }

// listen returns a listener that may be closed while the socket stays.
func (k *keptSockets) listen(key, addr string) (net.Listener, error) {
	at := socket{key, addr}
	if k.used == nil {
		k.used = map[socket]*net.TCPListener{}
	}
	l, ok := k.all[at]
	if !ok {
		made, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, err
		}
		l = made.(*net.TCPListener) // of "tcp" it always is one
	}
	k.used[at] = l
	file, err := l.File()
	if err != nil {
		return nil, fmt.Errorf("keep the socket: %w", err)
	}
	defer file.Close()
	return net.FileListener(file)
}

// sweep closes those that the last round of listen has not asked for.
func (k *keptSockets) sweep() {
	for at, l := range k.all {
		if k.used[at] == nil {
			l.Close()
		}
	}
	k.all, k.used = k.used, nil
}

// close closes all.
func (k *keptSockets) close() {
	for _, list := range []map[socket]*net.TCPListener{k.all, k.used} {
		for _, l := range list {
			l.Close() // a second time is an error that says so, and nothing else
		}
	}
}
