package access

import (
	"sync"

	"sigill/appliance/mail"
)

// ends knows when a person's sign-ins were last ended, so that none that is under way
// then outlives it: between the look at a login and the session stands Argon2id, which
// takes its time. It lives in memory, like what it guards, with one number a person whose
// sign-ins were ever ended.
type ends struct {
	mu   sync.Mutex
	n    uint64 // grows with each end
	last map[mail.ID]uint64
}

// now is what a sign-in notes before it reads anything of the account.
func (e *ends) now() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.n
}

// raise comes before anything is dropped: what is added later is refused then, and what
// was added before is found.
func (e *ends) raise(person mail.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.up(person)
}

// renew raises, and returns what the one sign-in notes anew that goes on, which has begun
// at began. One that was over before stays over.
func (e *ends) renew(person mail.ID, began uint64) uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	over := e.last[person] > began
	e.up(person)
	if over {
		return began
	}
	return e.n
}

func (e *ends) up(person mail.ID) {
	if e.last == nil {
		e.last = map[mail.ID]uint64{}
	}
	e.n++
	e.last[person] = e.n
}

// since reports whether a person's sign-ins were ended since one began.
func (e *ends) since(person mail.ID, began uint64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last[person] > began
}

// EndAll ends every session of a person, and the sign-ins that still wait for their second
// step or are under way: the password that they began with is none any more.
func (s *SignIn) EndAll(person mail.ID) []*Session {
	s.EndPending(person)
	return s.end(func(sess *Session) bool { return sess.Person.ID == person })
}

// EndOthers ends all sessions of a person but one, and the sign-ins that still wait for
// their second step or are under way. It returns what has ended.
func (s *SignIn) EndOthers(keep *Session) []*Session {
	s.EndPending(keep.Person.ID)
	return s.end(func(sess *Session) bool { return sess.Person.ID == keep.Person.ID && sess != keep })
}

// EndPending ends the sign-ins of a person that wait for their second step or are under
// way, such as when that is changed: what was sent to a phone of before must not be good
// any more.
func (s *SignIn) EndPending(person mail.ID) {
	s.ends.raise(person)
	s.endHelp(person)
	s.pendings.DropWhere(func(p *Pending) bool { return p.Person.ID == person })
}

// endHelp ends what was asked, and given, in a person's name: it is about what they signed
// in by before.
func (s *SignIn) endHelp(person mail.ID) {
	if s.helping != nil {
		s.helping.endOf(person)
	}
}

// EndBut ends all sessions of a person and all sign-ins but the one that goes on, which
// has just set a second factor up: what came in without one is out. It returns the
// sessions that have ended.
func (s *SignIn) EndBut(keep *Pending) []*Session {
	person, kept := keep.Person.ID, false
	s.endHelp(person)
	s.pendings.DropWhere(func(p *Pending) bool {
		if p == keep {
			p.proof.began, kept = s.ends.renew(person, p.proof.began), true
			return false
		}
		return p.Person.ID == person
	})
	if !kept {
		s.EndPending(person)
	}
	return s.end(func(sess *Session) bool { return sess.Person.ID == person })
}
