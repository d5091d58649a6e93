package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"sync"

	"sigill/appliance/mail"
)

// Flow sends a download that is made while it is sent, and whose size nobody knows yet:
// attachment, sandboxed and stored nowhere, as Stream has it. It is for POST, and for
// content that itself shows when it is cut: of HTTP only the missing last chunk tells
// (RFC 9112, 8), and not every client looks.
//
// write is called after the handler has returned; it must use nothing of the request.
// Its context ends with the connection and with the server. What it returns is an error
// of the download: the connection is closed within it, and the client sees that it is not
// whole. Flow's caller is not told; write is.
func (r *Request) Flow(name, mediaType string, write func(ctx context.Context, w io.Writer) error) error {
	h := &r.ctx.Response().Header
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Content-Disposition", attachment(name))
	r.head(http.StatusOK, cleanType(mediaType))
	// -1 is chunked, whatever the client's version: nginx asks with HTTP/1.0 unless it is
	// told otherwise, and takes chunks all the same.
	r.ctx.Response().SetBodyStream(r.s.newFlow(r.id, write), -1)
	return nil
}

// flow is content that somebody else writes while it is read. fasthttp reads it and
// always closes it, in the goroutine of the connection, for which the server waits at its
// end; and Close waits for write. So nothing runs on when the server has ended.
type flow struct {
	*io.PipeReader
	end  context.CancelFunc
	wait sync.WaitGroup
}

func (s *Server) newFlow(id string, write func(context.Context, io.Writer) error) *flow {
	ctx, end := context.WithCancel(s.base)
	r, w := io.Pipe()
	f := &flow{PipeReader: r, end: end}
	f.wait.Go(func() {
		err := survived(func() error { return write(ctx, w) })
		if err != nil && mail.KindOf(err) == mail.Internal && !errors.Is(err, io.ErrClosedPipe) && ctx.Err() == nil {
			s.log.Error("download broken off", "req", id, "err", err)
		} else if err != nil {
			s.log.Debug("download broken off", "req", id)
		}
		w.CloseWithError(err) // nil is the end of the file
	})
	return f
}

// survived is f, with a panic as its error. What f panicked with is not in it, for it may
// hold what f held.
func survived(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic (%T) at %s", cause, debug.Stack())
		}
	}()
	return f()
}

// Close ends write and waits for it.
func (f *flow) Close() error {
	f.end()
	err := f.PipeReader.Close()
	f.wait.Wait()
	return err
}
