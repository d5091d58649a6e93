package access

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Bounds of asking to be helped to a new password. Whoever knows an address may ask in
// its owner's name; nothing follows from it before an organiser has spoken with the
// owner. So these keep mails, SMS and memory small, and the guesses at the owner's proof:
// fifteen a day are 4.5·10⁻⁵ for a code of the app, which alone opens nothing.
const (
	helpWindow  = 15 * time.Minute
	helpNetwork = 30   // questions begun from one network in a window
	helpUnsures = 30   // questions without a proof that one network puts in a day
	helpMost    = 2000 // questions that live, in the whole house; see makeRoom
	helpNumbers = 5    // wrong numbers that organisers may type for a question: 5·10⁻⁶ of six digits
)

// What one network, or one device of the owner's, may do about an address in a day; all
// others together may do three times as much. Somebody with several networks can use that
// up for the day. Then a printed code still proves its owner, who is bounded by nothing
// but the own network, and a device of the owner's has bounds of its own.
const (
	helpProofs = 5 // wrong proofs
	helpSMS    = 2 // SMS to the reserve phone; see also SpendHelp
	helpAsks   = 5 // questions that were proven
	helpUnsure = 2 // and that were not
	helpOthers = 3
)

const (
	helpBeginLife = 30 * time.Minute // to prove oneself
	helpAskedLife = 12 * time.Hour   // for organisers to answer
	helpGivenLife = time.Hour        // to choose the password; the seed is in memory until then
)

// Aid is what Helping asks of the people's keeper; the office does it.
type Aid interface {
	// Helped returns who is at an address and can be helped: somebody who has been here.
	Helped(ctx context.Context, lookup [32]byte) (p mail.Person, ok bool, err error)
	// MayHelp reports whether somebody may help another, at this moment.
	MayHelp(by, person mail.ID) bool
	// MayVouch reports whether that one may be one of two who vouch for somebody.
	MayVouch(by, person mail.ID) bool
	// TwoHelp reports whether it takes two to help a person in any case.
	TwoHelp(person mail.ID) bool
	// HelpAsked tells the person and those who may help, and writes it down.
	HelpAsked(ctx context.Context, p mail.Person, proven bool, from Agent) error
	// HelpAgreed writes down that one of the two that it takes has agreed.
	HelpAgreed(ctx context.Context, by mail.Actor, p mail.Person) error
	// GiveHelp opens a person's seed with the keys of who may help. It tells the person and
	// the others who may help, and writes it down. The error is Unopened if these keys do
	// not open it.
	GiveHelp(ctx context.Context, by mail.Actor, key *Key, p mail.Person) (Given, error)
	// RefuseHelp tells the person, and writes it down.
	RefuseHelp(ctx context.Context, by mail.Actor, p mail.Person) error
	// DenyHelp writes down that a person has ended what was asked in their name.
	DenyHelp(ctx context.Context, by mail.Actor) error
	// UseHelp locks the seed under a new password, unless the one that it is to take the
	// place of is another by now, or lives says no when all is written: then Denied. The
	// person is returned when the new one stands, and only then; there may be an error
	// beside it.
	UseHelp(ctx context.Context, p mail.Person, g Given, password string, lives func() bool) (mail.Person, error)
}

// Given is a seed that was opened by help, and the lock of the password that is
// forgotten, as it stood then.
type Given struct {
	Seed seal.Secret
	Lock mail.Box
}

// unopened is the sentence of an error of GiveHelp: the organiser's keys do not open the
// person's.
const unopened = "error.help.key"

// Unopened says that an organiser's keys do not open a person's: the person has moved, or
// the organiser is new, and neither who could open it nor the person has signed in since.
func Unopened() error { return mail.E(mail.Invalid, unopened, nil) }

// Helping lets people who have forgotten their password, and have no code on paper, ask
// those who organise them for help. The person proves who they are by a second factor,
// or two organisers vouch; an organiser's key opens the seed; the person, and nobody
// else, chooses the new password. What organisers see is a name and a button.
//
// All of it lives in memory: a restart ends every question, and the seed that was opened
// is on no disk until it is locked again.
type Helping struct {
	s      *SignIn
	aid    Aid
	tokens *Tokens[*Asking]
	aside  sync.WaitGroup // what is done beside answers
}

