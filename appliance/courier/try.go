package courier

import (
	"context"
	"errors"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
)

// Try hands one mail that is already written to a smarthost that is being set up, and waits for
// its answer. With an error, detail says in ours or in digits why: never words of the other
// side.
func Try(ctx context.Context, host Smarthost, from, to mail.Address, msg []byte) (detail string, err error) {
	host, err = host.check()
	if err != nil {
		return DetailNetwork, err
	}
	l, err := host.open(ctx)
	if err != nil {
		var d *downError
		if errors.As(err, &d) {
			return d.detail, err
		}
		return DetailNetwork, err
	}
	defer l.close()
	stop := context.AfterFunc(ctx, func() { l.talk.Close() })
	defer stop()
	l.talk.renew()
	rcpt, wide := wireAddress(to)
	if err := l.client.Mail(string(from), &smtp.MailOptions{UTF8: wide, Size: int64(len(msg))}); err != nil {
		return said(err), err
	}
	if err := l.client.Rcpt(string(rcpt), nil); err != nil {
		return said(err), err
	}
	w, err := l.client.Data()
	if err != nil {
		return said(err), err
	}
	if _, err := w.Write(msg); err != nil {
		return DetailNetwork, err
	}
	if err := w.Close(); err != nil {
		return said(err), err
	}
	return "", nil
}

// said is what a server has answered, in digits.
func said(err error) string {
	if r, ok := replyOf(err); ok {
		return r.String()
	}
	return DetailNetwork
}
