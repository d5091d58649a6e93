package access

import (
	"context"

	"sigill/appliance/mail"
)

// Numbers that somebody has typed, or that an inviter has named, and of which no PIN was
// right yet. Anybody may type anybody's. So the SMS that go to them have counts of their
// own, and use up none of those by which letters are opened and owners sign in: only the
// house's day is one for all, and of that they get a quarter.

// ownNumbers is how many different numbers somebody may type in numbersWindow of which none
// is proven: who has an account, or another's session, does not go through the telephone
// book. Whoever has mistyped their own as often waits a week at most.
const (
	ownNumbers    = 3
	numbersWindow = 7 * day
)

// Bounds of an invitation, by the address that is invited: another invitation, whoever sends
// it, goes on with the same counts. Its code is good for 90 days (office.inviteDays), and so
// long are the windows. In one of them 15 SMS go out, and 25 PINs are compared, five at most
// of each: who has somebody's inbox, and not the phone, comes in with at most 2.5·10⁻⁵.
const (
	invitedSMS    = 15
	invitedPINs   = 25
	invitedWindow = 90 * day
)

const (
	newPausePurpose     = "sms.new.pause"
	invitedPausePurpose = "sms.invited.pause"
)

// newDay is what numbers that are not proven get of the house's day.
func (l SMSLimits) newDay() int64 { return (l.Day + 3) / 4 }

// SpendNew is Spend for an SMS to a number that somebody has typed as their own. It is
// bounded by the person, for there is no letter whose life could do it. The errors are Busy,
// and Invalid for a country that is not allowed.
func (b *Budget) SpendNew(ctx context.Context, person mail.ID, to mail.Phone) error {
	l := b.limits()
	if !allowed(l.Countries, to) {
		return mail.E(mail.Invalid, "error.own.country", nil)
	}
	limits := []limit{
		{name: b.name.Tag(newPausePurpose, string(to)), window: smsPause, most: 1, say: "error.sms.pause"},
		{name: b.name.Tag("sms.new.number", string(to)), window: day, most: l.Number, say: "error.sms.number"},
		{name: b.name.Tag("sms.new.person", person.String()), window: day, most: ownSMS, say: "error.own.person"},
		{name: b.name.Tag("sms.new.day", ""), window: day, most: l.newDay(), say: "error.own.day"},
		{name: b.name.Tag("sms.day", ""), window: day, most: l.Day, say: "error.own.day"},
	}
	typed := typedName(b.name, person, to)
	n, err := b.count.Counted(ctx, typed)
	if err != nil {
		return err
	}
	if n == 0 {
		// Before the others: what is refused here takes nothing from them.
		first := limit{name: numbersName(b.name, person), window: numbersWindow, most: ownNumbers, say: "error.own.numbers"}
		limits = append([]limit{first}, limits...)
	}
	if err := take(ctx, b.count, limits); err != nil || n > 0 {
		return err
	}
	_, err = b.count.Count(ctx, typed, numbersWindow)
	return err
}

// numbersName is of the count of the numbers that a person has typed.
func numbersName(n Namer, person mail.ID) []byte { return n.Tag("sms.new.numbers", person.String()) }

// typedName is of the count that tells that a person has typed this number.
func typedName(n Namer, person mail.ID, to mail.Phone) []byte {
	return n.Tag("sms.new.typed", person.String()+" "+string(to))
}

// proven takes a number off those that a person has typed and not proven. Typed again it is
// one more.
func (s *SignIn) proven(ctx context.Context, person mail.ID, to mail.Phone) error {
	if err := s.c.Count.Forget(ctx, typedName(s.c.App, person, to)); err != nil {
		return err
	}
	return s.c.Count.GiveBack(ctx, numbersName(s.c.App, person))
}

// SpendInvited is Spend for an SMS to the phone of somebody who is invited at an address.
// The errors are those of SpendNew.
func (b *Budget) SpendInvited(ctx context.Context, invited mail.Address, to mail.Phone) error {
	l := b.limits()
	if !allowed(l.Countries, to) {
		return mail.E(mail.Invalid, "error.own.country", nil)
	}
	return take(ctx, b.count, []limit{
		{name: b.name.Tag(invitedPausePurpose, string(to)), window: smsPause, most: 1, say: "error.sms.pause"},
		{name: b.name.Tag("sms.invited.number", string(to)), window: day, most: l.Number, say: "error.sms.number"},
		{name: b.name.Tag("sms.invited", invited.Key()), window: invitedWindow, most: invitedSMS, say: "error.invited.sms"},
		{name: b.name.Tag("sms.new.day", ""), window: day, most: l.newDay(), say: "error.sms.day"},
		{name: b.name.Tag("sms.day", ""), window: day, most: l.Day, say: "error.sms.day"},
	})
}

// ProveInvited is ProvePhone of somebody who is invited at an address.
func (s *SignIn) ProveInvited(ctx context.Context, invited mail.Address, e *Enrolment, typed string) error {
	_, err := s.prove(ctx, limit{name: s.c.App.Tag("invited.pin", invited.Key()), window: invitedWindow, most: invitedPINs, say: "error.invited.tries"}, e, typed)
	return err
}

// GiveBackNew is GiveBack for SpendNew.
func (b *Budget) GiveBackNew(ctx context.Context, to mail.Phone) error {
	return b.count.GiveBack(ctx, b.name.Tag(newPausePurpose, string(to)))
}

// GiveBackInvited is GiveBack for SpendInvited.
func (b *Budget) GiveBackInvited(ctx context.Context, to mail.Phone) error {
	return b.count.GiveBack(ctx, b.name.Tag(invitedPausePurpose, string(to)))
}

// GiveBackHelp is GiveBack for SpendHelp.
func (b *Budget) GiveBackHelp(ctx context.Context, to mail.Phone) error {
	return b.count.GiveBack(ctx, b.name.Tag(helpPausePurpose, string(to)))
}
