package smtpd

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

func reply(code, class, subject, detail int, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: text}
}

// What the door says by itself. Codes are RFC 5321, 4.2.3; enhanced codes RFC
// 3463, 3, by the section behind each.
var (
	okTLS   = reply(220, 2, 0, 0, "Ready to start TLS")
	okChunk = reply(250, 2, 0, 0, "Continue") // RFC 3030, 2

	errBare      = reply(550, 5, 6, 0, "This mail holds a CR or LF alone, or a NUL. Send it with proper line ends (CRLF).") // X.6.0
	errLongLine  = reply(550, 5, 6, 0, "This mail holds a line of more than 1 MiB.")                                        // X.6.0
	errHeader    = reply(552, 5, 3, 4, "The header of this mail is longer than 64 KiB.")                                    // X.3.4
	errTooLarge  = reply(552, 5, 3, 4, "This mail is too large. Send large files from the portal.")                         // X.3.4
	errFull      = reply(452, 4, 3, 1, "Too much mail at once. Try again in a minute.")                                     // X.3.1
	errLineLong  = reply(500, 5, 5, 2, "Line too long")                                                                     // X.5.2
	errControl   = reply(501, 5, 5, 2, "Control character in command")                                                      // X.5.2
	errEncoding  = reply(501, 5, 5, 2, "Command is not UTF-8")                                                              // X.5.2
	errArgument  = reply(501, 5, 5, 4, "Malformed argument")                                                                // X.5.4
	errSequence  = reply(503, 5, 5, 1, "Not now: wrong order of commands")                                                  // X.5.1
	errNested    = reply(503, 5, 5, 1, "A mail is begun already; end it or send RSET")                                      // X.5.1
	errInjected  = reply(503, 5, 5, 1, "Nothing may be sent behind STARTTLS before TLS")                                    // X.5.1
	errNoTLS     = reply(502, 5, 5, 1, "TLS is not offered here")                                                           // X.5.1
	errSender    = reply(553, 5, 1, 7, "Malformed sender address")                                                          // X.1.7
	errNeedsUTF8 = reply(553, 5, 6, 7, "This address needs SMTPUTF8")                                                       // RFC 6531, 3.5
	errSignIn    = reply(530, 5, 7, 0, "Sign in first")                                                                     // RFC 4954, 6
	errWrong     = reply(535, 5, 7, 8, "Wrong name or password")                                                            // RFC 4954, 6
	errLocked    = reply(454, 4, 7, 0, "Signing in is not possible now. Try again later.")                                  // RFC 4954, 6
	errRefused   = reply(550, 5, 7, 1, "Not allowed here")                                                                  // X.7.1
	errAuthor    = reply(550, 5, 7, 1, "This mail needs one From field with one address")                                   // X.7.1
	errApart     = reply(452, 4, 5, 3, "Send this recipient a mail of its own")                                             // X.5.3
	errShut      = reply(451, 4, 3, 2, "Closed for the moment. Try again later.")                                           // X.3.2
	errSlower    = reply(451, 4, 7, 1, "Too many mails from your network. Try again later.")                                // X.7.1
	errLater     = reply(451, 4, 4, 3, "The key of the signature could not be looked up. Try again later.")                 // X.4.3
	errDropped   = reply(451, 4, 4, 2, "Connection lost")                                                                   // X.4.2
	errTimeout   = reply(421, 4, 4, 2, "Waited too long; closing")                                                          // X.4.2
	errStopping  = reply(421, 4, 3, 2, "Stopping for a moment; try again")                                                  // X.3.2
	errCrowded   = reply(421, 4, 3, 2, "Too many connections; try again")                                                   // X.3.2
	errYouCrowd  = reply(421, 4, 7, 0, "Too many connections from your address")                                            // X.7.0
	errTooMuch   = reply(421, 4, 7, 0, "Too many commands or refusals; closing")                                            // X.7.0
)

// stage is where in the dialogue an error of the desk or the reader is answered.
type stage uint8

