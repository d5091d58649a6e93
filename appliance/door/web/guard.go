package web

import (
	"bytes"
	"io"

	"github.com/valyala/fasthttp"
)

// guard stands around all of Fiber, so that it also covers what Fiber answers
// before any route. It sees to it that no unread body becomes the next request,
// that nothing coded is unpacked, and that a panic is one request's end.
func guard(next fasthttp.RequestHandler, panicked func(ctx *fasthttp.RequestCtx, cause any)) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		ends := asksToClose(ctx)
		switch {
		case !known(ctx.Method()):
			plainAnswer(ctx, fasthttp.StatusNotImplemented)
		case len(ctx.Request.Header.Peek("Content-Encoding")) > 0:
			// 800 KB of gzip were 800 MB in memory. Nobody sends us coded bodies.
			plainAnswer(ctx, fasthttp.StatusUnsupportedMediaType)
		default:
			ends = survive(ctx, next, panicked) || ends
		}
		harden(&ctx.Response.Header)
		if !finish(ctx) || ends {
			ctx.SetConnectionClose()
		}
	}
}

func known(method []byte) bool {
	switch string(method) {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH":
		return true
	}
	return false
}

func plainAnswer(ctx *fasthttp.RequestCtx, status int) {
	ctx.Response.Reset()
	ctx.SetStatusCode(status)
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetBodyString(fasthttp.StatusMessage(status) + "\n")
}

// survive runs the handler and reports whether it panicked.
func survive(ctx *fasthttp.RequestCtx, next fasthttp.RequestHandler, panicked func(*fasthttp.RequestCtx, any)) (bad bool) {
	defer func() {
		if cause := recover(); cause != nil {
			bad = true
			panicked(ctx, cause)
		}
	}()
	next(ctx)
	return false
}

// asksToClose looks for the token "close" among several; fasthttp knows only the
// exact word.
func asksToClose(ctx *fasthttp.RequestCtx) bool {
	for _, v := range ctx.Request.Header.PeekAll("Connection") {
		for t := range bytes.SplitSeq(v, []byte(",")) {
			if is(bytes.Trim(t, " \t"), "close") {
				return true
			}
		}
	}
	return false
}

// finish reads what is left of the body, up to 64 KiB, and reports whether the
// connection is at the next request's first byte.
func finish(ctx *fasthttp.RequestCtx) bool {
	if ctx.Request.Header.ContentLength() == -1 {
		return false // chunked: draining may block in fasthttp, and it is the last request anyway
	}
	if ctx.Request.IsBodyStream() {
		if _, err := io.CopyN(io.Discard, ctx.RequestBodyStream(), maxDrop); err != io.EOF {
			return false
		}
	}
	if c, ok := ctx.Conn().(*conn); ok && (!c.spent() || c.last) {
		return false // the listener saw a body where fasthttp saw none
	}
	return true
}
