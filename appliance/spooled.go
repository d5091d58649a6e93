package appliance

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"sigill/appliance/door/smtpd"
	"sigill/appliance/intake"
	"sigill/appliance/mail"
	"sigill/appliance/spool"
	"sigill/appliance/vault"
)

// spooler is the desk as the SMTP door of a locked appliance sees it: what was proven and
// read there goes into the spool, and nothing is decided.
type spooler struct {
	spool *spool.Spool
	to    string       // public half of the spool's key
	sure  func() error // says whether the clock may be believed
}

// Accept keeps a mail until the appliance is unlocked.
func (s spooler) Accept(ctx context.Context, actor mail.Actor, d *mail.Draft) error {
	if err := s.sure(); err != nil {
		return err
	}
	m := spool.Mail{Class: spool.House, From: d.From, Raw: d.Raw}
	if actor.Kind == mail.ActorPeer {
		m.Class = spool.Peer
	}
	for _, to := range d.To {
		m.Rcpts = append(m.Rcpts, to.Given)
	}
	return s.spool.Put(ctx, s.to, m)
}

// Returned takes nothing: whether the address is one of ours cannot be told.
func (s spooler) Returned(context.Context, string, mail.Address, []byte) error {
	return mail.E(mail.Again, "error.again", errors.New("the appliance is locked"))
}

func (a *Appliance) openSpool(ctx context.Context) (err error) {
	if err = a.keepSpoolKey(ctx); err != nil {
		return err
	}
	a.spool, err = spool.Open(spool.Config{Dir: filepath.Join(a.c.Data, "spool"), Clock: a.c.Clock})
	return err
}

// takeSpooledNow takes in what has come while the appliance was locked, as soon as it runs.
// What fails is the job's to try again.
func (a *Appliance) takeSpooledNow(ctx context.Context) error {
	if err := a.jobs.Now(ctx, "spool"); err != nil {
		a.c.Log.Warn("mail that came while locked is not taken in yet", "part", "spool", "err", err)
	}
	return nil
}

// takeSpooled takes in what waits, the oldest first. One that cannot be taken in now keeps none
// of the others.
func (a *Appliance) takeSpooled(ctx context.Context) error {
	waiting := a.spool.Waiting()
	var errs []error
	for _, id := range waiting {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := a.takeOne(ctx, id); err != nil {
			errs = append(errs, err)
		}
	}
	if len(waiting) == 0 || len(errs) > 0 {
		return errors.Join(errs...)
	}
	return a.db.Update(ctx, func(tx *vault.Tx) error { return tx.ForgetSpooled() })
}

// takeOne takes a mail in, in the transaction that says so, and then erases its file: after a
// crash in between the file alone is left to erase.
func (a *Appliance) takeOne(ctx context.Context, id mail.ID) error {
	done := false
	err := a.db.View(ctx, func(tx *vault.ReadTx) (err error) {
		done, err = tx.Spooled(id)
		return err
	})
	if err == nil && !done {
		err = a.accept(ctx, id)
	}
	if err != nil {
		return err
	}
	return a.spool.Erase(id)
}

// accept is what the SMTP door would have done. What that would have refused with 5xx is
// refused by a mail.
func (a *Appliance) accept(ctx context.Context, id mail.ID) error {
	m, err := a.spool.Read(id, a.founding.app)
	if err != nil {
		return err
	}
	d, err := a.draft(m)
	if err == nil {
		d.Spooled = id
		in, actor := &inward{Desk: a.desk}, mail.Actor{Kind: mail.ActorSender}
		if m.Class == spool.Peer {
			actor.Kind = mail.ActorPeer
		}
		err = in.Accept(ctx, actor, d)
	}
	switch mail.KindOf(err) {
	case mail.Invalid, mail.Denied, mail.Absent, mail.TooLarge:
		reply := ""
		if d != nil {
			reply = d.MessageID
		}
		return a.desk.Refuse(ctx, id, m.From, len(m.Rcpts), reply)
	}
	return err
}

// draft reads a mail as the door did when it came.
func (a *Appliance) draft(m spool.Mail) (*mail.Draft, error) {
	reader := smtpd.Intake{Grammar: a.grammar(), Limits: a.mailLimits()}
	if m.Class == spool.House {
		return reader.Draft(m.Raw, m.From, m.Rcpts)
	}
	d, err := reader.Read(m.Raw)
	if err != nil {
		return nil, err
	}
	d.From = m.From
	for _, to := range m.Rcpts {
		address, err := mail.ParseAddress(to)
		if err != nil {
			return nil, mail.E(mail.Invalid, "error.unknownrecipient", err)
		}
		d.To = append(d.To, mail.Request{Given: to, Address: address})
	}
	return d, nil
}

// mailLimits are those of a mail.
func (a *Appliance) mailLimits() intake.Limits {
	l := intake.DefaultLimits()
	if a.c.SMTPLimits.Message > 0 {
		l.Bytes = a.c.SMTPLimits.Message
	}
	return l
}

// Spooled is the mail that came while the appliance was locked and is not taken in yet: how
// many, and since when the oldest waits.
func (a *Appliance) Spooled() (n int, since time.Time) {
	return len(a.spool.Waiting()), a.spool.Since()
}
