package access_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// aid is an office that helps Anna.
type aid struct {
	h       house
	two     bool
	helpers map[mail.ID]bool
	fresh   map[mail.ID]bool // organisers since today
	did     []string
	opens   error
	refuses error // a new password

	meanwhile func() // is done while a password is stretched
}

func (a *aid) Helped(_ context.Context, lookup [32]byte) (mail.Person, bool, error) {
	return a.h.people.person, lookup == a.h.people.lookup, nil
}

func (a *aid) MayHelp(by, _ mail.ID) bool  { return a.helpers[by] }
func (a *aid) TwoHelp(mail.ID) bool        { return a.two }
func (a *aid) MayVouch(by, _ mail.ID) bool { return !a.fresh[by] }

func (a *aid) HelpAsked(_ context.Context, _ mail.Person, proven bool, _ access.Agent) error {
	a.did = append(a.did, fmt.Sprint("asked ", proven))
	return nil
}

func (a *aid) HelpAgreed(context.Context, mail.Actor, mail.Person) error {
	a.did = append(a.did, "agreed")
	return nil
}

func (a *aid) GiveHelp(context.Context, mail.Actor, *access.Key, mail.Person) (access.Given, error) {
	if a.opens != nil {
		return access.Given{}, a.opens
	}
	a.did = append(a.did, "given")
	return access.Given{Seed: a.h.seed}, nil
}

func (a *aid) DenyHelp(context.Context, mail.Actor) error {
	a.did = append(a.did, "denied")
	return nil
}

func (a *aid) RefuseHelp(context.Context, mail.Actor, mail.Person) error {
	a.did = append(a.did, "refused")
	return nil
}

func (a *aid) UseHelp(_ context.Context, p mail.Person, g access.Given, _ string, lives func() bool) (mail.Person, error) {
	if a.refuses != nil {
		return mail.Person{}, a.refuses
	}
	if a.meanwhile != nil {
		a.meanwhile()
	}
	if !lives() {
		return mail.Person{}, mail.E(mail.Denied, "error.help.over", nil)
	}
	a.did = append(a.did, fmt.Sprint("used ", g.Seed.Equal(a.h.seed)))
	return p, nil
}

// helpHouse is a house in which two may help Anna.
type helpHouse struct {
	house
	*access.Helping
	aid     *aid
	eva, bo mail.Actor
	key     access.TOTPKey
	from    access.Caller
}

func newHelpHouse(t *testing.T) *helpHouse {
	t.Helper()
	t.Parallel()
	h := newHouse(t)
	x := &helpHouse{house: h, eva: mail.Actor{Kind: mail.ActorPerson, ID: mail.NewID()}, bo: mail.Actor{Kind: mail.ActorPerson, ID: mail.NewID()}, key: access.NewTOTPKey(), from: access.Caller{Network: ip("192.0.2.7")}}
	x.aid = &aid{h: h, helpers: map[mail.ID]bool{x.eva.ID: true, x.bo.ID: true}}
	h.people.factor = access.Factor{Key: x.key, Phone: "+46701234567", At: h.clock.Now()}
	x.Helping = access.NewHelping(h.SignIn, x.aid)
	return x
}

// begins begins a question about an address.
func (x *helpHouse) begins(t *testing.T, address string) (access.Token, *access.Asking) {
	t.Helper()
	token, err := x.Begin(ctx, address, x.from)
	fine(t, err)
	q, ok := x.Asking(token)
	if !ok {
		t.Fatal("no question")
	}
	return token, q
}

// code is what the app shows now, once.
func (x *helpHouse) code() string {
	x.clock.goes(time.Minute)
	code, err := totp.GenerateCode(x.key.Text(), x.clock.Now())
	if err != nil {
		panic(err)
	}
	return code
}

// puts puts a question, and waits until all are told.
func (x *helpHouse) puts(q *access.Asking) error {
	defer x.Wait()
	return x.Ask(ctx, q)
}

// asks puts a proven question.
func (x *helpHouse) asks(t *testing.T) (access.Token, *access.Asking) {
	t.Helper()
	token, q := x.begins(t, anna)
	fine(t, x.Prove(ctx, q, access.ByCode, x.code()))
	fine(t, x.puts(q))
	return token, q
}

