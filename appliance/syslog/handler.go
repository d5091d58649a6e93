package syslog

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
)

// Handler is a log's way into a queue.
type Handler struct {
	inner slog.Handler
	q     *Queue
	buf   *buffer // one for all that were made of it
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// NewHandler writes each record from a level on as text or JSON, without
// its time and level: these stand in the message's head.
func NewHandler(q *Queue, level slog.Level, json bool) *Handler {
	buf := &buffer{}
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}}
	var inner slog.Handler = slog.NewTextHandler(&buf.b, o)
	if json {
		inner = slog.NewJSONHandler(&buf.b, o)
	}
	return &Handler{inner, q, buf}
}

// Enabled implements slog.Handler.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool { return h.inner.Enabled(ctx, l) }

// Handle implements slog.Handler. It never waits for the server.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	h.buf.mu.Lock()
	defer h.buf.mu.Unlock()
	h.buf.b.Reset()
	if err := h.inner.Handle(ctx, r); err != nil {
		return err
	}
	h.q.Put(Message{At: r.Time, Severity: SeverityOf(r.Level), Facility: Daemon, Text: string(bytes.TrimRight(h.buf.b.Bytes(), "\n"))})
	return nil
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(list []slog.Attr) slog.Handler {
	return &Handler{h.inner.WithAttrs(list), h.q, h.buf}
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{h.inner.WithGroup(name), h.q, h.buf}
}
