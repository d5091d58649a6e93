package access

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// StepUp is how long a password that was given counts for what is risky (ASVS 7.5.3).
const StepUp = 5 * time.Minute

// Key is a signed-in person's keys; see keyring.
type Key = keyring.Person

// Session is a signed-in person. It lives in memory with its keys.
type Session struct {
	ID      mail.ID // random; by which its owner ends it from another browser
	Person  mail.Person
	Profile mail.Profile // as it was at the sign-in; but see Lang
	Key     *keyring.Person
	Form    [32]byte // secret of this session's forms
	Since   time.Time
	Agent   Agent

	mu     sync.Mutex
	proved time.Duration // when the password was last given, by Clock.Running
	lock   mail.Box      // what the password was held against then
	factor time.Time     // since when the second factor is there that was shown; zero: none
	lang   string
	how    How
	wanted time.Time // from when on a second factor is required of who has none; zero: it is not
	enrol  *Enrolment
	aside  any    // what the door keeps beside it
	export string // public half of the key that was made last to open exports with
}

// Actor is who acts in this session.
func (s *Session) Actor() mail.Actor { return mail.Actor{Kind: mail.ActorPerson, ID: s.Person.ID} }

// How is by what the person has signed in.
func (s *Session) How() How { return s.how }

// Lang is the person's language.
func (s *Session) Lang() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lang
}

// SetLang is called when the person has chosen another language.
func (s *Session) SetLang(lang string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lang = lang
}

// Recipient returns the public half of the key that the person has made in this session
// to open exports with; "" if they have made none.
func (s *Session) Recipient() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.export
}

// SetRecipient is called when the person has made such a key.
func (s *Session) SetRecipient(recipient string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.export = recipient
}

// Aside returns what the door keeps beside this session, made at the first call. Nothing
// else holds it: it ends with the session, and what is in it is the door's to guard.
func (s *Session) Aside(make func() any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aside == nil {
		s.aside = make()
	}
	return s.aside
}

// Wanted returns from when on the person must have a second factor; zero if there is one,
// or none is required.
func (s *Session) Wanted() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted
}

// Enrolment is where the person stands who is setting a second factor up in this session.
func (s *Session) Enrolment() *Enrolment {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.enrol == nil {
		s.enrol = NewEnrolment()
	}
	return s.enrol
}

// Enrolled ends the enrolment: the factor is kept, since this time.
func (s *Session) Enrolled(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enrol, s.wanted, s.factor = nil, time.Time{}, at
}

// shown is since when the second factor is there that was shown in this session.
func (s *Session) shown() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.factor
}

// Owner is somebody who acts on their own account.
type Owner struct {
	Person mail.Person
	Key    *Key
	// Lock is the key's box as it stood under the password that was given last. Another
	// password has another one: what was begun by an older one must not be done then.
	Lock mail.Box
}

// Owner is who acts on their own account in this session.
func (s *Session) Owner() Owner {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Owner{s.Person, s.Key, s.lock}
}

// Relocked is called when the password was changed in this session.
func (s *Session) Relocked(lock mail.Box) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lock = lock
}

// ProvedWithin reports whether the password was given in this session so lately, for what takes
// longer than one act.
func (s *SignIn) ProvedWithin(sess *Session, d time.Duration) bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	return s.c.Clock.Running()-sess.proved < d
}

// SteppedUp reports whether the password was given in this session so lately that it may
// do what is risky.
func (s *SignIn) SteppedUp(sess *Session) bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	return s.c.Clock.Running()-sess.proved < StepUp
}

// begin makes the session of somebody whose key is open. A sign-in that was ended since
// it began is Denied.
func (s *SignIn) begin(by proof, key *keyring.Person, factor, wanted time.Time) (Token, *Session, error) {
	profile, err := s.c.People.Profile(by.person)
	if err != nil {
		return Token{}, nil, err
	}
	sess := &Session{
		ID: mail.NewID(), Person: by.person, Profile: profile, Key: key, Since: s.c.Clock.Now(), Agent: by.from.Agent,
		proved: by.given, lock: by.box, factor: factor, wanted: wanted, how: by.how, lang: profile.Lang,
	}
	rand.Read(sess.Form[:])
	token, err := s.Tokens.AddUnless(sess, func() bool { return s.ends.since(by.person.ID, by.began) })
	if err != nil {
		return Token{}, nil, err
	}
	return token, sess, nil
}

// Listed is a session as its owner sees it.
type Listed struct {
	ID          mail.ID
	Agent       Agent
	Since, Seen time.Time
}

// Sessions lists a person's sessions, the last used first.
func (s *SignIn) Sessions(person mail.ID) (list []Listed) {
	now := s.c.Clock.Now()
	s.Tokens.Each(func(sess *Session, idle time.Duration) {
		if sess.Person.ID == person {
			list = append(list, Listed{sess.ID, sess.Agent, sess.Since, now.Add(-idle)})
		}
	})
	slices.SortFunc(list, func(a, b Listed) int {
		if c := b.Seen.Compare(a.Seen); c != 0 {
			return c
		}
		return a.ID.Compare(b.ID)
	})
	return list
}

// End ends one session of a person, at once: whoever shows its token is a stranger, and
// nothing here holds its keys any more. Somebody else's it passes over. It returns what
// has ended.
func (s *SignIn) End(person, session mail.ID) []*Session {
	return s.end(func(sess *Session) bool { return sess.Person.ID == person && sess.ID == session })
}

// Lives reports whether a session has not ended, and keeps it alive as a request does: a
// download that is still taken is use of it. After SessionMost it ends all the same.
func (s *SignIn) Lives(sess *Session) bool {
	return s.Tokens.KeepWhere(func(other *Session) bool { return other == sess })
}

// Again gives a person's session another token, for the browser that has shown it before;
// false if it is over. The old token is worth nothing then.
func (s *SignIn) Again(person, session mail.ID) (Token, bool) {
	return s.Tokens.Reissue(func(sess *Session) bool { return sess.Person.ID == person && sess.ID == session })
}

func (s *SignIn) end(which func(*Session) bool) (ended []*Session) {
	s.Tokens.DropWhere(func(sess *Session) bool {
		if which(sess) {
			ended = append(ended, sess)
			return true
		}
		return false
	})
	return ended
}
