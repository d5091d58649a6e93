package smtpd

import (
	"crypto/tls"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-smtp"
)

const (
	// To somebody who is not of the house, a session. The house's own relays keep
	// their connections, send thousands of mails and pass on what people mistype.
	maxCommands = 1000
	maxRefusals = 30 // 5xx
)

// next reads a command, and either carries it out or puts it into pass.
func (w *wire) next() error {
	if w.closing {
		return errOver
	}
	limit := maxCommand
	answer := w.code == 334 // within AUTH, what comes is no command (RFC 4954, 4)
	if answer {
		limit = maxAnswer
	}
	b, err := w.readLine(limit)
	if err != nil {
		return err
	}
	line := string(b)
	w.commands++
	if !w.trusted() && (w.commands > maxCommands || w.refusals > maxRefusals) {
		w.say(errTooMuch)
		return errOver
	}
	if answer {
		w.code = 0
		w.hand(line)
		return nil
	}
	w.line = line
	w.verb, _, _ = strings.Cut(strings.ToUpper(line), " ")
	if strings.HasPrefix(w.verb, "STARTTLS") { // go-smtp would take "STARTTLSX" for it
		w.verb = "STARTTLS"
	}
	if refusal := w.check(); refusal != nil {
		w.say(refusal)
		return nil
	}
	switch w.verb {
	case "STARTTLS":
		return w.startTLS()
	case "BDAT":
		return w.bdat()
	}
	w.hand(line)
	return nil
}

// hand gives go-smtp one line.
func (w *wire) hand(line string) { w.pass = append([]byte(line), '\r', '\n') }

// check says what is wrong with the command before go-smtp sees it.
func (w *wire) check() *smtp.SMTPError {
	for i := range len(w.line) {
		if c := w.line[i]; c < ' ' || c == 0x7f {
			return errControl
		}
	}
	if !utf8.ValidString(w.line) { // RFC 6531, 3.2
		return errEncoding
	}
	open := w.session != nil && w.session.tx != nil
	switch w.verb {
	case "MAIL":
		if open {
			return errNested // go-smtp would keep the old recipients
		}
		if w.tooLarge() {
			return errTooLarge
		}
	case "RCPT":
		if w.chunks {
			return errSequence
		}
	case "AUTH":
		if open { // RFC 4954, 4
			return errSequence
		}
	case "DATA":
		if w.chunks || open && w.session.tx.dead {
			return errSequence
		}
		if w.session != nil && len(w.line) == len("DATA") {
			return w.session.begin()
		}
	}
	return nil
}

// trusted reports whether the session is one of the house's own.
func (w *wire) trusted() bool { return w.session != nil && w.session.friend }

// startTLS hands the socket, now under TLS, to a fresh wire and a fresh go-smtp:
// so nothing said in the clear is known behind it (RFC 3207, 4.2).
func (w *wire) startTLS() error {
	switch {
	case w.tls != nil:
		w.say(errSequence)
		return nil
	case w.srv.tls == nil:
		w.say(errNoTLS)
		return nil
	case w.line != strings.TrimSpace(w.line) || len(w.line) != len("STARTTLS"):
		w.say(errArgument)
		return nil
	case w.r != w.w:
		// What stands behind STARTTLS was sent in the clear, perhaps by somebody in
		// between, and must never be taken for what was sent under TLS.
		w.say(errInjected)
		return errOver
	}
	w.say(okTLS)
	if err := w.flush(); err != nil {
		return err
	}
	c := tls.Server(w.Conn, w.srv.tls)
	if err := w.srv.handshake(c); err != nil {
		return errOver
	}
	next := newWire(w.srv, c, w.door, w.peer)
	next.quiet = 220 // there is no second greeting
	if !w.srv.replace(w, next) {
		return errOver
	}
	w.gone = true
	return errOver
}
