package appliance

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"sigill/appliance/courier"
	"sigill/appliance/desk"
	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

// inward is the desk as the SMTP door sees it, with what comes back to addresses
// that the appliance made.
type inward struct {
	*desk.Desk
	returns *courier.Returns
	own     string // domain in which we make addresses
	grammar intake.Grammar
	limits  intake.Limits
	trips   *trips // nil: of mails that the appliance takes in later, none of which is a trip's
}

// Accept takes a mail of the house's people to others, or one that a gateway hands in
// for them.
func (i *inward) Accept(ctx context.Context, actor mail.Actor, d *mail.Draft) error {
	if actor.Kind == mail.ActorPeer {
		return i.Desk.Receive(ctx, actor, d)
	}
	err := i.Desk.Accept(ctx, actor, d)
	if err == nil && i.trips != nil {
		i.trips.accepted(d)
	}
	return err
}

// Returned takes what came to an address of ours.
func (i *inward) Returned(ctx context.Context, local string, from mail.Address, raw []byte) error {
	ret, err := i.returns.Read(mail.Address(local + "@" + i.own))
	if err != nil {
		return mail.E(mail.Absent, "error.absent", err)
	}
	switch ret.Kind {
	case courier.ReturnBounce:
		return i.bounced(ctx, ret.Token, raw)
	case courier.ReturnHold:
		return i.mended(ctx, ret.Code, raw)
	case courier.ReturnCanary:
		if i.trips != nil && i.trips.arrived(ret.Token, raw) {
			return nil
		}
	}
	return mail.E(mail.Absent, "error.absent", nil)
}

// bounced takes a delivery report. What is no failure (out of office, delayed) is
// taken and passed over.
func (i *inward) bounced(ctx context.Context, token [16]byte, raw []byte) error {
	b, err := intake.Bounce(raw, i.limits)
	if err != nil {
		return err
	}
	if b.Action != intake.ActionFailed {
		return nil
	}
	detail := strings.TrimSpace(b.Status)
	if b.Code != 0 {
		detail = strings.TrimSpace(strconv.Itoa(b.Code) + " " + detail)
	}
	err = i.Desk.Bounced(ctx, token, detail)
	if mail.KindOf(err) == mail.Absent {
		return nil // of a notice that is forgotten by now; nobody is helped by a bounce of a bounce
	}
	return err
}

// mended takes the sender's answer to a hold: the number that was missing. It mends
// only where one recipient waits, and for a number; for several, and for an address
// that we could only guess, the mail's link is the way.
func (i *inward) mended(ctx context.Context, code mail.LinkCode, raw []byte) error {
	l, err := i.Desk.Look(ctx, code)
	if err != nil {
		return err
	}
	r, waiting, err := i.Desk.Repair(ctx, l)
	if err != nil {
		return err
	}
	if len(waiting) != 1 {
		return mail.E(mail.Invalid, "error.mend.several", errors.New("more than one recipient waits"))
	}
	if !waiting[0].Why.ByNumber() {
		return mail.E(mail.Invalid, "error.mend.address", errors.New("the address is a guess"))
	}
	phone, err := i.numberIn(raw)
	if err != nil {
		return err
	}
	return i.Desk.Mend(ctx, r, l.Holder, waiting[0].Holder, "", phone)
}

// numberIn finds the number in an answer: in the first line that somebody wrote, not
// in what is quoted below.
func (i *inward) numberIn(raw []byte) (mail.Phone, error) {
	d, err := intake.Read(raw, i.limits)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(d.Text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '>' {
			continue
		}
		return i.grammar.Phone(line)
	}
	return "", mail.E(mail.Invalid, "error.phone", errors.New("no line with a number"))
}
