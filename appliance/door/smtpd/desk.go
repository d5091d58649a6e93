package smtpd

import (
	"context"
	"net/netip"

	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

// Desk is where mail goes.
type Desk interface {
	// Accept takes a mail in. It returns nil when the message is durable for
	// every recipient of the draft, else a *mail.Error, and then nothing of it
	// stays. The draft and all it points to belong to the caller again when
	// Accept has returned: the buffer under d.Raw is used for the next mail.
	Accept(ctx context.Context, actor mail.Actor, d *mail.Draft) error
	// Returned takes what came to an address that the appliance made: a bounce,
	// the answer to a hold, a letter into a thread. From is empty for a bounce.
	// The rules of Accept hold for raw and for the error.
	Returned(ctx context.Context, local string, from mail.Address, raw []byte) error
}

// Reader reads addresses and mails as the house's grammar has them.
type Reader interface {
	// Recipient reads one address of RCPT TO. Secure is false for an address
	// without a trigger. A near miss is no error: it is taken and held. The error
	// is a *mail.Error whose sentence says how to write the address.
	Recipient(rcpt string) (req mail.Request, secure bool, err error)
	// Draft reads a mail for these recipients. From is who sends, proven by this
	// door. The error is Invalid if nothing in address, tag or header makes a
	// recipient secure. The draft may point into raw.
	Draft(raw []byte, from mail.Address, rcpts []string) (*mail.Draft, error)
	// Read reads a mail that came from outside, through a gateway: no tag and no
	// header of it asks for anything. The door puts in from whom and for whom.
	Read(raw []byte) (*mail.Draft, error)
}

// Intake is the Reader of intake, with the house's grammar and its limits.
type Intake struct {
	intake.Grammar
	Limits intake.Limits
}

var _ Reader = Intake{}

// Draft reads a mail of the house.
func (i Intake) Draft(raw []byte, from mail.Address, rcpts []string) (*mail.Draft, error) {
	return i.Grammar.Draft(raw, from, rcpts, i.Limits)
}

// Read reads a mail from outside.
func (i Intake) Read(raw []byte) (*mail.Draft, error) { return intake.Read(raw, i.Limits) }

// Authenticator knows the app passwords by which mail programs sign in. They
// allow sending and open nothing.
type Authenticator interface {
	// Authenticate returns who it is. The error is Denied for a wrong name or
	// password, alike; Locked, Busy or Again if it cannot be told now. It counts
	// and brakes wrong tries itself.
	Authenticate(ctx context.Context, user, password string, from netip.Addr) (Login, error)
	// Still returns nil if a login may send at this moment; it is asked for each mail. The
	// error is Denied once the app password was removed, or the right to write.
	Still(ctx context.Context, l Login) error
}

// Login is somebody of the house who has signed in to send.
type Login struct {
	Actor    mail.Actor
	Password mail.ID        // the app password's
	From     []mail.Address // as whom they may send
}

// may reports whether the login may send as a.
func (l *Login) may(a mail.Address) bool {
	for _, f := range l.From {
		if f.Key() == a.Key() {
			return true
		}
	}
	return false
}