func TestHelping(t *testing.T) {
	t.Run("who has shown the second factor is helped by one, who types the number, and chooses the password alone", func(t *testing.T) {
		x := newHelpHouse(t)
		_, s, err := x.house.Password(ctx, anna, password, ip("192.0.2.1"), "")
		if err == nil && s != nil {
			t.Fatal("a session without the second step")
		}
		token, q := x.asks(t)
		number := q.State().Number
		if len(number) != 6 || len(x.Questions(x.eva.ID)) != 1 || !x.Questions(x.eva.ID)[0].Proven || x.Questions(x.eva.ID)[0].Needs != 1 {
			t.Fatalf("%q %+v", number, x.Questions(x.eva.ID))
		}
		want(t, x.Choose(ctx, token, "ett nytt lösenord"), mail.Denied, "error.help.over") // not yet
		given, err := x.Help(ctx, x.eva, nil, q.ID, number[:3]+" "+number[3:])
		fine(t, err)
		if !given || q.State().Stage != access.HelpGiven || len(x.Questions(x.eva.ID)) != 0 {
			t.Error("not given")
		}
		x.aid.refuses = mail.E(mail.Invalid, "error.password.length", nil)
		want(t, x.Choose(ctx, token, "kort"), mail.Invalid, "error.password.length")
		x.aid.refuses = nil
		fine(t, x.Choose(ctx, token, "ett nytt lösenord"))
		want(t, x.Choose(ctx, token, "ett annat lösenord"), mail.Denied, "error.help.over")
		if !slices.Equal(x.aid.did, []string{"asked true", "given", "used true"}) {
			t.Error(x.aid.did)
		}
	})
	t.Run("without a proof it takes two, and the same one twice is not two", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.begins(t, anna)
		fine(t, x.puts(q))
		number := q.State().Number
		given, err := x.Help(ctx, x.eva, nil, q.ID, number)
		fine(t, err)
		if given || q.State().Agreed != 1 {
			t.Error("given by one")
		}
		_, err = x.Help(ctx, x.eva, nil, q.ID, number)
		want(t, err, mail.Invalid, "error.help.twice")
		given, err = x.Help(ctx, x.bo, nil, q.ID, number)
		fine(t, err)
		if !given || !slices.Equal(x.aid.did, []string{"asked false", "agreed", "given"}) {
			t.Error(given, x.aid.did)
		}
	})
	t.Run("who has only just become an organiser vouches for nobody: one organiser cannot make the second", func(t *testing.T) {
		x := newHelpHouse(t)
		x.aid.fresh = map[mail.ID]bool{x.bo.ID: true}
		_, q := x.begins(t, anna)
		fine(t, x.puts(q))
		_, err := x.Help(ctx, x.bo, nil, q.ID, q.State().Number)
		want(t, err, mail.Invalid, "error.help.new")
		_, q = x.asks(t)
		if given, err := x.Help(ctx, x.bo, nil, q.ID, q.State().Number); !given || err != nil {
			t.Error("who has a proof is helped by anybody who may: ", given, err)
		}
	})
	t.Run("where the house wants two, a proof does not make it one", func(t *testing.T) {
		x := newHelpHouse(t)
		x.aid.two = true
		_, q := x.asks(t)
		if given, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number); given || err != nil {
			t.Error(given, err)
		}
	})
	t.Run("an organiser who may not help any more does not count as one of the two", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.begins(t, anna)
		fine(t, x.puts(q))
		_, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
		fine(t, err)
		delete(x.aid.helpers, x.eva.ID)
		if given, err := x.Help(ctx, x.bo, nil, q.ID, q.State().Number); given || err != nil {
			t.Error(given, err)
		}
	})
	t.Run("who may not help finds no question", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.asks(t)
		nobody := mail.Actor{Kind: mail.ActorPerson, ID: mail.NewID()}
		_, err := x.Help(ctx, nobody, nil, q.ID, q.State().Number)
		want(t, err, mail.Absent, "error.absent")
		want(t, x.Refuse(ctx, nobody, q.ID), mail.Absent, "error.absent")
		if len(x.Questions(nobody.ID)) != 0 {
			t.Error("listed")
		}
	})
	t.Run("a number that does not fit answers nothing, and the fifth ends the question", func(t *testing.T) {
		x := newHelpHouse(t)
		token, q := x.asks(t)
		wrong := "000000"
		if q.State().Number == wrong {
			wrong = "111111"
		}
		for range 4 {
			_, err := x.Help(ctx, x.eva, nil, q.ID, wrong)
			want(t, err, mail.Invalid, "error.help.number")
		}
		_, err := x.Help(ctx, x.eva, nil, q.ID, wrong)
		want(t, err, mail.Invalid, "error.help.numbers")
		_, err = x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
		want(t, err, mail.Absent, "error.absent")
		want(t, x.Choose(ctx, token, "ett nytt lösenord"), mail.Denied, "error.help.over")
		if q.State().Stage != access.HelpOver || !slices.Contains(x.aid.did, "refused") {
			t.Error(q.State().Stage, x.aid.did)
		}
	})
	t.Run("a question that another has asked in the same name has another number", func(t *testing.T) {
		x := newHelpHouse(t)
		_, mine := x.asks(t)
		_, theirs := x.asks(t)
		for mine.State().Number == theirs.State().Number { // one in a million
			_, theirs = x.asks(t)
		}
		_, err := x.Help(ctx, x.eva, nil, theirs.ID, mine.State().Number)
		want(t, err, mail.Invalid, "error.help.number")
	})
	t.Run("an organiser whose key does not open leaves the question to others", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.asks(t)
		x.aid.opens = access.Unopened()
		_, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
		want(t, err, mail.Invalid, "error.help.key")
		x.aid.opens = nil
		if given, err := x.Help(ctx, x.bo, nil, q.ID, q.State().Number); !given || err != nil {
			t.Error(given, err)
		}
	})
	t.Run("two agree, and the key of either opens: the order does not matter", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.begins(t, anna)
		fine(t, x.puts(q))
		number := q.State().Number
		_, err := x.Help(ctx, x.eva, nil, q.ID, number)
		fine(t, err)
		x.aid.opens = access.Unopened() // Bo's does not
		_, err = x.Help(ctx, x.bo, nil, q.ID, number)
		want(t, err, mail.Invalid, "error.help.key")
		if q.State().Agreed != 2 {
			t.Error("who cannot open does not count as one of two")
		}
		x.aid.opens = nil
		if given, err := x.Help(ctx, x.eva, nil, q.ID, number); !given || err != nil {
			t.Error(given, err)
		}
	})
	t.Run("two stay two, whatever the house says later, and both have been organisers for a while", func(t *testing.T) {
		x := newHelpHouse(t)
		x.aid.two = true
		_, q := x.asks(t)
		x.aid.two = false
		if given, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number); given || err != nil {
			t.Error(given, err)
		}
		x.aid.fresh = map[mail.ID]bool{x.bo.ID: true}
		_, err := x.Help(ctx, x.bo, nil, q.ID, q.State().Number)
		want(t, err, mail.Invalid, "error.help.new")
	})
	t.Run("what ends somebody's sign-ins ends what was asked and given in their name", func(t *testing.T) {
		for name, end := range map[string]func(x *helpHouse){
			"all":     func(x *helpHouse) { x.EndAll(x.people.person.ID) },
			"pending": func(x *helpHouse) { x.EndPending(x.people.person.ID) },
			"others":  func(x *helpHouse) { x.EndOthers(&access.Session{Person: x.people.person}) },
			"denied":  func(x *helpHouse) { fine(t, x.Deny(ctx, mail.Actor{Kind: mail.ActorPerson, ID: x.people.person.ID})) },
		} {
			t.Run(name, func(t *testing.T) {
				x := newHelpHouse(t)
				token, q := x.asks(t)
				other, _ := x.asks(t)
				_, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
				fine(t, err)
				if !x.About(x.people.person.ID) {
					t.Error("not told that somebody asks")
				}
				end(x)
				want(t, x.Choose(ctx, token, "ett nytt lösenord"), mail.Denied, "error.help.over")
				if _, ok := x.Asking(other); ok || x.About(x.people.person.ID) {
					t.Error("the other question lives on")
				}
			})
		}
	})
	t.Run("of two that were answered the first choice ends the other", func(t *testing.T) {
		x := newHelpHouse(t)
		one, q1 := x.asks(t)
		two, q2 := x.asks(t)
		for _, q := range []*access.Asking{q1, q2} {
			_, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
			fine(t, err)
		}
		fine(t, x.Choose(ctx, one, "ett nytt lösenord"))
		want(t, x.Choose(ctx, two, "ett annat lösenord"), mail.Denied, "error.help.over")
	})
	t.Run("who signs in while a password is being chosen is not put out by it", func(t *testing.T) {
		x := newHelpHouse(t)
		token, q := x.asks(t)
		_, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
		fine(t, err)
		x.aid.meanwhile = func() { x.EndPending(x.people.person.ID) }
		want(t, x.Choose(ctx, token, "ett nytt lösenord"), mail.Denied, "error.help.over")
	})
	t.Run("marks of devices make no more of the guesses at a code", func(t *testing.T) {
		x := newHelpHouse(t)
		x.people.factor = access.Factor{}
		var marks []string
		for range 6 { // before there was a factor
			_, s, err := x.house.Password(ctx, anna, password, ip("192.0.2.1"), "")
			fine(t, err)
			marks = append(marks, x.MarkDevice("", s))
		}
		x.people.factor = access.Factor{Key: x.key, Phone: "+46701234567", At: x.clock.Now()}
		compared := 0
		for i, m := range marks {
			x.from = access.Caller{Network: ip(fmt.Sprintf("198.51.100.%d", i)), Device: m}
			for range 6 {
				_, q := x.begins(t, anna)
				if err := x.Prove(ctx, q, access.ByCode, "000000"); mail.KindOf(err) == mail.Invalid {
					compared++
				}
			}
		}
		if compared != 15 {
			t.Errorf("%d guesses were compared", compared)
		}
		x.from = access.Caller{Network: ip("203.0.113.9")}
		_, q := x.begins(t, anna)
		want(t, x.Prove(ctx, q, access.ByCode, x.code()), mail.Busy, "error.help.wait")
		_, pin, _, err := x.Reserve(ctx, q) // the phone still proves its owner
		fine(t, err)
		text, err := x.config.PINs.Make(pin)
		fine(t, err)
		fine(t, x.Prove(ctx, q, access.ByPIN, text))
	})
	t.Run("SMS that a stranger causes by asking take nothing from those by which the owner signs in", func(t *testing.T) {
		x := newHelpHouse(t)
		b := access.NewBudget(x.config.Count, x.config.App, access.DefaultSMSLimits)
		const phone = "+46701234567"
		for range 3 {
			fine(t, b.SpendHelp(ctx, phone))
			x.clock.goes(2 * time.Minute)
		}
		want(t, b.SpendHelp(ctx, phone), mail.Busy, "error.sms.number")
		for range 5 {
			fine(t, b.SpendOwn(ctx, x.people.person.ID, phone))
			x.clock.goes(2 * time.Minute)
		}
		want(t, b.SpendHelp(ctx, "+15551234567"), mail.Invalid, "error.own.country")
	})
	t.Run("nobody shuts help for the house by asking for it", func(t *testing.T) {
		x := newHelpHouse(t)
		token, _ := x.asks(t)
		x.clock.goes(time.Minute)
		for i := range 2050 {
			x.from.Network = netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
			_, err := x.Begin(ctx, fmt.Sprintf("ingen%d@kommun.example", i), x.from)
			fine(t, err)
		}
		if _, ok := x.Asking(token); !ok {
			t.Error("Anna's question was dropped for those about nobody")
		}
	})
	t.Run("whoever signs in as the person ends every question in their name", func(t *testing.T) {
		x := newHelpHouse(t)
		x.people.factor = access.Factor{}
		token, q := x.begins(t, anna)
		fine(t, x.puts(q))
		_, _, err := x.house.Password(ctx, anna, password, ip("192.0.2.1"), "")
		fine(t, err)
		if _, ok := x.Asking(token); ok || len(x.Questions(x.eva.ID)) != 0 || len(x.people.came) != 1 {
			t.Error("it lives on")
		}
	})
	t.Run("an address that nobody has looks the same, and reaches nobody", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.begins(t, "ingen@kommun.example")
		_, real := x.begins(t, anna)
		for _, by := range []access.Means{access.ByCode, access.ByPIN} {
			for _, a := range []*access.Asking{q, real} {
				want(t, x.Prove(ctx, a, by, "000000"), mail.Invalid, "error.help.proof")
			}
		}
		want(t, x.Prove(ctx, q, access.ByCode, keyring.NewRecoveryCode().Text()[:12]), mail.Invalid, "error.help.proof")
		_, _, to, err := x.Reserve(ctx, q)
		if err != nil || to != "" || !q.State().Sent {
			t.Error(to, err)
		}
		fine(t, x.puts(q))
		if s := q.State(); s.Stage != access.HelpAsked || len(s.Number) != 6 || len(x.Questions(x.eva.ID)) != 0 || len(x.aid.did) != 0 {
			t.Errorf("%+v %v", s, x.aid.did)
		}
	})
	t.Run("the PIN that went to the reserve phone proves this question, and no other", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.begins(t, anna)
		_, other := x.begins(t, anna)
		_, pin, to, err := x.Reserve(ctx, q)
		fine(t, err)
		text, err := x.config.PINs.Make(pin)
		fine(t, err)
		if to != "+46701234567" {
			t.Error(to)
		}
		want(t, x.Prove(ctx, other, access.ByPIN, text), mail.Invalid, "error.help.proof")
		fine(t, x.Prove(ctx, q, access.ByPIN, text))
		fine(t, x.puts(q))
		if !x.Questions(x.eva.ID)[0].Proven {
			t.Error("not proven")
		}
	})
	t.Run("a code proves once", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.begins(t, anna)
		_, other := x.begins(t, anna)
		code := x.code()
		fine(t, x.Prove(ctx, q, access.ByCode, code))
		want(t, x.Prove(ctx, other, access.ByCode, code), mail.Invalid, "error.help.proof")
	})
	t.Run("guesses, SMS and mails that a stranger can cause are bounded, and do not use up the owner's", func(t *testing.T) {
		x := newHelpHouse(t)
		for range 5 {
			_, q := x.begins(t, anna)
			want(t, x.Prove(ctx, q, access.ByCode, "000000"), mail.Invalid, "error.help.proof")
		}
		_, q := x.begins(t, anna)
		want(t, x.Prove(ctx, q, access.ByCode, x.code()), mail.Busy, "error.help.wait")
		for range 2 {
			_, _, _, err := x.Reserve(ctx, q)
			fine(t, err)
		}
		_, _, _, err := x.Reserve(ctx, q)
		want(t, err, mail.Busy, "error.help.sms")
		for range 2 {
			_, q := x.begins(t, anna)
			fine(t, x.puts(q))
		}
		_, q = x.begins(t, anna)
		want(t, x.Ask(ctx, q), mail.Busy, "error.help.wait")
		x.from.Network = ip("198.51.100.1")
		_, q = x.begins(t, anna)
		fine(t, x.Prove(ctx, q, access.ByCode, x.code()))
		fine(t, x.puts(q))
	})
	t.Run("one network begins thirty questions in a quarter of an hour", func(t *testing.T) {
		x := newHelpHouse(t)
		for range 30 {
			x.begins(t, anna)
		}
		_, err := x.Begin(ctx, anna, x.from)
		want(t, err, mail.Busy, "error.help.wait")
		_, err = x.Begin(ctx, "ingen adress", access.Caller{Network: ip("198.51.100.1")})
		if mail.KindOf(err) != mail.Invalid {
			t.Error(err)
		}
	})
	t.Run("a question is over after its time, and the opened seed is forgotten", func(t *testing.T) {
		x := newHelpHouse(t)
		token, _ := x.begins(t, anna)
		x.clock.goes(31 * time.Minute)
		if _, ok := x.Asking(token); ok {
			t.Error("a question that was not put lives on")
		}
		token, q := x.asks(t)
		x.clock.goes(11 * time.Hour)
		if _, ok := x.Asking(token); !ok {
			t.Fatal("over before organisers had a day's time")
		}
		_, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
		fine(t, err)
		x.clock.goes(61 * time.Minute)
		x.Helping.Sweep()
		if _, ok := x.Asking(token); ok {
			t.Error("lives on")
		}
		want(t, x.Choose(ctx, token, "ett nytt lösenord"), mail.Denied, "error.help.over")
	})
	t.Run("an organiser may end a question", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.asks(t)
		fine(t, x.Refuse(ctx, x.bo, q.ID))
		_, err := x.Help(ctx, x.eva, nil, q.ID, q.State().Number)
		want(t, err, mail.Absent, "error.absent")
	})
	t.Run("what cannot be a code costs no try", func(t *testing.T) {
		x := newHelpHouse(t)
		_, q := x.begins(t, anna)
		for range 20 {
			want(t, x.Prove(ctx, q, access.ByCode, strings.Repeat("x", 100)), mail.Invalid, "error.second.form")
		}
		fine(t, x.Prove(ctx, q, access.ByCode, x.code()))
	})
}
