package appliance

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"sigill/appliance/config"
	"sigill/appliance/syslog"
)

// Log is the log of an appliance, as the [log] of its configuration says. What that says may
// change while the appliance runs: whoever looks for a fault wants more lines now, and no door
// shut for it.
type Log struct {
	*slog.Logger
	out     io.Writer
	now     atomic.Pointer[logTarget]
	change  sync.Mutex
	changed chan *logTarget // has room for one that is to be carried from now on
}

// logTarget is where lines go by one reading of the configuration.
type logTarget struct {
	said    config.Log
	own     slog.Handler // the system's own log
	handler slog.Handler // with the syslog server's, if there is one
	queue   *syslog.Queue
}

// OpenLog makes the log of a configuration, which is written to w and where else the
// configuration says. What is said elsewhere is handed on once Run runs.
func OpenLog(f config.Config, w io.Writer) (*Log, error) {
	l := &Log{out: w, changed: make(chan *logTarget, 1)}
	t, err := l.target(f)
	if err != nil {
		return nil, err
	}
	l.now.Store(t)
	l.Logger = slog.New(logged{log: l})
	return l, nil
}

func (l *Log) target(f config.Config) (*logTarget, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.Log.Level)); err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	json := f.Log.Form == config.LogJSON
	o := &slog.HandlerOptions{Level: level}
	t := &logTarget{said: f.Log, own: slog.NewTextHandler(l.out, o)}
	if json {
		t.own = slog.NewJSONHandler(l.out, o)
	}
	line, err := syslogLine(f.Log.Syslog, f.Log.CAFile, f.SMTP.Hostname)
	if err != nil {
		return nil, fmt.Errorf("log.syslog: %w", err)
	}
	if t.handler = t.own; line != nil {
		t.queue = syslog.NewQueue(line)
		t.handler = slog.NewMultiHandler(t.own, syslog.NewHandler(t.queue, level, json))
	}
	return t, nil
}

// Change has the log go on as a configuration says. Nothing else of it is looked at. After an
// error the log is as it was.
func (l *Log) Change(f config.Config) error {
	l.change.Lock()
	defer l.change.Unlock()
	if said := f.Log; l.now.Load().said == said {
		return nil
	}
	t, err := l.target(f)
	if err != nil {
		return err
	}
	l.now.Store(t)
	select {
	case <-l.changed: // nobody carries that one any more
	default:
	}
	l.changed <- t
	l.Info("the log goes on otherwise", "part", "log", "level", f.Log.Level, "form", f.Log.Form, "syslog", f.Log.Syslog)
	return nil
}

// Follow reads the [log] of the file at path anew at each of signals, until ctx ends. What
// else the file says holds when the appliance begins anew.
func (l *Log) Follow(ctx context.Context, path string, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		f, err := config.LoadOrBare(path, Languages()...)
		if err == nil {
			err = l.Change(f)
		}
		if err != nil {
			l.Error("the configuration cannot be read anew; the log goes on as it is", "part", "log", "err", err)
		}
	}
}

// Run carries lines to the syslog server, if there is one, until ctx ends, and then what waits.
// It ends last of all, for what is said while all else stops is carried too.
func (l *Log) Run(ctx context.Context) error {
	t := l.now.Load()
	for {
		run, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- t.carry(run) }()
		select {
		case next := <-l.changed:
			stop()
			if err := <-done; err != nil {
				return err
			}
			t = next
		case <-ctx.Done():
			stop()
			return <-done
		}
	}
}

func (t *logTarget) carry(ctx context.Context) error {
	if t.queue == nil {
		<-ctx.Done()
		return nil
	}
	err := t.queue.Run(ctx)
	if n := t.queue.Dropped(); n > 0 {
		slog.New(t.own).Warn("lines were not sent to the syslog server", "part", "log", "count", n)
	}
	return err
}

// logged is a handler that is the log's as it is at each moment. A part that was handed the
// log at the start with words of its own keeps these.
type logged struct {
	log   *Log
	words []func(slog.Handler) slog.Handler
}

// Enabled implements slog.Handler.
func (h logged) Enabled(ctx context.Context, level slog.Level) bool {
	return h.log.now.Load().handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h logged) Handle(ctx context.Context, r slog.Record) error {
	to := h.log.now.Load().handler
	for _, with := range h.words {
		to = with(to)
	}
	return to.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h logged) WithAttrs(list []slog.Attr) slog.Handler {
	return h.with(func(x slog.Handler) slog.Handler { return x.WithAttrs(list) })
}

// WithGroup implements slog.Handler.
func (h logged) WithGroup(name string) slog.Handler {
	return h.with(func(x slog.Handler) slog.Handler { return x.WithGroup(name) })
}

func (h logged) with(words func(slog.Handler) slog.Handler) slog.Handler {
	return logged{h.log, append(slices.Clip(h.words), words)}
}
