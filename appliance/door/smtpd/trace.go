package smtpd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

// fate is what is gathered of a mail for its trace.
type fate struct {
	why       mail.Refusal // of the last refusal, where its words alone do not tell
	say       string       // key of the sentence that the client was told
	last      *smtp.SMTPError
	refused   []mail.ArrivalTo // recipients
	count     int              // of them
	messageID string
	letters   []mail.ID
	told      bool
}

// maxMessageID is the longest Message-ID that is kept a hash of, in bytes: a line (RFC 5322,
// 2.1.1).
const maxMessageID = 998

// reasons are those of the refusals that always mean the same.
var reasons = map[*smtp.SMTPError]mail.Refusal{
	errRefused: mail.RefusedStranger, errSignIn: mail.RefusedSignIn, errAuthor: mail.RefusedAuthor,
	errSender: mail.RefusedAddress, errNeedsUTF8: mail.RefusedAddress,
	errBare: mail.RefusedContent, errLongLine: mail.RefusedContent, errHeader: mail.RefusedContent,
	errTooLarge: mail.RefusedSize, errFull: mail.RefusedForNow, errSlower: mail.RefusedForNow, errLater: mail.RefusedForNow,
	errLocked: mail.RefusedForNow, errApart: mail.RefusedForNow, errStopping: mail.RefusedForNow, errDropped: mail.RefusedLost,
}

// whys are those of what the desk and the reader say; of an envelope, and of a content.
var whys = map[mail.Kind][2]mail.Refusal{
	mail.Invalid:  {mail.RefusedAddress, mail.RefusedContent},
	mail.Denied:   {mail.RefusedSender, mail.RefusedSender},
	mail.Absent:   {mail.RefusedSender, mail.RefusedEnded},
	mail.Gone:     {mail.RefusedEnded, mail.RefusedEnded},
	mail.TooLarge: {mail.RefusedSize, mail.RefusedSize},
	mail.Busy:     {mail.RefusedForNow, mail.RefusedForNow},
	mail.Again:    {mail.RefusedForNow, mail.RefusedForNow},
	mail.Locked:   {mail.RefusedForNow, mail.RefusedForNow},
	mail.Internal: {mail.RefusedFault, mail.RefusedFault},
}

func (f *fate) because(r *smtp.SMTPError) mail.Refusal {
	if f.why != "" {
		return f.why
	}
	if why, ok := reasons[r]; ok {
		return why
	}
	return mail.RefusedCommand
}

// refusedTo remembers a recipient that was not taken.
func (s *session) refusedTo(tx *transaction, to string, r *smtp.SMTPError) {
	tx.fate.last = r
	if tx.fate.count++; len(tx.fate.refused) < mail.MaxArrivalTo {
		tx.fate.refused = append(tx.fate.refused, mail.ArrivalTo{Address: s.shown(tx, to), Answer: answerOf(r)})
	}
}

// shown is a recipient as it may be kept. An address of ours may hold a code; a trigger and
// a number behind an address are no part of it.
func (s *session) shown(tx *transaction, to string) mail.Address {
	if at := strings.LastIndexByte(to, '@'); at >= 0 && sameDomain(to[at+1:], tx.rules.Own) {
		return mail.Address("…" + to[at:])
	}
	if tx.rules.Reader != nil {
		if req, _, err := tx.rules.Reader.Recipient(to); err == nil && req.Address != "" {
			return req.Address
		}
	}
	if a, err := mail.ParseAddress(to); err == nil {
		return a
	}
	return mail.Address(to[:min(len(to), mail.MaxAddress)])
}

func answerOf(r *smtp.SMTPError) string {
	if r == nil {
		return "250 2.0.0"
	}
	return fmt.Sprintf("%d %d.%d.%d", r.Code, r.EnhancedCode[0], r.EnhancedCode[1], r.EnhancedCode[2])
}

// trace hands over what was seen of a mail; nil: it was taken. A mail is handed over once.
func (s *session) trace(tx *transaction, r *smtp.SMTPError) {
	if s.srv.arrived == nil || tx.fate.told {
		return
	}
	tx.fate.told = true
	a := mail.Arrival{
		ID: tx.id, At: s.srv.clock.Now(), By: s.by(tx), Friend: s.friend, Peer: s.w.peer.String(), TLS: s.w.tls != nil,
		From: tx.from, Count: len(tx.rcpts) + tx.fate.count, Size: tx.size, Answer: answerOf(r), MessageID: tx.fate.messageID, Letters: tx.fate.letters,
	}
	if tx.body != nil {
		a.Size = tx.body.n
	}
	if r != nil {
		a.Why, a.Say, a.To = tx.fate.because(r), tx.fate.say, tx.fate.refused
		if tx.class != classOurs {
			for _, to := range tx.rcpts[:min(len(tx.rcpts), mail.MaxArrivalTo-len(a.To))] {
				a.To = append(a.To, mail.ArrivalTo{Address: s.shown(tx, to)})
			}
		}
	}
	s.srv.arrived(a)
}

// by says who has brought the mail.
func (s *session) by(tx *transaction) mail.ArrivedBy {
	switch {
	case tx.class == classOurs:
		return mail.ByReturn
	case s.login != nil:
		return mail.ByLogin
	case tx.class == classPeer:
		return mail.ByGateway
	case tx.proof != proofNone || within(tx.rules.Trusted, s.w.peer) || len(tx.rules.shared(s.w.peer)) > 0:
		return mail.ByRelay
	case within(tx.rules.Peers, s.w.peer):
		return mail.ByGateway
	}
	return mail.ByStranger
}

// turnedAway traces a mail that was refused before anything of it was taken.
func (s *session) turnedAway(from string, size int64, r *smtp.SMTPError) {
	tx := &transaction{id: mail.NewID(), size: size}
	if a, err := mail.ParseAddress(from); err == nil {
		tx.from = a
	}
	if rules, err := s.srv.house.Rules(s.srv.base); err == nil {
		tx.rules = rules
		s.friend = s.friend || rules.known(s.w.peer)
	}
	s.trace(tx, r)
}

// leftBehind traces a mail that its client gave up: because a recipient was refused, or the
// content, or because the connection broke. One that nothing was refused of and no content
// came of was none.
func (s *session) leftBehind(tx *transaction) {
	r := tx.fate.last
	switch {
	case tx.body != nil && tx.body.fault != nil:
		r = tx.body.fault
	case tx.body != nil && r == nil:
		r = errDropped
	}
	if r != nil {
		s.trace(tx, r)
	}
}

// tooLarge reports whether a MAIL command declares more than may come (RFC 1870, 6.1), and
// traces it: go-smtp would answer by itself, and nobody would know.
func (w *wire) tooLarge() bool {
	i := strings.LastIndex(strings.ToUpper(w.line), " SIZE=")
	if i < 0 || w.session == nil || w.door.Submission && w.session.login == nil {
		return false
	}
	word, _, _ := strings.Cut(w.line[i+len(" SIZE="):], " ")
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n <= w.srv.limits.Message {
		return false
	}
	from, _ := path(w.line, "FROM:")
	w.session.turnedAway(from, n, errTooLarge)
	return true
}

// note remembers what the header says of which mail it is.
func (f *fate) note(h header) {
	if ids := h.all("message-id"); len(ids) == 1 && len(ids[0]) <= maxMessageID {
		f.messageID = strings.Trim(ids[0], "<> \t")
	}
}

// became remembers which letters the mail is now.
func (f *fate) became(d *mail.Draft) {
	f.letters = slices.Clone(d.Letters[:min(len(d.Letters), mail.MaxArrivalLetters)])
}
