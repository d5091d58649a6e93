package access

import (
	"crypto/rand"
	"sync"
	"time"

	"sigill/appliance/mail"
)

// Bounds of a sign-in that waits for its second step. Who must first set a factor up may
// have to find and install an app.
const (
	PendingLife = 10 * time.Minute
	EnrolLife   = time.Hour
)

// Pending is somebody who has given the right password and lacks the second step. It
// lives in memory and opens nothing: of the key it holds only what Argon2id gave, which
// is no key without S_u, and S_u is released by the second step.
type Pending struct {
	Person  mail.Person
	Profile mail.Profile
	Phone   mail.Phone // the reserve phone, of which only the tail is shown
	Codes   bool       // there are printed codes
	Enrols  bool       // has no factor yet and must set one up; nothing else can be reached
	Form    [32]byte   // secret of its forms
	proof   proof
	factor  time.Time     // since when the factor is there that is asked for
	over    time.Duration // by Clock.Running
	pin     mail.ID       // names the PIN that was sent for this sign-in alone
	enrol   *Enrolment

	mu   sync.Mutex
	say  string // what the next page has to say; a key
	sent bool   // a PIN went to the reserve phone
}

// Owner is who may set a factor up, and nothing else: there is no key.
func (p *Pending) Owner() Owner { return Owner{Person: p.Person, Lock: p.proof.box} }

// Enrolment is where who must set a factor up stands.
func (p *Pending) Enrolment() *Enrolment { return p.enrol }

// PIN names the PIN of this sign-in; see PINs.
func (p *Pending) PIN() mail.ID { return p.pin }

// Tell notes what the next page has to say, and whether a PIN is on its way now.
func (p *Pending) Tell(say string, sent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.say, p.sent = say, p.sent || sent
}

// Said returns what the next page has to say, once, and whether a PIN was sent.
func (p *Pending) Said() (say string, sent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	say, p.say = p.say, ""
	return say, p.sent
}

// Pending returns the sign-in that waits behind a token.
func (s *SignIn) Pending(token Token) (*Pending, bool) {
	p, ok := s.pendings.Get(token)
	if !ok || s.c.Clock.Running() >= p.over {
		return nil, false
	}
	return p, true
}

// Leave forgets what stands behind a token: a session with its keys, or a sign-in that
// waits.
func (s *SignIn) Leave(token Token) {
	s.Tokens.Drop(token)
	s.pendings.Drop(token)
}

// Sweep drops what is over.
func (s *SignIn) Sweep() {
	s.Tokens.Sweep()
	s.pendings.Sweep()
}

// wait keeps a sign-in until its second step; see finish.
func (s *SignIn) wait(by proof, f Factor) (Entry, error) {
	profile, err := s.c.People.Profile(by.person)
	if err != nil {
		return Entry{}, err
	}
	life := PendingLife
	p := &Pending{Person: by.person, Profile: profile, Phone: f.Phone, Codes: len(f.Codes.Hashes) > 0, Enrols: f.Key.IsZero(), proof: by, factor: f.At, pin: mail.NewID(), enrol: newEnrolment()}
	if p.Enrols {
		life = EnrolLife
	}
	p.over = s.c.Clock.Running() + life
	rand.Read(p.Form[:])
	token, err := s.pendings.AddUnless(p, func() bool { return s.ends.since(by.person.ID, by.began) })
	if err != nil {
		return Entry{}, err
	}
	return Entry{Token: token, Pending: p}, nil
}
