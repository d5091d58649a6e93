package trap

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// maxMail is the largest mail that is taken. Our notices have a few KiB.
const maxMail = 16 << 20

// smtp returns the server that plays the smarthost.
func (t *Trap) smtp() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{trap: t}, nil }))
	s.Domain = "localhost"
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{t.cert}, MinVersion: tls.VersionTLS12}
	s.EnableSMTPUTF8, s.EnableDSN = true, true
	s.MaxMessageBytes, s.MaxRecipients = maxMail, 100
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	s.ErrorLog = slogger{t.Log}
	return s
}

// session is one SMTP connection. It accepts everything.
type session struct {
	trap *Trap
	from string
	to   []string
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = oneLine(from)
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, oneLine(to))
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		var se *smtp.SMTPError
		if errors.As(err, &se) {
			return err // too large
		}
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Broken off"}
	}
	// RFC 5321, 4.4: the last server writes the envelope's sender above the header.
	m := parse([]byte("Return-Path: <" + s.from + ">\r\n" + string(raw)))
	m.At, m.To = s.trap.Clock.Now(), s.to
	if m.From == "" {
		m.From = s.from
	}
	s.trap.box.add(m)
	return nil
}

// oneLine keeps an envelope's address from being more than one line of the header
// that is written with it: the library takes bare control characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// slogger hands the library's rare words to our log.
type slogger struct{ log *slog.Logger }

// Printf implements smtp.Logger.
func (l slogger) Printf(format string, v ...any) {
	l.log.Debug("smtp", "what", fmt.Sprintf(format, v...))
}

// Println implements smtp.Logger.
func (l slogger) Println(v ...any) { l.log.Debug("smtp", "what", fmt.Sprint(v...)) }
