package smtpd

import (
	"context"
	"crypto/subtle"
	"strings"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

// deliver hands a mail that has come whole to the desk. Nil means that the desk
// has it, for every recipient. What was begun is finished even if the client has
// gone or the server is told to stop: only the desk's own time ends it.
func (s *session) deliver(tx *transaction) *smtp.SMTPError {
	h, ok := readHeader(tx.body.content())
	if !ok {
		return errHeader
	}
	tx.fate.note(h)
	shown := s.secret(tx, h)
	if tx.class == classHouse {
		// The signature is over the mail as it came, so it is looked at first.
		from, refusal := s.author(tx, h)
		if refusal != nil {
			tx.fate.why = mail.RefusedAuthor
		} else if tx.proof == proofPending {
			refusal = s.prove(tx, h, from, shown)
		}
		if refusal != nil {
			return refusal
		}
		s.clean(tx, h)
		d, err := tx.rules.Reader.Draft(tx.body.under(s.received(tx)), from, tx.rcpts)
		return s.accept(tx, mail.Actor{Kind: mail.ActorSender, ID: s.person()}, d, err)
	}
	h = s.clean(tx, h)
	if tx.class == classPeer {
		from := tx.from
		if a, ok := h.author(); ok {
			from = a
		}
		d, err := tx.rules.Reader.Read(tx.body.under(s.received(tx)))
		if err == nil {
			d.From, d.To = from, inbound(tx.rcpts)
		}
		return s.accept(tx, mail.Actor{Kind: mail.ActorPeer}, d, err)
	}
	ctx, cancel := s.deadline()
	defer cancel()
	local, _, _ := strings.Cut(tx.rcpts[0], "@")
	return s.srv.answer(tx, atContent, s.srv.desk.Returned(ctx, local, tx.from, tx.body.under(s.received(tx))))
}

// inbound names people of the house. Their addresses were read at RCPT.
func inbound(rcpts []string) []mail.Request {
	var l []mail.Request
	for _, r := range rcpts {
		a, _ := mail.ParseAddress(r)
		l = append(l, mail.Request{Given: r, Address: a})
	}
	return l
}

func (s *session) accept(tx *transaction, actor mail.Actor, d *mail.Draft, err error) *smtp.SMTPError {
	if err != nil {
		return s.srv.answer(tx, atContent, err)
	}
	ctx, cancel := s.deadline()
	defer cancel()
	refusal := s.srv.answer(tx, atContent, s.srv.desk.Accept(ctx, actor, d))
	tx.fate.became(d)
	return refusal
}

func (s *session) deadline() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.srv.base), s.srv.limits.Desk)
}

// person is who has signed in; zero for a relay, whose people the desk finds by
// their address.
func (s *session) person() mail.ID {
	if s.login != nil {
		return s.login.Actor.ID
	}
	return mail.ID{}
}

// prove looks for what makes a mail from a shared relay the house's.
func (s *session) prove(tx *transaction, h header, from mail.Address, shown bool) *smtp.SMTPError {
	if shown {
		tx.proof = proofHeader
		return nil
	}
	var domains []string
	for _, sh := range tx.rules.shared(s.w.peer) {
		domains = append(domains, sh.DKIM...)
	}
	switch ok, err := s.signed(tx.body.content(), h, from, domains); {
	case err != nil:
		return errLater
	case !ok:
		tx.fate.why = mail.RefusedProof
		return errRefused
	}
	tx.proof = proofDKIM
	return nil
}

// secret reports whether the mail shows the secret of the relay that it came by.
// Every value is compared with every secret in constant time.
func (s *session) secret(tx *transaction, h header) bool {
	found := 0
	for _, sh := range tx.rules.shared(s.w.peer) {
		if sh.Header == "" {
			continue
		}
		for _, v := range h.all(sh.Header) {
			for _, secret := range sh.Secrets {
				if len(secret) >= minSecret {
					found |= subtle.ConstantTimeCompare([]byte(v), []byte(secret))
				}
			}
		}
	}
	return found == 1
}

// minSecret is the shortest secret that counts, in bytes: a forgotten value in a
// configuration must not open the house.
const minSecret = 20

// clean takes every secret header away, whoever sent it: right, wrong or old, it
// is nothing that a reader, a file or a log should see.
func (s *session) clean(tx *transaction, h header) header {
	for _, sh := range tx.rules.Shared {
		if sh.Header != "" && len(h.all(sh.Header)) > 0 {
			h = tx.body.cut(h, sh.Header)
		}
	}
	return h
}
