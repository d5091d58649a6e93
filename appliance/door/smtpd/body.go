package smtpd

import (
	"context"

	"github.com/emersion/go-smtp"
)

// body is the content of one mail while it comes in, in memory only. In front
// of it stands room for our Received field, so that nothing is moved for it.
type body struct {
	srv   *Server
	ctx   context.Context
	lease lease
	vet   vet
	limit int64 // bytes
	n     int64 // bytes that came, also those not kept
	buf   []byte
	at    int // where the content begins in buf; in front of it is room
	// fault is why the mail cannot be taken; then bytes are counted and dropped.
	fault *smtp.SMTPError
}

// newBody reserves memory for a mail of about size bytes; 0 if nobody said. It
// returns errFull if there is none within the wait.
func newBody(ctx context.Context, srv *Server, size, limit int64) (*body, *smtp.SMTPError) {
	b := &body{srv: srv, ctx: ctx, lease: lease{b: srv.budget}, limit: limit}
	room := min(max(size, minBuffer-headroom), limit) + headroom
	if !b.lease.grow(ctx, room) {
		return nil, errFull
	}
	b.buf, b.at = srv.buffers.get(int(room))[:headroom], headroom
	return b, nil
}

// add takes the next piece of the content.
func (b *body) add(p []byte) {
	if b.room(len(p)) {
		b.buf = append(b.buf, p...)
		b.seen(p)
	}
}

// room counts n bytes that come and sees that there is room for them; false says
// that they are not to be kept.
func (b *body) room(n int) bool {
	b.n += int64(n)
	if b.fault == nil && b.n > b.limit {
		b.drop(errTooLarge)
	}
	if b.fault != nil {
		return false
	}
	need := len(b.buf) + n
	if need <= cap(b.buf) {
		return true
	}
	size := min(max(need, 2*cap(b.buf)), max(need, int(b.limit)+headroom))
	if !b.lease.grow(b.ctx, int64(size)) {
		b.drop(errFull)
		return false
	}
	larger := append(b.srv.buffers.get(size), b.buf...)
	b.srv.buffers.put(b.buf)
	b.buf = larger
	return true
}

// seen vets a piece that was kept.
func (b *body) seen(p []byte) {
	b.vet.scan(p)
	switch {
	case b.vet.bare:
		b.drop(errBare)
	case b.vet.long:
		b.drop(errLongLine)
	}
}

// end is called when all content has come.
func (b *body) end() {
	b.vet.end()
	if b.fault == nil && b.vet.bare {
		b.drop(errBare)
	}
}

// drop keeps the reason and gives the memory back: what will be refused need not
// be held until its end has come.
func (b *body) drop(why *smtp.SMTPError) {
	b.fault = why
	b.free()
}

// content is what came, without the room in front.
func (b *body) content() []byte { return b.buf[b.at:] }

// under puts text in front of the content and returns the whole. The text is at
// most headroom bytes.
func (b *body) under(text []byte) []byte {
	b.at -= copy(b.buf[b.at-len(text):], text)
	return b.buf[b.at:]
}

// free gives buffer and lease back. It may be called twice.
func (b *body) free() {
	if b.buf != nil {
		b.srv.buffers.put(b.buf)
		b.buf = nil
	}
	b.lease.free()
}
