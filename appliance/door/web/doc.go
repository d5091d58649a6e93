// Package web is the floor under every HTTP door: listener, guard, routes,
// sessions' cookie, protection against foreign forms, security headers, views,
// downloads, uploads and the one table from error to status. It runs Fiber v2 on
// fasthttp behind two guards of its own.
//
// It never decides who somebody is (a Sessions does), never reads a clock for
// anything but socket deadlines, never writes what it was sent to disk, and never
// calls Ctx.Body, FormFile or MultipartForm: the first unpacks bombs, the others
// write clear text to the temporary directory.
//
// On the wire stands HTTP/1.1 (RFC 9110, RFC 9112) over TLS 1.2 or 1.3, or in the
// clear on loopback and behind a proxy that is named as trusted.
//
// # What holds always
//
// The byte after a request is the next request's first byte, or the connection is
// closed. The listener reads every head whole, holds it against RFC 9112 without
// leniency and hands on exactly one request's bytes; the guard around the handler
// sees that no unread body is left. Either alone lets some smuggled requests run
// (framing_internal_test.go shows it); together none.
//
// Every route states who may call it and what body it takes, in one list. The
// server checks both, and the token against foreign forms, before the handler.
// A route that says nothing does not start.
//
// fasthttp uses its buffers again: what comes out of a Fiber context dies with the
// handler. Request is the one place where input is read, bounded and copied.
//
// A page that is not there and one that is not yours are the same bytes.
//
// Links come from Config.BaseURL, never from Host or X-Forwarded-Host.
package web
