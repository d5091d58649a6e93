package access

import (
	"context"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Bounds of the second step (2-security, 2.5). Ten wrong ones in a row, whatever they
// are tried with; then a pause before each further one, which doubles. What a guess is
// worth: a code of the app 3 in 10⁶ (three steps are good), a PIN 1 in 10⁶, a printed
// code 1 in 2⁴⁶. So who has the password comes in by the first ten with at most
// 3·10⁻⁵, and then, with one try a day, by 3·10⁻⁶ a day; the owner has a mail of each.
//
// A right one ends the row, and a device at which the factor was shown has a row of its
// own. So that neither makes more of it, there is a bound on the wrong ones of all rows of
// a person together, which nothing ends: 50 in a week, which is 1.5·10⁻⁴. Strangers alone,
// with their one row, come to 22 in the first week; the owner's devices have the rest.
//
// A registered recipient may have the phone alone for a second factor (Factor.Phoned), also as
// one of the house by now, until an app takes its place. Then
// only PINs and printed codes can be guessed at, under the same counts: who has the password
// comes in by the first ten with at most 10⁻⁵, and by all rows together with 5·10⁻⁵ in a
// week. A PIN is made when its owner's button asks for one, of which a person has ten a day
// (ownSMS). Of the house's other people the app is asked for, whatever phone they have.
const (
	secondTries     = 10
	secondAll       = 50
	secondAllWindow = 7 * day
	secondPause     = 15 * time.Minute
	secondPauseMost = 24 * time.Hour
	secondWindow    = 400 * day // longer than any pause: only a right one ends the row
	maxTyped        = 64        // bytes of what is typed as a code
)

// Factor is a person's second factor. The zero value is none.
type Factor struct {
	Key    TOTPKey
	Phoned bool // there is no app, and the phone is a factor in its own right; of who registered as a recipient
	Phone  mail.Phone
	Codes  mail.SignInCodes
	At     time.Time
}

// On reports whether there is a second factor. A phone without an app is none, unless it is
// said to be.
func (f Factor) On() bool { return !f.Key.IsZero() || f.Phoned }

// NewFactor is a second factor that somebody has shown to be their own.
type NewFactor struct {
	Key      TOTPKey
	Step     int64      // of the code by which the app was shown
	Phone    mail.Phone // proven by a PIN
	Replaces bool       // there is one already, in whose place it comes
}

// Means is by what somebody takes the second step.
type Means uint8

// The means.
const (
	ByCode Means = iota // the app, or a printed code: told apart by their form
	ByPIN               // an SMS to the reserve phone
)

// row is a count of wrong second steps in a row, and the pause that follows them; all is
// that of all the person's rows.
type row struct{ tries, pause, all []byte }

// rowOf is the count of who comes with the pending sign-in. Who comes from a device at
// which this factor was shown has one of their own: strangers who have the password, and
// try on, do not lock the owner out there.
func (s *SignIn) rowOf(p *Pending) row {
	person := string(p.Person.ID[:])
	value := person
	if id := s.markedBy(p.proof.from.Device, p.Profile.Address.Key(), p.factor); id != nil {
		value += string(id)
	}
	return row{s.c.App.Tag("second.tries", value), s.c.App.Tag("second.pause", value), s.c.App.Tag("second.all", person)}
}

// CanTry reports by its error whether a second step may be tried: Busy in a pause.
func (s *SignIn) CanTry(ctx context.Context, p *Pending) error {
	r := s.rowOf(p)
	paused, err := s.c.Count.Counted(ctx, r.pause)
	if err != nil {
		return err
	}
	all, err := s.c.Count.Counted(ctx, r.all)
	if err == nil && (paused > 0 || all >= secondAll) {
		return mail.E(mail.Busy, "error.second.wait", nil)
	}
	return err
}

// count counts a try, durably, before it is compared, and from the tenth on begins the
// pause after it: so neither a crash nor a race gives one back. last tells that a pause
// follows if it is wrong.
func (s *SignIn) count(ctx context.Context, p *Pending, r row) (last bool, err error) {
	if err := s.CanTry(ctx, p); err != nil {
		return false, err
	}
	n, err := s.c.Count.Count(ctx, r.tries, secondWindow)
	if err != nil {
		return false, err
	}
	if n >= secondTries {
		paused, err := s.c.Count.Count(ctx, r.pause, pauseAfter(n))
		if err != nil {
			return false, err
		}
		if paused > 1 { // another request was quicker; this one is not compared, and was none
			return false, mail.E(mail.Busy, "error.second.wait", s.c.Count.GiveBack(ctx, r.tries))
		}
	}
	all, err := s.c.Count.Count(ctx, r.all, secondAllWindow)
	if err == nil && all > secondAll {
		err = mail.E(mail.Busy, "error.second.wait", nil)
	}
	return n >= secondTries || all >= secondAll, err
}

// pauseAfter is the pause after n wrong ones in a row.
func pauseAfter(n int64) time.Duration {
	d := secondPause
	for ; n > secondTries && d < secondPauseMost; n-- {
		d *= 2
	}
	return min(d, secondPauseMost)
}

// Second takes the second step of the sign-in behind a token, and makes the session.
//
// The errors for people are Invalid (what was typed is wrong, or was used before), Busy
// (too many wrong ones), Gone (of a PIN: ask for another), and Denied for a sign-in that
// is over: begin anew.
func (s *SignIn) Second(ctx context.Context, token Token, by Means, typed string) (Entry, error) {
	p, err := s.lacking(token, lacksFactor)
	if err != nil {
		return Entry{}, err
	}
	tried, try, ok := s.reads(p, by, typed)
	if !ok {
		return Entry{}, mail.E(mail.Invalid, "error.second.form", nil) // it cannot be one, so it is no guess
	}
	r := s.rowOf(p)
	last, err := s.count(ctx, p, r)
	if err != nil {
		return Entry{}, err
	}
	if err := try(ctx); err != nil {
		k := mail.KindOf(err)
		wrong := k == mail.Invalid || k == mail.Gone
		s.failed(ctx, Failure{Person: p.Person.ID, By: tried, Wrong: wrong})
		if last && wrong {
			s.tellLocked(ctx, p)
		}
		return Entry{}, err
	}
	for _, name := range [][]byte{r.tries, r.pause} {
		if err := s.c.Count.Forget(ctx, name); err != nil {
			return Entry{}, err
		}
	}
	if err := s.c.Count.GiveBack(ctx, r.all); err != nil {
		return Entry{}, err
	}
	if by == ByPIN {
		if err := s.c.People.PhoneShown(ctx, p.Person.ID); err != nil {
			return Entry{}, err
		}
	}
	return s.pass(ctx, token, p.factor)
}

// pass makes the session of a sign-in whose second step was right, once. factor is since
// when the one is there that was shown.
func (s *SignIn) pass(ctx context.Context, token Token, factor time.Time) (Entry, error) {
	p, ok := s.pendings.Take(token)
	if !ok {
		return Entry{}, mail.E(mail.Denied, "error.signin", nil)
	}
	return s.finish(ctx, p.proof, factor, time.Time{})
}

// reads tells what was typed by its form, and returns how it is compared.
func (s *SignIn) reads(p *Pending, by Means, typed string) (tried Tried, try func(context.Context) error, ok bool) {
	if len(typed) > maxTyped {
		return "", nil, false
	}
	number := bare(typed)
	six := isSix(typed)
	if by == ByPIN {
		return TriedPIN, func(ctx context.Context) error { return s.c.PINs.Check(ctx, p.pin, number) }, six
	}
	if six {
		return TriedApp, func(ctx context.Context) error { return s.byApp(ctx, p.Person.ID, number) }, true
	}
	code, ok := ParseSignInCode(typed)
	return TriedPrinted, func(ctx context.Context) error { return s.byPrinted(ctx, p.Person.ID, code) }, ok
}

// bare is a code without what people write between its digits.
func bare(typed string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(strings.TrimSpace(typed))
}

// isSix reports whether what was typed is six digits: a PIN, or a code of the app.
func isSix(typed string) bool {
	number := bare(typed)
	return len(number) == totpDigits && strings.Trim(number, "0123456789") == ""
}

func (s *SignIn) byApp(ctx context.Context, person mail.ID, number string) error {
	f, err := s.c.People.Factor(ctx, person)
	if err != nil {
		return err
	}
	step, ok := f.Key.Match(number, s.c.Clock.Now())
	if ok {
		// Each step once, in their order: a code that was looked at over a shoulder is no
		// good any more, nor is one from before if somebody sets the clock back.
		ok, err = s.c.People.UseStep(ctx, person, step)
	}
	return wrongUnless(ok, err)
}

func (s *SignIn) byPrinted(ctx context.Context, person mail.ID, code SignInCode) error {
	f, err := s.c.People.Factor(ctx, person)
	if err != nil {
		return err
	}
	hash, ok, err := code.match(ctx, s.c.App, s.c.Stretch, person, f.Codes)
	if ok && err == nil {
		ok, err = s.c.People.UseCode(ctx, person, hash)
	}
	return wrongUnless(ok, err)
}

func wrongUnless(ok bool, err error) error {
	if err == nil && !ok {
		return mail.E(mail.Invalid, "error.second", nil)
	}
	return err
}

// tellLocked tells the owner. It is said again for each wrong try, of which there is one
// a pause: a crash may have kept the first mail back.
func (s *SignIn) tellLocked(ctx context.Context, p *Pending) {
	n := mail.Notice{Kind: mail.NoticeSecondLocked, At: s.c.Clock.Now(), Browser: p.proof.from.Agent.Browser, System: p.proof.from.Agent.System}
	if err := s.c.People.Tell(context.WithoutCancel(ctx), p.Person, n); err != nil {
		s.c.Log.Error("tell of a locked sign-in", "part", "access", "err", err)
	}
}
