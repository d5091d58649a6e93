package smtpd

import (
	"errors"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

// AuthMechanisms offers AUTH over TLS only, and only where people send: a
// password in the clear, or on the port where strangers are, would be a gift.
func (s *session) AuthMechanisms() []string {
	if s.srv.auth == nil || s.w.tls == nil || !s.w.door.Submission {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth begins an exchange. LOGIN is no standard, but all that some mail programs
// and copying machines know.
func (s *session) Auth(mech string) (sasl.Server, error) {
	if len(s.AuthMechanisms()) == 0 {
		return nil, smtp.ErrAuthUnsupported
	}
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(identity, user, password string) error {
			if identity != "" && identity != user { // RFC 4616, 2: nobody acts for another
				return errWrong
			}
			return s.signIn(user, password)
		}), nil
	case sasl.Login:
		return &loginServer{check: s.signIn}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) signIn(user, password string) error {
	login, err := s.srv.auth.Authenticate(s.srv.base, user, password, s.w.peer)
	if err == nil {
		s.login, s.friend = &login, true
		return nil
	}
	switch mail.KindOf(err) {
	case mail.Denied, mail.Absent, mail.Invalid:
	default:
		return errLocked
	}
	s.wrong++
	if s.wrong >= maxWrong {
		s.w.closing = true
		return errTooMuch
	}
	return errWrong
}

// still asks before each mail whether who has signed in may go on: a session outlives the
// moment in which its password is removed.
func (s *session) still() *smtp.SMTPError {
	if s.login == nil {
		return nil
	}
	err := s.srv.auth.Still(s.srv.base, *s.login)
	switch {
	case err == nil:
		return nil
	case mail.KindOf(err) == mail.Denied:
		s.login, s.friend = nil, false
		return errSignIn
	}
	return errLocked
}

// loginServer asks for name, then password; either may come unasked.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

var errOrder = errors.New("smtpd: login: unexpected answer")

// Next takes the client's answer.
func (l *loginServer) Next(answer []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch {
	case l.step == 1 && answer == nil:
		return []byte("Username:"), false, nil
	case l.step <= 2 && l.user == "" && len(answer) > 0:
		l.user, l.step = string(answer), 2
		return []byte("Password:"), false, nil
	case l.step == 3 && l.user != "":
		return nil, true, l.check(l.user, string(answer))
	}
	return nil, false, errOrder
}