const (
	atEnvelope stage = iota
	atContent
)

// kinds is the one table from mail.Kind to what the client hears, at RCPT and at
// the content. 4xx: the same again later will do. 5xx: the sender must mend it.
var kinds = map[mail.Kind][2]*smtp.SMTPError{
	mail.Internal: {reply(451, 4, 3, 0, "Our fault. Try again later."), reply(451, 4, 3, 0, "Our fault. Try again later.")},                           // X.3.0
	mail.Invalid:  {reply(553, 5, 1, 3, "This address cannot be read."), reply(550, 5, 6, 0, "This mail cannot be read.")},                            // X.1.3, X.6.0
	mail.Denied:   {errRefused, errRefused},                                                                                                           // X.7.1
	mail.Absent:   {errRefused, errRefused},                                                                                                           // X.7.1: absent looks like denied
	mail.Gone:     {reply(550, 5, 2, 1, "What this answers has ended."), reply(550, 5, 2, 1, "What this answers has ended.")},                         // X.2.1
	mail.TooLarge: {errTooLarge, errTooLarge},                                                                                                         // X.3.4
	mail.Busy:     {reply(451, 4, 3, 2, "Too much at once. Try again in a minute."), reply(451, 4, 3, 2, "Too much at once. Try again in a minute.")}, // X.3.2
	mail.Again:    {reply(452, 4, 3, 1, "Not possible just now. Try again later."), reply(452, 4, 3, 1, "Not possible just now. Try again later.")},   // X.3.1
	mail.Locked:   {reply(450, 4, 2, 1, "Closed for now. Try again later."), reply(450, 4, 2, 1, "Closed for now. Try again later.")},                 // X.2.1
}

// answer words an error for the client: the code by its kind, the sentence by
// its key. The operator's cause goes to the log, under the number that the
// client is told; nil stays nil.
func (srv *Server) answer(tx *transaction, at stage, err error) *smtp.SMTPError {
	if err == nil {
		return nil
	}
	kind := mail.KindOf(err)
	if _, ok := kinds[kind]; !ok {
		kind = mail.Internal
	}
	r := *kinds[kind][at]
	var e *mail.Error
	if kind == mail.Internal {
		r.Message += " Number " + tx.id.String() + "."
		srv.log.Error("mail not taken", "id", tx.id.String(), "err", err.Error())
	} else if errors.As(err, &e) && kind != mail.Denied && kind != mail.Absent {
		if text := srv.say(e.Say, e.With); text != "" {
			r.Message = oneLine(text)
		}
	}
	return &r
}

// maxText keeps a reply below the 512 bytes of RFC 5321, 4.5.3.1.5.
const maxText = 450

// oneLine makes a sentence fit to be a reply: one line of ASCII, since only a
// client that speaks SMTPUTF8 may be sent more (RFC 6531, 3.7.4).
func oneLine(s string) string {
	s = strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "Å", "A", "Ä", "A", "Ö", "O",
		"æ", "ae", "ø", "o", "Æ", "Ae", "Ø", "O", "é", "e").Replace(s)
	b := []byte(strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, s))
	return string(b[:min(len(b), maxText)])
}

// told writes the one line that the log has of a mail: no content, no subject,
// no full address.
func (srv *Server) told(s *session, tx *transaction, r *smtp.SMTPError) {
	code, enhanced := 250, smtp.EnhancedCode{2, 0, 0}
	if r != nil {
		code, enhanced = r.Code, r.EnhancedCode
	}
	level := slog.LevelInfo
	if code/100 == 4 {
		level = slog.LevelWarn
	}
	srv.log.Log(srv.base, level, "mail", "id", tx.id.String(), "peer", s.w.peer.String(), "tls", s.w.tls != nil,
		"class", tx.class.String(), "proof", tx.proof.String(), "from", tx.from.Masked(), "rcpts", len(tx.rcpts),
		"bytes", tx.body.n, "code", code, "enhanced", enhanced)
}
