package appliance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/intake"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// What the letter says. It is the same each time, so that nothing is told by it.
const (
	tripSubject = "Sigill: provbrev / test letter"
	tripText    = "Detta brev har systemet skickat till sig självt, för att pröva vägen. Det förstörs strax.\nThe system has sent this letter to itself, to try the way. It will be destroyed in a moment."
	tripAnswer  = "Prov / test"
)

// traveller is a trip under way, from hop to hop.
type traveller struct {
	a    *Appliance
	x    *trip
	trip mail.Trip

	code   mail.LinkCode
	coded  bool // there is one
	letter desk.Letter
	pin    string
	sent   mail.Receipt
	reader desk.Reader
	answer mail.ID
}

// errPassed says that a hop cannot be tried here.
var errPassed = errors.New("not to be tried here")

// broken is why a hop did not go well, in a code or a word: no address, no words of others.
type broken string

func (b broken) Error() string { return string(b) }

// travel goes from hop to hop until one is broken. What was made is destroyed in any case.
func (w *traveller) travel(ctx context.Context) {
	steps := map[mail.Hop]func(context.Context) error{
		mail.HopDoor: w.door, mail.HopOut: w.out, mail.HopBack: w.back, mail.HopSMS: w.sms,
		mail.HopReport: w.report, mail.HopOpen: w.open, mail.HopAnswer: w.reply, mail.HopErase: w.erase,
	}
	over := false
	for i := range w.trip.Hops {
		h := &w.trip.Hops[i]
		if over && h.Hop != mail.HopErase {
			continue
		}
		from := w.a.c.Clock.Running()
		err := steps[h.Hop](ctx)
		if err != nil && mail.KindOf(err) == mail.Internal {
			w.a.c.Log.Warn("a letter that tries the way got no further", "part", "canary", "hop", string(h.Hop), "err", err)
		}
		h.Took = w.a.c.Clock.Running() - from
		switch {
		case errors.Is(err, errPassed):
			h.State = mail.TripPassed
		case err != nil:
			h.State, h.Detail = mail.TripBroken, detailOf(err)
			over = true
		default:
			h.State = mail.TripWell
		}
		w.a.trips.show(w.trip)
	}
}

// detailOf is what may be said of an error: an answer's code, or a word of ours.
func detailOf(err error) string {
	var b broken
	var said *textproto.Error
	switch {
	case errors.As(err, &b):
		return string(b)
	case errors.As(err, &said):
		return fmt.Sprint(said.Code)
	case errors.Is(err, context.Canceled):
		return "stopped"
	}
	return "fault"
}

