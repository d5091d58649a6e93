package courier

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/idna"

	"sigill/appliance/mail"
)

// fate is what became of one try.
type fate uint8

const (
	fateSent    fate = iota
	fateLater        // this notice, at another time
	fateNever        // this notice will never go
	fateDown         // the smarthost; the notice was not tried
	fateStopped      // we were told to stop before it was tried
)

// outcome is a fate with its reason. keep says whether the line may be used again.
type outcome struct {
	fate   fate
	detail string
	keep   bool
}

// carry sends one notice on l. It never returns words of the other side.
func (c *Courier) carry(ctx context.Context, l *line, j Job) outcome {
	l.used++
	l.talk.renew()
	to, wide := wireAddress(j.Notice.To)
	if ok, _ := l.client.Extension("SMTPUTF8"); wide && !ok {
		return outcome{fateNever, DetailAddress, true}
	}
	if opensKey(j.Notice) && !l.verified {
		// Without its code it would be of no use, and sent it is lost: nobody can make
		// the code again. So it waits for a line that proves who takes it.
		c.log.Warn("an invitation waits, for the smarthost has not proven who it is", "id", j.ID)
		return outcome{fateLater, DetailCertificate, true}
	}
	msg, err := c.word(ctx, l, j, to)
	if err != nil {
		c.log.Error("notice cannot be worded", "id", j.ID, "kind", j.Notice.Kind, "err", err)
		return outcome{fateLater, DetailWords, true}
	}
	// RET=HDRS: a returned notice must not carry its code through foreign hands.
	opts := &smtp.MailOptions{UTF8: wide, Size: int64(len(msg)), Return: smtp.DSNReturnHeaders}
	if err := l.client.Mail(string(c.returns.Bounce(j.Bounce)), opts); err != nil {
		return atMail(err)
	}
	if err := l.client.Rcpt(string(to), &smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifyFailure}}); err != nil {
		return c.refused(l, err)
	}
	w, err := l.client.Data()
	if err != nil {
		return c.refused(l, err)
	}
	if _, err := w.Write(msg); err != nil {
		return outcome{fateLater, DetailNetwork, false}
	}
	done, err := w.CloseWithResponse()
	if err != nil {
		return c.refused(l, err)
	}
	r := reply{250, enhancedOf(done.StatusText)}
	return outcome{fateSent, r.String(), true}
}

// word has the notice put into words. Only now is it known whether the connection
// is verified; without that, what opens a letter by itself is left out.
func (c *Courier) word(ctx context.Context, l *line, j Job, to mail.Address) ([]byte, error) {
	n := j.Notice
	p := mail.Posting{ID: j.ID, At: c.clock.Now(), To: to, Verified: l.verified}
	if n.MustTLS && !l.verified {
		n.Code = ""
	}
	if n.Kind == mail.NoticeHold && n.Code != "" {
		// The address holds the code; so it needs the verified line whether or not
		// the notice says so.
		code, err := mail.ParseLinkCode(n.Code)
		if err != nil {
			return nil, err
		}
		if _, ok := n.Answerable(); ok && l.verified {
			p.ReplyTo = c.returns.Hold(code)
		}
	}
	return c.words.Mail(ctx, n, p)
}

// atMail judges an answer to MAIL FROM. The recipient is not known to the server
// yet, so he cannot be the reason, and no notice is given up for it.
func atMail(err error) outcome {
	r, ok := replyOf(err)
	switch {
	case !ok:
		return outcome{fateDown, DetailNetwork, false} // nothing was tried; the line was stale, or broke
	case r.code == 421 || r.code/100 == 4 && r.enhanced[1] == 3:
		return outcome{fateDown, r.String(), false} // RFC 3463, 3.4: X.3.X is the mail system's own state
	}
	return outcome{fateLater, r.String(), false}
}

// refused judges an answer to RCPT, DATA or the last dot.
func (c *Courier) refused(l *line, err error) outcome {
	r, ok := replyOf(err)
	if !ok {
		return outcome{fateLater, DetailNetwork, false}
	}
	if r.code == 421 {
		return outcome{fateLater, r.String(), false}
	}
	keep := l.client.Reset() == nil
	switch r.code / 100 {
	case 5:
		return outcome{fateNever, r.String(), keep}
	case 4:
		return outcome{fateLater, r.String(), keep}
	}
	return outcome{fateLater, DetailProtocol, false}
}

// wireAddress returns the address as it is sent, and whether it needs SMTPUTF8.
// A domain is written in ASCII (RFC 5891), which every server knows; only a local
// part outside ASCII needs the extension (RFC 6531).
func wireAddress(a mail.Address) (mail.Address, bool) {
	if domain, err := idna.Lookup.ToASCII(a.Domain()); err == nil {
		a = mail.Address(a.Local() + "@" + domain)
	}
	return a, strings.ContainsFunc(string(a), func(r rune) bool { return r >= 0x80 })
}

// try opens a line if there is none and carries j on it. A line that was idle may
// have been closed by the other side; then one fresh line is tried, for nothing of
// the notice has been sent.
func (c *Courier) try(ctx context.Context, l *line, j Job) (*line, outcome) {
	for {
		if ctx.Err() != nil {
			return l, outcome{fate: fateStopped}
		}
		fresh := l == nil
		if fresh {
			var err error
			if l, err = c.host.open(ctx); err != nil {
				var d *downError
				if errors.As(err, &d) {
					return nil, outcome{fate: fateDown, detail: d.detail}
				}
				return nil, outcome{fate: fateDown, detail: DetailNetwork}
			}
		}
		// A notice that is being sent when we are told to stop gets a moment to
		// finish, so that it is not sent twice; then the line is cut.
		now := l // what we are told may come when l is another's already
		stop := context.AfterFunc(ctx, func() { c.cut(now) })
		o := c.carry(context.WithoutCancel(ctx), l, j)
		stop()
		if !o.keep || l.used >= perLine {
			l.close()
			l = nil
		}
		if o.fate != fateDown || fresh {
			return l, o
		}
	}
}

// opensKey reports whether a notice holds the one code by which a person takes over a key.
func opensKey(n mail.Notice) bool {
	return n.Kind.Invites() || n.Kind == mail.NoticeRecovered && n.Code != ""
}
