package smtpd

import (
	"io"
	"strings"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

const (
	maxRecipients = 500     // RFC 5321, 4.5.3.1.8 asks for 100
	maxReturned   = 1 << 20 // bytes of a mail to an address of ours
	maxWrong      = 3       // wrong passwords a session
)

// session answers the commands of one client. go-smtp calls it from one
// goroutine only, since it never sees BDAT.
type session struct {
	srv    *Server
	w      *wire
	conn   *smtp.Conn
	login  *Login       // nil until AUTH
	wrong  int          // passwords
	friend bool         // has shown to be of the house, or stands in its network
	tx     *transaction // nil between mails
}

var (
	_ smtp.Session     = (*session)(nil)
	_ smtp.AuthSession = (*session)(nil)
)

// transaction is one mail from MAIL to the reply to its content.
type transaction struct {
	id    mail.ID
	rules Rules
	from  mail.Address // MAIL FROM; empty for the null sender
	size  int64        // as declared; 0 if it was not
	utf8  bool
	class class
	proof proof
	rcpts []string
	body  *body // nil before DATA and BDAT
	dead  bool  // a chunk was refused; RSET alone helps
	fate  fate
}

func (tx *transaction) limit(l Limits) int64 {
	if tx.class == classOurs {
		return maxReturned
	}
	return l.Message
}

func (tx *transaction) free() {
	if tx.body != nil {
		tx.body.free()
	}
}

func newSession(srv *Server, c *smtp.Conn) *session {
	s := &session{srv: srv, w: c.Conn().(*wire), conn: c}
	s.w.session = s
	return s
}

// Mail begins a transaction.
func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	if refusal := s.mail(from, opts); refusal != nil {
		s.turnedAway(from, opts.Size, refusal)
		return refusal
	}
	return nil
}

func (s *session) mail(from string, opts *smtp.MailOptions) *smtp.SMTPError {
	raw, ok := path(s.w.line, "FROM:")
	if !ok || raw != from {
		return errSender
	}
	if err := s.still(); err != nil {
		return err
	}
	if s.w.door.Submission && s.login == nil {
		return errSignIn
	}
	if !opts.UTF8 && !plain(from) {
		return errNeedsUTF8
	}
	tx := &transaction{id: mail.NewID(), size: opts.Size, utf8: opts.UTF8}
	if from != "" {
		a, err := mail.ParseAddress(from)
		if err != nil {
			return errSender
		}
		tx.from = a
	}
	rules, err := s.srv.house.Rules(s.srv.base)
	if err != nil {
		return s.srv.answer(tx, atEnvelope, err)
	}
	tx.rules = rules
	tx.proof = s.proof(tx)
	s.friend = s.friend || tx.proof != proofNone || rules.known(s.w.peer)
	s.tx = tx
	s.w.open.Store(true)
	return nil
}

// Rcpt takes or refuses one recipient. All recipients of a mail are of one
// class, so that the one reply to the content is true for each of them.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	tx := s.tx
	if tx == nil || tx.dead {
		return errSequence
	}
	tx.fate.why, tx.fate.say = "", ""
	if refusal := s.rcpt(tx, to); refusal != nil {
		s.refusedTo(tx, to, refusal)
		return refusal
	}
	return nil
}

func (s *session) rcpt(tx *transaction, to string) *smtp.SMTPError {
	raw, ok := path(s.w.line, "TO:")
	if !ok || raw != to {
		return errRefused
	}
	if !tx.utf8 && !plain(to) {
		return errNeedsUTF8
	}
	c, refusal := s.class(tx, to)
	if refusal != nil {
		return refusal
	}
	if tx.class != classNone && (c != tx.class || c == classOurs) {
		return errApart
	}
	if c == classOurs {
		if tx.size > maxReturned {
			return errTooLarge
		}
		if !s.srv.rate.allow(s.w.peer, s.srv.clock.Running()) {
			return errSlower
		}
	}
	tx.class = c
	tx.rcpts = append(tx.rcpts, to)
	return nil
}

// begin makes room for the content, before the client is told to send it. It
// returns nil if there is nothing to begin; go-smtp then says so.
func (s *session) begin() *smtp.SMTPError {
	tx := s.tx
	if tx == nil || len(tx.rcpts) == 0 || tx.body != nil {
		return nil
	}
	size := tx.size
	if !s.friend {
		size = 0 // what a stranger declares reserves nothing
	}
	b, refusal := newBody(s.srv.base, s.srv, size, tx.limit(s.srv.limits))
	tx.body, tx.fate.last, tx.fate.why, tx.fate.say = b, refusal, "", ""
	return refusal
}

// Data takes the content. It reads it from the wire; the reader that go-smtp
// gives holds nothing but the end, which go-smtp reads itself.
func (s *session) Data(io.Reader) error {
	tx := s.tx
	if tx == nil || tx.body == nil {
		return errSequence
	}
	if !s.w.chunks {
		if err := s.w.readData(tx.body); err != nil {
			s.w.leave(err)
			s.trace(tx, errDropped)
			return errDropped
		}
	}
	data := !s.w.chunks
	s.w.pass = []byte(".\r\n")
	if fault := tx.body.fault; fault != nil {
		// Who sends a lone CR or LF may mean another end than we do: nothing that
		// comes behind it is taken for a command.
		s.w.closing = s.w.closing || data && fault == errBare
		s.srv.told(s, tx, fault)
		return fault
	}
	if refusal := s.deliver(tx); refusal != nil {
		s.srv.told(s, tx, refusal)
		return refusal
	}
	s.srv.told(s, tx, nil)
	return nil
}

// Reset forgets the mail.
func (s *session) Reset() {
	if s.tx != nil {
		s.leftBehind(s.tx)
		s.tx.free()
	}
	s.tx = nil
	s.w.chunks = false
	s.w.open.Store(false)
}

// Logout ends the session.
func (s *session) Logout() error {
	s.Reset()
	return nil
}

// hello is the name by which the client introduced itself, as far as it may
// stand in a header.
func (s *session) hello() string {
	h := s.conn.Hostname()
	bad := func(r rune) bool {
		return !(r == '.' || r == '-' || r == ':' || r == '[' || r == ']' || '0' <= r && r <= '9' ||
			'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	if h == "" || len(h) > 255 || strings.ContainsFunc(h, bad) {
		return "unknown"
	}
	return h
}