// NewHelping returns a Helping beside a SignIn, whose sessions it ends.
func NewHelping(s *SignIn, aid Aid) *Helping {
	// How long a question lives is said by the question; the set bounds it.
	const most = helpBeginLife + helpAskedLife + helpGivenLife
	h := &Helping{s: s, aid: aid, tokens: newTokens[*Asking](s.c.Clock, most, most)}
	s.helping = h
	return h
}

// Stage is how far a question has come.
type Stage uint8

// The stages.
const (
	HelpBegun Stage = iota // an address was given
	HelpAsked              // organisers were told
	HelpGiven              // the password may be chosen
	HelpOver               // an organiser has said no, or typed too many wrong numbers, or the password was chosen
)

// Asking is somebody's question for help. Without a person it is about an address that
// nobody has, and looks the same to who asks.
type Asking struct {
	ID   mail.ID
	Form [32]byte // secret of its forms

	person  mail.Person // the id alone
	known   bool
	address mail.Address
	from    Caller
	pin     mail.ID // names the PIN that was sent for this question alone

	// Asked while the set of questions is locked, and so not under mu.
	over atomic.Int64 // by Clock.Running
	put  atomic.Bool  // organisers were told
	sure atomic.Bool  // with a proof

	mu     sync.Mutex
	stage  Stage
	proven bool
	at     time.Time
	needs  int // organisers, as the house wanted it when it was asked
	number string
	wrong  int
	agreed []mail.ID
	given  Given
	say    string
	sent   bool
}

// Begin begins a question about an address; whether somebody has it is not told. The
// error for people is Busy.
func (h *Helping) Begin(ctx context.Context, address string, from Caller) (Token, error) {
	limits := []limit{{h.s.c.App.Tag("help.network", Network(from.Network)), helpWindow, helpNetwork, "error.help.wait", ""}}
	if err := take(ctx, h.s.c.Count, limits); err != nil {
		return Token{}, err
	}
	a, err := mail.ParseAddress(address)
	if err != nil {
		return Token{}, err
	}
	q := &Asking{ID: mail.NewID(), address: a, from: from, pin: mail.NewID()}
	h.endIn(q, helpBeginLife)
	rand.Read(q.Form[:])
	p, known, err := h.aid.Helped(ctx, h.s.c.App.Lookup(a.Key()))
	if err != nil {
		return Token{}, err
	}
	q.person, q.known = mail.Person{ID: p.ID}, known
	h.makeRoom()
	return h.tokens.Add(q)
}

// makeRoom drops a question if there are too many, so that nobody shuts help for the
// house by asking for it: one about nobody first, then one that was not put, then one
// without a proof; of several, the one that was longest not looked at.
func (h *Helping) makeRoom() {
	var all int
	var worst *Asking
	var rank int
	var longest time.Duration
	h.tokens.Each(func(q *Asking, idle time.Duration) {
		all++
		if n := q.rank(); worst == nil || n > rank || n == rank && idle > longest {
			worst, rank, longest = q, n, idle
		}
	})
	if all >= helpMost {
		h.tokens.DropWhere(func(q *Asking) bool { return q == worst })
	}
}

// rank is the greater, the less is lost with a question.
func (q *Asking) rank() int {
	switch {
	case !q.known:
		return 3
	case q.put.Load():
		return 0
	case !q.sure.Load():
		return 2
	}
	return 1
}

// Asking returns the question behind a token.
func (h *Helping) Asking(token Token) (*Asking, bool) {
	q, ok := h.tokens.Get(token)
	if !ok || h.isOver(q) {
		return nil, false
	}
	return q, true
}

func (h *Helping) isOver(q *Asking) bool { return int64(h.s.c.Clock.Running()) >= q.over.Load() }

func (h *Helping) endIn(q *Asking, d time.Duration) { q.over.Store(int64(h.s.c.Clock.Running() + d)) }

// Drop ends a question.
func (h *Helping) Drop(token Token) { h.tokens.Drop(token) }

