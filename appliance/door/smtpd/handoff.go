package smtpd

import (
	"net"
	"sync"
)

// handoff is the listener that a go-smtp server accepts from: it gives out wires
// that we have made.
type handoff struct {
	wires chan *wire
	done  chan struct{}
	once  sync.Once
}

func newHandoff() *handoff {
	return &handoff{wires: make(chan *wire), done: make(chan struct{})}
}

// push gives a wire to go-smtp; false if that has ended.
func (h *handoff) push(w *wire) bool {
	select {
	case h.wires <- w:
		return true
	case <-h.done:
		return false
	}
}

// Accept returns the next wire.
func (h *handoff) Accept() (net.Conn, error) {
	select {
	case w := <-h.wires:
		return w, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. It may be called twice.
func (h *handoff) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

// Addr is of no use here.
func (h *handoff) Addr() net.Addr { return &net.TCPAddr{} }
