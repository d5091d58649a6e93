package syslog

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Severity is how grave a line is: RFC 5424, 6.2.1.
type Severity uint8

// Those that are used.
const (
	Err     Severity = 3
	Warning Severity = 4
	Notice  Severity = 5
	Info    Severity = 6
	Debug   Severity = 7
)

// SeverityOf is that of a level of the log.
func SeverityOf(l slog.Level) Severity {
	switch {
	case l >= slog.LevelError:
		return Err
	case l >= slog.LevelWarn:
		return Warning
	case l >= slog.LevelInfo:
		return Info
	}
	return Debug
}

// Facility is of whom a line is.
type Facility uint8

// Those that are used.
const (
	Daemon   Facility = 3
	LogAudit Facility = 13
)

// Message is one line.
type Message struct {
	At       time.Time
	Severity Severity
	Facility Facility
	ID       string // what kind of line it is, at most 32 printable characters; "" for none
	Text     string
}

// maxText bounds a line's text, in bytes: what every server must take with its head is 2048
// (RFC 5424, 6.1), and many take 8192.
const maxText = 7 << 10

// format writes a message as host and app say it.
func (m Message) format(host, app, process string) []byte {
	text := strings.ToValidUTF8(m.Text, "?")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") // not in the middle of a letter
	}
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == 0 {
			return ' '
		}
		return r
	}, text)
	return fmt.Appendf(nil, "<%d>1 %s %s %s %s %s - %s", int(m.Facility)*8+int(m.Severity), m.At.UTC().Format("2006-01-02T15:04:05.000000Z"), word(host, 255), word(app, 48), word(process, 128), word(m.ID, 32), text)
}

// word is a field of the head: printable ASCII, or "-" for none.
func word(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), most)]
}