// door hands the letter in over the door for mail, as the house's mail server does.
func (w *traveller) door(ctx context.Context) error {
	c := w.a.c.Canary
	if !w.a.nobodys(c.From) {
		return broken("sender")
	}
	conn, err := (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, "tcp", w.a.doorAddress())
	if err != nil {
		return broken("connection")
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	w.a.trips.mu.Lock()
	w.x.socket = conn.LocalAddr().String()
	w.a.trips.mu.Unlock()
	to := string(w.x.to) + "." + strings.TrimPrefix(string(c.Phone), "+") + ".s"
	if err := handIn(conn, c.From, to); err != nil {
		return err
	}
	if letter, _ := w.a.trips.seen(); letter.IsZero() {
		return broken("letter")
	}
	return nil
}

// handIn speaks SMTP.
func handIn(conn net.Conn, from mail.Address, to string) error {
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Mail(string(from)); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	body, err := c.Data()
	if err != nil {
		return err
	}
	fmt.Fprintf(body, "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n",
		from, to, tripSubject, strings.ReplaceAll(tripText, "\n", "\r\n"))
	if err := body.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// doorAddress is where the door for mail servers listens, from this machine.
func (a *Appliance) doorAddress() string {
	for _, l := range a.c.SMTP {
		if l.Submission {
			continue
		}
		at, err := netip.ParseAddrPort(l.Addr().String())
		if err == nil && at.Addr().IsUnspecified() {
			return net.JoinHostPort("127.0.0.1", fmt.Sprint(at.Port()))
		}
		return l.Addr().String()
	}
	return ""
}

// out waits for the smarthost to take the notice.
func (w *traveller) out(ctx context.Context) error {
	return w.wait(ctx, tripOut, mail.StepNoticeSent, mail.StepNoticeFailed)
}

// back waits for the notice to come back by our own MX, and reads the code in it.
func (w *traveller) back(ctx context.Context) error {
	err := w.until(ctx, tripBack, func() (bool, error) {
		_, came := w.a.trips.seen()
		return came != nil, nil
	})
	if err != nil {
		return err
	}
	_, came := w.a.trips.seen()
	d, err := intake.Read(came, intake.DefaultLimits())
	if err != nil {
		return broken("unreadable")
	}
	if w.code, err = mail.ParseLinkCode(codeInNotice.FindString(d.Text)); err != nil {
		return broken("code")
	}
	w.coded = true
	letter, _ := w.a.trips.seen()
	if w.letter, err = w.a.desk.Look(ctx, w.code); err != nil {
		return err
	}
	if w.letter.Message != letter || w.letter.Kind != mail.CodeGuest {
		w.letter = desk.Letter{}
		return broken("another")
	}
	return nil
}

var codeInNotice = regexp.MustCompile(`\b([0-9A-Z]{4}-){4}[0-9A-Z]{4}\b`)

// sms has a PIN sent.
func (w *traveller) sms(ctx context.Context) (err error) {
	w.pin, w.sent, err = w.a.texter.tryPIN(ctx, w.letter)
	return err
}

// report waits for the gateway to say that the SMS was delivered.
func (w *traveller) report(ctx context.Context) error {
	if _, ok := w.a.c.Reports[w.sent.Provider]; !ok || w.sent.ID == "" {
		return errPassed
	}
	return w.wait(ctx, tripReport, mail.StepSMSDelivered, mail.StepSMSFailed)
}

// open opens the letter with its code and the PIN, and compares what it says.
func (w *traveller) open(ctx context.Context) error {
	if err := w.a.texter.pins.Check(ctx, w.letter.Holder, w.pin); err != nil {
		return err
	}
	r, err := w.a.desk.Admit(ctx, w.letter, "sms")
	if err != nil {
		return err
	}
	o, err := w.a.desk.Open(ctx, r, w.letter.Holder)
	if err != nil {
		return err
	}
	if o.Head.Subject != tripSubject || strings.TrimSpace(o.Body.Text) != tripText {
		return broken("content")
	}
	w.reader = r
	return nil
}

// reply answers it.
func (w *traveller) reply(ctx context.Context) error {
	writing, err := w.a.desk.Reply(ctx, w.reader, w.letter.Holder)
	if err != nil {
		return err
	}
	w.answer, err = writing.Send(ctx, tripAnswer)
	return err
}

// erase destroys the letter and its answer, and looks whether the code still opens anything.
func (w *traveller) erase(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	letter, _ := w.a.trips.seen()
	if letter.IsZero() {
		return errPassed // there is nothing
	}
	made := []mail.ID{letter}
	if !w.answer.IsZero() {
		made = append(made, w.answer)
	}
	if err := errors.Join(w.a.desk.EndTried(ctx, made...), w.a.purge(ctx)); err != nil {
		return err
	}
	if err := w.forget(ctx); err != nil {
		return err
	}
	if gone, err := w.a.desk.Destroyed(ctx, made...); err != nil || !gone {
		return errors.Join(broken("there"), err)
	}
	if !w.coded {
		return nil
	}
	if _, err := w.a.desk.Look(ctx, w.code); mail.KindOf(err) != mail.Gone {
		return broken("opens")
	}
	return nil
}

// forget takes the address and its number out of what is remembered of recipients: there
// would be one more each night.
func (w *traveller) forget(ctx context.Context) error {
	return w.a.db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteContact(w.a.founding.app.Lookup(w.x.to.Key())) })
}

// wait waits for one of two steps of the letter's recipient.
func (w *traveller) wait(ctx context.Context, limit time.Duration, well, bad mail.StepKind) error {
	last := ""
	err := w.until(ctx, limit, func() (bool, error) {
		steps, err := w.steps(ctx)
		for _, s := range steps {
			switch s.Kind {
			case well:
				return true, nil
			case bad:
				return false, broken(s.Detail)
			case mail.StepNoticeDelayed:
				last = s.Detail
			}
		}
		return false, err
	})
	if errors.Is(err, errLate) && last != "" {
		return broken(last)
	}
	return err
}

// steps are those of the letter's recipient.
func (w *traveller) steps(ctx context.Context) (steps []mail.Step, err error) {
	letter, _ := w.a.trips.seen()
	err = w.a.db.View(ctx, func(tx *vault.ReadTx) error {
		holders, err := tx.Holders(letter)
		if err != nil {
			return err
		}
		for _, h := range holders {
			if h.Kind == mail.HolderGuest {
				steps, err = tx.Steps(h.ID)
				return err
			}
		}
		return nil
	})
	return steps, err
}

const errLate = broken("late")

// until asks again and again, until it is so, or the time is over.
func (w *traveller) until(ctx context.Context, limit time.Duration, is func() (bool, error)) error {
	from := w.a.c.Clock.Running()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		if ok, err := is(); ok || err != nil {
			return err
		}
		if w.a.c.Clock.Running()-from > limit {
			return errLate
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.x.wake:
		case <-again.C:
		}
	}
}
