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

// lack is what a sign-in waits for.
type lack uint8

// The lacks.
const (
	lacksFactor    lack = iota // the second step
	lacksEnrolment             // has no factor yet and must set one up; nothing else can be reached
	lacksPassword              // has shown who they are, but not what opens the key
)

// Pending is somebody who has shown a part of what a sign-in takes. It lives in memory and
// opens nothing: of the key it holds only what Argon2id gave, or a passkey, which is no key
// without S_u, and S_u is released when nothing is lacking.
type Pending struct {
	Person  mail.Person
	Profile mail.Profile
	Phone   mail.Phone // the reserve phone, of which only the tail is shown
	Phoned  bool       // it is the second factor; there is no app
	Codes   bool       // there are printed codes
	lacks   lack
	Form    [32]byte // secret of its forms
	proof   proof
	factor  time.Time     // since when the factor is there that is asked for
	over    time.Duration // by Clock.Running
	pin     mail.ID       // names the PIN that was sent for this sign-in alone
	enrol   *Enrolment

	mu     sync.Mutex
	say    string // what the next page has to say; a key
	sent   bool   // a PIN went to the reserve phone
	wanted string
}

// Enrols reports whether a factor is to be set up before anything else.
func (p *Pending) Enrols() bool { return p.lacks == lacksEnrolment }

// Unlocks reports whether the password, or another way to open the key, is still to come.
func (p *Pending) Unlocks() bool { return p.lacks == lacksPassword }

// How is by what they have begun to sign in.
func (p *Pending) How() How { return p.proof.how }

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

// Want notes to which page they go when nothing is lacking.
func (p *Pending) Want(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = path
}

// Wanted returns that page; "" if none was wanted.
func (p *Pending) Wanted() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wanted
}

// Pending returns the sign-in that waits behind a token.
func (s *SignIn) Pending(token Token) (*Pending, bool) {
	p, ok := s.pendings.Get(token)
	if !ok || s.c.Clock.Running() >= p.over {
		return nil, false
	}
	return p, true
}

// lacking is the sign-in that waits behind a token for just this; else it is Denied.
func (s *SignIn) lacking(token Token, what lack) (*Pending, error) {
	p, ok := s.Pending(token)
	if !ok || p.lacks != what {
		return nil, mail.E(mail.Denied, "error.signin", nil)
	}
	return p, nil
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

// wait keeps a sign-in until what it lacks is there.
func (s *SignIn) wait(by proof, f Factor, lacks lack) (Entry, error) {
	profile, err := s.c.People.Profile(by.person)
	if err != nil {
		return Entry{}, err
	}
	life := PendingLife
	p := &Pending{Person: by.person, Profile: profile, Phone: f.Phone, Phoned: f.Phoned, Codes: len(f.Codes.Hashes) > 0, lacks: lacks, proof: by, factor: f.At, pin: mail.NewID(), enrol: NewEnrolment()}
	if p.Enrols() {
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