// Sweep drops what is over, with the seeds.
func (h *Helping) Sweep() {
	h.tokens.DropWhere(h.isOver)
	h.tokens.Sweep()
}

// Wait waits for what is still done beside answers that were given.
func (h *Helping) Wait() { h.aside.Wait() }

// endOf ends every question in a person's name, answered or not: they have signed in, or
// changed what they sign in by. So they need none, and it may have been somebody else's.
func (h *Helping) endOf(person mail.ID) {
	h.tokens.DropWhere(func(q *Asking) bool { return q.known && q.person.ID == person })
}

// About reports whether a question in a person's name was put and is not over.
func (h *Helping) About(person mail.ID) bool {
	return slices.ContainsFunc(h.asked(), func(q *Asking) bool { return q.person.ID == person && q.put.Load() })
}

// Deny ends every question in the name of who is signed in.
func (h *Helping) Deny(ctx context.Context, by mail.Actor) error {
	h.endOf(by.ID)
	return h.aid.DenyHelp(ctx, by)
}

// State is how a question stands, as who asks may know it.
type State struct {
	Stage  Stage
	Number string // by which organisers know the question; "" before it is asked
	Agreed int    // organisers
	Sent   bool   // a PIN was asked for
	Say    string // what the next page has to say, once; a key
}

// State returns how it stands.
func (q *Asking) State() State {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := State{q.stage, q.number, len(q.agreed), q.sent, q.say}
	q.say = ""
	return s
}

// Tell notes what the next page has to say.
func (q *Asking) Tell(say string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.say = say
}

// Reserve takes one SMS to the reserve phone out of what a person may cause in a day by
// asking, and returns the number; "" if there is none, which is not told to who asks. The
// error for people is Busy.
func (h *Helping) Reserve(ctx context.Context, q *Asking) (person, pin mail.ID, to mail.Phone, err error) {
	if err := take(ctx, h.s.c.Count, h.limits("help.sms", q, helpSMS, "error.help.sms")); err != nil {
		return person, pin, "", err
	}
	q.mu.Lock()
	q.sent = true
	q.mu.Unlock()
	if !q.known {
		return person, pin, "", nil
	}
	f, err := h.s.c.People.Factor(ctx, q.person.ID)
	return q.person.ID, q.pin, f.Phone, err
}

// limits are those of something about an address, of which one network or device may do
// own in a day.
func (h *Helping) limits(purpose string, q *Asking, own int64, say string) []limit {
	app, a := h.s.c.App, q.address.Key()
	if id := h.s.marked(q.from.Device, a); id != nil {
		return []limit{{app.Tag(purpose+".device", string(id)+a), day, own, say, ""}}
	}
	return []limit{h.ofNetwork(purpose, q, own, say), {app.Tag(purpose, a), day, own * helpOthers, say, ""}}
}

func (h *Helping) ofNetwork(purpose string, q *Asking, own int64, say string) limit {
	return limit{h.s.c.App.Tag(purpose+".network", Network(q.from.Network)+" "+q.address.Key()), day, own, say, ""}
}

// proofLimits are those of one try at a proof.
//
// A printed code has 50 random bits, and a PIN its own five tries: these are bounded by
// the network alone. For a code of the app all tries count, wherever they come from; only
// a device at which this very factor was shown has a bound of its own, since whoever knew
// the password once may hold any number of other marks. All wrong ones together are bounded
// by the week, as at the sign-in (secondAll).
func (h *Helping) proofLimits(ctx context.Context, q *Asking, app bool) ([]limit, error) {
	const say = "error.help.wait"
	week := limit{h.s.c.App.Tag("help.all", q.address.Key()), secondAllWindow, secondAll, say, ""}
	own := h.ofNetwork("help.proof", q, helpProofs, say)
	if !app {
		return []limit{own}, nil
	}
	f, err := h.s.c.People.Factor(ctx, q.person.ID)
	if err != nil {
		return nil, err
	}
	a := q.address.Key()
	if id := h.s.markedBy(q.from.Device, a, f.At); id != nil && !f.Key.IsZero() {
		return []limit{{h.s.c.App.Tag("help.proof.device", string(id)+a), day, helpProofs, say, ""}, week}, nil
	}
	return []limit{own, {h.s.c.App.Tag("help.proof", a), day, helpProofs * helpOthers, say, ""}, week}, nil
}

