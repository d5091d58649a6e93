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
	helpNetwork = 30     // questions begun from one network in a window
	helpMost    = 10_000 // questions that live, in the whole house
	helpNumbers = 5      // wrong numbers that organisers may type for a question
)

// What one network, or one device of the owner's, may do about an address in a day; all
// others together may do three times as much. So no stranger uses up what the owner has.
const (
	helpProofs = 5 // wrong proofs
	helpSMS    = 2 // SMS to the reserve phone, beside those of the sign-in
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
	// the others who may help, and writes it down.
	GiveHelp(ctx context.Context, by mail.Actor, key *Key, p mail.Person) (seal.Secret, error)
	// RefuseHelp tells the person, and writes it down.
	RefuseHelp(ctx context.Context, by mail.Actor, p mail.Person) error
	// UseHelp locks the seed under a new password. The person is returned when that stands,
	// and only then; there may be an error beside it.
	UseHelp(ctx context.Context, p mail.Person, seed seal.Secret, password string) (mail.Person, error)
}

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
}

// NewHelping returns a Helping beside a SignIn, whose sessions it ends.
func NewHelping(s *SignIn, aid Aid) *Helping {
	h := &Helping{s: s, aid: aid, tokens: newTokens[*Asking](s.c.Clock, helpAskedLife, helpAskedLife+helpBeginLife+helpGivenLife)}
	h.tokens.max = helpMost
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

	person  mail.Person
	known   bool
	address mail.Address
	from    Caller
	pin     mail.ID // names the PIN that was sent for this question alone

	over atomic.Int64 // by Clock.Running; asked while the set of questions is locked

	mu     sync.Mutex
	stage  Stage
	proven bool
	at     time.Time
	number string
	wrong  int
	agreed []mail.ID
	seed   seal.Secret
	say    string
	sent   bool
}

// Begin begins a question about an address; whether somebody has it is not told. The
// error for people is Busy.
func (h *Helping) Begin(ctx context.Context, address string, from Caller) (Token, error) {
	limits := []limit{{h.s.c.App.Tag("help.network", Network(from.Network)), helpWindow, helpNetwork, "error.help.wait"}}
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
	if q.person, q.known, err = h.aid.Helped(ctx, h.s.c.App.Lookup(a.Key())); err != nil {
		return Token{}, err
	}
	return h.tokens.Add(q)
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

// endOf ends every question in a person's name: they have signed in, so they need none,
// and it may have been somebody else's.
func (h *Helping) endOf(person mail.ID) {
	h.tokens.DropWhere(func(q *Asking) bool { return q.known && q.person.ID == person })
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
		return []limit{{app.Tag(purpose+".device", string(id)+a), day, own, say}}
	}
	return []limit{
		{app.Tag(purpose+".network", Network(q.from.Network)+" "+a), day, own, say},
		{app.Tag(purpose, a), day, own * helpOthers, say},
	}
}

// Prove compares what somebody shows to be who they say: a code of their app, a printed
// one, or the PIN that was sent to their reserve phone. It is told to organisers beside
// the question, and is no sign-in. The tries have nothing to do with those of the second
// step: a stranger who has no password must not use these up.
//
// The errors for people are Invalid and Busy. A PIN that was never sent, because there is
// no such phone or nobody, is as wrong as any.
func (h *Helping) Prove(ctx context.Context, q *Asking, by Means, typed string) error {
	try, ok := h.s.reads(&Pending{Person: q.person, pin: q.pin}, by, typed)
	if !ok {
		return mail.E(mail.Invalid, "error.second.form", nil)
	}
	limits := h.limits("help.proof", q, helpProofs, "error.help.wait")
	if err := take(ctx, h.s.c.Count, limits); err != nil {
		return err
	}
	// Of nobody it is tried as well: it takes as long, and nothing fits.
	if err := try(ctx); !q.known || mail.KindOf(err) == mail.Invalid || mail.KindOf(err) == mail.Gone {
		return mail.E(mail.Invalid, "error.help.proof", nil)
	} else if err != nil {
		return err
	}
	q.mu.Lock()
	q.proven = true
	q.mu.Unlock()
	return h.s.tryWasRight(ctx, limits)
}

// Ask puts the question to those who may help. The error for people is Busy.
func (h *Helping) Ask(ctx context.Context, q *Asking) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stage != HelpBegun {
		return nil
	}
	limits := h.limits("help.unsure", q, helpUnsure, "error.help.wait")
	if q.proven {
		limits = h.limits("help.asks", q, helpAsks, "error.help.wait")
	}
	if err := take(ctx, h.s.c.Count, limits); err != nil {
		return err
	}
	if q.known {
		if err := h.aid.HelpAsked(ctx, q.person, q.proven, q.from.Agent); err != nil {
			return err
		}
	}
	q.stage, q.at, q.number = HelpAsked, h.s.c.Clock.Now(), sixDigits()
	h.endIn(q, helpAskedLife)
	return nil
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
	p, err := h.aid.UseHelp(ctx, q.person, q.seed, password)
	if p.ID.IsZero() {
		return err
	}
	q.seed, q.stage = seal.Secret{}, HelpOver // once
	h.s.EndAll(p.ID)
	h.tokens.Drop(token)
	return err
}

// sortByAge puts the oldest questions first.
func sortByAge(list []Question) {
	slices.SortFunc(list, func(a, b Question) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return a.ID.Compare(b.ID)
	})
}