// Prove compares what somebody shows to be who they say: a code of their app, a printed
// one, or the PIN that was sent to their reserve phone. It is told to organisers beside
// the question, and is no sign-in. The tries have nothing to do with those of the second
// step: a stranger who has no password must not use these up.
//
// The errors for people are Invalid and Busy. A PIN that was never sent, because there is
// no such phone or nobody, is as wrong as any.
func (h *Helping) Prove(ctx context.Context, q *Asking, by Means, typed string) error {
	_, try, ok := h.s.reads(&Pending{Person: q.person, pin: q.pin}, by, typed)
	if !ok {
		return mail.E(mail.Invalid, "error.second.form", nil)
	}
	limits, err := h.proofLimits(ctx, q, by == ByCode && isSix(typed))
	if err != nil {
		return err
	}
	if err := take(ctx, h.s.c.Count, limits); err != nil {
		return err
	}
	// Of nobody it is tried as well: it takes as long, and nothing fits.
	if err := try(ctx); !q.known || mail.KindOf(err) == mail.Invalid || mail.KindOf(err) == mail.Gone {
		h.s.failed(ctx, Failure{Lookup: h.s.c.App.Lookup(q.address.Key()), By: TriedHelp, Wrong: true})
		return mail.E(mail.Invalid, "error.help.proof", nil)
	} else if err != nil {
		return err
	}
	q.mu.Lock()
	q.proven = true
	q.mu.Unlock()
	q.sure.Store(true)
	return h.s.tryWasRight(ctx, limits)
}

// Ask puts the question to those who may help. The error for people is Busy.
func (h *Helping) Ask(ctx context.Context, q *Asking) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stage != HelpBegun {
		return nil
	}
	const say = "error.help.wait"
	limits := h.limits("help.asks", q, helpAsks, say)
	if !q.proven {
		limits = append(h.limits("help.unsure", q, helpUnsure, say), limit{h.s.c.App.Tag("help.unsures", Network(q.from.Network)), day, helpUnsures, say, ""})
	}
	if err := take(ctx, h.s.c.Count, limits); err != nil {
		return err
	}
	q.stage, q.at, q.number = HelpAsked, h.s.c.Clock.Now(), sixDigits()
	if q.known {
		q.needs = h.needs(q)
		h.tellAsked(ctx, q.person, q.proven, q.from.Agent)
	}
	q.put.Store(true)
	h.endIn(q, helpAskedLife)
	return nil
}

// tellAsked tells those whom a question concerns, beside the answer: else the time that it
// takes would tell whether there is somebody at an address.
func (h *Helping) tellAsked(ctx context.Context, p mail.Person, proven bool, from Agent) {
	ctx = context.WithoutCancel(ctx)
	h.aside.Go(func() {
		if err := h.aid.HelpAsked(ctx, p, proven, from); err != nil {
			h.s.c.Log.Error("tell that somebody asks for help", "part", "access", "err", err)
		}
	})
}

// Choose sets the new password of a question that was answered. Nobody is signed in by
// it, and every session of the person ends. The errors for people are Denied for a
// question that is over, and Invalid for a password that will not do.
func (h *Helping) Choose(ctx context.Context, token Token, password string) error {
	q, ok := h.Asking(token)
	if !ok {
		return mail.E(mail.Denied, "error.help.over", nil)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stage != HelpGiven {
		return mail.E(mail.Denied, "error.help.over", nil)
	}
	// Between here and the end stands Argon2id: who signs in meanwhile ends the question.
	p, err := h.aid.UseHelp(ctx, q.person, q.given, password, func() bool { _, lives := h.Asking(token); return lives })
	if p.ID.IsZero() {
		return err
	}
	q.given, q.stage = Given{}, HelpOver // once
	q.put.Store(false)
	h.s.EndAll(p.ID)
	h.tokens.Drop(token)
	return err
}
